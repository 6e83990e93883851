"""`kanhu evaluate report`: one document of what evaluations measured, beside what was asked for."""

import inspect
import re

import pytest

from cli import evaluate_report
from detectors.evaluation import cost, fall_protocols, targets, vital_figures, vital_report
from detectors.evaluation.targets import Bound, Line
from detectors.evaluation.vital_figures import Dating


def vitals(sensitivity: float | None, specificity: float) -> vital_report.Report:
    row = vital_figures.Figures(
        "heart rate", "detector", Dating.CALENDAR, 3, 90, 9, 0, sensitivity, None, specificity, None, 0.0, None
    )
    return vital_report.Report("Protocol: days.", {}, "Limits.", "kanhu evaluate vitals", "mine", {}, [row])


def costs(ms: float) -> cost.Report:
    timing = cost.Timing(ms, 1.0)
    row = cost.Cost(cost.ALL, timing, 3000.0, 2000.0, timing)
    return cost.Report("Protocol: made up.", "Legend.", "kanhu evaluate cost", 10, 20, 1.0, 1.0, 5.0, [row])


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "verdict"),
    [(0.96, 0.99, "**aim**"), (0.949, 0.99, "**below**"), (0.96, 0.979, "**below**"), (None, 0.99, "not measured")],
)
def test_a_figure_is_as_good_as_its_bounds(sensitivity: float | None, specificity: float, verdict: str) -> None:
    (line,) = targets.summary([vitals(sensitivity, specificity)])
    assert line.verdict == verdict


@pytest.mark.parametrize(("ms", "verdict"), [(4.9, "**aim**"), (5.1, "at least"), (20.1, "**below**")])
def test_less_is_better_for_time(ms: float, verdict: str) -> None:
    observe, tick, _ = targets.summary([costs(ms)])
    assert observe.verdict == verdict
    assert tick.verdict == "**aim**"


def test_what_is_asked_for_without_a_bound_is_shown() -> None:
    assert Line("x", "y", (Bound("sensitivity"),), (0.5,)).verdict == "shown"


def test_rows_are_known_by_how_their_protocol_begins() -> None:
    for words in (targets.ONE_LEFT_OUT, targets.TRAINED_ELSEWHERE):
        assert f'"{words}' in inspect.getsource(fall_protocols)


def test_the_document_has_a_contents_list_and_each_evaluation_under_a_heading_of_words() -> None:
    measured: list[tuple[str, targets.Report]] = [("vitals", vitals(0.96, 0.99)), ("vitals my.csv", vitals(0.5, 0.99))]
    measured.append(("cost", costs(1.0)))
    text = evaluate_report.document(measured, "kanhu evaluate report")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[1:-1] == ["Vital signs", "Vital signs: vitals my.csv", "Time and memory"]
    anchors = re.findall(r"^- \[(.*)\]\(#(.*)\)$", text, re.MULTILINE)
    assert [heading for heading, _ in anchors] == headings
    assert anchors[2][1] == "vital-signs-vitals-mycsv"
    assert "| heart rate | detector, by calendar |" in text
    assert text.index("What is reached\n") < text.index("0.500") < text.index("## Vital signs")
    assert "$ kanhu evaluate vitals my.csv\n" in text
