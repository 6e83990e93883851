"""SenML packs as RFC 8428 prints them, byte for byte: §5.1 (JSON) and §6 (CBOR).

Most of the sensors of the examples are none of Kanhu's: what is refused is kept as a resolved record (§4.6), so that
the RFC's own resolved example (§5.1.4) can be held against it.
"""

import json
from typing import Any

import pytest

from tests.support.decoding import ARRIVAL, TELEMETRY, decoded, positions, readings, reasons

SINGLE = b"""[
     {"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}
   ]"""

MULTIPLE = b"""[
     {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,
      "bu":"A","bver":5,
      "n":"voltage","u":"V","v":120.1},
     {"n":"current","t":-5,"v":1.2},
     {"n":"current","t":-4,"v":1.3},
     {"n":"current","t":-3,"v":1.4},
     {"n":"current","t":-2,"v":1.5},
     {"n":"current","t":-1,"v":1.6},
     {"n":"current","v":1.7}
   ]"""

# The dump of §6: "the same sensor measurement as in Section 5.1.2".
MULTIPLE_CBOR = bytes.fromhex(
    """
    87 a7 21 78 1b 75 72 6e 3a 64 65 76 3a 6f 77 3a
    31 30 65 32 30 37 33 61 30 31 30 38 30 30 36 3a
    22 fb 41 d3 03 a1 5b 00 10 62 23 61 41 20 05 00
    67 76 6f 6c 74 61 67 65 01 61 56 02 fb 40 5e 06
    66 66 66 66 66 a3 00 67 63 75 72 72 65 6e 74 06
    24 02 fb 3f f3 33 33 33 33 33 33 a3 00 67 63 75
    72 72 65 6e 74 06 23 02 fb 3f f4 cc cc cc cc cc
    cd a3 00 67 63 75 72 72 65 6e 74 06 22 02 fb 3f
    f6 66 66 66 66 66 66 a3 00 67 63 75 72 72 65 6e
    74 06 21 02 f9 3e 00 a3 00 67 63 75 72 72 65 6e
    74 06 20 02 fb 3f f9 99 99 99 99 99 9a a3 00 67
    63 75 72 72 65 6e 74 06 00 02 fb 3f fb 33 33 33
    33 33 33
    """
)

MEASUREMENTS = b"""[
     {"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,
      "bu":"%RH","v":20},
     {"u":"lon","v":24.30621},
     {"u":"lat","v":60.07965},
     {"t":60,"v":20.3},
     {"u":"lon","t":60,"v":24.30622},
     {"u":"lat","t":60,"v":60.07965},
     {"t":120,"v":20.7},
     {"u":"lon","t":120,"v":24.30623},
     {"u":"lat","t":120,"v":60.07966},
     {"u":"%EL","t":150,"v":98},
     {"t":180,"v":21.2},
     {"u":"lon","t":180,"v":24.30628},
     {"u":"lat","t":180,"v":60.07967}
   ]"""

# §5.1.4, without its positions.
RESOLVED = b"""[
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067464e+09,
      "v":20},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067524e+09,
      "v":20.3},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067584e+09,
      "v":20.7},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%EL","t":1.320067614e+09,
      "v":98},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067644e+09,
      "v":21.2}
   ]"""

TYPES = b"""[
    {"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},
    {"n":"label","vs":"Machine Room"},
    {"n":"open","vb":false},
    {"n":"nfv-reader","vd":"aGkgCg"}
  ]"""

COLLECTION = b"""[
     {"bn":"2001:db8::2/","bt":1.320078429e+09,
      "n":"temperature","u":"Cel","v":25.2},
     {"n":"humidity","u":"%RH","v":30},
     {"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3},
     {"n":"humidity","u":"%RH","v":67}
   ]"""

ACTUATOR = b"""[
     {"bn":"urn:dev:ow:10e2073a01080063:"},
     {"n":"temp","u":"Cel","v":23.1},
     {"n":"heat","u":"/","v":1},
     {"n":"fan","u":"/","v":0}
   ]"""


def refused(payload: bytes) -> list[dict[str, Any]]:
    batch = decoded(TELEMETRY, payload)
    assert len(batch.readings) == 0
    return [json.loads(reject.record or "") for reject in batch.rejects]


def test_5_1_1_single_data_point() -> None:
    batch = decoded(TELEMETRY, SINGLE)
    assert reasons(batch) == ["unknown_metric"]
    assert json.loads(batch.rejects[0].record or "") == {"n": "urn:dev:ow:10e2073a01080063", "u": "Cel", "v": 23.1}


@pytest.mark.parametrize("payload", [MULTIPLE, MULTIPLE_CBOR])
def test_5_1_2_and_6_multiple_data_points(payload: bytes) -> None:
    name = "urn:dev:ow:10e2073a0108006:"
    voltage = {"n": name + "voltage", "u": "V", "v": 120.1, "t": 1276020076.001}
    current = [
        {"n": name + "current", "u": "A", "v": v, "t": pytest.approx(1276020076.001 + t, abs=1e-6)}
        for t, v in ((-5, 1.2), (-4, 1.3), (-3, 1.4), (-2, 1.5), (-1, 1.6), (0, 1.7))
    ]
    assert refused(payload) == [voltage, *current]


def test_5_1_3_multiple_measurements_resolve_to_5_1_4() -> None:
    batch = decoded(TELEMETRY, MEASUREMENTS)
    assert [json.loads(reject.record or "") for reject in batch.rejects] == json.loads(RESOLVED)
    assert [p[:2] for p in positions(batch)] == [
        (60.07965, 24.30621),
        (60.07965, 24.30622),
        (60.07966, 24.30623),
        (60.07967, 24.30628),
    ]
    start = 1_320_067_464_000_000
    assert batch.positions.time.tolist() == [start + s * 1_000_000 for s in (0, 60, 120, 180)]
    assert not batch.timeless.any()


def test_5_1_5_multiple_data_types() -> None:
    batch = decoded(TELEMETRY, TYPES)
    assert reasons(batch) == ["unknown_metric", "unknown_metric", "unknown_metric", "wrong_type"]


def test_5_1_6_the_last_record_uses_the_base_name_of_the_third_and_the_base_time_of_the_first() -> None:
    batch = decoded(TELEMETRY, COLLECTION)
    assert readings(batch) == [("humidity", 30.0), ("humidity", 67.0)]
    assert batch.readings.time.tolist() == [1_320_078_429_000_000] * 2
    assert [json.loads(r.record or "")["n"] for r in batch.rejects] == [
        "2001:db8::2/temperature",
        "2001:db8::1/temperature",
    ]


def test_5_1_7_a_record_of_base_fields_only() -> None:
    assert [r["n"].rpartition(":")[2] for r in refused(ACTUATOR)] == ["temp", "heat", "fan"]


def test_a_pack_without_times_is_of_now() -> None:
    batch = decoded(TELEMETRY, b'[{"bn":"urn:dev:ow:10e2073a01080063:","n":"humidity","u":"%RH","v":20}]')
    assert batch.readings.time.tolist() == [ARRIVAL]
    assert batch.timeless.tolist() == [True]
