"""Figures of random trails, through the database, against a slow and plain reading of the same trails."""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import figures
from alerts.figures import Figures, Share, Times
from storage import figures as store
from storage import people
from storage.people import Area, ResidentDetails
from storage.pool import Connection
from tests.support.alarm_world import connection_to
from tests.support.trails import Line, Trail, trails, write

BEGIN = datetime(2026, 10, 1, 0, 0, tzinfo=UTC)
PERIOD_S = 86_400.0
TRUE = {"ambulance", "fire", "police", "responder_attended", "family_attended", "reassured"}
FALSE = {"accidental", "detector_false"}
APART = {"test", "technical", "duplicate"}
# Home by home: the areas it lies in, and its clock.
HOMES = [
    ("west_1", ["city", "west", "west_1"], "Asia/Shanghai"),
    ("west_2", ["city", "west", "west_2"], "Europe/Berlin"),
    ("east", ["city", "east"], "Asia/Kathmandu"),
    # Shares the beginning of a code with another area.
    ("west_10", ["city", "west_10"], "no such place"),
]


@dataclass
class Story:
    """What a person would say who reads the trail of one incident. Times: seconds since it came into the queue."""

    trail: Trail
    entered: float
    queued: float | None = None
    answered: float | None = None
    held: float | None = None
    family: float | None = None
    sent: bool = False
    arrived: float | None = None
    over: float | None = None
    how: str = ""
    code: str = ""
    lapsed: bool = False
    reopened: bool = False


def read(trail: Trail) -> Story | None:
    """The story of a trail; None where the incident neither came into the queue nor was cancelled before it."""
    story: Story | None = None
    queued_at: float | None = None
    for line in trail.lines:
        came = line.event == "open"
        if came or (line.event == "cancel" and line.before == "pending"):
            story = story or Story(trail, line.at)
        if line.after == "open" and line.before != "open" and queued_at is None:
            queued_at = line.at
        if story is None:
            continue
        _tell(story, line, 0.0 if queued_at is None else line.at - queued_at)
        story.queued = queued_at
    if story is not None:
        confirms = [e.at for e in trail.lines if e.event == "confirm" and e.actor.startswith("contact:")]
        story.family = min(confirms, default=None)
    return story


def _tell(story: Story, line: Line, after: float) -> None:
    if line.event == "claim":
        story.answered = after if story.answered is None else story.answered
        story.held = after
    if line.event == "lapse":
        story.lapsed = True
    if line.after == "open" and line.before != "open":
        story.held = None
    if line.event == "dispatch":
        story.sent = True
    if line.event == "arrive" and story.arrived is None:
        story.arrived = after
    if line.after in ("closed", "cancelled") and line.before not in ("closed", "cancelled"):
        story.over, story.how = after, line.after
        story.code = line.detail.get("code", "")
    if line.before in ("closed", "cancelled") and line.after == "open":
        story.over, story.how, story.code, story.reopened = None, "", "", True


def in_time(story: Story, happened: float | None, limit: float, now: float) -> bool | None:
    """Stand beside the incident when the limit has passed, and look whether it has happened."""
    if happened is not None and happened <= limit:
        return True
    if happened is not None:
        return False
    assert story.queued is not None
    looked_on = now - story.queued if story.over is None else story.over
    return False if looked_on > limit else None


def expected(stories: Sequence[Story], group: str, label: str, now: float) -> Figures:
    queued = [s for s in stories if s.queued is not None]
    mine = [s for s in queued if not (s.how == "closed" and s.code in APART)]
    sent = [s for s in mine if s.sent]
    true = sum(s.how == "closed" and s.code in TRUE for s in mine)
    false = sum(s.how == "closed" and s.code in FALSE for s in mine)
    return Figures(
        group=group,
        label=label,
        incidents=len(mine),
        answered_60=share([in_time(s, s.answered, 60, now) for s in mine]),
        answered_180=share([in_time(s, s.answered, 180, now) for s in mine]),
        on_scene_45min=share([in_time(s, s.arrived, 45 * 60, now) for s in sent]),
        on_scene_60min=share([in_time(s, s.arrived, 60 * 60, now) for s in sent]),
        answer_s=times([s.answered for s in mine]),
        claim_s=times([s.held for s in mine]),
        on_scene_s=times([s.arrived for s in sent]),
        close_s=times([s.over for s in mine if s.how == "closed"]),
        true=true,
        false=false,
        undecided=len(mine) - true - false,
        unanswered=sum(s.answered is None for s in mine),
        family_first=sum(
            s.family is not None and (s.answered is None or s.family < (s.queued or 0) + s.answered) for s in mine
        ),
        lapsed=sum(s.lapsed for s in mine),
        reopened=sum(s.reopened for s in mine),
        sent=len(sent),
        ended_itself=sum(s.how == "cancelled" for s in mine),
        cancelled_in_countdown=sum(s.queued is None for s in stories),
        excluded={code: sum(s.how == "closed" and s.code == code for s in queued) for code in sorted(APART)},
    )


def share(outcomes: list[bool | None]) -> Share | None:
    of = [o for o in outcomes if o is not None]
    if not of:
        return None
    n, p, z = len(of), sum(of) / len(of), 1.959963984540054
    # The two p for which the outcome lies z standard errors away: what the score interval is.
    root = z * math.sqrt(z * z + 4 * n * p * (1 - p))
    low, high = ((2 * n * p + z * z + sign * root) / (2 * (n + z * z)) for sign in (-1, 1))
    return Share(sum(of), n, p, max(0.0, low), min(1.0, high))


def times(seconds: list[float | None]) -> Times | None:
    happened = sorted(s for s in seconds if s is not None)
    if not happened:
        return None
    ranks = [math.ceil(q * len(happened) / 1000) for q in (500, 900, 975)]
    return Times(len(happened), *(happened[rank - 1] for rank in ranks))


def plain(found: Figures) -> dict[str, object]:
    """To compare: numbers of the database come through seconds of an epoch, and lose what lies below a microsecond."""
    return {name: _rounded(value) for name, value in asdict(found).items()}


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: _rounded(v) for name, v in sorted(value.items())}
    return round(value, 5) if isinstance(value, float) else value


async def world(connection: Connection) -> tuple[list[int], list[Area]]:
    for code, level, parent in (
        ("city", "city", None), ("west", "county", "city"), ("west_1", "street", "west"), ("west_2", "street", "west"),
        ("east", "county", "city"), ("west_10", "county", "city"), ("elsewhere", "city", None),
    ):  # fmt: skip
        await people.add_area(connection, code, code.title(), level, parent)
    residents = []
    for code, _, zone in HOMES:
        area = await people.area(connection, code)
        assert area is not None
        home = await people.add_household(connection, f"h-{code}", area.id, "", "", None)
        resident = await people.add_resident(connection, home, ResidentDetails("王"))
        await connection.execute(
            "UPDATE resident SET care_plan = jsonb_build_object('timezone', %s::text) WHERE id = %s", (zone, resident)
        )
        residents.append(resident)
    return residents, await people.areas(connection, "/city/")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(trails(homes=len(HOMES)), max_size=14),
    st.sampled_from([0.0, 30.0, 60.0, 61.0, 3000.0, 90_000.0, 400_000.0]),
    st.sampled_from(["emergency", "care", None]),
)
def test_the_figures_are_what_the_trails_say(
    shared_database: str, found: list[Trail], patience: float, queue: str | None
) -> None:
    asyncio.run(_compare(shared_database, found, patience, queue))


async def _compare(url: str, found: list[Trail], patience: float, queue: str | None) -> None:
    # Nothing has happened after now.
    now = max((line.at for trail in found for line in trail.lines), default=0.0) + patience
    moment = BEGIN + timedelta(seconds=now)
    async with connection_to(url) as connection:
        residents, areas = await world(connection)
        await write(connection, found, residents, BEGIN)
        courses = await store.courses(connection, "/city/", BEGIN, BEGIN + timedelta(seconds=PERIOD_S), queue)
        west = await store.courses(connection, "/city/west/", BEGIN, BEGIN + timedelta(seconds=PERIOD_S), queue)
        await connection.rollback()
    mine = [t for t in found if queue in (None, t.queue)]
    stories = [s for s in map(read, mine) if s is not None and 0 <= s.entered < PERIOD_S]

    def compare(groups: list[figures.Group], of: Callable[[Story], Sequence[str]]) -> None:
        got = figures.figures(courses, groups, moment)
        names = {name for story in stories for name in of(story)}
        assert {g.name for g in groups} == names
        for each in got:
            wanted = expected([s for s in stories if each.group in of(s)], each.group, each.label, now)
            assert plain(each) == plain(wanted)

    [total] = figures.figures(courses, figures.everything(courses), moment)
    assert plain(total) == plain(expected(stories, "", "", now))
    compare(figures.by_area(courses, areas), lambda s: HOMES[s.trail.home][1])
    compare(figures.by_detector(courses), lambda s: [s.trail.lines[0].actor.removeprefix("detector:")])
    compare(figures.by_kind(courses), lambda s: [str(s.trail.lines[0].detail["kind"])])
    compare(figures.by_shift(courses), lambda s: [shift(s)])
    [part] = figures.figures(west, figures.everything(west), moment)
    assert plain(part) == plain(expected([s for s in stories if "west" in HOMES[s.trail.home][1]], "", "", now))


def shift(story: Story) -> str:
    zone = HOMES[story.trail.home][2]
    hour = (BEGIN + timedelta(seconds=story.entered)).astimezone(
        ZoneInfo("Asia/Shanghai" if zone == "no such place" else zone)
    ).hour  # fmt: skip
    return ("00:00–08:00", "08:00–16:00", "16:00–24:00")[hour // 8]


def test_no_incident_gives_no_share_and_no_time() -> None:
    nothing = store.of_columns({}, {})
    [total] = figures.figures(nothing, figures.everything(nothing), BEGIN)
    assert plain(total) == plain(expected([], "", "", 0.0))
    assert figures.by_area(nothing, []) == figures.by_shift(nothing) == figures.by_kind(nothing) == []


@pytest.mark.parametrize(
    ("happened", "watched", "met", "missed"),
    [
        pytest.param(0.0, 500.0, True, False, id="at once"),
        pytest.param(60.0, 500.0, True, False, id="on the limit"),
        pytest.param(60.001, 500.0, False, True, id="a little late"),
        pytest.param(None, 60.001, False, True, id="not yet, and the limit has passed"),
        pytest.param(None, 60.0, False, False, id="not yet, and there is time"),
        pytest.param(9000.0, 20.0, False, True, id="late, and watched again after it was over"),
    ],
)
def test_a_limit_is_met_missed_or_not_decided(happened: float | None, watched: float, met: bool, missed: bool) -> None:
    moment = np.array([math.nan if happened is None else happened])
    found = figures.decided(moment, np.array([watched]), 60.0)
    assert [bool(outcome[0]) for outcome in found] == [met, missed]
