"""Mosquitto's password and access files."""

import base64
import secrets
import stat
import sys
from pathlib import Path

import pytest

from servers import broker_access
from servers.broker_access import ACL, PASSWORDS, BrokerAccess, access_rules, password_line

# Written by `mosquitto_passwd -H sha512-pbkdf2` of Mosquitto 2.1.2 for the password "a".
_OF_MOSQUITTO = (
    "h1/d1:$7$1000$rPDqig00TtC089zGzDkd85vKxN8oUXehbF5GR1DhwPP/lzFimLX4VLeNK83IB8E6D8NWAt7xJYyWKR8auKVn9w=="
    "$TR4/2JG2bbyN4apaLiN1IUs7mRb1vofmPMRRM857kMSSA2PlVbKpXpovoErkCEbjEFE2PxOPnke7TbN/TCrkwQ=="
)


def test_a_password_line_is_as_mosquitto_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    salt = base64.b64decode(_OF_MOSQUITTO.split("$")[3])
    monkeypatch.setattr(secrets, "token_bytes", lambda count: salt[:count])
    assert password_line("h1/d1", "a") == _OF_MOSQUITTO


def test_the_rules_of_a_device_name_it_and_nobody_else() -> None:
    rules = access_rules(["kanhu-ingest", "h1/watch", "h2"])
    block = rules.split("user h1/watch\n")[1].split("\n\n")[0]
    assert block.splitlines() == [
        "topic write kanhu/v1/h1/watch/telemetry",
        "topic write kanhu/v1/h1/watch/event",
        "topic write kanhu/v1/h1/watch/waveform",
        "topic write kanhu/v1/h1/watch/location",
        "topic write kanhu/v1/h1/watch/status",
        "topic read kanhu/v1/h1/watch/command",
        "topic readwrite owntracks/h1/watch/#",
    ]
    assert [line for line in rules.splitlines() if line.startswith("pattern")] == ["pattern readwrite zigbee2mqtt/%u/#"]
    assert [line for line in rules.splitlines() if line.startswith("user")] == [
        "user kanhu-ingest",
        "user kanhu-dispatch",
        "user kanhu-sim",
        "user h1/watch",
    ]


def test_accounts_come_change_and_go(tmp_path: Path) -> None:
    access = BrokerAccess(tmp_path)
    access.add({"kanhu-ingest": "one", "h1/watch": "two"})
    access.add({"h1/button": "three", "h1/watch": "four"})
    before = _passwords(tmp_path)
    assert list(before) == ["kanhu-ingest", "h1/watch", "h1/button"]
    assert "user h1/button" in (tmp_path / ACL).read_text()
    access.remove(["h1/watch", "h9/unknown"])
    assert _passwords(tmp_path) == {name: line for name, line in before.items() if name != "h1/watch"}
    assert "h1/watch" not in (tmp_path / ACL).read_text()


def test_the_files_are_closed_to_others_and_nothing_else_is_left(tmp_path: Path) -> None:
    BrokerAccess(tmp_path).add({"h1": "x"})
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {
        PASSWORDS: 0o600,
        ACL: 0o600,
    }


@pytest.mark.parametrize("name", ["", "a/b/c", "h1/+", "#", "h1/", "a:b", "a\nuser kanhu-sim", "h 1", "%u"])
def test_a_name_that_could_mean_more_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no service, household or household/device"):
        BrokerAccess(tmp_path).add({name: "x"})
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_reads_secrets_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a\n")
    directory = tmp_path / "access"
    directory.mkdir()
    salt = base64.b64decode(_OF_MOSQUITTO.split("$")[3])
    monkeypatch.setattr(secrets, "token_bytes", lambda count: salt[:count])
    monkeypatch.setattr(sys, "argv", ["broker_access", str(directory), f"h1/d1={secret}"])
    broker_access.main()
    assert (directory / PASSWORDS).read_text() == f"{_OF_MOSQUITTO}\n"
    assert capsys.readouterr().out == ""


def _passwords(directory: Path) -> dict[str, str]:
    return {line.partition(":")[0]: line for line in (directory / PASSWORDS).read_text().splitlines()}
