"""`kanhu device import` and `kanhu user`: the commands as they are typed, on a real database."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from cli import devices, users
from device_sim import homes

run = CliRunner().invoke


@pytest.fixture
def url(embedded_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KANHU_DATABASE_URL", embedded_database)
    return embedded_database


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def everything(url: str) -> list[list[tuple[Any, ...]]]:
    tables = ("area", "household", "resident", "contact", "channel", "device")
    return [rows(url, f"SELECT * FROM {table} ORDER BY id") for table in tables]


def test_a_roster_of_the_simulator_is_brought_in_and_again_changes_nothing(url: str, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    roster = homes.make_roster(12, seed=1)
    homes.write(roster, file)
    first = run(devices.app, ["import", str(file)])
    assert first.exit_code == 0, first.output
    before = everything(url)
    assert [len(table) for table in before] == [
        8,
        12,
        sum(len(home.residents) for home in roster.households),
        sum(len(p.contacts) for home in roster.households for p in home.residents),
        sum(len(c.channels) for home in roster.households for p in home.residents for c in p.contacts),
        sum(len(home.devices) for home in roster.households),
    ]
    assert run(devices.app, ["import", str(file)]).output == first.output
    assert everything(url) == before
    # A couple lives in the third: the second watch is hers or his, the home's sensors watch the first.
    watched = dict(
        rows(
            url,
            "SELECT device.code, resident.name FROM device JOIN household ON household.id = household_id"
            " LEFT JOIN resident ON resident.id = device.resident_id WHERE household.code = 'h003'",
        )
    )
    couple = [p.name for p in roster.households[2].residents]
    assert (watched["watch"], watched["watch-2"], watched["door-front"]) == (couple[0], couple[1], None)
    listed = run(devices.app, ["list", "--household", "h003"])
    assert "watch-2" in listed.output


def test_a_changed_roster_updates_and_removes_nothing(url: str, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    homes.write(homes.make_roster(2, seed=1), file)
    assert run(devices.app, ["import", str(file)]).exit_code == 0
    data = json.loads(file.read_text(encoding="utf-8"))
    data["households"] = data["households"][:1]
    home = data["households"][0]
    home["address"] = "新居"
    home["residents"][0]["care_plan"] = {"spo2_scale": 2}
    home["devices"][0]["interval"] = 30
    file.write_text(json.dumps(data), encoding="utf-8")
    assert run(devices.app, ["import", str(file)]).exit_code == 0
    assert rows(url, "SELECT code, address FROM household WHERE code = 'h001'") == [("h001", "新居")]
    assert rows(url, "SELECT count(*) FROM household") == [(2,)]
    assert rows(url, "SELECT care_plan FROM resident WHERE household_id = 1") == [({"spo2_scale": 2},)]
    assert rows(url, "SELECT interval_s FROM device WHERE household_id = 1 AND code = 'watch'") == [(30,)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"area": "nowhere"}, "area is neither in the roster nor in the database"),
        ({"code": "a b"}, "households[0].code"),
        ({"latitude": None}, "household h001: latitude and longitude go together"),
        ({"latitude": 91}, "households[0].latitude"),
    ],
)
def test_a_wrong_roster_is_refused_whole(url: str, tmp_path: Path, change: dict[str, object], words: str) -> None:
    file = tmp_path / "roster.json"
    homes.write(homes.make_roster(2, seed=1), file)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["households"][0] |= change
    file.write_text(json.dumps(data), encoding="utf-8")
    answer = run(devices.app, ["import", str(file)])
    assert answer.exit_code == 1
    assert words in answer.output
    assert rows(url, "SELECT count(*) FROM area") == [(0,)]


def test_a_wrong_care_plan_is_named(url: str, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    homes.write(homes.make_roster(1, seed=1), file)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["households"][0]["residents"][0]["care_plan"] = {"spo2_scale": 5}
    file.write_text(json.dumps(data), encoding="utf-8")
    answer = run(devices.app, ["import", str(file)])
    assert (answer.exit_code, "/spo2_scale: NEWS2 has Scale 1 and Scale 2" in answer.output) == (1, True)


def test_a_device_and_users_by_hand(url: str, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    homes.write(homes.make_roster(1, seed=1), file)
    assert run(devices.app, ["import", str(file)]).exit_code == 0
    assert run(devices.app, ["add", "h001", "pull-cord", "sos_button", "--room", "bedroom"]).exit_code == 0
    again = run(devices.app, ["add", "h001", "pull-cord", "sos_button"])
    assert (again.exit_code, "has a device pull-cord already" in again.output) == (1, True)

    new = ["add", "lina", "--role", "responder", "--area", "330106", "--display-name", "李娜", "--password-stdin"]
    assert run(users.app, new, input="correct horse battery\n").exit_code == 0
    assert rows(url, "SELECT name, role, password_hash LIKE '$argon2id$%' FROM app_user") == [
        ("lina", "responder", True)
    ]
    for arguments, given, words in (
        (new, "correct horse battery\n", "there is a user lina already"),
        (["add", "x", "--role", "responder", "--password-stdin"], "correct horse battery\n", "--area is needed"),
        (["add", "x", "--role", "family", "--password-stdin"], "short\n", "12 to 256 characters"),
        (["add", "x", "--role", "operator", "--area", "9", "--password-stdin"], "correct horse battery\n", "no area 9"),
        (["disable", "nobody"], "", "there is no user nobody"),
    ):
        answer = run(users.app, arguments, input=given)
        assert answer.exit_code != 0
        assert words in answer.output
    before = rows(url, "SELECT password_hash FROM app_user")
    assert run(users.app, ["password", "lina", "--password-stdin"], input="another horse battery\n").exit_code == 0
    assert rows(url, "SELECT password_hash FROM app_user") != before
    assert run(users.app, ["disable", "lina"]).exit_code == 0
    assert rows(url, "SELECT disabled_at IS NOT NULL FROM app_user") == [(True,)]
    assert "李娜" in run(users.app, ["list"]).output
