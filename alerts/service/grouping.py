"""Maintenance incidents with one cause become one storm, of which the centre hears once: see `alerts.storms`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import duty, planning, storms
from alerts.duty import Duty, Fallback
from alerts.lifecycle import Event
from alerts.service import changes
from alerts.storms import Gathered, News, OpenStorm, Stray
from storage import deliveries, rota
from storage import storms as stored
from storage.deliveries import Person
from storage.incidents import Incident, IncidentEvent
from storage.pool import Connection
from storage.rota import Colleague
from storage.storms import Heard, Storm

LOOKED_AT = timedelta(hours=1)
"""How old an incident may be to be made part of a storm: a dispatcher that was away for a while finds those of then."""


async def look(connection: Connection, now: datetime, kind: str | None = None) -> list[Gathered]:
    """What is to become of incidents that are part of no storm. Writes nothing."""
    found = await stored.ungrouped(connection, now - LOOKED_AT, kind)
    strays = [Stray(s.incident_id, s.queue, s.kind, s.area_path, s.raised_at) for s in found]
    return storms.gather(strays, await _open(connection)) if strays else []


async def gather(connection: Connection, gathered: Gathered, now: datetime) -> list[IncidentEvent]:
    """Make incidents part of one storm, in a transaction of its own. Returns what was written to their trails.

    One that somebody works on just now is left to the next look. Raises StorageError.
    """
    free = await stored.lock_free(connection, gathered.incident_ids)
    trail: list[IncidentEvent] = []
    if not free:
        return trail
    storm_id = await _storm(connection, gathered)
    if storm_id is None:
        return trail
    for incident_id in free:
        incident = await changes.locked(connection, incident_id)
        # It may have become something else since it was looked at.
        if storms.can_be_part(incident.queue, incident.kind) and incident.kind == gathered.kind:
            await changes.move(
                connection, incident, Event.GROUP, "storm", now, {"storm": storm_id}, trail=trail, storm_id=storm_id
            )
    return trail


async def with_its_storm(connection: Connection, incident: Incident, now: datetime) -> Incident:
    """A locked incident that is about to be told of: part of a storm from now on, where it is one of many.

    Nobody has to look first: of three hundred that come at one second, the eleventh message is about all.
    """
    if incident.storm_id is not None or not storms.can_be_part(incident.queue, incident.kind):
        return incident
    for gathered in await _of_one(connection, incident) or await look(connection, now, incident.kind):
        if incident.id in gathered.incident_ids:
            only = replace(gathered, incident_ids=(incident.id,))
            storm_id = await _storm(connection, only)
            if storm_id is not None:
                return await changes.move(
                    connection, incident, Event.GROUP, "storm", now, {"storm": storm_id}, storm_id=storm_id
                )
    return incident


async def _of_one(connection: Connection, incident: Incident) -> list[Gathered]:
    """The storm that is open already and that an incident joins: of thousands each asks for itself alone."""
    storms_now = await _open(connection)
    path = await rota.home_path(connection, incident.resident_id) if storms_now else None
    if path is None:
        return []
    stray = Stray(incident.id, incident.queue, incident.kind, path, incident.raised_at)
    return storms.gather([stray], storms_now)


async def _open(connection: Connection) -> list[OpenStorm]:
    found = await stored.open_storms(connection)
    return [OpenStorm(s.id, s.kind, s.area_path, s.since, s.last_at) for s in found]


async def _storm(connection: Connection, gathered: Gathered) -> int | None:
    """The storm that is joined or begun, locked; None where since it was looked at it ended or its area moved."""
    storm_id = gathered.storm_id
    if storm_id is None:
        try:
            storm_id = await stored.begin(
                connection, gathered.kind, gathered.area_path, gathered.since, gathered.last_at
            )
        except LookupError:
            # The area was given another place since it was looked at; the next look sees where.
            return None
    if await stored.lock(connection, storm_id) is None:
        return None
    await stored.extend(connection, storm_id, gathered.since, gathered.last_at)
    return storm_id


async def storm_news(
    connection: Connection, storm_id: int, now: datetime, every: timedelta
) -> tuple[News, tuple[int, ...]] | None:
    """Tell the people of the centre what is new of a storm, if anything is, each once over one channel.

    Those on shift in the areas of its homes are told that it has begun or grown, whoever comes on shift meanwhile that
    it goes on, and those who were told, that it is over. Returns what, and the ids of the messages; None where nothing
    is new. Raises StorageError.
    """
    storm = await stored.lock(connection, storm_id)
    if storm is None:
        return None
    what = storms.news(storm.left, storm.last_at, storm.told_at, storm.told_count, now, every)
    heard = await stored.heard(connection, storm_id)
    step = planning.STORM
    if what is News.OVER:
        await stored.end(connection, storm_id, now)
        people = [await _user(connection, one.user_id) for one in heard if one.knows]
        step = planning.STORM_OVER
    elif what is None:
        what = News.GOES_ON
        people = [
            duty.person(colleague)
            for told in await _told(connection, storm, now)
            for colleague in _unaware(told, heard, now, every)
        ]
    else:
        await stored.told(connection, storm_id, now, storm.left)
        # Who came on shift just now knows of it as it is.
        lately = {one.user_id for one in heard if one.knows and now - one.at < every}
        people = [
            duty.person(colleague)
            for told in await _told(connection, storm, now)
            for colleague in told.people
            if colleague.id not in lately
        ]
    round_ = await stored.next_round(connection, storm_id)
    each = {person.user_id: person for person in people}
    queued = [await planning.queue_storm_delivery(connection, storm_id, p, step, round_, now) for p in each.values()]
    ids = tuple(delivery.id for delivery in queued if delivery is not None)
    return None if what is News.GOES_ON and not ids else (what, ids)


def _unaware(told: Duty, heard: Sequence[Heard], now: datetime, every: timedelta) -> list[Colleague]:
    by_id = {colleague.id: colleague for colleague in told.people}
    instead = told.fallback in (Fallback.NOBODY_ON_SHIFT, Fallback.NO_CHANNEL)
    return [by_id[user] for user in storms.unaware(by_id, heard, now, every, instead=instead)]


async def _told(connection: Connection, storm: Storm, now: datetime) -> list[Duty]:
    """Whom things about its homes are told of the centre: responders and supervisors, as each area's rota has them."""
    centres = await duty.of_areas(connection, await stored.homes(connection, storm.id), now)
    return [centre.told(role) for centre in centres for role in ("responder", "supervisor")]


async def _user(connection: Connection, user_id: int) -> Person:
    return await deliveries.user(connection, user_id) or Person(None, user_id, None, confirmed=False)
