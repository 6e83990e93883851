"""A private root of Debian testing with Mosquitto 2.1 and PostgreSQL 18 with TimescaleDB, to be run by chroot.

Prepared once, in about half a minute and 400 MB, and kept in the user's cache; remove that directory to have newer
packages. `python -m servers.debian_root` prepares it and prints where it is.

Environment: DEBIAN_MIRROR, the archive to take the packages from (default: the one this system's apt uses);
XDG_CACHE_HOME, as everywhere. They are of the machine, not settings of Kanhu, so `core.settings` does not know them.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from servers.contract import ServersUnavailable

# Testing: stable has Mosquitto 2.0, which loses what it acknowledged when it is killed.
SUITE: Final = "forky"
PACKAGES: Final = ("mosquitto", "mosquitto-clients", "postgresql-18", "postgresql-18-timescaledb")

# Names of a Debian release in apt's sources beside its code name.
_ALIASES: Final = ("stable", "testing", "unstable", "sid")
_TAIL: Final = 2000


def prepare() -> Path:
    """The root's path; made first where it is not there yet.

    Safe against being interrupted, and against another process that does the same at the same time. Raises
    ServersUnavailable with the reason where it can't be done here.
    """
    if platform.system() != "Linux":
        raise ServersUnavailable(f"the real servers need Debian; this is {platform.system()}")
    if os.geteuid() != 0:
        raise ServersUnavailable("the real servers run by chroot, which needs root")
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    recipe = " ".join((SUITE, platform.machine(), *sorted(PACKAGES)))
    root = cache / f"debian-{SUITE}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    with _locked(cache / f"{root.name}.lock") as lock:
        if not root.exists():
            _build(root, lock)
    return root


def _build(root: Path, lock: int) -> None:
    _have_mmdebstrap()
    mirror = os.environ.get("DEBIAN_MIRROR") or _mirror_of_this_system()
    unfinished = root.with_name(f"{root.name}.unfinished")
    _remove(unfinished)
    try:
        _run(
            "mmdebstrap",
            "--variant=apt",
            # a mirror's Release file of testing may be past its date; its signature is checked all the same
            '--aptopt=Acquire::Check-Valid-Until "false"',
            f"--include={','.join(PACKAGES)}",
            SUITE,
            str(unfinished),
            mirror,
            # Were we killed, it would go on writing, and hold the lock as long as it does.
            inherited=(lock,),
        )
    except BaseException:
        _remove(unfinished)
        raise
    unfinished.rename(root)


def _have_mmdebstrap() -> None:
    if shutil.which("mmdebstrap"):
        return
    if not shutil.which("apt-get"):
        raise ServersUnavailable("the real servers need Debian's mmdebstrap, and there is no apt-get to install it")
    _run("apt-get", "update")
    _run("apt-get", "install", "--yes", "--no-install-recommends", "mmdebstrap")


def _mirror_of_this_system() -> str:
    release = platform.freedesktop_os_release()
    if release.get("ID") != "debian":
        raise ServersUnavailable(
            f"the real servers need Debian; this is {release.get('PRETTY_NAME', 'another system')}"
            " (with DEBIAN_MIRROR set, and Debian's keyring, it may work)"
        )
    suites = (release.get("VERSION_CODENAME", ""), *_ALIASES)
    listed = _run(
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"
    ).stdout
    for line in listed.splitlines():
        address, suite, component = line.split(" ")
        if suite in suites and component == "main":
            return address.rstrip("/")
    raise ServersUnavailable("apt's sources list no Debian archive; set DEBIAN_MIRROR")


def _run(*command: str, inherited: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(  # noqa: S603 - our own commands
        command, capture_output=True, text=True, env=environment, pass_fds=inherited, check=False
    )
    if done.returncode != 0:
        raise ServersUnavailable(
            f"`{' '.join(command)}` ended with {done.returncode}: {(done.stdout + done.stderr)[-_TAIL:].strip()}"
        )
    return done


def _remove(directory: Path) -> None:
    # A killed build may have left /proc or /sys mounted in there: never remove through a mount.
    mounts = [line.split(" ")[1] for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    for mount in sorted(mounts, reverse=True):
        if mount.startswith(f"{directory}/"):
            _run("umount", mount)
    if directory.exists():
        shutil.rmtree(directory)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kanhu"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def main() -> None:
    """Prepare the root and print its path; exit with 1 and the reason where it can't be done."""
    try:
        print(prepare())
    except ServersUnavailable as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
