"""The bytes of a binary COPY, written out of PostgreSQL's manual (COPY, "Binary Format"), not by our encoder."""

from core.readings import NO_TIME
from storage.readings import pack
from tests.support.rows import readings

SIGNATURE = bytes.fromhex("50 47 43 4f 50 59 0a ff 0d 0a 00") + bytes(4) + bytes(4)
TRAILER = bytes.fromhex("ff ff")
EPOCH_2000 = 946_684_800_000_000


def test_a_reading_without_and_one_with_a_sent_time() -> None:
    batch = readings(
        [(7, 3, EPOCH_2000 + 1, 1.0), (258, 61, EPOCH_2000 - 1, -2.0)],
        arrival=EPOCH_2000 + 5,
        sent=[NO_TIME, EPOCH_2000 + 256],
    )
    timely = bytes.fromhex(
        "0006"
        "00000004 00000007"
        "00000002 0003"
        "00000008 0000000000000001"
        "00000008 3ff0000000000000"
        "00000008 0000000000000005"
        "ffffffff"
    )
    ahead = bytes.fromhex(
        "0006"
        "00000004 00000102"
        "00000002 003d"
        "00000008 ffffffffffffffff"
        "00000008 c000000000000000"
        "00000008 0000000000000006"
        "00000008 0000000000000100"
    )
    assert pack(batch) == SIGNATURE + timely + ahead + TRAILER


def test_no_rows() -> None:
    assert pack(readings([])) == SIGNATURE + TRAILER
