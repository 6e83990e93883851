"""What routes ask for: the time, a connection, the user with a permission, the language."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Header, Query
from fastapi.security import OAuth2PasswordBearer
from starlette.requests import Request

from api import language, services
from api.auth import Session, TokenError
from api.permissions import GRANTS, Permission, Role
from api.problems import ProblemError, sign_in_needed
from api.services import Services
from storage import users
from storage.pool import Connection
from storage.users import User

API = "/api/v1"

bearer_token = OAuth2PasswordBearer(tokenUrl=f"{API}/token", refreshUrl=f"{API}/token/refresh", auto_error=False)


def _services(request: Request) -> Services:
    return services.of(request)


Shared = Annotated[Services, Depends(_services)]


def _now(shared: Shared) -> datetime:
    return shared.now()


def _session_now(shared: Shared) -> datetime:
    return shared.session_now()


Now = Annotated[datetime, Depends(_now)]
SessionNow = Annotated[datetime, Depends(_session_now)]


async def _connection(shared: Shared) -> AsyncIterator[Connection]:
    async with shared.transaction() as connection:
        yield connection


# One transaction a request. It ends before the answer is sent: a commit that fails is never told as a success.
Conn = Annotated[Connection, Depends(_connection, scope="function")]


def _session(shared: Shared, now: SessionNow, token: Annotated[str | None, Depends(bearer_token)]) -> Session:
    if token is None:
        raise sign_in_needed("Send an access token: `Authorization: Bearer …`; POST /api/v1/token gives one.")
    try:
        return shared.tokens.read(token, now)
    except TokenError as error:
        raise sign_in_needed(f"{error}; sign in, or use the refresh token.".capitalize()) from error


SignedIn = Annotated[Session, Depends(_session)]


async def active_user(connection: Connection, session: Session) -> User:
    """The user of a session, read each time, so that a disabled user or a changed role counts at once.

    Raises ProblemError (401) for one who may no longer sign in.
    """
    user = await users.user(connection, session.user_id)
    if user is None or user.disabled_at is not None:
        raise sign_in_needed("This account is not in use any more.")
    return user


async def _user(session: SignedIn, connection: Conn) -> User:
    return await active_user(connection, session)


CurrentUser = Annotated[User, Depends(_user)]


def check(user: User, permission: Permission) -> None:
    """Raise ProblemError (403) where the user's role does not have the permission."""
    if permission not in GRANTS[Role(user.role)]:
        raise ProblemError(
            HTTPStatus.FORBIDDEN,
            "not-allowed",
            "Not allowed",
            f"The role {user.role} does not have the permission {permission}.",
            members={"permission": permission.value},
        )


def _having(permission: Permission) -> Callable[[User], Awaitable[User]]:
    async def user_with_permission(user: CurrentUser) -> User:
        check(user, permission)
        return user

    return user_with_permission


IncidentReader = Annotated[User, Depends(_having(Permission.INCIDENT_READ))]
IncidentWorker = Annotated[User, Depends(_having(Permission.INCIDENT_WORK))]
AreaReader = Annotated[User, Depends(_having(Permission.AREA_READ))]
HouseholdReader = Annotated[User, Depends(_having(Permission.HOUSEHOLD_READ))]
ResidentReader = Annotated[User, Depends(_having(Permission.RESIDENT_READ))]
DeviceReader = Annotated[User, Depends(_having(Permission.DEVICE_READ))]
DirectoryWriter = Annotated[User, Depends(_having(Permission.DIRECTORY_WRITE))]
AlarmTester = Annotated[User, Depends(_having(Permission.ALARM_TEST))]
CarePlanReader = Annotated[User, Depends(_having(Permission.CARE_PLAN_READ))]
CarePlanWriter = Annotated[User, Depends(_having(Permission.CARE_PLAN_WRITE))]
ContactReader = Annotated[User, Depends(_having(Permission.CONTACT_READ))]
ContactWriter = Annotated[User, Depends(_having(Permission.CONTACT_WRITE))]
ReadingReader = Annotated[User, Depends(_having(Permission.READING_READ))]
DetectorReader = Annotated[User, Depends(_having(Permission.DETECTOR_READ))]
StaffReader = Annotated[User, Depends(_having(Permission.STAFF_READ))]
RotaReader = Annotated[User, Depends(_having(Permission.ROTA_READ))]
RotaWriter = Annotated[User, Depends(_having(Permission.ROTA_WRITE))]
PolicyReader = Annotated[User, Depends(_having(Permission.POLICY_READ))]
PolicyWriter = Annotated[User, Depends(_having(Permission.POLICY_WRITE))]
CoverageReader = Annotated[User, Depends(_having(Permission.COVERAGE_READ))]
PositionReader = Annotated[User, Depends(_having(Permission.POSITION_READ))]
FigureReader = Annotated[User, Depends(_having(Permission.FIGURE_READ))]
AuditReader = Annotated[User, Depends(_having(Permission.AUDIT_READ))]
CheckReader = Annotated[User, Depends(_having(Permission.CHECK_READ))]
CheckWorker = Annotated[User, Depends(_having(Permission.CHECK_WORK))]
CheckWriter = Annotated[User, Depends(_having(Permission.CHECK_WRITE))]


def _language(
    user: CurrentUser,
    lang: Annotated[Literal["zh-CN", "en"] | None, Query(description="language of the texts in the answer")] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> str:
    return language.choose(lang, accept_language, user.language)


Language = Annotated[str, Depends(_language)]
