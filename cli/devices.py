"""`kanhu device`: households and their devices."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli import credentials, start
from cli.transaction import CommandError, run
from core.care import DeviceKind
from storage import people, roster
from storage.people import Device, Taken
from storage.pool import Connection
from storage.scope import Scope

app = typer.Typer(help="Bring in households, list and add devices, let them in at the broker.", no_args_is_help=True)
app.command()(credentials.credentials)

_EVERYWHERE = Scope.area("/")


@app.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(metavar="ROSTER.json", exists=True, dir_okay=False, help="as `kanhu sim roster` writes it")
    ],
) -> None:
    """Bring in areas, households, residents, contacts and devices. What is there already is updated."""
    try:
        read = roster.read(path.read_bytes())
    except roster.RosterError as error:
        start.complain(f"{path}: {error}")
        raise typer.Exit(1) from error

    async def work(connection: Connection, now: datetime) -> roster.Loaded:
        try:
            return await roster.load(connection, read)
        except roster.RosterError as error:
            raise CommandError(f"{path}: {error}") from error

    loaded = run(work)
    typer.echo(
        f"{loaded.areas} areas, {loaded.households} households, {loaded.residents} residents,"
        f" {loaded.contacts} contacts, {loaded.devices} devices"
    )


@app.command("list")
def list_(
    household: Annotated[str | None, typer.Option(help="only of this household")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="at most so many")] = 1000,
) -> None:
    """Show the devices that are in use."""

    async def work(connection: Connection, now: datetime) -> list[Device]:
        found = None if household is None else await _household(connection, household)
        return await people.devices(connection, _EVERYWHERE, now, household_id=found, maximum=limit)

    table = Table("id", "household", "code", "kind", "interval s", "room", "model", "watches")
    for device in run(work):
        table.add_row(
            str(device.id), device.household, device.code, device.kind, str(device.interval_s), device.room,
            device.model, str(device.watches or ""),
        )  # fmt: skip
    Console().print(table)


@app.command()
def add(
    household: Annotated[str, typer.Argument(help="code of the household")],
    code: Annotated[str, typer.Argument(help="code of the device, as in its topic")],
    kind: Annotated[DeviceKind, typer.Argument(help="what it is")],
    interval: Annotated[
        int, typer.Option(min=0, max=604_800, help="seconds between two messages; 0: only when something happens")
    ] = 0,
    room: Annotated[str, typer.Option(help="where it hangs")] = "",
    model: Annotated[str, typer.Option(help="maker's name for it")] = "",
    resident: Annotated[int | None, typer.Option(min=1, help="id of whom it watches; else the first resident")] = None,
) -> None:
    """Add a device to a household."""

    async def work(connection: Connection, now: datetime) -> int:
        household_id = await _household(connection, household)
        if resident is not None:
            watched = await people.resident(connection, _EVERYWHERE, now, resident)
            if watched is None or watched.household_id != household_id:
                raise CommandError(f"household {household} has no resident {resident}")
        try:
            return await people.add_device(
                connection,
                household_id,
                code,
                resident_id=resident,
                kind=kind.value,
                interval_s=interval,
                room=room,
                model=model,
            )
        except Taken as error:
            raise CommandError(f"household {household} has a device {code} already") from error

    typer.echo(f"device {household}/{code} has id {run(work)}")


async def _household(connection: Connection, code: str) -> int:
    found = await people.household_id(connection, code)
    if found is None:
        raise CommandError(f"there is no household {code}")
    return found
