"""What people are told, in their language: who, what, where, since when, a link.

A text takes at most two parts of an SMS (`alerts.sms_length`), as long as the service's public address has 32
characters or fewer. Where it would not, the place is cut, then the name, then how late the call came is left out;
what happened, since when, and the link never are.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import sms_length
from alerts.planning import ENDED, HANDED, RENOTIFY, care_plan
from core import wording
from core.care import CarePlan
from storage.coverage import OpenGap
from storage.deliveries import Outgoing
from storage.storms import StormOutgoing

_WORTH_SAYING = timedelta(minutes=2)
# Of a message about gaps, where they fit.
_LINES = 3
# No name or address is told at more length than this, however much room there is.
_LONGEST_NAME, _LONGEST_PLACE, _LONGEST_AREA = 40, 80, 12
# Less of it would tell nobody anything.
_SHORTEST_NAME, _SHORTEST_PLACE, _SHORTEST_AREA = 3, 3, 5
# Stand for both while the text is written; no name has them, since they can't be printed.
_NAME, _PLACE = "\ue000", "\ue001"
# Chinese, Japanese and Korean write the largest first in an address: what finds the door is at its end.
_LARGEST_FIRST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def write(outgoing: Outgoing, link: str, now: datetime) -> tuple[str, str]:
    """Title and text of a delivery's message. link: where a contact confirms, or a user works on the incident."""
    language = outgoing.language
    name, place = _plain(outgoing.resident_name), _plain(outgoing.home_address) or _plain(outgoing.area_name)
    words = {"kind": wording.say(f"kind-{outgoing.kind}", language), "time": _local_time(outgoing, now)}

    def say(message: str, **more: object) -> str:
        return wording.say(message, language, **words, **more)

    if outgoing.step == ENDED:
        outcome = wording.say(f"closure-{outgoing.closure_code or 'cancelled'}", language)
        body = _fitted(name, place, lambda n, _: say("message-ended-body", name=n, outcome=outcome))
        return say("message-ended-title", name=cut(name, _LONGEST_NAME)), body
    follow = say("message-work" if outgoing.contact_id is None else "message-confirm", link=link)
    if outgoing.step == RENOTIFY:
        body = _fitted(name, place, lambda n, p: f"{say('message-again-body', name=n, place=p)} {follow}")
        return say("message-again-title", name=cut(name, _LONGEST_NAME)), body
    if outgoing.step == HANDED:
        body = _fitted(name, place, lambda n, p: f"{say('message-handed-body', name=n, place=p)} {follow}")
        return say("message-handed-title", name=cut(name, _LONGEST_NAME)), body
    late = outgoing.raised_at - outgoing.event_time
    said_late = f"{say('message-late', minutes=late // timedelta(minutes=1))} " if late >= _WORTH_SAYING else ""
    body = _fitted(
        name,
        place,
        lambda n, p: f"{say('message-body', name=n, place=p)} {said_late}{follow}",
        lambda n, p: f"{say('message-body', name=n, place=p)} {follow}",
    )
    return say("message-title", name=cut(name, _LONGEST_NAME)), body


def write_notice(gaps: Sequence[OpenGap], link: str, language: str) -> tuple[str, str]:
    """Title and text of the message that nobody would answer. gaps: one at least, those that matter most first."""
    queues: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for gap in gaps:
        place = (cut(_plain(gap.area_name), _LONGEST_AREA), gap.code)
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
    follow = wording.say("notice-work", language, link=link)
    title = wording.say("notice-title", language, area=cut(_plain(gaps[0].area_name), _LONGEST_AREA))
    for shown in range(min(len(lines), _LINES), 0, -1):
        more = [wording.say("notice-more", language, count=len(lines) - shown)] if len(lines) > shown else []
        text = " ".join([*lines[:shown], *more, follow])
        if sms_length.fits(text):
            return title, text
    return title, f"{title}. {follow}"


def write_storm(outgoing: StormOutgoing, link: str, now: datetime) -> tuple[str, str]:
    """Title and text of the message about a storm: what, how many homes, in which area, since when.

    Where it would take more than two parts it does not say that there is probably one cause, then the area is cut.
    """
    area = _plain(outgoing.area_name)
    words = {
        "kind": wording.say(f"kind-{outgoing.kind}", outgoing.language),
        "count": outgoing.left,
        "time": _clock(outgoing.since, ZoneInfo(CarePlan().timezone), now),
        "link": link,
    }

    def say(message: str, length: int) -> str:
        return wording.say(f"message-{message}", outgoing.language, area=cut(area, length), **words)

    over = outgoing.ended_at is not None
    bodies = ["storm-over-body"] if over else ["storm-body", "storm-short-body"]
    written = [
        say(bodies[0], _LONGEST_AREA),
        *(say(bodies[-1], n) for n in range(_LONGEST_AREA, _SHORTEST_AREA - 1, -1)),
    ]
    text = next((text for text in written if sms_length.fits(text)), written[-1])
    return say("storm-over-title" if over else "storm-title", _LONGEST_AREA), text


def _fitted(name: str, place: str, *written: Callable[[str, str], str]) -> str:
    """The text with as much of place and name as fits. written: ways to write it, the first that can be made to fit."""
    text = ""
    for write_ in written:
        pattern = write_(_NAME, _PLACE)
        for name_length in _lengths(name, _LONGEST_NAME, _SHORTEST_NAME):
            with_name = pattern.replace(_NAME, cut(name, name_length))
            for place_length in _lengths(place, _LONGEST_PLACE, _SHORTEST_PLACE):
                text = with_name.replace(_PLACE, cut_address(place, place_length))
                if sms_length.fits(text):
                    return text
    # The link or the words alone are too long: said in full length rather than not at all.
    return text


def _lengths(text: str, longest: int, shortest: int) -> range:
    most = min(len(text), longest)
    return range(most, min(most, shortest) - 1, -1)


def cut(text: str, length: int) -> str:
    """The beginning of a text, in at most `length` characters; what was left out is shown as dots."""
    if len(text) <= length:
        return text
    dots = _dots(text)
    kept = text[: max(1, length - len(dots))]
    # Not between a letter and what belongs to it.
    while len(kept) > 1 and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip() + dots


def cut_address(text: str, length: int) -> str:
    """What of an address finds the door, in at most `length` characters: its end in 中文, its beginning elsewhere."""
    if len(text) <= length or not _LARGEST_FIRST.search(text):
        return cut(text, length)
    return "…" + text[len(text) - max(1, length - 1) :].lstrip()


def _dots(text: str) -> str:
    # One character that GSM 03.38 does not have would cost a text in it more than half of its room.
    return ".." if text.isascii() else "…"


def _plain(text: str) -> str:
    """In one line, without what can't be seen and would turn the writing around."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _local_time(outgoing: Outgoing, now: datetime) -> str:
    return _clock(outgoing.event_time, ZoneInfo(care_plan(outgoing.care_plan).timezone), now)


def _clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    when, today = moment.astimezone(zone), now.astimezone(zone)
    if when.date() == today.date():
        return f"{when:%H:%M}"
    return f"{when:%m-%d %H:%M}" if today - when < timedelta(days=180) else f"{when:%Y-%m-%d %H:%M}"
