"""Sign-in: passwords (Argon2id), short-lived access tokens (JWT), refresh tokens that count once, and back-off.

Times are aware datetimes of the session clock, which is the machine's own even where a demonstration's clock runs
faster: people read and type at their own speed.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

MINIMUM_PASSWORD: Final = 12
MAXIMUM_PASSWORD: Final = 256

_ISSUER: Final = "kanhu"
_ACCESS: Final = "kanhu:api"
_LIVE: Final = "kanhu:live"
_TICKET_LIFE: Final = timedelta(seconds=30)


class TokenError(Exception):
    """The token is not one of ours, is for something else, or has expired."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, and until when."""

    user_id: int
    expires_at: datetime


class Tokens:
    """Access tokens, and tickets for the live stream, signed with the installation's secret."""

    def __init__(self, secret: str, minutes: int) -> None:
        self._secret = secret
        self._life = timedelta(minutes=minutes)

    def issue(self, user_id: int, now: datetime) -> tuple[str, Session]:
        """An access token and the session that it stands for."""
        session = Session(user_id, _whole_second(now + self._life))
        return self._sign(_ACCESS, session, session.expires_at), session

    def issue_ticket(self, session: Session, now: datetime) -> tuple[str, datetime]:
        """A ticket that opens the live stream within 30 s, for a browser that can't send a header; and its end."""
        until = min(_whole_second(now + _TICKET_LIFE), session.expires_at)
        return self._sign(_LIVE, session, until), until

    def read(self, token: str, now: datetime) -> Session:
        """The session of an access token. Raises TokenError."""
        return self._read(token, _ACCESS, now)

    def read_ticket(self, ticket: str, now: datetime) -> Session:
        """The session of a ticket. Raises TokenError."""
        return self._read(ticket, _LIVE, now)

    def _sign(self, audience: str, session: Session, until: datetime) -> str:
        claims = {
            "iss": _ISSUER,
            "aud": audience,
            "sub": str(session.user_id),
            "exp": int(until.timestamp()),
            "session": int(session.expires_at.timestamp()),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def _read(self, token: str, audience: str, now: datetime) -> Session:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                audience=audience,
                issuer=_ISSUER,
                # The library would ask the machine's clock; the time is ours to judge.
                options={"require": ["exp", "sub", "aud", "iss"], "verify_exp": False},
            )
            user_id, until, session = int(claims["sub"]), int(claims["exp"]), int(claims["session"])
        except (jwt.InvalidTokenError, ValueError, KeyError, TypeError) as error:
            raise TokenError("the token is not one of ours") from error
        if now.timestamp() >= until:
            raise TokenError("the token has expired")
        return Session(user_id, datetime.fromtimestamp(session, UTC))


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


class Passwords:
    """Argon2id with the library's parameters (RFC 9106's second choice): 64 MiB and some 40 ms for each.

    Hashing runs in threads, two at a time: more sign-ins wait, and do not take the machine's memory.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(2)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to store."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. stored None, an unknown user, takes as long as a wrong password."""
        async with self._turns:
            if self._nobody is None:
                self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_urlsafe())
            right = await asyncio.to_thread(self._verify, stored or self._nobody, password)
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def new_refresh_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest(refresh_token: str) -> bytes:
    """What is stored of a refresh token. It is random, so a plain hash is enough."""
    return hashlib.sha256(refresh_token.encode()).digest()


class Throttle:
    """Slows down guessing: after 5 wrong passwords for a name from an address it has to wait, twice as long each time.

    By name and address, so that a stranger can't lock a responder out. Kept in this process; the 10,000 newest.
    """

    _FREE: Final = 5
    _LONGEST: Final = timedelta(minutes=5)
    _KEPT: Final = 10_000

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()

    def wait(self, name: str, address: str, now: datetime) -> timedelta:
        """How long to wait before the next try; zero: try now."""
        failures, last = self._failures.get((name, address), (0, now))
        if failures < self._FREE:
            return timedelta()
        pause = min(timedelta(seconds=2 ** min(failures - self._FREE, 16)), self._LONGEST)
        return max(last + pause - now, timedelta())

    def failed(self, name: str, address: str, now: datetime) -> None:
        """A wrong password."""
        failures, _ = self._failures.pop((name, address), (0, now))
        self._failures[name, address] = (failures + 1, now)
        if len(self._failures) > self._KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """The right one: all is forgotten."""
        self._failures.pop((name, address), None)
