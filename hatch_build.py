"""The wheel's build: it refuses to make a release without the console in it."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleIsBuilt(BuildHookInterface[Any]):
    """An editable install serves what `make console` builds later; a wheel has to carry it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise FileNotFoundError where the console has not been built."""
        index = Path(self.root) / "api" / "console_dist" / "index.html"
        if version != "editable" and not index.is_file():
            raise FileNotFoundError(f"{index} is missing: `make console` builds it")
