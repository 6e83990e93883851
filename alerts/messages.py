"""What people are told, in their language: who, what, where, since when, a link. Short enough for a text message."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.planning import ENDED, HANDED, RENOTIFY, care_plan
from core import wording
from storage.coverage import OpenGap
from storage.deliveries import Outgoing

_WORTH_SAYING = timedelta(minutes=2)
# Of a message about gaps: what fits a text message.
_LINES = 3


def write(outgoing: Outgoing, link: str, now: datetime) -> tuple[str, str]:
    """Title and text of a delivery's message. link: where a contact confirms, or a user works on the incident."""
    language = outgoing.language
    words = {
        "kind": wording.say(f"kind-{outgoing.kind}", language),
        "name": outgoing.resident_name,
        "place": outgoing.home_address or outgoing.area_name,
        "time": _local_time(outgoing, now),
    }
    if outgoing.step == ENDED:
        outcome = wording.say(f"closure-{outgoing.closure_code or 'cancelled'}", language)
        return (
            wording.say("message-ended-title", language, **words),
            wording.say("message-ended-body", language, outcome=outcome, **words),
        )
    follow = wording.say("message-work" if outgoing.contact_id is None else "message-confirm", language, link=link)
    if outgoing.step == RENOTIFY:
        again = wording.say("message-again-body", language, **words)
        return wording.say("message-again-title", language, **words), f"{again} {follow}"
    if outgoing.step == HANDED:
        handed = wording.say("message-handed-body", language, **words)
        return wording.say("message-handed-title", language, **words), f"{handed} {follow}"
    parts = [wording.say("message-body", language, **words)]
    late = outgoing.raised_at - outgoing.event_time
    if late >= _WORTH_SAYING:
        parts.append(wording.say("message-late", language, minutes=late // timedelta(minutes=1)))
    return wording.say("message-title", language, **words), " ".join([*parts, follow])


def write_notice(gaps: Sequence[OpenGap], link: str, language: str) -> tuple[str, str]:
    """Title and text of the message that nobody would answer. gaps: one at least, those that matter most first."""
    queues: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for gap in gaps:
        place = (gap.area_name, gap.code)
        queues.setdefault(place, []).append(wording.say(f"queue-{gap.queue}", language))
        counts[place] = max(counts.get(place, 0), len(gap.residents))
    lines = [
        wording.say(
            "notice-line",
            language,
            area=area,
            queues=wording.say("notice-and", language).join(which),
            reason=wording.say(f"gap-{code}", language, count=counts[area, code]),
        )
        for (area, code), which in queues.items()
    ]
    more = len(lines) - _LINES
    if more > 0:
        lines[_LINES:] = [wording.say("notice-more", language, count=more)]
    text = " ".join([*lines, wording.say("notice-work", language, link=link)])
    return wording.say("notice-title", language, area=gaps[0].area_name), text


def _local_time(outgoing: Outgoing, now: datetime) -> str:
    zone = ZoneInfo(care_plan(outgoing.care_plan).timezone)
    when, today = outgoing.event_time.astimezone(zone), now.astimezone(zone)
    return f"{when:%H:%M}" if when.date() == today.date() else f"{when:%Y-%m-%d %H:%M}"
