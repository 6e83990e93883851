"""A town on real servers: Mosquitto, TimescaleDB and Kanhu's own processes, each started as an operator starts it; what
devices, families and responders do with it."""

import asyncio
import json
import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from argon2 import PasswordHasher

from core.care import CarePlan, DeviceKind
from core.clock import SECOND, SystemClock
from core.topics import Channel as TopicChannel
from core.topics import topic
from device_sim import generated_falls, homes, wire
from device_sim.homes import Area, Channel, Contact, Dialect, HomeDevice, Household, Resident, Roster
from device_sim.observations import Message, Observation
from device_sim.publisher import BrokerAddress, Publisher, Station
from servers.broker_access import DISPATCH, INGEST
from servers.contract import Login
from servers.process import LOOPBACK, free_port
from servers.real import Mosquitto
from tests.support.mqtt import Client
from tests.support.processes import Process, command, environment, running, wait_until
from tests.support.receiver import SECRET, Receiver

PASSWORD = "correct horse battery"
AREAS = (
    Area("330100", "杭州市", "city"),
    Area("330106", "西湖区", "county", "330100"),
    Area("330106001", "北山街道", "street", "330106"),
    Area("330106002", "西溪街道", "street", "330106"),
)
STREET, HASTY_STREET = "330106001", "330106002"
WATCH = HomeDevice("watch", DeviceKind.WEARABLE, 0, "", Dialect.SENML_JSON, resident=0)

_API = "/api/v1"
_PATIENCE = 30.0
# Each client would make one of its own, which takes longer than anything else that it does.
_TLS = ssl.create_default_context()


def home(
    code: str,
    receiver: Receiver,
    *,
    family: Sequence[str] = ("zh-CN",),
    devices: Sequence[HomeDevice] = (WATCH,),
    street: str = STREET,
    plan: CarePlan | None = None,
    language: str = "zh-CN",
    name: str = "王秀英",
) -> Household:
    """A household with one resident. family: the languages of the contacts, in call order; the webhooks of the first
    go to the receiver's `{code}-1`, of the second to `{code}-2`."""
    contacts = tuple(
        Contact(
            name=f"亲人{order}",
            relation="女儿",
            phone="",
            email="",
            language=spoken,
            call_order=order,
            channels=(Channel("webhook", receiver.url(f"{code}-{order}"), SECRET),),
        )
        for order, spoken in enumerate(family, start=1)
    )
    resident = Resident(
        name=name,
        birth_year=1942,
        sex="female",
        phone="",
        language=language,
        conditions="",
        medicines="",
        care_plan=plan or CarePlan(),
        contacts=contacts,
    )
    return Household(code, street, "曙光路12号", "", 30.26, 120.138, (resident,), tuple(devices))


@dataclass(frozen=True)
class Town:
    """What runs, and where. `settings`: of a process that is started in addition."""

    broker: Mosquitto
    url: str
    api_url: str
    metrics_url: str
    receiver: Receiver
    processes: dict[str, Process]
    logs: Path

    def settings(self, account: str = INGEST, **more: str) -> dict[str, str]:
        return environment(self.url, self.broker, account, log_format="json", public_url=self.api_url, **more)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode(), values)

    def login(self, household: str, device: str) -> Login:
        """The device's own account at the broker, new each time."""
        login = self.broker.add_devices([(household, device)])[household, device]
        assert login is not None
        return login

    def start_api(self) -> None:
        """The API again, at its address, after it was killed; ends when it is ready."""
        port = self.api_url.rpartition(":")[2]
        self.processes["api"] = Process(["api"], self.settings(api_port=port), self.logs / "api.log")
        wait_until(lambda: is_ready(self.api_url), "the API is ready")

    @contextmanager
    def watch(self, household: str, device: str = "watch") -> Iterator["Watch"]:
        """The wearable of a household, with its own account, listening to what it is told."""
        login = self.login(household, device)
        with Client(self.broker, f"{household}.{device}", login) as client:
            client.subscribe(topic(household, device, TopicChannel.COMMAND))
            yield Watch(household, device, login, client, self.broker)

    @contextmanager
    def user(self, name: str, *, at: str = "") -> Iterator["User"]:
        """Somebody who is signed in; at: at another API process than the town's."""
        with httpx.Client(base_url=(at or self.api_url) + _API, timeout=_PATIENCE, verify=_TLS) as client:
            answer = client.post("/token", json={"username": name, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield User(client)

    def incident_of(self, household: str, queue_name: str = "emergency") -> int:
        """The live incident of a household as soon as there is one."""
        query = (
            "SELECT incident.id FROM incident JOIN resident ON resident.id = resident_id"
            " JOIN household ON household.id = household_id WHERE household.code = %s AND queue = %s"
            " ORDER BY incident.id DESC LIMIT 1"
        )
        wait_until(lambda: self.rows(query, household, queue_name) != [], f"{household} has an incident", _PATIENCE)
        return int(self.rows(query, household, queue_name)[0][0])

    def readings(self, household: str, metric: int) -> list[float]:
        """The values stored of a household's metric, in order of time."""
        rows = self.rows(
            "SELECT value FROM reading JOIN device ON device.id = reading.device"
            " JOIN household ON household.id = household_id WHERE household.code = %s AND metric = %s"
            " ORDER BY reading.time, reading.device",
            household,
            metric,
        )
        return [float(value) for (value,) in rows]


@dataclass(frozen=True)
class Watch:
    """What a wearable says and hears."""

    household: str
    device: str
    login: Login
    client: Client
    broker: Mosquitto

    def says(self, *records: dict[str, object], channel: TopicChannel = TopicChannel.EVENT) -> None:
        """Publish a SenML pack."""
        told = self.client.publish(topic(self.household, self.device, channel), json.dumps(records).encode())
        assert told == "Success", told

    def sends(self, messages: list[Message]) -> None:
        """Publish what the simulator made, as the simulator does, from the wearable's own account."""
        station = Station(
            f"{self.household}.clips",
            ((self.household, self.device),),
            (),
            (),
            username=self.login.username,
            password=self.login.password,
        )
        publisher = Publisher(BrokerAddress(self.broker.host, self.broker.port), [station], SystemClock())
        with ThreadPoolExecutor(1) as pool:
            # A browser test has an event loop of its own on its thread.
            pool.submit(lambda: asyncio.run(publisher.run(messages))).result()

    def hears(self) -> dict[str, Any]:
        """The next command. Raises queue.Empty where none comes."""
        [message] = self.client.receive(1)
        command: dict[str, Any] = json.loads(message.payload)
        return command


def generated_fall(household: str, seed: int) -> list[Message]:
    """A clip of a made-up fall that happened just now, by the household's watch."""
    at = SystemClock().micros()
    begin = at - round(generated_falls.SECONDS * SECOND)
    return [wire.encode(WATCH, Observation(at, begin, household, WATCH.code, generated_falls.generate(seed)))]


@dataclass(frozen=True)
class User:
    """A person who is signed in, and what they do with incidents."""

    client: httpx.Client

    def does(self, incident: int, action: str, **body: str) -> dict[str, Any]:
        """A step that succeeds: the incident after it."""
        answer = self.tries(incident, action, **body)
        assert answer.status_code == 200, answer.text
        after: dict[str, Any] = answer.json()
        return after

    def tries(self, incident: int, action: str, **body: str) -> httpx.Response:
        """A step that may be refused."""
        return self.client.post(f"/incidents/{incident}/{action}", json=body or None)

    def sees(self, incident: int) -> dict[str, Any]:
        """The incident with everything about it."""
        answer = self.client.get(f"/incidents/{incident}")
        assert answer.status_code == 200, answer.text
        detail: dict[str, Any] = answer.json()
        return detail

    def queue(self) -> list[dict[str, Any]]:
        """The incidents that are not over, the most urgent first."""
        answer = self.client.get("/incidents", params={"limit": 200})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    @contextmanager
    def live(self) -> Iterator["Live"]:
        """The live stream, open before anything is done in the block."""
        live = Live(f"{self.client.base_url}incidents/live", dict(self.client.headers))
        live.begin()
        try:
            yield live
        finally:
            live.end()


class Live:
    """What comes over a live stream, read by a thread of its own."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._changes: queue.Queue[dict[str, Any]] = queue.Queue()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._reading: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._work)

    def begin(self) -> None:
        self._thread.start()
        assert self._ready.wait(_PATIENCE), "the stream did not begin"

    def end(self) -> None:
        if self._reading is not None:
            self._loop.call_soon_threadsafe(self._reading.cancel)
        self._thread.join()

    def until(self, incident: int, event: str) -> list[str]:
        """What happened to the incident, up to and with that event. Raises queue.Empty where it does not come."""
        happened: list[str] = []
        deadline = time.monotonic() + _PATIENCE
        while not happened or happened[-1] != event:
            change = self._changes.get(timeout=max(0.1, deadline - time.monotonic()))
            if change["incident"]["id"] == incident:
                happened.append(change["event"])
        return happened

    def _work(self) -> None:
        with closing(self._loop):
            self._reading = self._loop.create_task(self._read())
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._reading)

    async def _read(self) -> None:
        name = ""
        async with (
            httpx.AsyncClient(headers=self._headers, timeout=_PATIENCE, verify=_TLS) as client,
            client.stream("GET", self._url) as answer,
        ):
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                    if name == "ready":
                        self._ready.set()
                elif field == "data" and name == "incident":
                    self._changes.put(json.loads(value))


@contextmanager
def running_town(
    broker: Mosquitto, url: str, receiver: Receiver, households: Sequence[Household], logs: Path
) -> Iterator[Town]:
    """The whole town, set up by Kanhu's own commands. url: an empty database.

    Users: the responder `lan`, the supervisor `chen`, and the responders `crew0` to `crew19`, all of the county; the
    first two are reached over a log channel.
    """
    port, metrics_port = free_port(), free_port()
    api_url = f"http://{LOOPBACK}:{port}"
    processes: dict[str, Process] = {}
    town = Town(broker, url, api_url, f"http://{LOOPBACK}:{metrics_port}/metrics", receiver, processes, logs)
    roster = logs / "roster.json"
    homes.write(Roster(AREAS, tuple(households)), roster)
    for step in (["migrate"], ["device", "import", str(roster)]):
        done = command(step, town.settings())
        assert done.returncode == 0, done.stderr
    done = command(
        ["user", "add", "lan", "--role", "responder", "--area", "330106", "--display-name", "兰", "--password-stdin"],
        town.settings(),
        given=f"{PASSWORD}\n",
    )
    assert done.returncode == 0, done.stderr
    add_users(town)
    with ExitStack() as stack:
        for name, account, more in (
            ("ingest", INGEST, {"ingest_metrics_port": str(metrics_port)}),
            ("dispatch", DISPATCH, {}),
            ("api", INGEST, {"api_port": str(port)}),
        ):
            settings = town.settings(account, **more)
            processes[name] = stack.enter_context(running([name], settings, logs / f"{name}.log"))
        wait_until(lambda: b"connected to the broker" in (logs / "ingest.log").read_bytes(), "ingest is connected")
        wait_until(lambda: b"dispatcher has started" in (logs / "dispatch.log").read_bytes(), "the dispatcher runs")
        wait_until(lambda: is_ready(api_url), "the API is ready")
        try:
            yield town
        finally:
            # Those that were started instead of the first.
            for process in processes.values():
                if process.running:
                    process.kill()


def add_users(town: Town) -> None:
    """Those besides lan. Argon2's cheapest: these tests are not about how long a guess takes."""
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    for name, role in [("chen", "supervisor"), *((f"crew{n}", "responder") for n in range(20))]:
        town.execute(
            "INSERT INTO app_user (name, display_name, password_hash, role, area_id)"
            " SELECT %s, %s, %s, %s, id FROM area WHERE code = '330106'",
            name,
            name.title(),
            hashed,
            role,
        )
    town.execute(
        "INSERT INTO channel (user_id, kind, address) SELECT id, 'log', name FROM app_user WHERE name !~ 'crew'"
    )


def is_ready(api_url: str) -> bool:
    """Whether an API process answers and says that it can work."""
    try:
        return httpx.get(f"{api_url}/readyz", timeout=5, verify=_TLS).status_code == 200
    except httpx.TransportError:
        return False


def at_once(count: int, work: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """Do it `count` times at the same moment, from as many threads."""
    start = threading.Barrier(count)

    def one(number: int) -> httpx.Response:
        start.wait(_PATIENCE)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
