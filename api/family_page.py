"""What the page behind a family contact's link says, in words: made from rows and the time. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from alerts.lifecycle import ENDED, State
from alerts.planning import care_plan
from alerts.service import Answer
from api.permissions import GRANTS, Permission, Role
from core.findings import Queue
from core.wording import say
from storage.timeseries import Position
from storage.worklist import Answered, Confirmation

_WORTH_SAYING = timedelta(minutes=2)
_AT_HOME_M = 200.0
_EARTH_M = 6_371_008.8

_SAID = {
    Answer.ON_MY_WAY: "family-on-my-way",
    Answer.REACHED: "family-reached",
    Answer.FALSE_ALARM: "family-false-alarm",
}


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """The page's texts, in the reader's language; empty where there is nothing to say.

    also: other things that happened. state: who has it in hand. answers: what others said. heard: when we heard of it,
    where that was late. seen: where the person is, where that is not at home. map: a geo: URI (RFC 5870). said: what
    the reader said. over: nothing more is asked of them.
    """

    title: str
    also: str
    state: str
    answers: tuple[str, ...]
    when: str
    heard: str
    place: str
    seen: str
    map: str
    said: str
    checked: str
    over: bool


def compose(found: Confirmation, answered: Sequence[Answered], last: Position | None, now: datetime) -> FamilyPage:
    """The page at `now`. answered: oldest first. last: where the person was seen last, if that may be shown."""
    language = found.language
    zone = ZoneInfo(care_plan(found.care_plan).timezone)
    over = State(found.incident_state) in ENDED
    also = say("family-list-separator", language).join(say(f"kind-{kind}", language) for kind in found.also)
    late = found.raised_at - found.event_time >= _WORTH_SAYING
    away = _away(found, last)
    return FamilyPage(
        title=say("family-title", language, kind=say(f"kind-{found.kind}", language), name=found.resident),
        also=also,
        state=_state(found, zone, now),
        answers=tuple(_answer(one, language, zone, now) for one in _last_of_each(answered) if one.actor != found.actor),
        when=_since(found.event_time, language, zone, now),
        heard=say("family-heard", language, time=_clock(found.raised_at, zone, now)) if late else "",
        place=found.place,
        seen=_seen(last, away, language, zone, now) if last is not None and away is not None else "",
        map=_map(found, last if away is not None else None),
        said=_said(found, answered, zone, now, over=over),
        checked=f"{now.astimezone(zone):%H:%M:%S}",
        over=over,
    )


def may_see_positions(found: Confirmation) -> bool:
    """Whether the page may show where the person is: as family who sign in may see it, while the incident is open."""
    open_ = State(found.incident_state) not in ENDED and found.queue != Queue.MAINTENANCE
    return open_ and Permission.POSITION_READ in GRANTS[Role.FAMILY]


def _state(found: Confirmation, zone: tzinfo, now: datetime) -> str:
    who = found.holder or say("family-somebody", found.language)
    match State(found.incident_state):
        case State.CLOSED | State.CANCELLED:
            outcome = say(f"closure-{found.closure_code or 'cancelled'}", found.language)
            return _said_at("family-over", found, found.ended_at, zone, now, outcome=outcome)
        case State.CLAIMED:
            return _said_at("family-claimed", found, found.claimed_at, zone, now, who=who)
        case State.CONTACTED:
            return _said_at("family-contacted", found, found.contacted_at, zone, now, who=who)
        case State.DISPATCHED:
            return _said_at("family-dispatched", found, found.dispatched_at, zone, now, who=who)
        case State.ON_SCENE:
            return _said_at("family-on-scene", found, found.on_scene_at, zone, now, who=who)
        case State.PENDING | State.OPEN:
            emergency = found.queue == Queue.EMERGENCY
            return say("family-waiting" if emergency else "family-waiting-care", found.language)


def _said_at(
    message: str, found: Confirmation, at: datetime | None, zone: tzinfo, now: datetime, **words: object
) -> str:
    return say(message, found.language, time=_clock(at or now, zone, now), **words)


def _last_of_each(answered: Sequence[Answered]) -> list[Answered]:
    """What each said last, in the order in which they said it."""
    last = {one.actor: one for one in answered}
    return sorted(last.values(), key=lambda one: one.at)


def _answer(one: Answered, language: str, zone: tzinfo, now: datetime) -> str:
    name = say("family-answer-name", language, name=one.name, relation=one.relation) if one.relation else one.name
    return say("family-answer", language, name=name, answer=one.answer or "other", time=_clock(one.at, zone, now))


def _said(found: Confirmation, answered: Sequence[Answered], zone: tzinfo, now: datetime, *, over: bool) -> str:
    own = [one for one in answered if one.actor == found.actor]
    if not own:
        return ""
    answer = say(_SAID[Answer(own[-1].answer or Answer.ON_MY_WAY)], found.language)
    message = "family-late-said" if over else "family-said"
    return say(message, found.language, time=_clock(own[-1].at, zone, now), answer=answer)


def _since(moment: datetime, language: str, zone: tzinfo, now: datetime) -> str:
    passed = max(timedelta(0), now - moment)
    clock = _clock(moment, zone, now)
    if moment.astimezone(zone).date() != now.astimezone(zone).date():
        return clock
    if passed < timedelta(hours=2):
        return say("family-today", language, time=clock, minutes=passed // timedelta(minutes=1))
    return say("family-today-hours", language, time=clock, hours=passed // timedelta(hours=1))


def _clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    when, today = moment.astimezone(zone), now.astimezone(zone)
    return f"{when:%H:%M}" if when.date() == today.date() else f"{when:%Y-%m-%d %H:%M}"


def _away(found: Confirmation, last: Position | None) -> float | None:
    """How far from home the person was seen, metres; None where they may be at home, or nothing is known."""
    if last is None or found.latitude is None or found.longitude is None:
        return None
    away = distance(found.latitude, found.longitude, last.latitude, last.longitude)
    return away if away > _AT_HOME_M + (last.accuracy or 0.0) else None


def distance(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Metres along the great circle between two places in degrees.

    The haversine formula on a sphere: R. W. Sinnott, Sky and Telescope 68:159, 1984.
    """
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    half_phi, half_lambda = (to_phi - phi) / 2, math.radians(to_longitude - longitude) / 2
    h = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(to_phi) * math.sin(half_lambda) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(1.0, h)))


def _seen(last: Position, away: float, language: str, zone: tzinfo, now: datetime) -> str:
    return say(
        "family-seen",
        language,
        time=_clock(last.time, zone, now),
        distance=round(away / 1000, 1),
        accuracy=round(last.accuracy or 0),
    )


def _map(found: Confirmation, away: Position | None) -> str:
    if away is not None:
        at = (away.latitude, away.longitude)
    elif found.latitude is not None and found.longitude is not None:
        at = (found.latitude, found.longitude)
    else:
        return ""
    place = f"{at[0]:.6f},{at[1]:.6f}"
    # The query makes maps on Android set a pin; the rest of RFC 5870 has no such thing.
    return f"geo:{place}?q={place}"
