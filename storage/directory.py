"""Who a device belongs to, and what detectors know about people: read whole, kept by ingest, read again on NOTIFY."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import structlog
from psycopg.rows import dict_row

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.readings import Int32
from storage import care_plans
from storage.care_plans import CarePlanError
from storage.errors import wrapped
from storage.pool import Connection
from storage.sql import sql

_log = structlog.get_logger(__name__)

CHANNEL = "kanhu_directory"


@dataclass(frozen=True, slots=True)
class Directory:
    """All devices that are in use and all residents.

    ids: (household code, device code) to device id. resident_of: int32, indexed by device id, 0 for nobody.
    """

    context: CareContext = field(default_factory=CareContext)
    ids: Mapping[tuple[str, str], int] = field(default_factory=dict)
    resident_of: Int32 = field(default_factory=lambda: np.zeros(1, dtype=np.int32))


async def load(connection: Connection) -> Directory:
    """Read the directory. Raises StorageError.

    A resident whose care plan is not one (somebody wrote it past the API) is watched by the defaults, and that is
    logged as an error: one wrong plan must not leave everybody unwatched.
    """
    with wrapped():
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(sql("directory.residents"))
            residents = {row["id"]: _resident(row) for row in await cursor.fetchall()}
            await cursor.execute(sql("directory.devices"))
            devices = {row["id"]: _device(row) for row in await cursor.fetchall()}
    resident_of = np.zeros(max(devices, default=0) + 1, dtype=np.int32)
    for device in devices.values():
        resident_of[device.id] = device.resident
    ids = {(device.household, device.code): device.id for device in devices.values()}
    return Directory(CareContext(devices, residents), ids, resident_of)


def _resident(row: Mapping[str, Any]) -> Resident:
    try:
        plan = care_plans.check(row["care_plan"])
    except CarePlanError as error:
        _log.exception("care plan is wrong, the defaults are taken; set it again", resident=row["id"], wrong=str(error))
        plan = CarePlan()
    return Resident(row["id"], row["household"], plan, row["birth_year"])


def _device(row: Mapping[str, Any]) -> Device:
    return Device(
        id=row["id"],
        code=row["code"],
        household=row["household"],
        resident=row["resident"],
        kind=DeviceKind(row["kind"]),
        interval=row["interval_s"],
        room=row["room"],
    )
