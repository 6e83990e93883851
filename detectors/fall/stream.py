"""A wearable that streams: its blocks joined into what a clip would have held, whatever their order."""

import msgspec
import numpy as np

from core.clock import MINUTE, SECOND
from core.readings import Waveform
from detectors.fall.features import AFTER, BEFORE, CANDIDATE_G, LONGEST_GAP, STEP, Piece
from detectors.fall.impacts import Impact, judge
from detectors.fall.model import FallModel

_LEAD = BEFORE * STEP
_FOLLOW = AFTER * STEP
_EDGE = 2 * STEP
"""Beyond a window's ends, so that what lies there is interpolated as it would be anywhere."""
_PATIENCE = 20 * SECOND
"""A block that is not there so long after a window's end is lost: what is there is judged."""
_MOST = _LEAD + _FOLLOW + 4 * SECOND
"""What is kept at most for the sake of blocks that are missing."""
_FORGOTTEN = MINUTE


class Block(msgspec.Struct, frozen=True, array_like=True):
    """A block as bytes (int16 little-endian triples).

    arrival: of the message, micros. high: event times (micros) of the first and last sample that reach a candidate's
    magnitude, None for none: resampling, being an average, can only lower it. open: these are not judged yet. due:
    micros from which they are judged with what there is.
    """

    time: int
    end: int
    rate: float
    samples: bytes
    arrival: int
    high: tuple[int, int] | None
    open: bool
    due: int

    def piece(self) -> Piece:
        """The samples again."""
        return Piece(self.time, self.rate, np.frombuffer(self.samples, "<i2").reshape(-1, 3))


def block_of(waveform: Waveform) -> Block:
    """A block as it is kept."""
    end = Piece(waveform.time, waveform.rate, waveform.samples).end
    squares = (waveform.samples.astype(np.int64) ** 2).sum(axis=1)
    reach = np.flatnonzero(squares >= (1000 * CANDIDATE_G) ** 2)
    high = None
    if len(reach):
        first, last = (waveform.time + round(int(i) * SECOND / waveform.rate) for i in (reach[0], reach[-1]))
        high = (first, last)
    return Block(
        waveform.time,
        end,
        waveform.rate,
        waveform.samples.astype("<i2").tobytes(),
        waveform.arrival,
        high,
        high is not None,
        max(end + _FOLLOW, waveform.arrival) + _PATIENCE,
    )


class Blocks:
    """The last blocks of one device, ascending in time. whole_to: micros before which no block is missing any more."""

    def __init__(self, blocks: list[Block] | None = None, whole_to: int | None = None) -> None:
        self.blocks = blocks or []
        self.whole_to = whole_to

    def add(self, block: Block) -> None:
        """Put a block into its place."""
        self.blocks.append(block)
        self.blocks.sort(key=lambda b: b.time)

    @property
    def open(self) -> bool:
        """Whether an impact waits for what surrounds it."""
        return any(b.open for b in self.blocks)

    def judge(self, model: FallModel, now: int | None = None) -> list[tuple[Block, list[Impact]]]:
        """Judge the impacts whose surroundings are there, or with `now` (micros) also those that are due, by block."""
        found: list[tuple[Block, list[Impact]]] = []
        for index, block in enumerate(self.blocks):
            if not block.open or block.high is None:
                continue
            start, end = block.high[0] - _LEAD - _EDGE, block.high[1] + _FOLLOW + _EDGE
            joined = self._joined(index)
            whole = joined[0].time <= start and joined[-1].end > end
            if not whole and (now is None or now < block.due):
                continue
            # What lies beyond a gap belongs into the window too.
            near = [b.piece() for b in self.blocks if b.end > start - SECOND and b.time < end + SECOND]
            first, last = block.high[0] - STEP, block.high[1] + STEP + 1
            # The grid point of a peak may lie across the border; where both blocks are high, each judges its own.
            if index > 0 and self.blocks[index - 1].high is not None:
                first = max(first, block.time)
            if index + 1 < len(self.blocks) and self.blocks[index + 1].high is not None:
                last = min(last, self.blocks[index + 1].time)
            found.append((block, judge(near, model, first, last)))
            self.blocks[index] = msgspec.structs.replace(block, open=False)
        return found

    def forget(self) -> None:
        """Drop what no window can need any more.

        Needed is the lead of what comes next, what surrounds an impact that is not judged yet, and what surrounds a
        block that is missing and may still come. A stream without a gap costs its last four seconds.
        """
        newest = self.blocks[-1].end
        needed = min([newest, *(b.time for b in self.blocks if b.open)])
        needed = min(needed, max(self._missing_from(), newest - _MOST + _LEAD + SECOND)) - _LEAD - SECOND
        dropped = [b.end for b in self.blocks if b.end <= needed]
        if dropped:
            self.whole_to = max(self.whole_to or 0, *dropped)
            self.blocks = [b for b in self.blocks if b.end > needed]

    def _missing_from(self) -> int:
        """Where the first block that may still come would begin (micros); the stream's end where none is missing."""
        now = max(b.arrival for b in self.blocks)
        before = self.whole_to
        for block in self.blocks:
            if (before is None or block.time - before > LONGEST_GAP) and now < block.due:
                return block.time - _MOST if before is None else before
            before = max(before or 0, block.end)
        return self.blocks[-1].end

    def ended(self, now: int) -> bool:
        """Whether the stream has stopped, so that nothing can join on to it any more."""
        return self.blocks[-1].due + _FORGOTTEN < now

    def _joined(self, index: int) -> list[Block]:
        """The blocks that join on to this one without a gap."""
        first = last = index
        while first > 0 and self.blocks[first].time - self.blocks[first - 1].end <= LONGEST_GAP:
            first -= 1
        while last + 1 < len(self.blocks) and self.blocks[last + 1].time - self.blocks[last].end <= LONGEST_GAP:
            last += 1
        return self.blocks[first : last + 1]
