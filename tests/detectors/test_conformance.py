"""Every registered detector keeps the contract of `detectors.base`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
import pytest
from fluent.runtime import FluentResource
from fluent.syntax.ast import Message
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.care import CareContext
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Finding
from core.readings import Intake
from core.wording import LANGUAGES, has, say
from detectors.base import Detector, SnapshotError
from detectors.registry import DETECTORS, create
from tests.support.streams import STREAMS, Delivery, Stream, deliver, feed, just_before, run, runtime

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a smaller seed is no simpler case
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)

Says = list[tuple[object, ...]]


def said(findings: Iterable[Finding]) -> Says:
    """All that findings say, in an order that does not depend on when each was found."""
    return sorted(
        (
            (f.dedup_key, f.clears, f.time, f.resident, f.queue, f.severity, f.reason, f.countdown, f.score,
             json.dumps(f.evidence, sort_keys=True))
            for f in findings
        ),
        key=repr,
    )  # fmt: skip


def stream_of(detector: type[Detector], seed: int) -> tuple[Stream, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return STREAMS[detector.name](rng), rng


def fresh_reference(detector: type[Detector], seed: int) -> list[Finding]:
    """Every row on time, in many batches, ticks often."""
    stream, _ = stream_of(detector, seed)
    deliveries = deliver(stream, detector.lateness, np.random.default_rng(0), batches=400, punctual=True)
    return run(detector, stream, deliveries, every=10 * MINUTE)


reference = cache(fresh_reference)


def doubled(intake: Intake) -> Intake:
    """Each row twice, one next to the other."""
    return Intake(
        intake.readings.take(np.repeat(np.arange(len(intake.readings)), 2)),
        intake.positions.take(np.repeat(np.arange(len(intake.positions)), 2)),
        tuple(w for wave in intake.waveforms for w in (wave, wave)),
    )


def test_each_detector_has_a_stream() -> None:
    assert {d.name for d in DETECTORS} == set(STREAMS)


def test_names_are_unique_and_urgent_ones_come_first() -> None:
    names = [d.name for d in create()]
    assert len(set(names)) == len(names)
    assert names[0] == "sos"
    urgent = [d.lateness == 0 for d in DETECTORS]
    assert urgent == sorted(urgent, reverse=True)


@pytest.fixture(params=DETECTORS, ids=lambda d: d.name)
def detector(request: pytest.FixtureRequest) -> type[Detector]:
    found: type[Detector] = request.param
    return found


@FEW
@given(seed=SEEDS)
def test_findings_are_whole(detector: type[Detector], seed: int) -> None:
    """There are some, they are about somebody known, and both languages can say them."""
    stream, _ = stream_of(detector, seed)
    findings = reference(detector, seed)
    assert any(not f.clears for f in findings)
    for finding in findings:
        assert (finding.detector, finding.version) == (detector.name, detector.version)
        assert finding.resident in stream.context.residents
        assert finding.device == 0 or finding.device in stream.context.devices
        assert type(finding.time) is int
        assert stream.start - DAY < finding.time <= stream.end
        assert finding.episode
        assert finding.score is None or 0 <= finding.score <= 1
        assert json.loads(json.dumps(finding.evidence, allow_nan=False)) == finding.evidence
        for language in LANGUAGES:
            assert has(finding.reason, language), f"{finding.reason} is not there in {language}"
            assert say(finding.reason, language, **finding.evidence)


@pytest.mark.parametrize("name", ["inactivity", "device_health", "bathroom", "night"])
def test_a_stream_has_everything_that_its_detector_can_say(name: str) -> None:
    (detector,) = (d for d in DETECTORS if d.name == name)
    words = FluentResource((files("core.wording") / "en" / f"{name}.ftl").read_text(encoding="utf-8"))
    said_by = {f.reason for seed in range(3) for f in reference(detector, seed)}
    assert said_by == {entry.id.name for entry in words.body if isinstance(entry, Message)}


@FEW
@given(seed=SEEDS)
def test_a_clear_belongs_to_something_raised_before(detector: type[Detector], seed: int) -> None:
    raised: set[str] = set()
    for finding in reference(detector, seed):
        assert not finding.clears or finding.dedup_key in raised
        raised.add(finding.dedup_key)


@FEW
@given(seed=SEEDS)
def test_same_input_same_output(detector: type[Detector], seed: int) -> None:
    assert said(fresh_reference(detector, seed)) == said(reference(detector, seed))


@FEW
@given(seed=SEEDS, batches=st.sampled_from([1, 2, 7, 400]))
def test_cuts_into_batches_do_not_show(detector: type[Detector], seed: int, batches: int) -> None:
    stream, rng = stream_of(detector, seed)
    cut = deliver(stream, detector.lateness, rng, batches=batches, punctual=True)
    assert said(run(detector, stream, cut)) == said(reference(detector, seed))


@FEW
@given(seed=SEEDS)
def test_lateness_within_what_is_allowed_does_not_show(detector: type[Detector], seed: int) -> None:
    stream, rng = stream_of(detector, seed)
    # One that answers at once takes any order, of what comes within some seconds.
    late = deliver(stream, detector.lateness or 15 * SECOND, rng, batches=400)
    ticks = [stream.start, *just_before(late), stream.end]
    assert said(feed(runtime(detector, stream.context), late, ticks)) == said(reference(detector, seed))


@FEW
@given(seed=SEEDS, every=st.sampled_from([41 * SECOND, 3 * HOUR, 40 * DAY]))
def test_how_often_it_is_asked_does_not_show(detector: type[Detector], seed: int, every: int) -> None:
    stream, rng = stream_of(detector, seed)
    deliveries = deliver(stream, detector.lateness, rng, batches=400)
    assert said(run(detector, stream, deliveries, every)) == said(run(detector, stream, deliveries, 10 * MINUTE))


@FEW
@given(seed=SEEDS)
def test_restored_at_every_cut_it_goes_on_the_same(detector: type[Detector], seed: int) -> None:
    stream, rng = stream_of(detector, seed)
    deliveries = deliver(stream, detector.lateness, rng, batches=16)
    ticks = [stream.start, *just_before(deliveries), stream.end]
    never, always = runtime(detector, stream.context), runtime(detector, stream.context)
    assert said(always.tick(ticks[0])) == said(never.tick(ticks[0]))
    # One that lacks something after a restoration lacks it after each, for good: no run from each cut to the end.
    for cut, tick in enumerate(ticks[1:]):
        snapshot = always.snapshot()
        assert set(snapshot) == {detector.name}
        assert snapshot == never.snapshot(), f"before batch {cut}"
        always = runtime(detector, stream.context)
        assert always.restore(snapshot) == {}
        rows = deliveries[cut : cut + 1]
        assert said(feed(always, rows, [tick])) == said(feed(never, rows, [tick])), f"batch {cut}"


@FEW
@given(seed=SEEDS)
def test_a_snapshot_replaces_whatever_state_there_was(detector: type[Detector], seed: int) -> None:
    stream, rng = stream_of(detector, seed)
    deliveries = deliver(stream, detector.lateness, rng, batches=10)
    running = runtime(detector, stream.context)
    empty = running.snapshot()
    feed(running, deliveries, [stream.start])
    running.restore(empty)
    ticks = [stream.start, stream.end]
    assert said(feed(running, deliveries, ticks)) == said(run(detector, stream, deliveries, every=40 * DAY))


@FEW
@given(seed=SEEDS)
def test_what_comes_twice_gives_the_same_keys(detector: type[Detector], seed: int) -> None:
    stream, rng = stream_of(detector, seed)
    deliveries = deliver(stream, detector.lateness, rng, batches=60)
    twice = [replace(d, intake=doubled(d.intake)) for d in deliveries]

    def keys(of: Sequence[Delivery]) -> set[str]:
        return {f.dedup_key for f in run(detector, stream, of, every=40 * DAY)}

    assert keys(twice) == keys(deliveries)


def test_rows_of_strangers_do_no_harm(detector: type[Detector]) -> None:
    stream, rng = stream_of(detector, 1)
    deliveries = deliver(stream, detector.lateness, rng, batches=3)
    running = runtime(detector, CareContext())
    running.tick(stream.start)
    feed(running, deliveries, [stream.end])


def test_state_of_who_left_is_dropped(detector: type[Detector]) -> None:
    stream, rng = stream_of(detector, 2)
    half = deliver(stream, detector.lateness, rng, batches=9)[:5]
    running = runtime(detector, stream.context)
    feed(running, half, [stream.start, half[-1].now + detector.lateness])
    running.configure(CareContext())
    assert running.tick(stream.end + 40 * DAY) == []
    running.configure(stream.context)
    newcomer = runtime(detector, stream.context)
    assert running.snapshot() == newcomer.snapshot()


def test_another_snapshot_is_refused(detector: type[Detector]) -> None:
    stream, _ = stream_of(detector, 3)
    running = runtime(detector, stream.context)
    good = running.snapshot()[detector.name]
    instance = detector()
    instance.configure(stream.context)
    state = instance.snapshot()
    for bad in (b"", b"nonsense", state[:-1], state + b"x", good):
        with pytest.raises(SnapshotError):
            instance.restore(bad)
    instance.restore(state)


def test_nothing_gives_nothing(detector: type[Detector]) -> None:
    running = runtime(detector, CareContext())
    assert running.observe(Intake.of(), 0) == []
    assert running.tick(0) == []
