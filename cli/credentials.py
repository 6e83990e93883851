"""`kanhu device credentials`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import start
from cli.transaction import CommandError, run
from servers.broker_access import SERVICES, BrokerAccess, device_username, new_password
from storage import people
from storage.pool import Connection
from storage.scope import Scope

_MOST = 1000


def credentials(
    household: Annotated[str, typer.Argument(help="code of the household")],
    device: Annotated[
        str | None, typer.Argument(help="code of the device; without it the household's Zigbee2MQTT gateway")
    ] = None,
    access_directory: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="where Mosquitto's password and access files are; else KANHU_BROKER_ACCESS_DIRECTORY",
        ),
    ] = None,
) -> None:
    """Give a device a new password at the broker, and show it this once. The password before it ends."""
    username = household if device is None else device_username(household, device)
    directory = access_directory or start.settings().broker_access_directory
    if directory is None:
        start.complain("--access-directory or KANHU_BROKER_ACCESS_DIRECTORY must say where Mosquitto's files are")
        raise typer.Exit(2)

    async def work(connection: Connection, now: datetime) -> None:
        found = await people.household_id(connection, household)
        if found is None or username in SERVICES:
            raise CommandError(f"there is no household {household}")
        if device is not None:
            known = await people.devices(connection, Scope.area("/"), now, household_id=found, maximum=_MOST)
            if device not in (one.code for one in known):
                raise CommandError(f"household {household} has no device {device}; `kanhu device add` adds one")

    run(work)
    password = new_password()
    try:
        BrokerAccess(directory).add({username: password})
    except OSError as error:
        start.complain(f"can't write to {directory}: {error.strerror}")
        raise typer.Exit(1) from error
    typer.echo(f"user name  {username}\npassword   {password}")
    typer.echo(
        "It is not shown again. Mosquitto takes it after a SIGHUP: `docker compose kill -s HUP mosquitto`", err=True
    )
