"""`kanhu settings`."""

from rich.console import Console
from rich.table import Table

from core.settings import Settings


def settings() -> None:
    """List all settings: environment variable, default, what it means."""
    table = Table(title="Settings (a secret may be given as a file: KANHU_…_FILE)", title_justify="left")
    for column in ("variable", "default", "meaning"):
        table.add_column(column, overflow="fold")
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        table.add_row(f"KANHU_{name.upper()}", default, field.description or "")
    Console().print(table)
