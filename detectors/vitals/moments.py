"""Cutting a batch into moments: what is measured together is judged together."""

from collections.abc import Iterator

import numpy as np

from core.readings import Int64, ReadingBatch


def moments(person: Int64, readings: ReadingBatch) -> Iterator[tuple[Int64, ReadingBatch]]:
    """Cut a batch so that each step has at most one moment of a person, in order. Yields persons and rows: those of one
    person side by side, and within them by metric, value and device.
    """
    if not len(person):
        return
    ordered = np.sort(person)
    if np.all(ordered[1:] != ordered[:-1]):
        yield person, readings
        return
    order = np.lexsort((readings.device, readings.value, readings.metric, readings.time, person))
    who, time = person[order], readings.time[order]
    next_person = np.concatenate(([True], who[1:] != who[:-1]))
    moment = np.cumsum(next_person | np.concatenate(([True], time[1:] != time[:-1])))
    rank: Int64 = moment - np.repeat(moment[next_person], np.diff(np.append(np.flatnonzero(next_person), len(who))))
    if not rank.any():
        yield who, readings.take(order)
        return
    by_rank = np.argsort(rank, kind="stable")
    for rows in np.split(by_rank, np.cumsum(np.bincount(rank))[:-1]):
        yield who[rows], readings.take(order[rows])
