"""Streams of rows that really exercise each detector, and ways of delivering them.

A stream is what happened, by event time, with something in it for the detector to find. `deliver` lets it arrive: each
row late by something less than the detector's lateness, in batches cut anywhere. All arrays are read-only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from core.care import CareContext, CarePlan, Device, DeviceKind, Limits, Resident, Zone
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Finding
from core.metrics import metric_id
from core.readings import NO_TIME, Int64, Intake, PositionBatch, ReadingBatch, Waveform
from detectors.base import Detector
from detectors.runtime import DetectorError, Runtime
from device_sim.generated_falls import generate

MONDAY = 1_789_920_000_000_000
"""Midnight of Monday 21 September 2026 in Shanghai, micros."""

HOME = (30.25, 120.15)

Generator = np.random.Generator


def home(number: int, intervals: dict[DeviceKind, int] | None = None, **plan: object) -> CareContext:
    """A household with one resident, `number`, and a device of every kind, `number` * 100 + its place in DeviceKind."""
    given = intervals or {}
    code = f"home-{number}"
    rooms = {DeviceKind.DOOR: "front_door", DeviceKind.MOTION: "kitchen", DeviceKind.BED: "bedroom"}
    devices = [
        Device(number * 100 + place, f"{kind}-{number}", code, number, kind, given.get(kind, 0), rooms.get(kind, ""))
        for place, kind in enumerate(DeviceKind, start=1)
    ]
    return CareContext(
        {d.id: d for d in devices},
        {number: Resident(number, code, CarePlan(**plan))},  # type: ignore[arg-type]
    )


def device(number: int, kind: DeviceKind) -> int:
    """The id of that device of that home."""
    return number * 100 + list(DeviceKind).index(kind) + 1


def together(*homes: CareContext) -> CareContext:
    """All homes of one worker."""
    return CareContext(
        {k: v for h in homes for k, v in h.devices.items()}, {k: v for h in homes for k, v in h.residents.items()}
    )


@dataclass
class Stream:
    """What happened, by event time, from `start` to `end` (micros). Rows are added in any order."""

    context: CareContext
    start: int
    end: int
    rows: list[tuple[int, int, int, float, int]] = field(default_factory=list)
    fixes: list[tuple[int, int, float, float, float]] = field(default_factory=list)
    waves: list[Waveform] = field(default_factory=list)

    def add(self, device: int, metric: str, time: int, value: float, sent: int = NO_TIME) -> None:
        """A reading."""
        self.rows.append((device, metric_id(metric), time, value, sent))

    def fix(self, device: int, time: int, metres_north: float, accuracy: float = 10.0) -> None:
        """A position so far north of home."""
        self.fixes.append((device, time, HOME[0] + metres_north / 111_195, HOME[1], accuracy))

    def fall(self, device: int, time: int, seed: int, *, streamed: bool = False) -> None:
        """Ten seconds of acceleration with a made-up fall, from `time`: one clip, or blocks of a second."""
        made = generate(seed)
        step = int(made.rate) if streamed else len(made.samples)
        for start in range(0, len(made.samples), step):
            at = time + round(start / made.rate * SECOND)
            owner = self.context.devices[device].resident
            self.waves.append(Waveform(device, owner, at, made.rate, made.samples[start : start + step].copy(), at))

    def every(self, seconds: int, since: int, until: int, rng: Generator) -> list[int]:
        """Moments about `seconds` apart, as a device's own clock would have them."""
        count = max(0, (until - since) // (seconds * SECOND))
        jitter = rng.integers(0, min(seconds * 100_000, 20 * SECOND), count)
        return [int(m) for m in since + np.arange(count) * seconds * SECOND + jitter]

    def intake(self) -> Intake:
        """All rows as if each had arrived when it happened."""
        owner = {d.id: d.resident for d in self.context.devices.values()}
        dev, metric, time, value, sent = zip(*self.rows, strict=True) if self.rows else ((),) * 5
        at, when, lat, lon, accuracy = zip(*self.fixes, strict=True) if self.fixes else ((),) * 5
        return Intake(
            ReadingBatch.from_columns(
                device=dev, resident=[owner.get(d, 0) for d in dev], metric=metric, time=time, value=value,
                arrival=time, sent=np.array(sent, np.int64),
            ),
            PositionBatch.from_columns(
                device=at, resident=[owner.get(d, 0) for d in at], time=when, latitude=lat, longitude=lon,
                accuracy=accuracy, source=[0] * len(at), arrival=when,
            ),
            tuple(self.waves),
        )  # fmt: skip


@dataclass(frozen=True)
class Delivery:
    """A batch. first: arrival of its first row. now: arrival of its last, at which it is observed."""

    intake: Intake
    first: int
    now: int


def frozen(intake: Intake) -> Intake:
    """The same, with arrays that can't be written."""
    for batch in (intake.readings, intake.positions):
        for column in fields(batch):
            getattr(batch, column.name).setflags(write=False)
    for wave in intake.waveforms:
        wave.samples.setflags(write=False)
    return intake


def subset(intake: Intake, rows: Int64) -> Intake:
    """Rows by number: readings first, then positions, then waveforms; in the order given."""
    readings, positions = len(intake.readings), len(intake.positions)
    return frozen(
        Intake(
            intake.readings.take(rows[rows < readings]),
            intake.positions.take(rows[(rows >= readings) & (rows < readings + positions)] - readings),
            tuple(intake.waveforms[i] for i in (rows[rows >= readings + positions] - readings - positions)),
        )
    )


def arrived(intake: Intake, delay: Int64) -> tuple[Intake, Int64]:
    """The rows with each `delay` micros late, and their arrivals, in the order of `subset`."""
    readings, positions = len(intake.readings), len(intake.positions)
    waves = tuple(
        replace(w, arrival=w.time + int(d))
        for w, d in zip(intake.waveforms, delay[readings + positions :], strict=True)
    )
    late = Intake(
        replace(intake.readings, arrival=intake.readings.time + delay[:readings]),
        replace(intake.positions, arrival=intake.positions.time + delay[readings : readings + positions]),
        waves,
    )
    arrival = np.concatenate([late.readings.arrival, late.positions.arrival, np.array([w.arrival for w in waves], int)])
    return late, arrival


def deliver(stream: Stream, lateness: int, rng: Generator, *, batches: int, punctual: bool = False) -> list[Delivery]:
    """The stream in so many batches, cut anywhere, each row late by less than the lateness, so in another order.

    punctual: every row arrives when it happens. A detector without lateness gets no batch of more than 15 s: it may go
    by the moment at which it sees a row, and a row that waits in its batch is seen later.
    """
    intake = stream.intake()
    delay = np.zeros(len(intake), np.int64)
    if not punctual and lateness:
        # Most come at once, some at the last moment.
        delay = (rng.beta(0.3, 1.0, len(intake)) * (lateness - 1)).astype(np.int64)
    late, arrival = arrived(intake, delay)
    # What arrives together comes in any order.
    order = np.lexsort((rng.permutation(len(intake)), arrival))
    cuts = np.sort(rng.integers(0, len(order) + 1, batches - 1))
    if not lateness:
        cuts = np.union1d(cuts, np.flatnonzero(np.diff(arrival[order] // (15 * SECOND))) + 1)
    return [
        Delivery(subset(late, rows), int(arrival[rows].min()), int(arrival[rows].max()))
        for rows in np.split(order, cuts)
        if len(rows)
    ]


def runtime(detector: type[Detector], context: CareContext) -> Runtime:
    """A runtime of that detector alone. A failure is the test's failure."""

    def fail(error: DetectorError) -> None:
        raise error

    return Runtime([detector()], context, on_failure=fail)


def feed(running: Runtime, deliveries: Sequence[Delivery], ticks: Sequence[int] = ()) -> list[Finding]:
    """Observe the batches in order, with the ticks between.

    A tick that would fall among the arrivals of a batch is left out: a worker asks when it has seen what has come.
    """
    findings: list[Finding] = []
    waiting = list(reversed(ticks))
    for delivery in deliveries:
        while waiting and waiting[-1] < delivery.now:
            tick = waiting.pop()
            if tick < delivery.first:
                findings += running.tick(tick)
        findings += running.observe(delivery.intake, delivery.now)
    for tick in reversed(waiting):
        findings += running.tick(tick)
    return findings


def just_before(deliveries: Sequence[Delivery]) -> list[int]:
    """The last moment before each batch: whoever does not wait for what is late has decided by then."""
    return [delivery.first - 1 for delivery in deliveries]


def run(detector: type[Detector], stream: Stream, deliveries: Sequence[Delivery], every: int = DAY) -> list[Finding]:
    """A whole run, with a tick at the start, one each `every` micros, and one at the end."""
    ticks = [*range(stream.start, stream.end, every), stream.end]
    return feed(runtime(detector, stream.context), deliveries, ticks)


# What happens, for each detector ------------------------------------------------------------------------------------


def sos(rng: Generator) -> Stream:
    """Presses, double presses, the button's own zeros, somebody else's heart rate."""
    stream = Stream(together(home(1), home(2)), MONDAY, MONDAY + HOUR)
    for number in (1, 2):
        for moment in rng.integers(MONDAY, MONDAY + HOUR, 30):
            stream.add(device(number, DeviceKind.SOS_BUTTON), "sos", int(moment), float(rng.random() < 0.5))
        stream.add(device(number, DeviceKind.WEARABLE), "sos", MONDAY + number, 1.0)
    return stream


def home_alarms(rng: Generator) -> Stream:
    """Smoke that sounds for a quarter of an hour, gas twice, and all well elsewhere."""
    stream = Stream(together(home(1), home(2)), MONDAY, MONDAY + 2 * HOUR)
    for moment in stream.every(60, MONDAY, stream.end, rng):
        burning = MONDAY + 20 * MINUTE <= moment < MONDAY + 35 * MINUTE
        stream.add(device(1, DeviceKind.SMOKE), "smoke", moment, float(burning))
        stream.add(device(2, DeviceKind.GAS), "gas", moment, float(rng.random() < 0.03))
    stream.add(device(2, DeviceKind.GAS), "carbon_monoxide", MONDAY + HOUR, 1.0)
    return stream


def home_conditions(rng: Generator) -> Stream:
    """A cold room, a hot one, a flood, smoke that comes back, and a reading of the cold now and then too warm."""
    stream = Stream(together(home(1), home(2), home(3)), MONDAY, MONDAY + 8 * HOUR)
    for moment in stream.every(300, MONDAY, stream.end, rng):
        hours = (moment - MONDAY) / HOUR
        stream.add(device(1, DeviceKind.CLIMATE), "room_temperature", moment, 20 - 12 * np.sin(hours / 2) ** 2)
        stream.add(device(2, DeviceKind.CLIMATE), "room_temperature", moment, 30 + 1.5 * hours + rng.normal())
        stream.add(device(3, DeviceKind.WATER), "water_leak", moment, float(2 < hours < 4))
        stream.add(device(3, DeviceKind.SMOKE), "smoke", moment, float(rng.random() < 0.2))
    for moment in range(MONDAY + HOUR, MONDAY + HOUR + 9 * MINUTE, 20 * SECOND):
        stream.add(device(2, DeviceKind.SMOKE), "smoke", moment, float(moment // (40 * SECOND) % 3 == 0))
    return stream


def geofence(rng: Generator) -> Stream:
    """A walk out of the zone and back, a brief one, one into the river, and somebody who is not home in the evening."""
    zones = (Zone("home", *HOME, radius=200.0), Zone("river", HOME[0] + 0.005, HOME[1], radius=150.0, inside=False))
    evening = (Zone("home", *HOME, radius=200.0, dwell=7200),)
    context = together(home(1, zones=zones), home(2, zones=zones), home(3, zones=evening, home_by="20:00"))
    stream = Stream(context, MONDAY + 12 * HOUR, MONDAY + 24 * HOUR)
    for number in (1, 2, 3):
        for moment in stream.every(120, stream.start, stream.start + 10 * HOUR, rng):
            hours = (moment - stream.start) / HOUR
            metres = {
                1: 600.0 if 2 < hours < 3 or 5 < hours < 5.05 else 30.0,
                2: 250.0 if hours % 2 < 0.1 else 50.0,
                3: 900.0 if hours > 7.2 else 20.0,
            }[number]
            accuracy = float(rng.choice([8.0, 20.0, 600.0, np.nan], p=[0.6, 0.25, 0.1, 0.05]))
            stream.fix(device(number, DeviceKind.TRACKER), moment, metres + rng.normal() * 5, accuracy)
    return stream


def inactivity(rng: Generator) -> Stream:
    """A week of homes: a long silence, absence, outage, fixed limit, in bed, a visitor, nobody yet; then activity."""
    often = {DeviceKind.GATEWAY: 1800, DeviceKind.MOTION: 3600, DeviceKind.DOOR: 3600}
    context = together(
        home(1, often), home(2, often), home(3, often), home(4, inactivity_hours=6.0), home(5), home(6), home(7, often)
    )  # fmt: skip
    stream = Stream(context, MONDAY, MONDAY + 7 * DAY)
    for number in (1, 2, 3, 4, 5, 6):
        quiet = MONDAY + 5 * DAY + (8 + number) * HOUR
        for moment in stream.every(1800, MONDAY, stream.end, rng):
            if number == 3 and quiet + HOUR < moment < quiet + 20 * HOUR:
                continue  # the power is out
            if number < 4:
                stream.add(device(number, DeviceKind.GATEWAY), "link_quality", moment, 100.0)
        for moment in rng.integers(MONDAY, stream.end, 150):
            local_hour = (int(moment) - MONDAY) % DAY // HOUR
            asleep = local_hour < 7 or local_hour > 21
            if asleep or quiet - MINUTE < moment < quiet + 30 * HOUR:
                continue
            stream.add(device(number, DeviceKind.MOTION), "motion", int(moment), 1.0)
            stream.add(device(number, DeviceKind.MOTION), "motion", int(moment) + 90 * SECOND, 0.0)
        for day in range(5):
            for hour, occupied in ((6.8, 0.0), (22.1, 1.0)):
                moment = MONDAY + day * DAY + int(hour * HOUR) + int(rng.integers(0, HOUR // 2))
                stream.add(device(number, DeviceKind.BED), "bed_occupied", moment, occupied)
            stream.add(device(number, DeviceKind.WEARABLE), "steps", MONDAY + day * DAY + 20 * HOUR, 1000.0 + day)
        # A cupboard in the kitchen that says every hour whether it is open.
        for moment in stream.every(3600, MONDAY + 8 * HOUR, quiet, rng):
            if (moment - MONDAY) % DAY < 20 * HOUR:
                stream.add(device(number, DeviceKind.MOTION), "door_open", moment, float(rng.random() < 0.5))
        for moment in stream.every(3600, quiet - 3 * MINUTE, quiet + 30 * HOUR, rng):
            if number in (1, 2):
                stream.add(device(number, DeviceKind.MOTION), "door_open", moment, 1.0)
        if number == 1:
            # In and out of bed: what comes last counts.
            for turn in range(9):
                stream.add(device(number, DeviceKind.BED), "bed_occupied", quiet - (90 - 5 * turn) * SECOND, turn % 2)
        if number == 4:
            # Just in time, again and again.
            for turn in range(1, 5):
                moment = quiet + turn * 6 * HOUR - turn * 7 * SECOND
                stream.add(device(number, DeviceKind.MOTION), "motion", moment, 1.0)
        if number in (5, 6):
            stream.add(device(number, DeviceKind.BED), "bed_occupied", quiet - 5 * HOUR, 0.0)
            stream.add(device(number, DeviceKind.BED), "bed_occupied", quiet - 40 * SECOND, 1.0)
        if number == 6:  # a carer comes, cooks, and goes
            came = quiet + 2 * HOUR + int(rng.integers(0, HOUR))
            for seconds, value in ((0, 1.0), (9, 0.0), (1800, 1.0), (1812, 0.0)):
                stream.add(device(number, DeviceKind.DOOR), "door_open", came + seconds * SECOND, value)
            stream.add(device(number, DeviceKind.MOTION), "motion", came + 10 * MINUTE, 1.0)
            stream.add(device(number, DeviceKind.MOTION), "motion", came + 1815 * SECOND, 1.0)
        if number == 2:
            stream.add(device(number, DeviceKind.DOOR), "door_open", quiet - 20 * SECOND, 1.0)
            stream.add(device(number, DeviceKind.DOOR), "door_open", quiet, 0.0)
    for moment in stream.every(1800, MONDAY, stream.end, rng):
        stream.add(device(7, DeviceKind.GATEWAY), "link_quality", moment, 100.0)
    stream.add(device(7, DeviceKind.MOTION), "motion", MONDAY + 2 * DAY + int(rng.integers(0, HOUR)), 1.0)
    return stream


def rooms_of(number: int, seconds: int) -> CareContext:
    """A home with motion sensors in the bathroom, hall, kitchen and bedroom, a bed, doors; all report."""
    code = f"home-{number}"
    sensors = (
        (DeviceKind.MOTION, "bathroom"), (DeviceKind.MOTION, "hall"), (DeviceKind.MOTION, "kitchen"),
        (DeviceKind.MOTION, "bedroom"), (DeviceKind.BED, "bedroom"), (DeviceKind.DOOR, "front_door"),
        (DeviceKind.DOOR, "bathroom"),
    )  # fmt: skip
    devices = [
        Device(number * 100 + place, f"{kind}-{room}", code, number, kind, seconds, room)
        for place, (kind, room) in enumerate(sensors)
    ]
    return CareContext({d.id: d for d in devices}, {number: Resident(number, code)})


BATHROOM, HALL, KITCHEN, BEDROOM, BED, FRONT_DOOR, BATHROOM_DOOR = range(7)
"""Places of the devices of `rooms_of`: the resident's number * 100 + this."""


def bathroom(rng: Generator) -> Stream:
    """Three weeks of long baths, silent ones, one in an outage; a home without a front door, visits of usual length."""
    context = together(*(rooms_of(number, 1800) for number in (1, 2, 3)))
    unseen = {i: d for i, d in context.devices.items() if i != 300 + FRONT_DOOR}
    stream = Stream(replace(context, devices=unseen), MONDAY, MONDAY + 9 * DAY)
    for number in (1, 2, 3):
        base = number * 100
        for day in range(9):
            noon = MONDAY + day * DAY + 12 * HOUR
            for moment in rng.integers(MONDAY + day * DAY, noon - HOUR, 20):
                stream.add(base + int(rng.integers(0, 4)), "motion", int(moment), 1.0)
            stream.add(base + HALL, "motion", noon - 10 * SECOND, 1.0)
            stream.add(base + BATHROOM, "motion", noon, 1.0)
            stream.add(base + BATHROOM, "motion", noon + 90 * SECOND, 0.0)
            stay = int(rng.integers(20, 180)) * MINUTE
            if day % 4 == 1:
                for moment in stream.every(300, noon, noon + stay, rng):
                    stream.add(base + BATHROOM, "motion", moment, 1.0)
            if day % 2:
                stream.add(base + BATHROOM_DOOR, "door_open", noon + 2 * SECOND, 0.0)
                stream.add(base + BATHROOM_DOOR, "door_open", noon + stay, 1.0)
            else:
                stream.add(base + BED, "bed_occupied", noon + stay, 1.0)
            stream.add(base + KITCHEN, "motion", noon + stay + MINUTE, 1.0)
        for moment in stream.every(1800, MONDAY, stream.end, rng):
            if number == 2 and 2.5 < (moment - MONDAY) / DAY < 3.5:
                continue  # the power is out
            for place in range(7):
                if base + place in unseen:
                    stream.add(base + place, "battery", moment, 90.0)
    return stream


def night(rng: Generator) -> Stream:
    """Ten nights of three homes: trips to the toilet, restless ones, out of the door and back or not, a visitor."""
    context = together(*(rooms_of(number, 0) for number in (1, 2, 3)))
    stream = Stream(context, MONDAY, MONDAY + 10 * DAY + 12 * HOUR)
    for number in (1, 2, 3):
        base = number * 100
        for day in range(10):
            evening, three = MONDAY + day * DAY + 21 * HOUR, MONDAY + day * DAY + 27 * HOUR
            for moment in rng.integers(MONDAY + day * DAY + 8 * HOUR, evening, 15):
                stream.add(base + int(rng.integers(0, 4)), "motion", int(moment), 1.0)
            stream.add(base + BED, "bed_occupied", evening + int(rng.integers(0, 2 * HOUR)), 1.0)
            stream.add(base + BED, "bed_occupied", three - 20 * SECOND, 0.0)
            turn = (day + number) % 5
            if turn == 0:  # to the toilet
                for place, seconds in ((HALL, 0), (BATHROOM, 20), (HALL, 300)):
                    stream.add(base + place, "motion", three + seconds * SECOND, 1.0)
                stream.add(base + BED, "bed_occupied", three + 6 * MINUTE, 1.0)
            elif turn == 1:  # up and about
                for moment in stream.every(200, three, three + int(rng.integers(60, 200)) * MINUTE, rng):
                    stream.add(base + int(rng.integers(1, 4)), "motion", moment, 1.0)
            else:  # out of the door; at turn 4 towards the morning
                out = three + (HOUR + 20 * MINUTE if turn == 4 else MINUTE)
                stream.add(base + HALL, "motion", out - 5 * SECOND, 1.0)
                stream.add(base + FRONT_DOOR, "door_open", out, 1.0)
                stream.add(base + FRONT_DOOR, "door_open", out + 9 * SECOND, 0.0)
                stream.add(base + HALL, "motion", out + 20 * SECOND, 1.0)
                back = out + int(rng.integers(3, 30)) * MINUTE
                if turn == 3:
                    stream.add(base + FRONT_DOOR, "door_open", back - 30 * SECOND, 1.0)
                stream.add(base + KITCHEN, "motion", back, 1.0)
            if day == 7:  # a carer's round
                for seconds, value in ((0, 1.0), (9, 0.0), (900, 1.0), (912, 0.0)):
                    stream.add(base + FRONT_DOOR, "door_open", evening + 4 * HOUR + seconds * SECOND, value)
                stream.add(base + KITCHEN, "motion", evening + 4 * HOUR + 300 * SECOND, 1.0)
    return stream


def device_health(rng: Generator) -> Stream:
    """A watch that stops for long, a home that stops, batteries, a watch on the table, a wrong clock, a last will."""
    often = {
        DeviceKind.WEARABLE: 300, DeviceKind.GATEWAY: 300, DeviceKind.CLIMATE: 900, DeviceKind.SMOKE: 3600,
        DeviceKind.SOS_BUTTON: 3600,
    }  # fmt: skip
    context = together(*(home(number, often) for number in (1, 2, 3, 4)), home(5, {DeviceKind.WEARABLE: 300}))
    stream = Stream(context, MONDAY + 8 * HOUR, MONDAY + 20 * HOUR)
    for number in (1, 2, 3, 4, 5):
        for kind, seconds in often.items():
            if number == 5 and kind is not DeviceKind.WEARABLE:
                continue
            for moment in stream.every(seconds, stream.start, stream.end - HOUR, rng):
                hours = (moment - stream.start) / HOUR
                if number == 1 and kind is DeviceKind.WEARABLE and 2 < hours < 6:
                    continue
                if number == 2 and 1.5 < hours < 5:
                    continue
                if number == 3 and kind is DeviceKind.CLIMATE and hours > 4:
                    continue
                if number == 5 and (hours < 1.5 or 3 < hours < 3.5):
                    continue
                level = 25 - 4 * hours if hours < 5 else 80.0
                stream.add(device(number, kind), "battery", moment, float(np.clip(level + rng.normal(), 0, 100)))
                if kind is DeviceKind.WEARABLE:
                    stream.add(device(number, kind), "heart_rate", moment, 70.0)
                    stream.add(device(number, kind), "worn", moment, float(not (number == 4 and 3 < hours < 4)))
        stream.fix(device(number, DeviceKind.TRACKER), stream.start + number * HOUR, 0.0)
        # A bad contact: what comes last counts.
        for moment in stream.every(1800, stream.start, stream.end - HOUR, rng) if number != 2 else ():
            for place, level in enumerate((30.0, 14.0, 25.0, 12.0, 18.0)):
                stream.add(device(number, DeviceKind.BED), "battery", moment + place * 3 * SECOND, level)
    lost = stream.start + 4 * HOUR
    stream.add(device(3, DeviceKind.CLIMATE), "online", lost, 0.0)
    stream.add(device(4, DeviceKind.DOOR), "online", lost, 0.0)
    stream.add(device(4, DeviceKind.DOOR), "online", lost + 3 * HOUR, 1.0)
    for minutes in (5, 10, 50):
        moment = stream.start + minutes * MINUTE
        stream.add(device(4, DeviceKind.CLIMATE), "humidity", moment, 50.0, sent=moment + 6 * MINUTE)
    return stream


def fall(rng: Generator) -> Stream:
    """Falls as clips, as streams and by the device's own flag, with and without a cancel and movement after it."""
    stream = Stream(together(*(home(number) for number in (1, 2, 3, 4))), MONDAY + 9 * HOUR, MONDAY + 12 * HOUR)
    for number in (1, 2, 3, 4):
        watch, seed = device(number, DeviceKind.WEARABLE), int(rng.integers(1000))
        fell = stream.start + number * 10 * MINUTE + int(rng.integers(0, MINUTE))
        stream.fall(watch, fell, seed, streamed=number == 3)
        if number != 1:
            stream.add(watch, "fall_flag", fell + 6 * SECOND, 1.0)
        if number == 2:
            stream.add(watch, "cancel", fell + 25 * SECOND, 1.0)
        if number == 4:
            stream.add(device(number, DeviceKind.MOTION), "motion", fell + 4 * MINUTE, 1.0)
        stream.add(watch, "fall_flag", stream.start + 2 * HOUR, 1.0)
        for moment in stream.every(900, stream.start, fell - MINUTE, rng):
            stream.add(device(number, DeviceKind.MOTION), "motion", moment, 1.0)
            stream.add(device(number, DeviceKind.DOOR), "door_open", moment, float(rng.random() < 0.5))
    return stream


def vitals(rng: Generator) -> Stream:
    """Somebody who gets very ill and well again, a racing heart, a loss of consciousness; artefacts and a walk."""
    context = together(
        home(1), home(2, limits={"heart_rate": Limits(high=110)}), home(3), home(4, spo2_scale=2),
    )  # fmt: skip
    stream = Stream(context, MONDAY + 8 * HOUR, MONDAY + 32 * HOUR)
    usual = {
        "heart_rate": 72.0, "respiratory_rate": 15.0, "spo2": 97.0, "body_temperature": 36.8, "systolic_bp": 128.0,
    }  # fmt: skip
    ill = {
        "heart_rate": 128.0, "respiratory_rate": 27.0, "spo2": 88.0, "body_temperature": 39.4, "systolic_bp": 95.0,
    }  # fmt: skip
    for number in (1, 2, 3, 4):
        watch = device(number, DeviceKind.WEARABLE)
        for moment in stream.every(300, stream.start, stream.end, rng):
            hours = (moment - stream.start) / HOUR
            now = dict(usual)
            if number == 1 and 5 < hours < 9:
                now = ill
            if number == 2 and 3 < hours < 4.5:
                now |= {"heart_rate": 136.0}
            if number == 4 and 10 < hours < 12:
                now |= {"spo2": 99.0, "heart_rate": 95.0}
            if rng.random() < 0.02:
                now = {"heart_rate": 190.0, "spo2": 72.0}
            for metric, value in now.items():
                stream.add(watch, metric, moment, value + float(rng.normal()) * 0.4)
            stream.add(watch, "steps", moment, 100 * hours + (600 * (hours - 14) if 14 < hours < 15 else 0))
            stream.add(watch, "worn", moment, float(not (number == 3 and 16 < hours < 18)))
    for minutes in (0, 5, 10):
        moment = stream.start + 7 * HOUR + minutes * MINUTE
        stream.add(device(3, DeviceKind.VITALS), "consciousness", moment, 2.0 if minutes < 10 else 0.0)
    return stream


STREAMS: dict[str, Callable[[Generator], Stream]] = {
    "sos": sos,
    "home_alarms": home_alarms,
    "home_conditions": home_conditions,
    "fall": fall,
    "vitals": vitals,
    "geofence": geofence,
    "night": night,
    "bathroom": bathroom,
    "inactivity": inactivity,
    "device_health": device_health,
}
"""By the detector's name. The conformance suite says where one is missing."""
