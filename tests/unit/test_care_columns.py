import numpy as np

from core.care import KINDS, CareContext, CarePlan, Device, DeviceKind, Resident


def test_columns_say_what_the_objects_say_whatever_their_order() -> None:
    rng = np.random.default_rng(5)
    homes = [f"h{n}" for n in range(9)]
    residents = {
        int(i): Resident(int(i), homes[rng.integers(7)], CarePlan(room_low=float(i))) for i in rng.permutation(20) + 1
    }
    devices = {
        int(i): Device(
            int(i), f"d{i}", homes[rng.integers(9)], int(rng.integers(25)), KINDS[rng.integers(len(KINDS))],
            int(rng.integers(5)), ("", "kitchen", "bathroom")[rng.integers(3)],
        )
        for i in rng.permutation(60) + 1
    }  # fmt: skip
    columns = CareContext(devices, residents).columns
    assert columns.device.tolist() == sorted(devices)
    assert columns.resident.tolist() == sorted(residents)
    assert columns.plan_holders == [residents[i] for i in sorted(residents)]
    assert columns.of_plans("room_low", np.float64).tolist() == sorted(residents)
    assert columns.of_plans("room_low", np.int64, lambda low: low > 7).tolist() == [i > 7 for i in sorted(residents)]
    doors = columns.of_kinds({DeviceKind.DOOR, DeviceKind.BED})
    named = columns.in_rooms(bool)
    in_home: dict[int, set[str]] = {}
    for row, i in enumerate(columns.device.tolist()):
        device = devices[i]
        assert columns.owner[row] == device.resident
        assert (columns.owner_row[row] >= 0) == (device.resident in residents)
        if device.resident in residents:
            assert columns.resident[columns.owner_row[row]] == device.resident
        assert columns.interval[row] == device.interval
        assert columns.rooms[columns.room[row]] == device.room
        assert named[row] == (device.room != "")
        assert doors[row] == (device.kind in {DeviceKind.DOOR, DeviceKind.BED})
        in_home.setdefault(int(columns.home[row]), set()).add(device.household)
    for number, i in zip(columns.resident_home.tolist(), columns.resident.tolist(), strict=True):
        in_home.setdefault(number, set()).add(residents[i].household)
    assert all(len(names) == 1 for names in in_home.values())
    assert len(in_home) == columns.homes == len(set.union(*in_home.values()))


def test_nobody_and_nothing() -> None:
    assert CareContext().columns.homes == 0
    alone = CareContext({3: Device(3, "d", "h", 9, DeviceKind.DOOR, 0)}).columns
    assert alone.owner_row.tolist() == [-1]
    assert (alone.homes, alone.home.tolist()) == (1, [0])
