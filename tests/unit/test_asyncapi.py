"""docs/asyncapi.yaml says what the code does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import jsonschema
import pytest
import yaml
from fluent.syntax import ast, parse

from core import topics
from core.metrics import METRICS
from core.readings import POSITION_SOURCES
from core.topics import CODE, UP_FILTERS, Channel
from ingest.codecs import owntracks, senml, waveform, zigbee2mqtt
from ingest.codecs.registry import route
from tests.support.decoding import ARRIVAL, decoded

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
MESSAGES = DOCUMENT["components"]["messages"]
CHANNELS = DOCUMENT["channels"]

DEVICE = {"household": "h1", "device": "watch"}


def addressed(name: str) -> str:
    return str(CHANNELS[name]["address"]).format(**DEVICE)


def up() -> list[str]:
    return [
        operation["channel"]["$ref"].rpartition("/")[2]
        for operation in DOCUMENT["operations"].values()
        if operation["action"] == "receive"
    ]


def resolved(schema: Any) -> Any:
    """The schema with its references replaced."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            target: Any = DOCUMENT
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return resolved(target)
        return {key: resolved(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [resolved(value) for value in schema]
    return schema


def matches(pattern: str, topic: str) -> bool:
    """Whether an MQTT topic filter takes the topic (MQTT 5 §4.7)."""
    levels, wanted = topic.split("/"), pattern.split("/")
    if wanted[-1] == "#":
        levels, wanted = levels[: len(wanted) - 1], wanted[:-1]
    return len(levels) == len(wanted) and all(w in ("+", level) for w, level in zip(wanted, levels, strict=True))


def test_it_is_asyncapi_3() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"


def test_every_channel_of_the_code_and_no_other() -> None:
    ours = {name: c["address"] for name, c in CHANNELS.items() if c["address"].startswith(f"{topics.ROOT}/")}
    assert ours == {str(c): topics.topic("{household}", "{device}", c) for c in Channel}
    assert {c["address"].partition("/")[0] for c in CHANNELS.values()} == {
        "kanhu",
        topics.ZIGBEE2MQTT_ROOT,
        topics.OWNTRACKS_ROOT,
    }


def test_every_channel_has_one_operation() -> None:
    used = [o["channel"]["$ref"].rpartition("/")[2] for o in DOCUMENT["operations"].values()]
    assert sorted(used) == sorted(CHANNELS)
    assert set(CHANNELS) - set(up()) == {"command"}


def test_what_goes_up_is_subscribed_to_and_read() -> None:
    for name in up():
        topic = addressed(name)
        assert any(matches(pattern, topic) for pattern in UP_FILTERS), topic
        way = route(topic)
        assert way is not None, topic
        assert way.device == (DEVICE["household"], DEVICE["device"])
    assert not any(matches(pattern, addressed("command")) for pattern in UP_FILTERS)


def test_every_subscription_is_described() -> None:
    for pattern in UP_FILTERS:
        assert any(matches(pattern, addressed(name)) for name in up()), pattern


def test_every_message_is_used() -> None:
    used = {m["$ref"].rpartition("/")[2] for channel in CHANNELS.values() for m in channel["messages"].values()}
    assert used == set(MESSAGES)


def test_codes_in_examples_are_codes() -> None:
    for parameter in DOCUMENT["components"]["parameters"].values():
        assert all(CODE.fullmatch(example) for example in parameter["examples"])


def test_metrics_are_those_of_the_registry() -> None:
    written = []
    for metric in METRICS:
        entry: dict[str, Any] = {
            "name": metric.name,
            "unit": metric.unit,
            "kind": str(metric.kind),
            "minimum": metric.low,
            "maximum": metric.high,
        }
        if others := [unit for unit in metric.scales if unit]:
            entry["otherUnits"] = others
        if metric.loinc:
            entry["loinc"] = metric.loinc
        written.append(entry)
    assert SCHEMAS["Senml"]["x-metrics"] == written


def test_senml_is_what_the_codec_takes() -> None:
    schema = SCHEMAS["Senml"]
    assert MESSAGES["senmlCbor"]["x-labels"] == {name: label for label, name in senml.LABELS.items()}
    assert schema["maxItems"] == senml.MAX_RECORDS
    assert schema["items"]["properties"]["bver"]["maximum"] == senml.VERSION
    assert tuple(schema["items"]["properties"]["vs"]["enum"]) == POSITION_SOURCES
    assert schema["x-home-assistant-names"] == senml.HOME_ASSISTANT_NAMES
    for name in schema["x-position-names"]:
        assert (
            not decoded(addressed("location"), json.dumps([{"n": name, "v": 1}]).encode())
            .rejects[0]
            .reason.startswith("unknown")
        )


def test_waveform_is_what_the_codec_takes() -> None:
    schema = SCHEMAS["Waveform"]
    rate = schema["properties"]["r"]
    assert (rate["minimum"], rate["maximum"]) == waveform.RATES
    assert schema["x-max-seconds"] == waveform.MAX_SECONDS


def test_owntracks_and_zigbee2mqtt_are_what_the_codecs_take() -> None:
    assert set(SCHEMAS["Owntracks"]["properties"]["_type"]["x-ignored"]) == owntracks.IGNORED_TYPES
    properties = SCHEMAS["Zigbee2mqttState"]["properties"]
    names = {metric.id: metric.name for metric in METRICS}
    taken = {name: names[metric] for name, (metric, _) in zigbee2mqtt.STATES.items()}
    taken |= {name: names[metric] for name, metric in zigbee2mqtt.QUANTITIES.items()}
    written = {name: p["x-metric"] for name, p in properties.items() if "x-metric" in p and name != "illuminance_lux"}
    assert written == taken
    assert set(properties["action"]["x-presses"]) == zigbee2mqtt.PRESSES
    assert set(properties["action"]["x-quiet"]) == zigbee2mqtt.QUIET_ACTIONS


def test_commands_are_those_that_have_words() -> None:
    file = ROOT / "core" / "wording" / "en" / "alerts.ftl"
    names = [entry.id.name for entry in parse(file.read_text(encoding="utf-8")).body if isinstance(entry, ast.Message)]
    spoken = {name.removeprefix("command-") for name in names if name.startswith("command-")}
    assert set(SCHEMAS["Command"]["properties"]["command"]["enum"]) == spoken


def examples() -> Iterator[Any]:
    for name, message in MESSAGES.items():
        assert message["examples"], name
        for example in message["examples"]:
            yield pytest.param(name, example["payload"], id=f"{name}-{example['name']}")


@pytest.mark.parametrize(("name", "payload"), list(examples()))
def test_examples_fit_their_schemas(name: str, payload: Any) -> None:
    jsonschema.validate(payload, resolved(MESSAGES[name]["payload"]))


def encoded(name: str, payload: Any) -> bytes:
    match name:
        case "senmlCbor":
            labels = MESSAGES[name]["x-labels"]
            return cbor2.dumps([{labels[key]: value for key, value in record.items()} for record in payload])
        case "waveform":
            return cbor2.dumps(payload | {"a": bytes.fromhex(payload["a"])})
        case "statusWord":
            return str(payload).encode()
        case _:
            return json.dumps(payload).encode()


@pytest.mark.parametrize(("name", "payload"), list(examples()))
def test_examples_are_read_without_complaint(name: str, payload: Any) -> None:
    if name == "command":
        return
    for channel in up():
        if any(m["$ref"].endswith(f"/{name}") for m in CHANNELS[channel]["messages"].values()):
            batch = decoded(addressed(channel), encoded(name, payload), arrival=ARRIVAL)
            assert not batch.rejects
            assert len(batch.readings) + len(batch.positions) + len(batch.waveforms) > 0
            assert batch.ignored == 0
