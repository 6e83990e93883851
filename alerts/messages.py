"""What people are told, in their language: who, what, where, since when, a link. Short enough for a text message."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.planning import ENDED, HANDED, RENOTIFY, care_plan
from core import wording
from storage.deliveries import Outgoing

_WORTH_SAYING = timedelta(minutes=2)


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


def _local_time(outgoing: Outgoing, now: datetime) -> str:
    zone = ZoneInfo(care_plan(outgoing.care_plan).timezone)
    when, today = outgoing.event_time.astimezone(zone), now.astimezone(zone)
    return f"{when:%H:%M}" if when.date() == today.date() else f"{when:%Y-%m-%d %H:%M}"
