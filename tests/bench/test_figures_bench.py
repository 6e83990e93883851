"""How long a city's figures take: 200,000 incidents of a year with their trails, the month's report and the export."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts import figures, report
from alerts.report import Month
from core.settings import Settings
from storage import figures as store
from storage import people
from storage.pool import Connection, open_pool

pytestmark = [pytest.mark.servers, pytest.mark.bench, pytest.mark.timeout(900)]

INCIDENTS = 200_000
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_S = 365 * 86_400
NOW = BEGIN + timedelta(days=400)

# A city of 15 counties with 200 streets and 20,000 residents.
PLACES = """
    INSERT INTO area (code, name, level) VALUES ('city', '市', 'city');
    INSERT INTO area (parent_id, code, name, level)
        SELECT area.id, 'c' || n, n || '区', 'county' FROM area, generate_series(1, 15) AS n;
    INSERT INTO area (parent_id, code, name, level)
        SELECT area.id, 's' || n, n || '街道', 'street' FROM generate_series(1, 200) AS n
        JOIN area ON area.code = 'c' || (1 + n % 15);
    INSERT INTO household (code, area_id)
        SELECT 'h' || n, area.id FROM generate_series(1, 20000) AS n JOIN area ON area.code = 's' || (1 + n % 200);
    INSERT INTO resident (household_id, name) SELECT id, '王' FROM household;
    INSERT INTO contact (resident_id, name) SELECT id, '女儿' FROM resident;
    INSERT INTO app_user (name, display_name, password_hash, role, area_id)
        SELECT 'u' || n, 'u' || n, '', 'responder', 1 FROM generate_series(1, 300) AS n;
"""

# Closed long ago, each with the ten lines that an emergency usually has: opened, told about three times, claimed,
# called, sent for, arrived, confirmed by the family, closed.
TRAILS = f"""
    ALTER TABLE incident_event DISABLE TRIGGER incident_event_live;
    INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, opened_at, ended_at,
                          closure_code, policy)
        SELECT 1 + n % 20000, 'emergency', 'closed', 5, 'fall', at, at, at, at + interval '1 hour', 'reassured', '{{}}'
        FROM generate_series(1, {INCIDENTS}) AS n,
             LATERAL (SELECT timestamptz '{BEGIN.isoformat()}' + n * interval '{YEAR_S / INCIDENTS} s' AS at) AS moment;
    INSERT INTO incident_event (incident_id, at, event, from_state, to_state, actor, detail)
        SELECT incident.id, incident.opened_at + given.after * (1 + incident.id % 5) * interval '1 s', given.event,
               given.before::incident_state, given.to_state::incident_state, given.actor, given.detail::jsonb
        FROM incident, (VALUES
            (0, 'open', NULL, 'open', 'detector:fall', '{{"kind": "fall", "alert": 1, "severity": 5}}'),
            (0.1, 'escalate', 'open', 'open', 'timer', '{{"step": 0, "deliveries": [1, 2, 3], "targets": ["queue"]}}'),
            (15, 'confirm', 'open', 'open', 'contact:1', '{{"delivery": 3}}'),
            (18, 'escalate', 'open', 'open', 'timer', '{{"step": 1, "deliveries": [4, 5], "targets": ["queue"]}}'),
            (19, 'escalate', 'open', 'open', 'timer', '{{"step": 2, "deliveries": [6], "targets": ["queue"]}}'),
            (20, 'claim', 'open', 'claimed', 'user:1', '{{}}'),
            (50, 'contact', 'claimed', 'contacted', 'user:1', '{{"outcome": "answered", "note": "疼，起不来"}}'),
            (60, 'dispatch', 'contacted', 'dispatched', 'user:1', '{{"resource": "120"}}'),
            (700, 'arrive', 'dispatched', 'on_scene', 'user:1', '{{"note": ""}}'),
            (720, 'close', 'on_scene', 'closed', 'user:1', '{{"code": "ambulance", "note": ""}}')
        ) AS given (after, event, before, to_state, actor, detail)
        ORDER BY incident.id, given.after;
    ALTER TABLE incident_event ENABLE TRIGGER incident_event_live;
"""


async def timed(what: str, do: Callable[[], Awaitable[object]]) -> str:
    """Three runs: the best, and how long the loop had to wait at worst while it ran."""
    took, waited = [], 0.0
    for _ in range(3):
        stop = asyncio.Event()
        watch = asyncio.create_task(longest_wait(stop))
        start = time.perf_counter()
        await do()
        took.append(time.perf_counter() - start)
        stop.set()
        waited = max(waited, await watch)
    return f"{what:46} {min(took):6.2f} s; nothing else ran for {waited * 1000:4.0f} ms at most"


async def longest_wait(stop: asyncio.Event) -> float:
    longest, last = 0.0, time.perf_counter()
    while not stop.is_set():
        await asyncio.sleep(0.005)
        now = time.perf_counter()
        longest, last = max(longest, now - last - 0.005), now
    return longest


async def export(connection: Connection, since: datetime, until: datetime) -> int:
    place, lines = store.AuditPlace(since, 0), 0
    while True:
        found, end = await store.audit_page(connection, "/city/", place, until, maximum=5000)
        if end is None:
            return lines
        place, lines = end, lines + len(found)


async def test_a_citys_figures(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    async with open_pool(Settings(database_url=database)) as pool, pool.connection() as connection:
        await connection.execute(PLACES.encode())
        await connection.execute(TRAILS.encode())
        await connection.commit()
        await connection.set_autocommit(True)
        await connection.execute("VACUUM ANALYZE")
        await connection.set_autocommit(False)
        city = await people.area(connection, "city")
        assert city is not None
        zone = ZoneInfo("Asia/Shanghai")

        async def month() -> object:
            return await report.monthly(connection, city, Month(2026, 6), zone, NOW, "zh-CN")

        async def year() -> object:
            courses = await store.courses(connection, city.path, BEGIN, BEGIN + timedelta(days=366), "emergency")
            assert len(courses) == INCIDENTS
            return figures.figures(courses, figures.by_area(courses, await people.areas(connection, city.path)), NOW)

        async def trail() -> object:
            first, last = Month(2026, 6).span(zone)
            return await export(connection, first, last)

        said.append(await timed(f"month's report, {INCIDENTS // 12:,} incidents", month))
        said.append(await timed(f"year by area, {INCIDENTS:,} incidents", year))
        said.append(await timed(f"month's trail, {INCIDENTS * 10 // 12:,} lines", trail))
    with capsys.disabled():
        print("", *said, sep="\n")
