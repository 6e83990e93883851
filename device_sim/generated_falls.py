"""Falls as a wrist would feel them, made up: used where no recordings are at hand.

Shape after the phases of a fall that Noury et al. (2007, IEEE EMBS, "Fall detection - principles and methods") name:
standing or walking, the critical phase (a dip below 1 g), the impact with a bounce, and lying still in another
orientation. Sizes are those of wrist recordings: dips to 0.2-0.6 g for 0.3-0.6 s, peaks of 3-7 g. They show that the
way from the wrist to a responder works; a detector is never measured on them.
"""

import numpy as np
import numpy.typing as npt

from device_sim.observations import Clip

RATE = 50.0
SECONDS = 10.0
IMPACT_S = 4.0
"""Seconds from the clip's start to the impact."""
_NOISE_MG = 12.0
_FLAILING_MG = 120.0

Vectors = npt.NDArray[np.float64]


def generate(seed: int) -> Clip:
    """A clip of 10 s at 50 Hz with one fall; the same seed gives the same samples."""
    rng = np.random.default_rng(seed)
    count = int(RATE * SECONDS)
    time = np.arange(count) / RATE
    before = _unit(rng)
    # Somebody who fell lies with the arm turned by 50 to 130 degrees.
    after = _turned(before, _unit(rng), np.deg2rad(rng.uniform(50, 130)))

    dip_length = rng.uniform(0.3, 0.6)
    depth = rng.uniform(0.4, 0.8)
    turn = np.clip((time - (IMPACT_S - dip_length)) / (dip_length + 0.3), 0, 1)[:, None]
    direction = (1 - turn) * before + turn * after
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    gravity = direction * 1000.0

    dip = np.exp(-0.5 * ((time - (IMPACT_S - dip_length / 2)) / (dip_length / 3)) ** 2)
    gravity *= (1 - depth * dip)[:, None]

    walking = (time < IMPACT_S - dip_length)[:, None]
    swing = np.sin(2 * np.pi * rng.uniform(0.8, 1.0) * time + rng.uniform(0, 6.283))
    arm = walking * (120.0 * swing[:, None] * _unit(rng) + 60.0 * np.sin(4 * np.pi * 0.9 * time)[:, None] * before)

    peak = rng.uniform(3000, 6000)
    # The floor pushes against the fall: much the way gravity is felt.
    impact_direction = after + 0.6 * _unit(rng)
    impact_direction /= np.linalg.norm(impact_direction)
    impact = _half_sine(time, IMPACT_S, rng.uniform(0.06, 0.12))[:, None] * peak * impact_direction
    delay, share = rng.uniform(0.15, 0.3), rng.uniform(0.2, 0.45)
    bounce = _half_sine(time, IMPACT_S + delay, 0.1)[:, None] * peak * share * _unit(rng)
    # The arm flails on the way down, and comes to rest in a second or two.
    falling = ((time > IMPACT_S - dip_length) & (time < IMPACT_S))[:, None] * _FLAILING_MG
    settling = (time > IMPACT_S)[:, None] * np.exp(-np.clip(time - IMPACT_S, 0, None) / 0.7)[:, None] * 250.0
    shaking = (falling + settling) * rng.normal(0, 1.0, (count, 3))

    samples = gravity + arm + impact + bounce + shaking + rng.normal(0, _NOISE_MG, (count, 3))
    return Clip(np.clip(np.round(samples), -32768, 32767).astype(np.int16), RATE)


def _unit(rng: np.random.Generator) -> Vectors:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def _turned(vector: Vectors, towards: Vectors, angle: float) -> Vectors:
    """`vector` turned by `angle` radians in the plane that it spans with `towards`."""
    aside = towards - vector * float(vector @ towards)
    aside /= np.linalg.norm(aside)
    return np.asarray(np.cos(angle) * vector + np.sin(angle) * aside)


def _half_sine(time: Vectors, start: float, length: float) -> Vectors:
    inside = (time >= start) & (time < start + length)
    return np.where(inside, np.sin(np.pi * np.clip((time - start) / length, 0, 1)), 0.0)
