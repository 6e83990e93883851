"""Recordings that are made up, in the format of the real ones, and waveforms of them."""

from pathlib import Path

import numpy as np

from core.clock import SECOND
from core.readings import Int16, Waveform
from device_sim.generated_falls import generate


def walk(seed: int, seconds: float = 12.0, rate: float = 50.0) -> Int16:
    """Brisk walking with a heel strike of 2 to 2.6 g now and then, which looks like an impact and is none."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(rate * seconds)) / rate
    step = np.sin(2 * np.pi * 1.8 * time + rng.uniform(0, 6))
    samples = np.stack([150 * step, 80 * np.cos(2 * np.pi * 0.9 * time), 1000 + 350 * step], axis=1)
    for at in rng.uniform(1, seconds - 1, 4):
        samples[round(at * rate), 2] += rng.uniform(1200, 1900)
    return np.asarray((samples + rng.normal(0, 25, samples.shape)).round().astype(np.int16))


def clip(samples: Int16, time: int, *, device: int = 1, resident: int = 1, rate: float = 50.0) -> Waveform:
    """A waveform that arrives when it is whole."""
    return Waveform(device, resident, time, rate, samples, time + round(len(samples) / rate * SECOND))


def blocks(samples: Int16, time: int, *, device: int = 1, resident: int = 1, rate: float = 50.0) -> list[Waveform]:
    """The same as blocks of a second."""
    size = round(rate)
    return [
        clip(samples[start : start + size], time + round(start / rate * SECOND), device=device, resident=resident)
        for start in range(0, len(samples), size)
    ]


def write_recordings(path: Path, subjects: int = 4, trials: int = 4, first: int = 0) -> None:
    """Falls and walks of a few subjects, the last of them old and without falls, as an `.npz`. first: a seed."""
    parts: list[Int16] = []
    columns: list[tuple[str, str, str, bool, bool]] = []
    for subject in range(subjects + 1):
        older = subject == subjects
        for trial in range(trials):
            seed = first + 100 * subject + trial
            if not older:
                parts.append(generate(seed).samples)
                columns.append((f"S{subject}", "F01", f"F01/{seed}", True, older))
            parts.append(walk(seed))
            columns.append((f"S{subject}", "D01", f"D01/{seed}", False, older))
    subject_, activity, trial_, is_fall, older_adult = zip(*columns, strict=True)
    np.savez(
        path,
        acceleration_mg=np.concatenate(parts),
        offsets=np.concatenate(([0], np.cumsum([len(p) for p in parts]))),
        subject=np.array(subject_),
        activity=np.array(activity),
        trial=np.array(trial_),
        is_fall=np.array(is_fall),
        older_adult=np.array(older_adult),
        sample_rate_hz=np.float64(50.0),
    )
