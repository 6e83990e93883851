"""Maintenance incidents with one cause become one storm, of which the centre hears once: see `alerts.storms`."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts import duty, planning, storms
from alerts.lifecycle import Event
from alerts.service import changes
from alerts.storms import Gathered, News, OpenStorm, Stray
from storage import deliveries, rota
from storage import storms as stored
from storage.deliveries import Person
from storage.incidents import Incident, IncidentEvent
from storage.pool import Connection
from storage.storms import Storm

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
    """The storm that is joined or begun, locked. None where it has ended since it was looked at: too few are left."""
    storm_id = gathered.storm_id
    if storm_id is None:
        storm_id = await stored.begin(connection, gathered.kind, gathered.area_path, gathered.since, gathered.last_at)
    if await stored.lock(connection, storm_id) is None:
        return None
    await stored.extend(connection, storm_id, gathered.since, gathered.last_at)
    return storm_id


async def storm_news(
    connection: Connection, storm_id: int, now: datetime, every: timedelta
) -> tuple[News, tuple[int, ...]] | None:
    """Tell the people of the centre what is new of a storm, if anything is, each once over one channel.

    Returns what, and the ids of the messages; None where nothing is new. Those on shift in the areas of its homes are
    told, and at its end those who were told of it. Raises StorageError.
    """
    storm = await stored.lock(connection, storm_id)
    if storm is None:
        return None
    what = storms.news(storm.left, storm.last_at, storm.told_at, storm.told_count, now, every)
    if what is None:
        return None
    round_ = await stored.next_round(connection, storm_id)
    if what is News.OVER:
        await stored.end(connection, storm_id, now)
        people = [await _user(connection, user) for user in await stored.people_told(connection, storm_id)]
        step = planning.STORM_OVER
    else:
        people = await _centre(connection, storm, now)
        step = planning.STORM
        await stored.told(connection, storm_id, now, storm.left)
    told = [await planning.queue_storm_delivery(connection, storm_id, p, step, round_, now) for p in people]
    return what, tuple(delivery.id for delivery in told if delivery is not None)


async def _centre(connection: Connection, storm: Storm, now: datetime) -> list[Person]:
    """Responders and supervisors of the areas of its homes, as each area's rota has them."""
    people: dict[int, Person] = {}
    for path in await stored.homes(connection, storm.id):
        centre = await duty.at(connection, path, now)
        for told in (centre.told("responder"), centre.told("supervisor")):
            people |= {colleague.id: duty.person(colleague) for colleague in told.people}
    return [people[user] for user in sorted(people)]


async def _user(connection: Connection, user_id: int) -> Person:
    return await deliveries.user(connection, user_id) or Person(None, user_id, None, confirmed=False)
