"""What devices sent about a resident: readings, positions, waveforms, and when they were last heard of."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.dependencies import API, Conn, DeviceReader, Now, PositionReader, ReadingReader
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.problems import ProblemError, responses, wrong_field
from api.routes.residents import ResidentId, in_scope
from api.schemas.series import (
    Hour,
    Hours,
    LastSeen,
    Latest,
    Position,
    PositionAccess,
    Reading,
    Seen,
    Waveform,
)
from core.metrics import BY_ID, BY_NAME
from core.readings import POSITION_SOURCES
from storage import people, timeseries
from storage.pool import Connection

router = APIRouter(prefix=f"{API}/residents/{{resident_id}}", tags=["readings"])

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
_DAY: Final = timedelta(days=1)
_HOURS: Final = 24 * 92 * 20

First = Annotated[AwareDatetime | None, Query(description="event time from then on; a day before `last` if not given")]
Last = Annotated[AwareDatetime | None, Query(description="event time before then; now if not given")]
MetricName = Annotated[str, Query(max_length=40)]
DeviceFilter = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="only of this device")]


@router.get("/readings", summary="Readings, newest first", responses=responses(*_REFUSALS))
async def list_readings(
    resident_id: ResidentId,
    user: ReadingReader,
    connection: Conn,
    now: Now,
    metric: Annotated[list[MetricName] | None, Query(max_length=40, description="only these metrics")] = None,
    device_id: DeviceFilter = None,
    first: First = None,
    last: Last = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Reading]:
    """The readings of the devices that watch a resident, by event time."""
    await in_scope(connection, user, now, resident_id)
    begin, end = _range(first, last, now)
    found = await timeseries.readings(
        connection,
        await _devices(connection, resident_id, device_id),
        begin,
        end,
        metrics=_metrics(metric) if metric else sorted(BY_ID),
        before=decode(cursor, timeseries.ReadingPlace) if cursor else None,
        maximum=limit + 1,
    )
    items, end_of_page = split(found, limit)
    return Page(
        items=[_reading(item) for item in items], next_cursor=encode(end_of_page.place) if end_of_page else None
    )


@router.get("/readings/hourly", summary="Hourly figures for charts", responses=responses(*_REFUSALS))
async def list_hours(
    resident_id: ResidentId,
    user: ReadingReader,
    connection: Conn,
    now: Now,
    metric: Annotated[list[MetricName], Query(min_length=1, max_length=10)],
    device_id: DeviceFilter = None,
    first: First = None,
    last: Last = None,
) -> Hours:
    """Number, lowest, highest and mean of each hour, oldest first. At most 92 days."""
    await in_scope(connection, user, now, resident_id)
    begin, end = _range(first, last, now)
    if end - begin > timedelta(days=92):
        raise wrong_field("first", "at most 92 days", "query")
    devices = await _devices(connection, resident_id, device_id)
    found = await timeseries.hours(connection, devices, begin, end, metrics=_metrics(metric), maximum=_HOURS)
    return Hours(
        items=[
            Hour(
                device_id=hour.device,
                metric=BY_ID[hour.metric].name,
                unit=BY_ID[hour.metric].unit,
                hour=hour.hour,
                readings=hour.readings,
                low=hour.low,
                high=hour.high,
                mean=hour.mean,
            )
            for hour in found
        ]
    )


@router.get("/readings/latest", summary="The newest value of each metric", responses=responses(*_REFUSALS))
async def list_latest(resident_id: ResidentId, user: ReadingReader, connection: Conn, now: Now) -> Latest:
    """The newest reading by event time of each device and metric within 30 days."""
    await in_scope(connection, user, now, resident_id)
    devices = await timeseries.devices_of(connection, resident_id)
    return Latest(items=[_reading(item) for item in await timeseries.latest(connection, devices, now)])


@router.get("/last-seen", summary="When the devices were last heard of", responses=responses(*_REFUSALS))
async def list_last_seen(resident_id: ResidentId, user: DeviceReader, connection: Conn, now: Now) -> LastSeen:
    """The devices in use that watch a resident, with the newest arrival and the battery. No values of the person."""
    await in_scope(connection, user, now, resident_id)
    devices = await people.devices(connection, user.scope, now, resident_id=resident_id, maximum=1000)
    found = {seen.device: seen for seen in await timeseries.last_seen(connection, [d.id for d in devices], now)}
    items = []
    for device in devices:
        seen = found.get(device.id)
        items.append(
            Seen(
                device_id=device.id,
                code=device.code,
                kind=device.kind,
                room=device.room,
                interval_s=device.interval_s,
                last_seen=seen.arrival if seen else None,
                battery=seen.battery if seen else None,
                battery_time=seen.battery_time if seen else None,
            )
        )
    return LastSeen(items=items)


@router.get("/waveforms", summary="Acceleration clips, newest first", responses=responses(*_REFUSALS))
async def list_waveforms(
    resident_id: ResidentId,
    user: ReadingReader,
    connection: Conn,
    now: Now,
    first: First = None,
    last: Last = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
    cursor: Cursor = None,
) -> Page[Waveform]:
    """The clips that a resident's wearable sent, with their samples."""
    await in_scope(connection, user, now, resident_id)
    begin, end = _range(first, last, now)
    found = await timeseries.waveforms(
        connection,
        await timeseries.devices_of(connection, resident_id),
        begin,
        end,
        before=decode(cursor, timeseries.Place) if cursor else None,
        maximum=limit + 1,
    )
    items, end_of_page = split(found, limit)
    return Page(
        items=[
            Waveform(
                device_id=item.device,
                time=item.time,
                rate=item.rate,
                samples=[(int(x), int(y), int(z)) for x, y, z in item.milli_g],
                arrival=item.arrival,
            )
            for item in items
        ],
        next_cursor=encode(end_of_page.place) if end_of_page else None,
    )


@router.get("/positions", tags=["positions"], summary="Positions, newest first", responses=responses(*_REFUSALS))
async def list_positions(
    resident_id: ResidentId,
    user: PositionReader,
    connection: Conn,
    now: Now,
    first: First = None,
    last: Last = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Position]:
    """Where a resident was: only while an incident of theirs is open in the emergency or care queue.

    Otherwise 403: `POST …/positions/access` with a reason gives them, and writes down who asked and why.
    """
    await in_scope(connection, user, now, resident_id)
    if not await timeseries.positions_are_open(connection, resident_id):
        raise ProblemError(
            HTTPStatus.FORBIDDEN,
            "reason-needed",
            "A reason is needed",
            "No incident of this resident is open. POST to `access` with a reason, which is kept, to see positions.",
            members={"access": f"/api/v1/residents/{resident_id}/positions/access"},
        )
    return await _positions(connection, resident_id, _range(first, last, now), limit, cursor)


@router.post(
    "/positions/access",
    tags=["positions"],
    summary="Positions for a reason",
    responses=responses(*_REFUSALS),
)
async def access_positions(
    resident_id: ResidentId, given: PositionAccess, user: PositionReader, connection: Conn, now: Now
) -> Page[Position]:
    """Where a resident was, outside an open incident. Each request is written down with its reason, for good."""
    await in_scope(connection, user, now, resident_id)
    begin, end = _range(given.first, given.last, now)
    await timeseries.log_position_access(connection, user.id, resident_id, given.reason, now)
    return await _positions(connection, resident_id, (begin, end), given.limit, given.cursor)


def position(fix: timeseries.Position) -> Position:
    """A fix as it is shown."""
    return Position(
        device_id=fix.device,
        time=fix.time,
        latitude=fix.latitude,
        longitude=fix.longitude,
        accuracy=fix.accuracy,
        source=POSITION_SOURCES[fix.source],
        arrival=fix.arrival,
    )


async def _positions(
    connection: Connection, resident_id: int, span: tuple[datetime, datetime], limit: int, cursor: str | None
) -> Page[Position]:
    found = await timeseries.positions(
        connection,
        await timeseries.devices_of(connection, resident_id),
        *span,
        before=decode(cursor, timeseries.Place) if cursor else None,
        maximum=limit + 1,
    )
    items, end_of_page = split(found, limit)
    return Page(
        items=[position(item) for item in items], next_cursor=encode(end_of_page.place) if end_of_page else None
    )


def _reading(reading: timeseries.Reading) -> Reading:
    metric = BY_ID[reading.metric]
    return Reading(
        device_id=reading.device,
        metric=metric.name,
        unit=metric.unit,
        time=reading.time,
        value=reading.value,
        arrival=reading.arrival,
        sent=reading.sent,
    )


def _range(first: datetime | None, last: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    # A device's clock may be minutes ahead; without a limit asked for, what it sent is shown too.
    end = last if last is not None else now + timedelta(minutes=10)
    begin = first if first is not None else end - _DAY
    if begin >= end:
        raise wrong_field("first", "lies before last", "query")
    return begin, end


def _metrics(names: list[str]) -> list[int]:
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise wrong_field("metric", f"there is no metric {unknown[0]}; there are {', '.join(BY_NAME)}", "query")
    return sorted({BY_NAME[name].id for name in names})


async def _devices(connection: Connection, resident_id: int, only: int | None) -> list[int]:
    devices = await timeseries.devices_of(connection, resident_id)
    return devices if only is None else [device for device in devices if device == only]
