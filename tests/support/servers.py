"""Whether the real servers can be had, and what a test does where they can't."""

import os
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

from servers import debian_root
from servers.contract import ServersUnavailable

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "data"


@cache
def debian() -> Path | ServersUnavailable:
    """The Debian root of the real servers, or the reason why there is none. Prepared once a run."""
    try:
        return debian_root.prepare()
    except ServersUnavailable as reason:
        return reason


def required_debian() -> Path:
    """The Debian root; without it the test is skipped with the reason, or fails where nothing may be skipped (CI)."""
    root = debian()
    if isinstance(root, ServersUnavailable):
        give_up(str(root))
    return root


def nothing_may_be_skipped() -> bool:
    """Whether this is a run that has to test all of it: `CI=true`, as `.ci/run` sets it."""
    return os.environ.get("CI") == "true"


def give_up(reason: str) -> NoReturn:
    """Skip the test, or fail it in CI."""
    if nothing_may_be_skipped():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
