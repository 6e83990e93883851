"""What people do when the system does not answer: they try again, for a while."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
import stamina

PATIENCE_S: Final = 60.0
"""How long somebody goes on trying (real seconds)."""

_LONGEST_PAUSE_S: Final = 3.0

Result = TypeVar("Result")


class NoAnswer(RuntimeError):
    """Kanhu did not answer somebody for as long as they tried; the message says what they were told last."""


async def patiently(
    ask: Callable[[], Awaitable[Result]], on_again: Callable[[], None], patience: float = PATIENCE_S
) -> Result:
    """What `ask` returns when it does not fail in passing. on_again: told before the first further try.

    Raises NoAnswer after `patience` real seconds, and at once what will not pass.
    """
    try:
        async for attempt in stamina.retry_context(
            on=_passes, attempts=None, timeout=patience, wait_initial=0.3, wait_max=_LONGEST_PAUSE_S, wait_jitter=0.3
        ):
            with attempt:
                if attempt.num == 2:
                    on_again()
                return await ask()
    except httpx.HTTPError as error:
        if not _passes(error):
            raise
        what = f"{type(error).__name__}: {error}"
        advice = "on a busy machine a longer --seconds may help"
        raise NoAnswer(f"Kanhu gave no answer for {patience:.0f} s; {advice} ({what})") from error
    raise AssertionError("stamina tries until it returns or raises")


def not_later(answer: httpx.Response) -> httpx.Response:
    """The answer, whatever it says but "try again later". Raises httpx.HTTPStatusError for that."""
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.raise_for_status()
    return answer


def _passes(error: Exception) -> bool:
    """Whether the same may work a moment later."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    return isinstance(error, httpx.TransportError)
