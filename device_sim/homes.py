"""Made-up households: areas, homes, residents with care plans and contacts, devices. One seed gives one roster.

The roster is a JSON file that `kanhu sim roster` writes, `kanhu device import` loads into the database and the
simulator reads back. Nobody in it exists: telephone numbers begin with 100, which no subscriber in China has, and
mail goes to example.org (RFC 2606).
"""

import math
import random
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from core.care import CarePlan, DeviceKind, Limits, Zone


class Dialect(StrEnum):
    """How a device speaks."""

    SENML_JSON = "senml+json"
    SENML_CBOR = "senml+cbor"
    ZIGBEE2MQTT = "zigbee2mqtt"
    OWNTRACKS = "owntracks"


class RosterError(ValueError):
    """The roster has not what is asked of it; the message says what it lacks."""


class Area(msgspec.Struct, frozen=True):
    """A node of the areas' tree: `level` is city, county or street, `parent` a code, None for the root."""

    code: str
    name: str
    level: str
    parent: str | None = None


class Channel(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a contact is reached: kind apprise, webhook or log, as in the table `channel`."""

    kind: str
    address: str
    secret: str | None = None
    call_order: int = 1


class Contact(msgspec.Struct, frozen=True):
    """A relative or neighbour, in the order in which they are called."""

    name: str
    relation: str
    phone: str
    email: str
    language: str
    call_order: int
    channels: tuple[Channel, ...]


class Resident(msgspec.Struct, frozen=True):
    """A person who is watched over. The name is unique in the household."""

    name: str
    birth_year: int
    sex: str
    phone: str
    language: str
    conditions: str
    medicines: str
    care_plan: CarePlan
    contacts: tuple[Contact, ...]


class HomeDevice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A device. resident: index of whom it watches, None for the home (its first resident). interval: seconds.

    dialect is for the simulator alone; the database has no such column.
    """

    code: str
    kind: DeviceKind
    interval: int
    model: str
    dialect: Dialect
    room: str = ""
    resident: int | None = None


class Household(msgspec.Struct, frozen=True):
    """A home; `area` is the code of its street."""

    code: str
    area: str
    address: str
    access_notes: str
    latitude: float
    longitude: float
    residents: tuple[Resident, ...]
    devices: tuple[HomeDevice, ...]

    def of_kind(self, kind: DeviceKind, resident: int | None = None) -> Iterator[HomeDevice]:
        """Its devices of a kind; those of one resident where an index is given."""
        return (d for d in self.devices if d.kind is kind and (resident is None or (d.resident or 0) == resident))


class Roster(msgspec.Struct, frozen=True):
    """Everything that a database must know before the households can speak."""

    areas: tuple[Area, ...]
    households: tuple[Household, ...]

    def household(self, code: str) -> Household:
        """The household of that code. Raises KeyError where there is none."""
        for household in self.households:
            if household.code == code:
                return household
        raise KeyError(code)


def write(roster: Roster, path: Path) -> None:
    """Write a roster as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(roster), indent=1) + b"\n")


def read(path: Path) -> Roster:
    """Read a roster. Raises OSError, or msgspec.ValidationError that names the field."""
    return msgspec.json.decode(path.read_bytes(), type=Roster)


_AREAS: Final = (
    Area("330100", "杭州市", "city"),
    Area("330106", "西湖区", "county", "330100"),
    Area("330106001", "北山街道", "street", "330106"),
    Area("330106002", "西溪街道", "street", "330106"),
    Area("330106003", "灵隐街道", "street", "330106"),
    Area("330105", "拱墅区", "county", "330100"),
    Area("330105001", "米市巷街道", "street", "330105"),
    Area("330105002", "湖墅街道", "street", "330105"),
)
_STREETS: Final = (
    ("330106001", "北山街道曙光路", 30.2600, 120.1380),
    ("330106002", "西溪街道文三路", 30.2780, 120.1320),
    ("330106003", "灵隐街道玉古路", 30.2640, 120.1210),
    ("330105001", "米市巷街道莫干山路", 30.2930, 120.1530),
    ("330105002", "湖墅街道湖墅南路", 30.2900, 120.1570),
)
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_WOMEN: Final = ("秀英", "桂兰", "玉兰", "淑珍", "凤英", "桂英", "素珍", "玉珍", "秀兰", "月娥", "美芳", "惠琴")
_MEN: Final = ("建国", "德明", "志强", "国华", "永福", "文彬", "长根", "金荣", "阿毛", "树林", "福生", "宝根")
_YOUNG: Final = ("静", "伟", "敏", "磊", "芳", "军", "丽", "洋", "娟", "杰", "晓燕", "志远")
_RELATIONS: Final = (("女儿", "daughter"), ("儿子", "son"), ("邻居", "neighbour"), ("外甥女", "niece"))
_METRES_PER_DEGREE: Final = 111_195.0
"""Of latitude, on a sphere of radius 6,371 km."""


def make_roster(count: int, seed: int) -> Roster:
    """`count` households h001, h002, …; the same seed always gives the same. Household n does not depend on count.

    What they have repeats every ten, so that every kind of event has homes that can tell of it: a zone (n mod 10 = 1
    and 6), a blood-pressure cuff and limits (2, 5, 8), chronic lung disease on oxygen Scale 2 (4), a couple (3 and 9),
    a fixed limit of inactivity (7), a gas detector and a water sensor (odd n), a bed sensor and a thermometer (even n).
    """
    if count < 1:
        raise ValueError("a roster has at least one household")
    return Roster(_AREAS, tuple(_household(n, random.Random(f"{seed}/home/{n}")) for n in range(1, count + 1)))  # noqa: S311


def _household(number: int, rng: random.Random) -> Household:
    role = number % 10
    area, street, latitude, longitude = _STREETS[number % len(_STREETS)]
    latitude = round(latitude + rng.uniform(-0.004, 0.004), 6)
    longitude = round(longitude + rng.uniform(-0.004, 0.004), 6)
    surname = rng.choice(_SURNAMES)
    sexes = ["female", "male"] if role in (3, 9) else [rng.choices(["female", "male"], [7, 3])[0]]
    residents = tuple(
        _resident(number, index, sex, surname, role, latitude, longitude, rng) for index, sex in enumerate(sexes)
    )
    return Household(
        code=f"h{number:03d}",
        area=area,
        address=f"{street}{rng.randint(1, 300)}号{_flat(rng)}",
        access_notes=rng.choice(["钥匙在社区值班室", "门锁密码由女儿告知", "楼下保安有备用钥匙"]),
        latitude=latitude,
        longitude=longitude,
        residents=residents,
        devices=tuple(_devices(number, role, len(residents))),
    )


def _resident(
    number: int, index: int, sex: str, surname: str, role: int, latitude: float, longitude: float, rng: random.Random
) -> Resident:
    family = surname if index == 0 else rng.choice(_SURNAMES)
    conditions, medicines = "", ""
    plan: dict[str, object] = {}
    if index == 0 and role in (1, 6):
        conditions, medicines = "轻度认知障碍", "多奈哌齐"
        plan["zones"] = (Zone("家附近", latitude, longitude, 400.0, inside=True, dwell=120),)
    elif index == 0 and role in (2, 5, 8):
        conditions, medicines = "高血压", "氨氯地平"
        plan["limits"] = {"systolic_bp": Limits(90.0, 180.0), "diastolic_bp": Limits(50.0, 110.0)}
    elif index == 0 and role == 4:
        conditions, medicines = "慢性阻塞性肺疾病", "噻托溴铵"
        plan["spo2_scale"] = 2
    elif index == 0 and role == 7:
        conditions, medicines = "帕金森病", "左旋多巴"
        plan["inactivity_hours"] = 10.0
    contacts = []
    for order, given in enumerate(rng.sample(_YOUNG, rng.randint(1, 2)), start=1):
        relation, word = _RELATIONS[rng.randrange(2) if order == 1 else rng.randrange(len(_RELATIONS))]
        phone, email = _phone(number, index, order), f"{word}{order}.h{number:03d}.{index}@example.org"
        contacts.append(
            Contact(
                name=family + given,
                relation=relation,
                phone=phone,
                email=email,
                language="en" if rng.random() < 0.1 else "zh-CN",
                call_order=order,
                channels=(Channel("log", f"sms {phone}", None, 1), Channel("log", f"mail {email}", None, 2)),
            )
        )
    return Resident(
        name=family + rng.choice(_WOMEN if sex == "female" else _MEN),
        birth_year=rng.randint(1932, 1956),
        sex=sex,
        phone=_phone(number, index, 0),
        language="zh-CN",
        conditions=conditions,
        medicines=medicines,
        care_plan=CarePlan(**plan),  # type: ignore[arg-type]
        contacts=tuple(contacts),
    )


def _flat(rng: random.Random) -> str:
    return f"{rng.randint(1, 20)}幢{rng.randint(1, 4)}单元{rng.randint(1, 6)}0{rng.randint(1, 4)}室"


def _phone(number: int, index: int, order: int) -> str:
    return f"+86100{number:06d}{index}{order}"


def _devices(number: int, role: int, residents: int) -> Iterator[HomeDevice]:
    json_or_cbor = Dialect.SENML_JSON if number % 2 else Dialect.SENML_CBOR
    for index in range(residents):
        suffix = "" if index == 0 else f"-{index + 1}"
        yield HomeDevice(f"watch{suffix}", DeviceKind.WEARABLE, 60, "Kanhu Sim W1", json_or_cbor, resident=index)
    yield HomeDevice("sos-bathroom", DeviceKind.SOS_BUTTON, 0, "TS0215A_sos", Dialect.ZIGBEE2MQTT, "bathroom")
    for room in ("bedroom", "bathroom", "kitchen", "living_room"):
        yield HomeDevice(f"motion-{room}", DeviceKind.MOTION, 3600, "RTCGQ11LM", Dialect.ZIGBEE2MQTT, room)
    yield HomeDevice("door-front", DeviceKind.DOOR, 3600, "MCCGQ11LM", Dialect.ZIGBEE2MQTT, "front_door")
    yield HomeDevice("smoke-kitchen", DeviceKind.SMOKE, 3600, "JTYJ-GD-01LM/BW", Dialect.ZIGBEE2MQTT, "kitchen")
    if number % 2:
        yield HomeDevice("gas-kitchen", DeviceKind.GAS, 1800, "JTQJ-BF-01LM/BW", Dialect.ZIGBEE2MQTT, "kitchen")
        yield HomeDevice("water-bathroom", DeviceKind.WATER, 3600, "SJCGQ11LM", Dialect.ZIGBEE2MQTT, "bathroom")
    else:
        yield HomeDevice("bed", DeviceKind.BED, 600, "Kanhu Sim B1", Dialect.SENML_CBOR, "bedroom", 0)
        yield HomeDevice("climate-bedroom", DeviceKind.CLIMATE, 300, "Kanhu Sim C1", Dialect.SENML_CBOR, "bedroom")
    if role in (1, 6):
        yield HomeDevice("phone", DeviceKind.TRACKER, 1800, "OwnTracks", Dialect.OWNTRACKS, resident=0)
    if role in (2, 5, 8):
        yield HomeDevice("cuff", DeviceKind.VITALS, 86_400, "Kanhu Sim P1", Dialect.SENML_JSON, resident=0)


def offset(latitude: float, longitude: float, metres: float, bearing: float) -> tuple[float, float]:
    """The point `metres` away at `bearing` (radians from north, clockwise); exact enough for some kilometres."""
    north, east = metres * math.cos(bearing), metres * math.sin(bearing)
    return (
        latitude + north / _METRES_PER_DEGREE,
        longitude + east / (_METRES_PER_DEGREE * math.cos(math.radians(latitude))),
    )
