"""Preparing the Debian root: once, whole or not at all, and a clear reason where it can't be done."""

import fcntl
import os
import platform
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from servers import debian_root
from servers.contract import ServersUnavailable

_SOURCES = """\
https://downloads.example/apt/ bookworm-tools main
https://other.example/debian-security/ bookworm-security main
https://mirror.example/debian/ bookworm contrib
https://mirror.example/debian/ bookworm main
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


class Machine:
    """A Debian machine with root, whose commands only write down that they were called."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.build: Callable[[Path], None] = lambda root: (root / "etc").mkdir(parents=True)

    def run(self, *command: str, inherited: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if command[0] == "mmdebstrap":
            assert inherited, "a build that outlives us must hold the lock"
            self.build(Path(command[-2]))
        return subprocess.CompletedProcess(command, 0, _SOURCES if "indextargets" in command else "", "")

    def built_from(self) -> list[str]:
        return [command[-1] for command in self.commands if command[0] == "mmdebstrap"]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    machine = Machine()
    monkeypatch.setattr(debian_root, "_run", machine.run)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(
        platform,
        "freedesktop_os_release",
        lambda: {"ID": "debian", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "Debian 12"},
    )
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
    return machine


def test_it_is_built_once_from_the_mirror_of_this_system(machine: Machine, tmp_path: Path) -> None:
    root = debian_root.prepare()
    assert root.is_relative_to(tmp_path)
    assert (root / "etc").is_dir()
    assert debian_root.prepare() == root
    assert machine.built_from() == ["https://mirror.example/debian"]


def test_another_mirror_can_be_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", "https://near.example/debian")
    debian_root.prepare()
    assert machine.built_from() == ["https://near.example/debian"]


def test_another_list_of_packages_is_another_root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = debian_root.prepare()
    monkeypatch.setattr(debian_root, "PACKAGES", ("mosquitto",))
    assert debian_root.prepare() != first
    assert len(machine.built_from()) == 2


def test_what_an_interrupted_build_left_is_never_taken_for_a_root(machine: Machine) -> None:
    def interrupted(root: Path) -> None:
        (root / "half").mkdir(parents=True)
        raise KeyboardInterrupt

    whole = machine.build
    machine.build = interrupted
    with pytest.raises(KeyboardInterrupt):
        debian_root.prepare()
    machine.build = whole
    assert [entry.name for entry in debian_root.prepare().iterdir()] == ["etc"]


def test_leftovers_of_a_killed_build_are_cleared_away(machine: Machine) -> None:
    root = debian_root.prepare()
    root.rename(root.with_name(f"{root.name}.unfinished"))
    (root.with_name(f"{root.name}.unfinished") / "half").mkdir()
    assert [entry.name for entry in debian_root.prepare().iterdir()] == ["etc"]


def test_two_at_once_build_once(machine: Machine) -> None:
    building = threading.Event()
    go_on = threading.Event()
    whole = machine.build

    def slow(root: Path) -> None:
        building.set()
        assert go_on.wait(10)
        whole(root)

    machine.build = slow
    roots: list[Path] = []
    both = [threading.Thread(target=lambda: roots.append(debian_root.prepare())) for _ in range(2)]
    for one in both:
        one.start()
    assert building.wait(10)
    go_on.set()
    for one in both:
        one.join(10)
    assert len(roots) == 2
    assert roots[0] == roots[1]
    assert len(machine.built_from()) == 1


def test_without_root_it_says_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ServersUnavailable, match="needs root"):
        debian_root.prepare()
    assert machine.commands == []


def test_elsewhere_than_on_debian_it_says_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "fedora", "PRETTY_NAME": "Fedora 43"})
    with pytest.raises(ServersUnavailable, match="need Debian; this is Fedora 43"):
        debian_root.prepare()
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(ServersUnavailable, match="this is Darwin"):
        debian_root.prepare()


def test_mmdebstrap_is_installed_where_it_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "mmdebstrap" else f"/bin/{name}")
    debian_root.prepare()
    assert [command[:2] for command in machine.commands[:2]] == [("apt-get", "update"), ("apt-get", "install")]
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(debian_root, "PACKAGES", ("mosquitto",))
    with pytest.raises(ServersUnavailable, match="no apt-get"):
        debian_root.prepare()


def test_a_command_that_fails_is_named_with_what_it_said() -> None:
    with pytest.raises(ServersUnavailable, match=r"`ls /nowhere/at/all` ended with \d+: .*/nowhere/at/all"):
        debian_root._run("ls", "/nowhere/at/all")


def test_the_lock_is_held_by_a_build_that_outlives_its_parent(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with debian_root._locked(lock) as descriptor:
        orphan = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(descriptor,))
    with lock.open() as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        orphan.communicate()
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
