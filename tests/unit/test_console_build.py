"""A release carries the built console, so that running one needs no Node.js; without it no release is made."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from api.console import BUILT
from tests.support.servers import give_up

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "storage", "ingest", "detectors", "alerts", "api", "device_sim", "servers", "demo", "cli")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What a build reads, with empty packages."""
    for name in ("pyproject.toml", "hatch_build.py", ".gitignore", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    return tmp_path


def build(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tree / "wheels")]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def test_there_is_no_release_without_a_console(tree: Path) -> None:
    refused = build(tree)
    assert refused.returncode != 0
    assert "make console" in refused.stderr
    assert not list(tree.glob("wheels/*"))


def test_a_release_carries_the_console_though_git_does_not_keep_it(tree: Path) -> None:
    if not (BUILT / "index.html").is_file():
        give_up("the console is not built: `make console`")
    shutil.copytree(BUILT, tree / "api" / "console_dist")
    made = build(tree)
    assert made.returncode == 0, made.stderr
    [wheel] = tree.glob("wheels/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        index = archive.read("api/console_dist/index.html").decode()
    asked_for = re.findall(r'(?:src|href)="/([^"]+)"', index)
    assert any(name.endswith(".js") for name in asked_for)
    assert {f"api/console_dist/{name}" for name in asked_for} <= names
    # Nothing that it is built from, and nothing that builds it.
    assert not {name for name in names if name.startswith("console/") or "node_modules" in name}


def test_nothing_is_asked_of_elsewhere() -> None:
    if not (BUILT / "index.html").is_file():
        give_up("the console is not built: `make console`")
    index = (BUILT / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!/)[^"]*"', index)
    assert "<script>" not in index, "the policy lets no script run that stands in the page"
    for style in BUILT.glob("assets/*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")), style.name


def test_no_lock_file_says_where_packages_come_from() -> None:
    for lock in (
        ROOT / "console" / "package-lock.json",
        ROOT / "tests" / "migration" / "community" / "package-lock.json",
    ):
        assert '"resolved"' not in lock.read_text(encoding="utf-8"), lock
