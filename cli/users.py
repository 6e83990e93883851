"""`kanhu user`: who may sign in."""

import sys
from datetime import datetime
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from api.auth import MAXIMUM_PASSWORD, MINIMUM_PASSWORD, Passwords
from api.permissions import Role
from cli import start
from cli.transaction import CommandError, run
from storage import people, users
from storage.people import Taken
from storage.pool import Connection
from storage.users import User

app = typer.Typer(help="Add, list and disable the people who sign in.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="sign-in name")]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="read the password from standard input")]


@app.command()
def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="what the user may do")],
    area: Annotated[str | None, typer.Option(help="code of the area whose subtree the user works in")] = None,
    display_name: Annotated[str | None, typer.Option(help="as others see it; the sign-in name if not given")] = None,
    language: Annotated[Literal["zh-CN", "en"], typer.Option(help="of messages to the user")] = "zh-CN",
    password_stdin: StdinOption = False,
) -> None:
    """Add a user. A family member needs no area: a resident's contact is linked to the sign-in name."""
    if area is None and role is not Role.FAMILY:
        start.complain("--area is needed for every role but family")
        raise typer.Exit(2)
    password = _password(password_stdin)

    async def work(connection: Connection, now: datetime) -> int:
        found = None if area is None else await people.area(connection, area)
        if area is not None and found is None:
            raise CommandError(f"there is no area {area}; `kanhu device import` brings areas")
        try:
            return await users.add_user(
                connection,
                name,
                display_name=display_name or name,
                password_hash=await Passwords().hash(password),
                role=role.value,
                area_id=found.id if found else None,
                language=language,
            )
        except Taken as error:
            raise CommandError(f"there is a user {name} already; `kanhu user password` changes the password") from error

    typer.echo(f"user {name} has id {run(work)}")


@app.command("list")
def list_() -> None:
    """Show all users."""

    async def work(connection: Connection, now: datetime) -> list[User]:
        return await users.users(connection)

    table = Table("id", "name", "shown as", "role", "area", "language", "disabled")
    for user in run(work):
        disabled = f"{user.disabled_at:%Y-%m-%d %H:%M}" if user.disabled_at else ""
        table.add_row(str(user.id), user.name, user.display_name, user.role, user.area or "", user.language, disabled)
    Console().print(table)


@app.command()
def disable(name: NameArgument) -> None:
    """Let a user sign in no more; open sign-ins end with their next request."""

    async def work(connection: Connection, now: datetime) -> None:
        user = await _user(connection, name)
        await users.disable(connection, user.id, now)

    run(work)
    typer.echo(f"user {name} is disabled")


@app.command()
def password(name: NameArgument, password_stdin: StdinOption = False) -> None:
    """Set a new password and end all sign-ins of the user."""
    new = _password(password_stdin)

    async def work(connection: Connection, now: datetime) -> None:
        user = await _user(connection, name)
        await users.set_password(connection, user.id, await Passwords().hash(new))

    run(work)
    typer.echo(f"user {name} has a new password")


async def _user(connection: Connection, name: str) -> User:
    user = await users.user_by_name(connection, name)
    if user is None:
        raise CommandError(f"there is no user {name}")
    return user


def _password(from_stdin: bool) -> str:
    given = sys.stdin.readline().rstrip("\r\n") if from_stdin else ""
    if not from_stdin:
        given = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    if not MINIMUM_PASSWORD <= len(given) <= MAXIMUM_PASSWORD:
        start.complain(f"a password has {MINIMUM_PASSWORD} to {MAXIMUM_PASSWORD} characters; a few words are best")
        raise typer.Exit(2)
    return given
