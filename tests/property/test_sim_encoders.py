"""What the simulator's encoders write can be read back whole by plain JSON and CBOR readers."""

import json
from datetime import datetime

import cbor2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.clock import to_micros
from core.metrics import BY_NAME, METRICS, Kind, conversion
from device_sim.encoders import senml, waveform, zigbee2mqtt
from device_sim.observations import Record, Samples

TIMES = st.integers(1_000_000_000_000, 4_000_000_000_000).map(lambda ms: ms * 1000)


@st.composite
def records(draw: st.DrawFn) -> Record:
    metric = draw(st.sampled_from(METRICS))
    if metric.kind is Kind.BOOLEAN:
        return Record(metric.name, draw(st.booleans()), draw(st.sampled_from([0.0, -60.0])))
    value = draw(st.floats(metric.low, metric.high, allow_nan=False).map(lambda v: round(v, 2)))
    return Record(metric.name, value, draw(st.sampled_from([0.0, -60.0, -1.5])))


PACKS = st.lists(records(), min_size=1, max_size=12)


def resolved(rows: list[dict[str, object]]) -> list[tuple[str, object, float]]:
    """(metric, value in its own unit, seconds) of a pack, as RFC 8428 §4.6 resolves it."""
    base_time = float(rows[0]["bt"])  # type: ignore[arg-type]
    found: list[tuple[str, object, float]] = []
    for row in rows:
        name = str(row["n"])
        assert ("v" in row) is not ("vb" in row)
        value = row["vb"] if "vb" in row else row["v"]
        if "u" in row:
            # The unit is one that the registry takes for this metric, and means the same.
            assert conversion(BY_NAME[name], str(row["u"])) == (1.0, 0.0)
        found.append((name, value, base_time + float(row.get("t", 0.0))))  # type: ignore[arg-type]
    return found


@given(PACKS, TIMES)
def test_senml_json_and_cbor_say_the_same(pack: list[Record], time: int) -> None:
    rows = senml.pack(pack, time, "urn:dev:ops:32473-kanhu-h1.w:")
    labels = {-2: "bn", -3: "bt", 0: "n", 1: "u", 2: "v", 4: "vb", 6: "t"}
    from_cbor = [{labels[key]: value for key, value in row.items()} for row in cbor2.loads(senml.to_cbor(rows))]
    from_json = json.loads(senml.to_json(rows))
    assert from_cbor == from_json
    expected = [(record.metric, record.value, round((time / 1e6 + record.offset) * 1e6)) for record in pack]
    assert [(name, value, round(at * 1e6)) for name, value, at in resolved(from_json)] == expected


@given(arrays.arrays(np.int16, st.tuples(st.integers(0, 600), st.just(3))), TIMES, st.booleans())
def test_waveform_comes_back(samples: Samples, time: int, tagged: bool) -> None:
    message = cbor2.loads(waveform.encode(samples, 50.0, time, tagged=tagged))
    data = message["a"].value if tagged else message["a"]
    assert np.array_equal(np.frombuffer(data, "<i2").reshape(-1, 3), samples)
    assert (message["r"], message["u"], round(message["t"] * 1e6)) == (50.0, "mg", time)


@given(TIMES, st.booleans())
def test_zigbee_times_are_iso_8601_to_the_millisecond(time: int, state: bool) -> None:
    message = json.loads(zigbee2mqtt.state([Record("motion", state)], time))
    assert to_micros(datetime.fromisoformat(message["last_seen"])) == time
    assert message["occupancy"] is state
