"""What Docker Compose runs, checked against the code without an engine."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cli.main import app
from core.settings import Settings, read
from servers import broker_access

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICE: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICE.items() if "build" in service}
ONCE = {name for name, service in SERVICE.items() if service.get("restart") == "no"}
# Nothing depends on the simulator, and it answers nobody: it is there, or it is started again.
LONG_RUNNING = sorted(SERVICE.keys() - ONCE - {"sim"})
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def environment(name: str) -> dict[str, str]:
    given: dict[str, str] = SERVICE[name].get("environment", {})
    return given


def is_taken(words: list[str]) -> bool:
    """Whether the command line takes `kanhu …`, with all its arguments."""
    command: Any = typer.main.get_command(app)
    try:
        while words and hasattr(command, "commands"):
            command, words = command.commands[words[0]], words[1:]
        command.make_context("kanhu", list(words))
    except (KeyError, typer.BadParameter):
        return False
    return not hasattr(command, "commands")


def test_it_is_the_whole_of_kanhu() -> None:
    assert {"timescaledb", "mosquitto", "migrate", "ingest", "dispatch", "api", "sim"} <= SERVICE.keys()
    assert {"broker-access", "migrate"} <= ONCE
    assert SERVICE["sim"]["profiles"] == ["sim"]
    # Whatever belongs to no profile starts with `docker compose up`: no simulator on a real town.
    assert {name for name, service in SERVICE.items() if "profiles" in service} == {"sim", "sim-households", "admin"}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_runs_for_long_comes_back_and_says_whether_it_is_well(name: str) -> None:
    assert SERVICE[name]["restart"] == "unless-stopped"
    assert SERVICE[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_variable_is_a_setting(name: str) -> None:
    for variable in environment(name):
        setting = variable.removeprefix("KANHU_").lower()
        assert variable.startswith("KANHU_")
        assert setting in Settings.model_fields or setting.removesuffix("_file") in Settings.model_fields, variable


def test_an_installations_settings_reach_the_processes_that_read_them_and_no_other() -> None:
    taking = {name for name, service in OURS.items() if service["env_file"]}
    assert taking == {"migrate", "ingest", "dispatch", "api", "admin"}
    for name in taking:
        assert SERVICE[name]["env_file"] == [{"path": "deploy/kanhu.env", "required": False}]
    assert "deploy/kanhu.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_the_example_of_an_installations_settings_is_taken() -> None:
    lines = (ROOT / "deploy" / "kanhu.env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?KANHU_", line))
    assert {"KANHU_SMS_URL", "KANHU_CENTRE_PHONE", "KANHU_PUBLIC_URL"} <= given.keys()
    filled = {"KANHU_SMS_KEY": "key", "KANHU_SMS_RECEIPT_SECRET": f"whsec_{b64encode(bytes(32)).decode()}"}
    read(given | filled)
    # Docker Compose sets the rest; what it sets is not said twice.
    for name in OURS:
        assert not environment(name).keys() & given.keys(), name


@pytest.mark.parametrize("name", sorted(name for name, service in OURS.items() if "entrypoint" not in service))
def test_each_command_is_one_of_the_command_line(name: str) -> None:
    # `admin` is run with the operator's own words.
    assert name == "admin" or is_taken(SERVICE[name]["command"]), SERVICE[name]["command"]


def test_what_is_run_otherwise_is_taken_too(tmp_path: Path) -> None:
    access = SERVICE["broker-access"]
    assert access["entrypoint"][:3] == ["python", "-m", broker_access.__name__]
    assert f"broker-access:{access['entrypoint'][3]}" in access["volumes"]
    assert sorted(account.partition("=")[0] for account in access["command"]) == sorted(broker_access.SERVICES)
    roster = tmp_path / "roster.json"
    roster.touch()
    commands = SERVICE["sim-households"]["entrypoint"][2].replace("/tmp/roster.json", str(roster)).split(" && ")
    assert len(commands) == 2
    for command in commands:
        program, *words = command.split(" ")
        assert program == "kanhu"
        assert is_taken(words), command
    assert not is_taken(["sim", "roster"]), "it lacks an argument, and that is seen"


@pytest.mark.parametrize("name", sorted(SERVICE))
def test_secrets_come_from_files_that_are_declared_made_and_used(name: str) -> None:
    service = SERVICE[name]
    mounted = set(service.get("secrets", []))
    words = [*map(str, environment(name).values()), *map(str, service.get("command", []))]
    used = {match for word in words for match in re.findall(r"/run/secrets/(\w+)", word)}
    assert used == mounted
    assert mounted <= COMPOSE["secrets"].keys()
    # No secret in the file itself.
    for variable in environment(name):
        if re.search("PASSWORD|SECRET", variable):
            assert variable.endswith("_FILE"), variable


def test_make_secrets_makes_each_of_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [made] = re.findall(r"^SECRETS := (.*)$", makefile, re.MULTILINE)
    assert set(made.split()) == COMPOSE["secrets"].keys()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"deploy/secrets/{name}"
    assert "deploy/secrets" in (ROOT / ".gitignore").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SERVICE))
def test_ports_are_open_on_loopback_only_unless_somebody_says_so(name: str) -> None:
    for port in SERVICE[name].get("ports", []):
        assert str(port).startswith("${PUBLISH:-127.0.0.1}:"), port
    assert SERVICE[name].get("network_mode") != "host"


def test_the_ports_are_those_that_the_processes_listen_on() -> None:
    defaults = Settings()
    assert SERVICE["api"]["ports"] == [f"${{PUBLISH:-127.0.0.1}}:{defaults.api_port}:{defaults.api_port}"]
    assert SERVICE["mosquitto"]["ports"] == [f"${{PUBLISH:-127.0.0.1}}:{defaults.mqtt_port}:{defaults.mqtt_port}"]
    for name, port, path in (
        ("ingest", defaults.ingest_metrics_port, "/metrics"),
        ("dispatch", defaults.dispatch_metrics_port, "/metrics"),
        ("api", defaults.api_port, "/readyz"),
    ):
        assert f"http://127.0.0.1:{port}{path}" in SERVICE[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", sorted(SERVICE.keys() - OURS.keys()))
def test_images_of_others_are_pinned(name: str) -> None:
    repository, _, tag = SERVICE[name]["image"].partition(":")
    assert repository
    assert re.search(r"\d+\.\d+", tag), tag


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_can_do_as_little_as_possible(name: str) -> None:
    service = SERVICE[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(SERVICE))
def test_nothing_waits_for_what_is_not_there_and_volumes_are_declared(name: str) -> None:
    for other, wait in SERVICE[name].get("depends_on", {}).items():
        assert wait["condition"] == ("service_completed_successfully" if other in ONCE else "service_healthy")
    for volume in SERVICE[name].get("volumes", []):
        source = volume.partition(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_mosquitto_runs_by_the_configuration_that_the_tests_run_it_by() -> None:
    assert "./deploy/mosquitto/mosquitto.conf:/mosquitto/config/mosquitto.conf:ro" in SERVICE["mosquitto"]["volumes"]
    configuration = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    for volume in SERVICE["mosquitto"]["volumes"][1:]:
        assert f"{volume.partition(':')[2]}" in configuration


def test_the_image_installs_only_what_is_locked_and_runs_as_nobody_special() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    console, build, final = stages
    assert re.match(r"node:\d+-slim AS console\n", console)
    assert all(re.match(r"python:3\.\d+-slim", stage) for stage in (build, final))
    # The console comes built, by its own lock; no Node.js goes along.
    assert "npm ci" in console
    assert re.findall(r"^COPY --from=console (.*)$", DOCKERFILE, re.MULTILINE) == [
        "/src/api/console_dist api/console_dist"
    ]
    assert re.findall(r"^COPY --from=(.*)$", final, re.MULTILINE) == ["build /opt/kanhu /opt/kanhu"]
    # Everything but our own wheel comes by the lock.
    for line in re.findall(r"pip install .*", DOCKERFILE):
        assert "--require-hashes -r requirements.lock" in line or "--no-deps" in line, line
    assert "pip install" not in final
    assert re.search(r"^COPY requirements\.lock", build, re.MULTILINE)
    instructions = [line.split(" ", 1) for line in final.splitlines() if re.match(r"[A-Z]+ ", line)]
    users = [value for word, value in instructions if word == "USER"]
    assert users == ["kanhu"]
    after = [word for word, _ in instructions][[word for word, _ in instructions].index("USER") :]
    assert after == ["USER", "ENTRYPOINT", "CMD"]
    assert ["ENTRYPOINT", '["kanhu"]'] in instructions


def test_secrets_and_what_was_built_here_stay_out_of_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    kept_out = {".git", ".venv", "deploy/secrets", "deploy/kanhu.env", "**/node_modules", "api/console_dist"}
    assert kept_out <= {entry.rstrip("/") for entry in ignored}
    # What the image is built from.
    assert not {"console", "core", "api", "hatch_build.py"} & {entry.rstrip("/") for entry in ignored}
