"""A city of two counties with people who sign in, and the API in front of it, for tests of the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from alerts import service
from api.app import create_app
from api.services import Services
from core.clock import ManualClock, to_micros
from core.findings import Finding, Kind, Queue, Severity
from core.settings import Settings
from servers.process import free_port
from storage import contacts, people, users
from storage.contacts import ContactDetails
from storage.people import ResidentDetails
from storage.pool import Connection

NOW = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
SECRET = "0123456789abcdef0123456789abcdef"

# Argon2's cheapest: these tests are not about how long a guess takes.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

ROLES = ("responder", "supervisor", "family", "operator", "integrator")


@dataclass(frozen=True)
class Person:
    """Ids of a resident and what is around them."""

    household: int
    resident: int
    device: int
    contact: int


@dataclass(frozen=True)
class World:
    """One person in the west, where all users work but `far`, who works in the east, where the other person lives.

    users: ids by name; a name is a role, or `far`, or `crew0` … `crew19`, who are responders in the west. The family
    user is the western person's contact.
    """

    west: Person
    east: Person
    users: dict[str, int]
    areas: dict[str, int]


async def build(connection: Connection, crew: int = 0) -> World:
    """Make it."""
    areas = {}
    for code, name, level, parent in (
        ("city", "市", "city", None),
        ("west", "西区", "county", "city"),
        ("west_1", "西街", "street", "west"),
        ("east", "东区", "county", "city"),
        # Shares the beginning of its code with the western county, but is not in it.
        ("west2", "西二区", "county", "city"),
    ):
        areas[code] = await people.add_area(connection, code, name, level, parent)
    given = [(role, role, "west") for role in ROLES] + [("far", "responder", "east")]
    given += [(f"crew{n}", "responder", "west") for n in range(crew)]
    ids = {}
    for name, role, area in given:
        ids[name] = await users.add_user(
            connection,
            name,
            display_name=name.title(),
            password_hash=_HASH,
            role=role,
            area_id=None if role == "family" else areas[area],
            language="en",
        )
    west = await _person(connection, areas["west_1"], "h-west", "王秀英", ids["family"])
    east = await _person(connection, areas["east"], "h-east", "李国强", None)
    return World(west, east, ids, areas)


async def _person(connection: Connection, area: int, code: str, name: str, family: int | None) -> Person:
    household = await people.add_household(connection, code, area, "曙光路12号", "钥匙在邻居家", (30.26, 120.138))
    resident = await people.add_resident(connection, household, ResidentDetails(name, phone="+8610000000100"))
    device = await people.add_device(
        connection, household, "watch", resident_id=None, kind="wearable", interval_s=60, room="", model=""
    )
    contact = await contacts.add_contact(
        connection, resident, ContactDetails("王静", "女儿", language="en", user_id=family)
    )
    await contacts.add_channel(
        connection, contact_id=contact, kind="log", address="sms:wangjing", secret=None, call_order=1
    )
    return Person(household, resident, device, contact)


@dataclass(frozen=True)
class Api:
    """The application with its world. as_ gives a client that is signed in as a user of the world."""

    app: FastAPI
    world: World
    clock: ManualClock

    @property
    def services(self) -> Services:
        """What the application's routes share."""
        services: Services = self.app.state.kanhu
        return services

    def token(self, name: str) -> str:
        """An access token for a user."""
        return self.services.tokens.issue(self.world.users[name], self.services.session_now())[0]

    def client(self, name: str | None = None, *, raise_app_exceptions: bool = True) -> httpx.AsyncClient:
        """A client without a network; signed in where a name is given."""
        headers = {} if name is None else {"Authorization": f"Bearer {self.token(name)}"}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=raise_app_exceptions)
        return httpx.AsyncClient(transport=transport, base_url="http://kanhu", headers=headers)

    async def raise_incident(
        self,
        person: Person,
        kind: Kind = Kind.SOS,
        *,
        queue: Queue = Queue.EMERGENCY,
        severity: Severity = Severity.CRITICAL,
        episode: str = "1",
        at: datetime = NOW,
        countdown: int = 0,
    ) -> int:
        """An open incident of a person, or one with a countdown. Returns its id."""
        finding = Finding(
            kind=kind,
            queue=queue,
            severity=severity,
            resident=person.resident,
            device=person.device,
            time=to_micros(at),
            detector=kind.value,
            version=1,
            episode=episode,
            reason="battery-low",
            evidence={"percent": 12},
            countdown=countdown,
        )
        async with self.services.transaction() as connection:
            raised = await service.raise_findings(connection, [finding], at)
        return raised[0].incident_id


@asynccontextmanager
async def running(database: str, crew: int = 0, **settings: object) -> AsyncIterator[Api]:
    """The API on a database that is migrated and empty, without a network."""
    values = Settings.model_validate({"database_url": database, "token_secret": SECRET, **settings})
    clock = ManualClock(to_micros(NOW))
    app = create_app(values, clock=clock, session_clock=clock)
    async with app.router.lifespan_context(app):
        services: Services = app.state.kanhu
        async with services.transaction() as connection:
            world = await build(connection, crew)
        await asyncio.wait_for(services.live.listening.wait(), 10)
        yield Api(app, world, clock)


@asynccontextmanager
async def listening(api: Api) -> AsyncIterator[str]:
    """The same application on a port of loopback, for what needs a network: streams. Yields its URL."""
    port = free_port()
    # The lifespan runs already.
    config = uvicorn.Config(api.app, host="127.0.0.1", port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
