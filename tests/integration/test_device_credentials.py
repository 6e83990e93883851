"""`kanhu device credentials`: for what there is, once, and into the files that Mosquitto reads."""

import base64
import hashlib
from pathlib import Path

import pytest

from servers.broker_access import ACL, PASSWORDS, BrokerAccess
from tests.support.homes import add_home
from tests.support.processes import command


@pytest.fixture
def access(tmp_path: Path) -> Path:
    directory = tmp_path / "access"
    directory.mkdir()
    BrokerAccess(directory).add({"kanhu-ingest": "secret"})
    return directory


def test_a_device_and_a_gateway_get_passwords_that_the_broker_takes(embedded_database: str, access: Path) -> None:
    add_home(embedded_database, "h1")
    settings = {"KANHU_DATABASE_URL": embedded_database, "KANHU_BROKER_ACCESS_DIRECTORY": str(access)}
    for words, username in ((["h1", "watch"], "h1/watch"), (["h1"], "h1")):
        done = command(["device", "credentials", *words], settings)
        assert done.returncode == 0, done.stderr
        assert "SIGHUP" in done.stderr
        name, password = (line.split()[-1] for line in done.stdout.splitlines())
        assert name == username
        line = dict(line.split(":", 1) for line in (access / PASSWORDS).read_text().splitlines())[username]
        _, _, rounds, salt, digest = line.split("$")
        made = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(salt), int(rounds))
        assert base64.b64encode(made).decode() == digest
    assert "user h1/watch" in (access / ACL).read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["h9", "watch"], "there is no household h9"),
        (["h1", "button"], "household h1 has no device button; `kanhu device add` adds one"),
        (["kanhu-ingest"], "there is no household kanhu-ingest"),
    ],
)
def test_what_is_not_there_gets_none(embedded_database: str, access: Path, words: list[str], says: str) -> None:
    add_home(embedded_database, "h1")
    # Its gateway's account would be ingest's own.
    add_home(embedded_database, "kanhu-ingest")
    before = (access / PASSWORDS).read_text()
    done = command(
        ["device", "credentials", *words, "--access-directory", str(access)],
        {"KANHU_DATABASE_URL": embedded_database},
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"kanhu: {says}\n")
    assert (access / PASSWORDS).read_text() == before


def test_where_the_files_are_must_be_said() -> None:
    done = command(["device", "credentials", "h1"], {})
    assert done.returncode == 2
    assert "KANHU_BROKER_ACCESS_DIRECTORY" in done.stderr
