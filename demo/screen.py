"""What the terminal shows: a line for everything that happens, and below them the incidents that are open now."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from core.clock import Clock, to_datetime
from core.wording import say
from demo.phones import Received
from demo.script import ZONE
from device_sim.truth import Truth

_COLOUR: Final = {"emergency": "bold red", "care": "yellow", "maintenance": "cyan"}
_SHOWN: Final = 14
# Lines that would tell nothing to somebody who watches for two minutes.
_QUIET: Final = frozenset({"renew", "note"})


class Screen:
    """Use as a context manager; each method may be called at any time in it."""

    def __init__(self, console: Console, clock: Clock, language: str, households: int, speed: float) -> None:
        self._console = console
        self._clock = clock
        self._language = language
        self._households = households
        self._speed = speed
        self._incidents: dict[int, dict[str, Any]] = {}
        self._counts: Counter[str] = Counter()
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._render, transient=True)

    def __enter__(self) -> "Screen":
        self._live.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def follow(self, clock: Clock) -> None:
        """From now on the time is told by this clock."""
        self._clock = clock

    def happens(self, truth: Truth, name: str) -> None:
        """Something happens in the town, which Kanhu is to find out."""
        what = self._say("demo-happens", kind=self._say(f"kind-{truth.kind}"))
        self._line(truth.start, "·", f"{name}  {what}", "dim italic")

    def change(self, change: dict[str, Any]) -> None:
        """An event of the live stream."""
        incident = change["incident"]
        self._incidents[incident["id"]] = incident
        if incident["ended_at"] is not None:
            self._incidents.pop(incident["id"])
            self._counts["closed"] += 1
        if change["event"] in _QUIET:
            return
        what = (
            f"{incident['resident']}  {self._say('kind-' + incident['kind'])}  {self._say('demo-' + change['event'])}"
        )
        if change["event"] == "close":
            what += f"({self._say('closure-' + incident['closure_code'])})"
        mark = {"open": "▲", "close": "✓", "cancel": "✓", "exhaust": "‼"}.get(change["event"], " ")
        self._line(self._clock.micros(), mark, what, _COLOUR[incident["queue"]] if mark != " " else "")

    def message(self, received: Received) -> None:
        """A message came to a family's telephone."""
        self._counts["told"] += 1
        what = self._say("demo-message", phone=received.phone)
        self._line(self._clock.micros(), "✉", f"{what}: {received.title}", "green")

    def tapped(self, phone: str) -> None:
        """Somebody confirmed by the link."""
        self._counts["confirmed"] += 1

    def again(self, who: str) -> None:
        """Somebody got no answer from Kanhu, and tries again."""
        self._line(self._clock.micros(), "…", self._say("demo-again", who=who), "yellow")

    def say(self, message: str) -> None:
        """A line of the demonstration itself."""
        self._console.print(Text(self._say(message), "bold"))

    def _say(self, message: str, **arguments: object) -> str:
        return say(message, self._language, **arguments)

    def _line(self, at: int, mark: str, what: str, style: str) -> None:
        self._console.print(Text(f"{_local(at):%H:%M:%S} {mark} {what}", style), soft_wrap=True)

    def _render(self) -> Group:
        head = Text(f" {self._say('demo-title', households=self._households)} — ", "bold reverse")
        time = f"{_local(self._clock.micros()):%H:%M}"
        head.append(f"{self._say('demo-clock', time=time, speed=round(self._speed))} ")
        table = Table(expand=True)
        for column in ("since", "what", "who", "where", "state"):
            table.add_column(self._say(f"demo-column-{column}"), no_wrap=True, overflow="ellipsis")
        order = sorted(self._incidents.values(), key=lambda i: (i["queue"] != "emergency", -i["severity"], i["id"]))
        for incident in order[:_SHOWN]:
            since = _local_text(incident["opened_at"] or incident["raised_at"])
            what, state = self._say(f"kind-{incident['kind']}"), self._say(f"state-{incident['state']}")
            style = _COLOUR[incident["queue"]]
            table.add_row(since, what, incident["resident"], incident["address"], state, style=style)
        counts = {name: self._counts[name] for name in ("closed", "told", "confirmed")}
        return Group(head, table, Text(self._say("demo-counts", open=len(self._incidents), **counts), "dim"))


def _local(micros: int) -> datetime:
    return to_datetime(micros).astimezone(ZONE)


def _local_text(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(ZONE):%H:%M:%S}"
