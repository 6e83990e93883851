import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import SnapshotError
from detectors.state import Column, Table, TableData, pack, rounds, unpack


class _State(msgspec.Struct):
    people: TableData
    open: dict[int, str]


def _table() -> Table:
    return Table(value=Column("f8", np.nan), times=Column("i8", -1, 2), on=Column("?", 0))


def test_align_keeps_what_stays_drops_what_left_and_starts_the_new() -> None:
    table = _table()
    table.align([7, 3, 5])
    rows = table.find(np.array([5, 3, 9], np.int32))
    assert rows.tolist() == [1, 0, -1]
    table["value"][rows[0]] = 2.5
    table["times"][rows[0]] = (10, 20)
    table.align([5, 9])
    assert table.ids.tolist() == [5, 9]
    assert table["value"][0] == 2.5
    assert np.isnan(table["value"][1])
    assert table["times"].tolist() == [[10, 20], [-1, -1]]
    assert table["on"].tolist() == [False, False]


@given(st.lists(st.sets(st.integers(1, 30)), max_size=12))
def test_however_ids_come_and_go_each_row_stays_its_own(contexts: list[set[int]]) -> None:
    table, model = _table(), dict[int, float]()
    for turn, ids in enumerate(contexts):
        table.align(ids)
        model = {i: model.get(i, np.nan) for i in ids}
        assert table.ids.tolist() == sorted(ids)
        np.testing.assert_array_equal(table["value"], [model[i] for i in sorted(ids)])
        assert table["times"].shape == (len(ids), 2)
        for i in sorted(ids)[turn % 3 :: 2]:
            model[i] = turn * 100.0 + i
            table["value"][table.find(np.array([i]))] = model[i]


def test_who_comes_last_copies_nobody() -> None:
    table = _table()
    table.align(range(1, 101))
    before = table["value"]
    table.align(range(1, 102))
    assert np.shares_memory(before, table["value"])
    table["on"][:] = True
    table.align(range(1, 101))
    table.align(range(1, 102))
    assert table["on"].tolist() == [True] * 100 + [False]


def test_snapshot_gives_the_same_table_for_the_ids_of_the_context() -> None:
    table = _table()
    table.align([1, 2, 3])
    table["on"][:] = [True, False, True]
    snapshot = pack("x", 1, _State(table.dump(), {2: "open"}))
    state = unpack("x", 1, snapshot, _State)
    assert state.open == {2: "open"}
    before_any_context = _table()
    before_any_context.load(state.people)
    assert before_any_context.ids.tolist() == [1, 2, 3]
    aligned = _table()
    aligned.align([3, 4])
    aligned.load(state.people)
    assert aligned.ids.tolist() == [3, 4]
    assert aligned["on"].tolist() == [True, False]
    aligned["on"][0] = False  # writable, not a view of the bytes


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda s: s[:-1], "not a snapshot"),
        (lambda s: s[:-1] + bytes([s[-1] ^ 1]), "checksum"),
        (lambda s: b"", "not a snapshot"),
    ],
)
def test_a_damaged_snapshot_is_refused(damage: object, said: str) -> None:
    assert callable(damage)
    snapshot = pack("x", 1, _State(_table().dump(), {}))
    with pytest.raises(SnapshotError, match=said):
        unpack("x", 1, damage(snapshot), _State)


def test_another_version_detector_or_layout_is_refused() -> None:
    snapshot = pack("x", 1, _State(_table().dump(), {}))
    with pytest.raises(SnapshotError, match="x version 1, not of x version 2"):
        unpack("x", 2, snapshot, _State)
    with pytest.raises(SnapshotError, match="not of y"):
        unpack("y", 1, snapshot, _State)
    with pytest.raises(SnapshotError, match="layout"):
        unpack("x", 1, snapshot, int)
    other = Table(value=Column("f8", 0))
    with pytest.raises(SnapshotError, match="columns"):
        other.load(_table().dump())
    with pytest.raises(SnapshotError, match="damaged"):
        _table().load(
            TableData(memoryview(bytes(8)), {name: memoryview(bytes(8)) for name in ("value", "times", "on")})
        )


@given(st.lists(st.integers(0, 5), max_size=40))
def test_rounds_cover_every_reading_once_and_keep_each_ones_order(rows: list[int]) -> None:
    steps = list(rounds(np.array(rows, np.int64)))
    flat = np.concatenate(steps) if steps else np.empty(0, np.int64)
    assert sorted(flat.tolist()) == list(range(len(rows)))
    for step in steps:
        assert len({rows[i] for i in step}) == len(step)
        assert np.all(np.diff(step) > 0)
    for key in set(rows):
        assert [i for i in flat.tolist() if rows[i] == key] == [i for i, r in enumerate(rows) if r == key]
