"""`kanhu`: one command line for everything."""

import typer

from cli import (
    api,
    demo,
    devices,
    dispatch,
    evaluate,
    evaluate_report,
    export_clips,
    ingest,
    migrate,
    quarantine,
    replay,
    report,
    rota,
    settings,
    sim,
    users,
)

app = typer.Typer(
    name="kanhu",
    help="Kanhu 看护 watches over old people who live alone, and makes sure that a person answers.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(migrate.migrate)
app.command()(ingest.ingest)
app.command()(dispatch.dispatch)
app.command()(dispatch.audit)
app.command()(api.api)
app.command()(settings.settings)
app.command("replay")(replay.replay_command)
app.command()(report.report)
app.add_typer(sim.app, name="sim")
evaluate.app.command("export-clips")(export_clips.export_clips)
evaluate.app.command("report")(evaluate_report.report)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(devices.app, name="device")
app.add_typer(users.app, name="user")
app.add_typer(rota.app, name="rota")

if __name__ == "__main__":
    app()
