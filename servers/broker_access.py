"""Who may do what at Mosquitto: its password and access files, written together.

A device signs in as `{household}/{device}` and has its own rules: Mosquitto 2.1 refuses the pattern `%u` to a user name
with a slash (measured), and finds a user's rules through a hash, so a file of all devices costs nothing a message. A
household's Zigbee2MQTT gateway signs in by the household's code and has `zigbee2mqtt/{household}/#`.

Passwords are random and long, so their hash may be light (1,000 rounds of PBKDF2, Mosquitto's own figure for
`$7$`): the default argon2id would hold the broker for minutes when a city's devices reconnect after a restart.
"""

import argparse
import base64
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.topics import CODE, OWNTRACKS_ROOT, UP_FILTERS, ZIGBEE2MQTT_ROOT, Channel, topic

PASSWORDS: Final = "passwords"
ACL: Final = "acl"

INGEST: Final = "kanhu-ingest"
DISPATCH: Final = "kanhu-dispatch"
SIMULATOR: Final = "kanhu-sim"
SERVICES: Final = (INGEST, DISPATCH, SIMULATOR)

_ROUNDS: Final = 1000
_UP: Final = tuple(channel for channel in Channel if channel is not Channel.COMMAND)


class BrokerAccess:
    """The password and access files in one directory. Mosquitto reads them again on SIGHUP.

    The passwords say who exists; the access file follows from them. The simulator's rules let it publish for
    everybody: its account exists only where somebody adds it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def add(self, accounts: Mapping[str, str]) -> None:
        """Add accounts or change their passwords.

        Args: accounts: user name (a service, `{household}` for its gateway, or `{household}/{device}`) to password.
        Raises ValueError for a user name of another form.
        """
        for username in accounts:
            check_username(username)
        with self._locked():
            lines = self._read() | {name: password_line(name, password) for name, password in accounts.items()}
            self._write(lines)

    def remove(self, usernames: Iterable[str]) -> None:
        """Take accounts away. Their open connections live on until they drop; the access rules go at once."""
        with self._locked():
            lines = self._read()
            for username in usernames:
                lines.pop(username, None)
            self._write(lines)

    def _read(self) -> dict[str, str]:
        path = self._directory / PASSWORDS
        if not path.exists():
            return {}
        return {line.partition(":")[0]: line for line in path.read_text(encoding="utf-8").splitlines()}

    def _write(self, lines: Mapping[str, str]) -> None:
        self._replace(ACL, access_rules(lines))
        self._replace(PASSWORDS, "".join(f"{line}\n" for line in lines.values()))

    def _replace(self, name: str, text: str) -> None:
        # Mosquitto wants these files to be its own and closed to others; it owns the directory.
        fresh = self._directory / f".{name}.new"
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        if os.geteuid() == 0:
            owner = self._directory.stat()
            os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.replace(self._directory / name)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def new_password() -> str:
    """A random password of 192 bits."""
    return secrets.token_urlsafe(24)


def device_username(household: str, device: str) -> str:
    """The user name of a device."""
    return f"{household}/{device}"


def check_username(username: str) -> None:
    """Raise ValueError unless it is a service, a household's code or `{household}/{device}`."""
    levels = username.split("/")
    if len(levels) > 2 or not all(CODE.fullmatch(level) for level in levels):
        raise ValueError(f"user name {username!r} is no service, household or household/device")


def password_line(username: str, password: str) -> str:
    """A line of Mosquitto's password file: PBKDF2 with SHA-512, `name:$7$rounds$salt$hash`, both in base64."""
    salt = secrets.token_bytes(64)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"{username}:$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def access_rules(usernames: Iterable[str]) -> str:
    """The access file: the services, the rules of each device among the user names, and the pattern for gateways.

    What no rule allows is refused.
    """
    blocks = [
        # Writing is for `kanhu quarantine reinject`: messages go in again by the topics that they came over.
        f"user {INGEST}\n" + "".join(f"topic readwrite {up}\n" for up in UP_FILTERS),
        f"user {DISPATCH}\ntopic write {topic('+', '+', Channel.COMMAND)}\n",
        f"user {SIMULATOR}\n"
        + "".join(f"topic write {up}\n" for up in UP_FILTERS)
        + f"topic read {topic('+', '+', Channel.COMMAND)}\n",
    ]
    blocks += [_device_rules(*name.split("/")) for name in usernames if "/" in name]
    blocks.append(f"pattern readwrite {ZIGBEE2MQTT_ROOT}/%u/#\n")
    return "\n".join(blocks)


def _device_rules(household: str, device: str) -> str:
    return (
        f"user {device_username(household, device)}\n"
        + "".join(f"topic write {topic(household, device, channel)}\n" for channel in _UP)
        + f"topic read {topic(household, device, Channel.COMMAND)}\n"
        # the app OwnTracks, with its topic set to this base
        + f"topic readwrite {OWNTRACKS_ROOT}/{household}/{device}/#\n"
    )


def main() -> None:
    """`python -m servers.broker_access DIRECTORY NAME=FILE …`: set passwords, each the content of a (secret's) file."""
    parser = argparse.ArgumentParser(prog="python -m servers.broker_access", description=main.__doc__)
    parser.add_argument("directory", type=Path, help=f"where {PASSWORDS} and {ACL} are")
    parser.add_argument("accounts", nargs="+", metavar="NAME=FILE", help=f"names: {', '.join(SERVICES)}, or a device's")
    arguments = parser.parse_args()
    accounts: dict[str, str] = {}
    for account in arguments.accounts:
        name, _, file = account.partition("=")
        accounts[name] = Path(file).read_text(encoding="utf-8").strip()
    BrokerAccess(arguments.directory).add(accounts)


if __name__ == "__main__":
    main()
