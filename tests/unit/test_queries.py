"""The text of the queries: what is refused in it, and how it is run."""

import ast
import inspect
import pkgutil
import re
from importlib import import_module, resources

import pytest

import storage
from storage.incidents import Timer
from storage.sql import blocks, sql

FILES = sorted(path.name.removesuffix(".sql") for path in (resources.files("storage") / "queries").iterdir())

_PASSED_OVER = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_TOKEN = re.compile(r"%\(\w+\)s|\{[\w.]+\}|\w+|[^\s\w]")
# A product has an operand on both sides.
_NO_OPERAND_BEFORE = {"", "SELECT", "RETURNING", "DISTINCT", "ALL", ",", ".", "("}
_NO_OPERAND_AFTER = {"", "FROM", "INTO", "WHERE", "UNION", "ORDER", "LIMIT", "ON", "GROUP", ",", ")", ";"}


def stars(text: str) -> list[str]:
    """Each `*` that stands for columns, with what is around it."""
    tokens = ["", *_TOKEN.findall(_PASSED_OVER.sub(lambda kept: "x" if kept[0][0] == "'" else " ", text)), ""]
    found = []
    for n, token in enumerate(tokens):
        before, after = tokens[n - 1].upper(), tokens[(n + 1) % len(tokens)].upper()
        if token != "*" or (tokens[n - 2].upper(), before, after) == ("COUNT", "(", ")"):
            continue
        if before in _NO_OPERAND_BEFORE or after in _NO_OPERAND_AFTER:
            found.append(" ".join(tokens[n - 2 : n + 3]))
    return found


def test_no_query_asks_for_whatever_columns_there_are() -> None:
    """A statement that does is refused by PostgreSQL as soon as a table has one more: see `storage.sql`."""
    found = {f"{file}.{name}": stars(text) for file in FILES for name, text in blocks(file).items()}
    assert len(found) > 200
    assert {name: seen for name, seen in found.items() if seen} == {}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM incident",
        "select\n*\nfrom incident",
        "SELECT i.* FROM incident AS i",
        "SELECT i . *, 1 FROM incident AS i",
        "SELECT DISTINCT ON (i.id) * FROM incident AS i",
        "SELECT 1, * FROM incident",
        "SELECT id FROM (SELECT * FROM incident) AS i",
        "DELETE FROM incident WHERE note = 'it''s * over' RETURNING *",
        "INSERT INTO t SELECT %(worker)s, * FROM unnest(%(ids)s)",
    ],
)
def test_a_star_for_columns_is_seen(text: str) -> None:
    assert len(stars(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*), count (*) FILTER (WHERE a) FROM incident",
        "SELECT a * b, 2 * %(n)s, (a) * (b), f(a) * interval '1 us' FROM incident -- *",
        "SELECT 'all * of', /* * */ a FROM incident",
    ],
)
def test_a_star_for_a_product_or_a_count_is_none(text: str) -> None:
    assert stars(text) == []


def test_the_columns_of_a_row_are_written_for_it() -> None:
    assert sql("incidents.timers_of", Timer).startswith("SELECT incident_id, kind, due_at, step, round FROM timer")
    assert " i.incident_id, i.kind," in sql("incidents.lock_due", Timer).replace("SELECT ", " ")


_MAY_BE_NULL = re.compile(r"%\(\w+\)s(::\w+(\[\])?)? IS (NOT )?NULL")
# Of these one plan is good whatever is given.
_ONE_ROW = {"people.household", "people.resident", "people.device", "worklist.in_scope"}
_BY_THE_KEY = {"timeseries.readings", "timeseries.positions", "timeseries.waveforms"}
_BY_ARRIVAL = {f"readings.{block}" for block in blocks("readings") if block.startswith(("arrived_", "first_arrival"))}
_OF_FEW_ROWS = {"storms.ungrouped"}
# Run once a process, or through a cursor, which is planned each time.
_NEVER_PREPARED = {"history.residents_chosen", "figures.courses"}


def test_a_query_with_filters_that_may_be_null_is_planned_for_what_is_given() -> None:
    """After five executions PostgreSQL may settle for a plan for all, which reads whole tables for one resident."""
    anew: set[str] = set()
    for module in (import_module(f"storage.{each.name}") for each in pkgutil.iter_modules(storage.__path__)):
        for function in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(function, ast.AsyncFunctionDef) and "plan_anew=True" in ast.unparse(function):
                anew |= {
                    node.value
                    for node in ast.walk(function)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                }
    given = {f"{file}.{name}" for file in FILES for name, text in blocks(file).items() if _MAY_BE_NULL.search(text)}
    excepted = _ONE_ROW | _BY_THE_KEY | _BY_ARRIVAL | _OF_FEW_ROWS | _NEVER_PREPARED
    assert given - anew == excepted
