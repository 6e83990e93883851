"""Users, their refresh tokens, and the answers to requests with an idempotency key.

All functions take a connection inside the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from storage.people import Taken
from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value
from storage.scope import Scope

ROLES: tuple[str, ...] = ("responder", "supervisor", "family", "operator", "integrator")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in. area: the code of the area worked in; area_path: its path; both None for most families."""

    id: int
    name: str
    display_name: str
    role: str
    area: str | None
    area_path: str | None
    language: str
    disabled_at: datetime | None

    @property
    def scope(self) -> Scope:
        """What this user may see. Raises ValueError for one who has neither an area nor the role family."""
        if self.role == "family":
            return Scope.family(self.id)
        if self.area_path is None:
            raise ValueError(f"user {self.name} has no area")
        return Scope.area(self.area_path)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was begun: what it was, and the answer it got."""

    request_digest: bytes
    status: int | None
    body: object


async def user(connection: Connection, user_id: int) -> User | None:
    """One user."""
    return await fetch_one(connection, User, "users.user", {"id": user_id})


async def user_by_name(connection: Connection, name: str) -> User | None:
    """The user with this sign-in name."""
    return await fetch_one(connection, User, "users.user_by_name", {"name": name})


async def users(connection: Connection) -> list[User]:
    """All users by name."""
    return await fetch_all(connection, User, "users.users", {})


async def password_hash(connection: Connection, name: str) -> str | None:
    """The Argon2 hash of a user's password."""
    return await fetch_value(connection, str, "users.password_hash", {"name": name})


async def add_user(
    connection: Connection,
    name: str,
    *,
    display_name: str,
    password_hash: str,
    role: str,
    area_id: int | None,
    language: str,
) -> int:
    """Add a user. Returns the id. Raises Taken; Refused for a name or role that the schema does not allow."""
    given = {
        "name": name,
        "display_name": display_name,
        "password_hash": password_hash,
        "role": role,
        "area_id": area_id,
        "language": language,
    }
    new_id = await fetch_value(connection, int, "users.insert_user", given)
    if new_id is None:
        raise Taken("name", name)
    return new_id


async def set_password(connection: Connection, user_id: int, password_hash: str) -> None:
    """Set a new password, as its hash, and end all sign-ins."""
    await execute(connection, "users.set_password", {"id": user_id, "password_hash": password_hash})
    await execute(connection, "users.delete_refresh_tokens_of", {"user_id": user_id})


async def rehash_password(connection: Connection, user_id: int, password_hash: str) -> None:
    """Store the same password hashed anew; sign-ins stay."""
    await execute(connection, "users.set_password", {"id": user_id, "password_hash": password_hash})


async def disable(connection: Connection, user_id: int, now: datetime) -> None:
    """Let a user sign in no more, and end all sign-ins."""
    await execute(connection, "users.disable_user", {"id": user_id, "now": now})
    await execute(connection, "users.delete_refresh_tokens_of", {"user_id": user_id})


async def keep_refresh_token(
    connection: Connection, digest: bytes, user_id: int, expires_at: datetime, now: datetime
) -> None:
    """Keep the digest of a refresh token; the user's expired ones go."""
    await execute(connection, "users.delete_expired_refresh_tokens", {"user_id": user_id, "now": now})
    given = {"digest": digest, "user_id": user_id, "expires_at": expires_at}
    await execute(connection, "users.insert_refresh_token", given)


async def take_refresh_token(connection: Connection, digest: bytes, now: datetime) -> int | None:
    """Use a refresh token up. Returns the user's id; None where it is unknown, used already or expired."""
    return await fetch_value(connection, int, "users.take_refresh_token", {"digest": digest, "now": now})


async def delete_refresh_token(connection: Connection, digest: bytes) -> None:
    """Sign out: the token counts no more."""
    await execute(connection, "users.delete_refresh_token", {"digest": digest})


async def begin_request(
    connection: Connection, user_id: int, key: str, request_digest: bytes, now: datetime
) -> Answered | None:
    """Claim an idempotency key for this transaction. None: go on; else what the first request with it was and got.

    A second request at the same time waits for the first to end; if that one rolls back, the second goes on.
    """
    given = {"user_id": user_id, "key": key, "request_digest": request_digest, "now": now}
    if await fetch_value(connection, bool, "users.begin_request", given):
        return None
    return await fetch_one(connection, Answered, "users.answered_request", {"user_id": user_id, "key": key})


async def answer_request(
    connection: Connection, user_id: int, key: str, status: int, body: Mapping[str, object] | None
) -> None:
    """Keep the answer to the request that was begun in this transaction."""
    given = {"user_id": user_id, "key": key, "status": status, "body": Jsonb(body)}
    await execute(connection, "users.answer_request", given)


async def forget_requests(connection: Connection, user_id: int, before: datetime) -> None:
    """Drop the user's answers from before a moment."""
    await execute(connection, "users.forget_requests", {"user_id": user_id, "before": before})
