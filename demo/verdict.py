"""What the demonstration says of its score."""

from dataclasses import dataclass

from core.wording import say
from demo.pace import Lag
from device_sim.score import Score


@dataclass(frozen=True, slots=True)
class Verdict:
    """passed: all that happened was found. lines: (text, style) for the terminal."""

    passed: bool
    lines: tuple[tuple[str, str], ...]


def verdict(score: Score, lag: Lag, seconds: float, language: str) -> Verdict:
    """seconds: how long the two hours took. Where time passed too fast, that is said: it may be why."""
    lines = []
    if score.missed:
        what = ", ".join(dict.fromkeys(say(f"kind-{event.kind}", language) for event in score.missed))
        lines.append((say("demo-failed", language, what=what), "bold red"))
    else:
        lines.append((say("demo-passed", language), "bold green"))
    if lag.too_long:
        late = {"minutes": round(lag.minutes, 1), "seconds": lag.seconds_instead(seconds)}
        lines.append((say("demo-too-fast", language, **late), "bold yellow"))
    return Verdict(not score.missed, tuple(lines))
