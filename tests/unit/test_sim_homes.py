"""Made-up households: seeded, whole, and fit for the database's rules."""

from pathlib import Path

import msgspec
import pytest

from core.care import CarePlan, DeviceKind
from core.topics import CODE
from device_sim import events
from device_sim.homes import Roster, make_roster, read, write

START = 1_772_497_800_000_000


def test_the_same_seed_gives_the_same_roster() -> None:
    assert make_roster(12, 4) == make_roster(12, 4)
    assert make_roster(12, 4) != make_roster(12, 5)


def test_a_household_does_not_depend_on_how_many_there_are() -> None:
    assert make_roster(30, 4).households[:7] == make_roster(7, 4).households


def test_codes_are_unique_and_valid() -> None:
    roster = make_roster(60, 1)
    assert len({home.code for home in roster.households}) == 60
    areas = {area.code: area for area in roster.areas}
    for home in roster.households:
        assert areas[home.area].level == "street"
        codes = [device.code for device in home.devices]
        assert len(set(codes)) == len(codes)
        assert all(CODE.fullmatch(code) for code in (home.code, *codes))
        assert len({resident.name for resident in home.residents}) == len(home.residents)
        for resident in home.residents:
            names = [contact.name for contact in resident.contacts]
            assert names
            assert len(set(names)) == len(names)
        assert all((device.resident or 0) < len(home.residents) for device in home.devices)


def test_areas_come_after_their_parents() -> None:
    known: set[str | None] = {None}
    for area in make_roster(1, 1).areas:
        assert area.parent in known
        known.add(area.code)


def test_a_roster_survives_its_file(tmp_path: Path) -> None:
    roster = make_roster(11, 2)
    write(roster, tmp_path / "roster.json")
    assert read(tmp_path / "roster.json") == roster


def test_a_bad_roster_names_the_field(tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    write(make_roster(1, 1), file)
    file.write_text(file.read_text(encoding="utf-8").replace('"wearable"', '"watchdog"'), encoding="utf-8")
    with pytest.raises(msgspec.ValidationError, match="kind"):
        read(file)


def test_care_plans_are_care_plans() -> None:
    for home in make_roster(20, 3).households:
        for resident in home.residents:
            assert msgspec.convert(msgspec.to_builtins(resident.care_plan), CarePlan) == resident.care_plan


@pytest.mark.parametrize("name", events.NAMES)
def test_ten_households_can_have_every_event(name: str) -> None:
    able = 0
    for home in make_roster(10, 6).households:
        try:
            able += events.named(name, home, START, 1).truth(home).household == home.code
        except events.EventError:
            continue
    assert able


def test_devices_of_a_resident() -> None:
    roster: Roster = make_roster(3, 1)
    couple = roster.household("h003")
    assert [d.code for d in couple.of_kind(DeviceKind.WEARABLE)] == ["watch", "watch-2"]
    assert [d.code for d in couple.of_kind(DeviceKind.WEARABLE, 1)] == ["watch-2"]
    with pytest.raises(KeyError):
        roster.household("h004")
