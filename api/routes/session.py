"""Signing in, staying signed in, signing out."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request

from api import auth
from api.dependencies import API, Conn, CurrentUser, SessionNow, Shared, active_user
from api.permissions import GRANTS, Role
from api.problems import FieldError, ProblemError, responses, wrong_fields
from api.schemas.session import Me, Refresh, SignIn, Token
from storage import users
from storage.users import User

router = APIRouter(prefix=API, tags=["session"])

_log = structlog.get_logger(__name__)

_FORM = "application/x-www-form-urlencoded"
_SIGN_IN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": SignIn.model_json_schema()},
            _FORM: {
                "schema": {
                    "type": "object",
                    "required": ["username", "password"],
                    "properties": {
                        "grant_type": {"type": "string", "const": "password"},
                        "username": {"type": "string"},
                        "password": {"type": "string", "format": "password"},
                    },
                }
            },
        },
    }
}


async def _sign_in(request: Request) -> SignIn:
    """Name and password from a form, as OAuth 2.0 has it, or from JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _FORM:
        async with request.form(max_fields=20) as form:
            given: object = {name: form[name] for name in ("username", "password") if name in form}
            grant = form.get("grant_type", "password")
        if grant != "password":
            raise wrong_fields([FieldError(location="body", field="grant_type", detail="only `password`")])
    elif kind == "application/json":
        given = await request.body()
    else:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            f"Send application/json or {_FORM}.",
        )
    try:
        return SignIn.model_validate_json(given) if isinstance(given, bytes) else SignIn.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        if any(e["type"] == "json_invalid" for e in found):
            raise ProblemError(
                HTTPStatus.BAD_REQUEST, "invalid-json", "The body is not JSON", "The body is not JSON."
            ) from error
        raise wrong_fields(
            FieldError(
                location="body",
                field=".".join(str(s) for s in e["loc"]),
                pointer="".join(f"/{s}" for s in e["loc"]),
                detail=e["msg"],
            )
            for e in found
        ) from error


@router.post(
    "/token",
    summary="Sign in",
    openapi_extra=_SIGN_IN_BODY,
    responses=responses(
        HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS
    ),
)
async def sign_in(
    request: Request,
    given: Annotated[SignIn, Depends(_sign_in)],
    shared: Shared,
    now: SessionNow,
) -> Token:
    """An access token for a name and a password.

    After five wrong passwords each further try has to wait longer (429, `Retry-After`).
    """
    address = request.client.host if request.client else ""
    pause = shared.throttle.wait(given.username, address, now)
    if pause:
        shared.metrics.sign_ins.labels("throttled").inc()
        seconds = int(pause.total_seconds()) + 1
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-tries",
            "Too many wrong passwords",
            f"Try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )
    # No connection is held while the password is hashed: a flood of sign-ins must not take them all.
    async with shared.transaction() as connection:
        stored = await users.password_hash(connection, given.username)
        user = await users.user_by_name(connection, given.username)
    right = await shared.passwords.verify(stored, given.password)
    if not right or user is None or user.disabled_at is not None:
        shared.throttle.failed(given.username, address, now)
        shared.metrics.sign_ins.labels("refused").inc()
        _log.warning("sign-in refused", address=address)
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "wrong-name-or-password",
            "Wrong name or password",
            "The name or the password is wrong, or the account is not in use.",
            # For OAuth 2.0 clients, RFC 6749 §5.2.
            members={"error": "invalid_grant"},
            headers={"WWW-Authenticate": 'Bearer realm="kanhu"'},
        )
    shared.throttle.succeeded(given.username, address)
    shared.metrics.sign_ins.labels("accepted").inc()
    anew = await shared.passwords.hash(given.password) if stored and shared.passwords.outdated(stored) else None
    async with shared.transaction() as connection:
        if anew is not None:
            await users.rehash_password(connection, user.id, anew)
        return await _token(shared, connection, user, now)


@router.post(
    "/token/refresh",
    summary="Stay signed in",
    responses=responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY),
)
async def refresh(given: Refresh, shared: Shared, connection: Conn, now: SessionNow) -> Token:
    """The next access token and the next refresh token. The one that was sent counts no more."""
    user_id = await users.take_refresh_token(connection, auth.digest(given.refresh_token), now)
    if user_id is None:
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "refresh-token-spent",
            "Sign in again",
            "The refresh token was used before or has expired.",
            members={"error": "invalid_grant"},
            headers={"WWW-Authenticate": 'Bearer realm="kanhu"'},
        )
    user = await active_user(connection, auth.Session(user_id, now))
    return await _token(shared, connection, user, now)


@router.post(
    "/logout",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Sign out",
    responses=responses(HTTPStatus.UNPROCESSABLE_ENTITY),
)
async def sign_out(given: Refresh, connection: Conn) -> None:
    """End the sign-in: its refresh token counts no more, its access token ends by itself within minutes."""
    await users.delete_refresh_token(connection, auth.digest(given.refresh_token))


@router.get("/me", summary="Who is signed in", responses=responses(HTTPStatus.UNAUTHORIZED))
async def me(user: CurrentUser) -> Me:
    """The user, and what the role allows."""
    return _me(user)


async def _token(shared: Shared, connection: Conn, user: User, now: SessionNow) -> Token:
    access, session = shared.tokens.issue(user.id, now)
    refresh_token = auth.new_refresh_token()
    expires = now + shared.refresh_life
    await users.keep_refresh_token(connection, auth.digest(refresh_token), user.id, expires, now)
    return Token(
        access_token=access,
        expires_in=int((session.expires_at - now).total_seconds()),
        refresh_token=refresh_token,
        user=_me(user),
    )


def _me(user: User) -> Me:
    language: Literal["zh-CN", "en"] = "en" if user.language == "en" else "zh-CN"
    return Me(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=Role(user.role),
        area=user.area,
        language=language,
        permissions=sorted(GRANTS[Role(user.role)]),
    )
