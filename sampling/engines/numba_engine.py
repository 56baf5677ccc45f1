"""The fast engine: compiled by numba, on the CPU, without torch.

Pieces are decoded side by side, one thread a core. A slot that a finished piece leaves is
taken by the next one that waits. A prompt is read once, however many pieces start with it.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from partimento.model.checkpoint import file_hash, read_arrays
from partimento.model.compiled.packing import Floats, Weights, pack
from partimento.model.compiled.quantization import quantize
from partimento.request.request import Request
from partimento.sampling.choice import describe
from partimento.sampling.engines import Precision, available_cores
from partimento.sampling.engines.decoding import FAILED, Batch, new_batch, run
from partimento.sampling.pieces import new_pieces, place, progress
from partimento.sampling.plan import Plan, make_plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

SLOTS = 32
"""Pieces side by side in one thread: matrices are read at full speed from a dozen rows on, and
the states of more pieces on two cores would leave a third-level cache of 32 MB."""
PREFILL_ROWS = 96
"""Tokens of a prompt in one pass: enough that matrices are read seldom, few enough to stay in
the second-level cache."""
CALL_TOKENS = 128
"""Tokens that one call of the compiled loop writes, in all its pieces together: some 10 ms,
after which finished bars are reported and a stop is seen."""

LEAST_STEPS = 8
"""Tokens for each piece in one call, however many pieces there are."""

NO_PROMPT = np.zeros(0, np.uint16)
NO_LOGITS = np.zeros((0, v.SIZE), np.float32)

Bars = tuple[int, int]
"""Index of a piece and how many bars it has finished since the last report."""


class NumbaEngine:
    """Decode with compiled kernels on the weights of a checkpoint."""

    name = "numba"

    def __init__(self, checkpoint: Path, precision: Precision) -> None:
        self.checkpoint = file_hash(checkpoint)
        self.precision = precision
        self.header, arrays = read_arrays(checkpoint)
        weights = pack(self.header.config, arrays)
        self._weights = quantize(weights) if precision == "int8" else weights

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        """The tokens of each plan's piece, as `Engine.decode` says."""
        threads = min(available_cores(), len(plans))
        runs = [
            _Run(self._weights, plans, seeds, range(first, len(plans), threads))
            for first in range(threads)
        ]
        with closing(runs[0].bars() if threads == 1 else _in_threads(runs)) as reports:
            for report in reports:
                if on_bar is not None:
                    for piece, bars in report:
                        on_bar(piece, bars)
                if should_stop is not None and should_stop():
                    break
        written = {index: tokens for run in runs for index, tokens in run.written.items()}
        return [np.concatenate([plan.prompt, *written[index]]) for index, plan in enumerate(plans)]

    def logits(self, tokens: TokenArray, total_bars: int = 0) -> Floats:
        """Logits (T, V) of the token after each of tokens (T,), in one pass; for scoring.

        An EOS at the end is not read. `total_bars` is the length that the model is told (0: not
        told).
        """
        plan = make_plan(Request(bars=1), tokens)
        pieces = new_pieces([plan], 1)
        place(pieces, 0, plan, 0)
        c.reset(c.Cursor(*(array[0] for array in pieces.cursor)), total_bars, 0)
        rows = min(PREFILL_ROWS, len(plan.prompt))
        found = np.zeros((len(plan.prompt), v.SIZE), np.float32)
        run(self._weights, new_batch(self._weights, pieces, rows, 0), plan.prompt, 0, found, 0, 0)
        return found


class _Run:
    """The pieces of one thread, in slots that they take and leave."""

    def __init__(
        self, weights: Weights, plans: Sequence[Plan], seeds: Sequence[int], indices: range
    ) -> None:
        self._weights = weights
        self._plans, self._seeds = plans, seeds
        self._waiting = deque(indices)
        self._uses = Counter(_prompt_key(plans[index]) for index in indices)
        self._snapshots: dict[tuple[bytes, int], _Snapshot] = {}
        self._slots = min(SLOTS, len(indices))
        self.written: dict[int, list[TokenArray]] = {index: [] for index in indices}
        """Tokens of each piece after its prompt, in parts."""

    def bars(self) -> Generator[list[Bars], None, None]:
        """Decode all pieces, with a report of finished bars after every few tokens."""
        longest = max(len(self._plans[index].prompt) for index in self._waiting)
        rows = min(PREFILL_ROWS, longest)
        pieces = new_pieces([self._plans[index] for index in self._waiting], self._slots)
        batch = new_batch(self._weights, pieces, rows, CALL_TOKENS)
        piece_of: dict[int, int] = {}
        reported = dict.fromkeys(self._waiting, 0)
        count = 0
        while count or self._waiting:
            count = self._fill(batch, piece_of, count)
            steps = max(LEAST_STEPS, CALL_TOKENS // count)
            count = run(self._weights, batch, NO_PROMPT, 0, NO_LOGITS, count, steps)
            under_way = set(batch.slots[:count].tolist())
            report = []
            for slot, index in list(piece_of.items()):
                length = int(batch.lengths[slot])
                if length == FAILED:
                    state = describe(pieces, slot)
                    raise RuntimeError(f"piece {index}: no token is possible: {state}")
                self.written[index].append(batch.tokens[slot, :length].copy())
                scalars = pieces.cursor.scalars[slot]
                opened = int(scalars[c.BARS] - self._plans[index].bars[0])
                finished = max(opened - (scalars[c.PHASE] != c.DONE), 0)
                if finished > reported[index]:
                    report.append((index, finished - reported[index]))
                    reported[index] = finished
                if slot not in under_way:
                    del piece_of[slot]
            yield report

    def _fill(self, batch: Batch, piece_of: dict[int, int], count: int) -> int:
        """Put waiting pieces into free slots; the rows that are under way then."""
        free = [slot for slot in range(self._slots) if slot not in piece_of]
        if not (free and self._waiting):
            return count
        logits = batch.scratch.logits
        kept = logits[:count].copy()
        for slot in free:
            if not self._waiting:
                break
            index = self._waiting.popleft()
            piece_of[slot] = index
            start = self._start(batch, slot, index)
            kept = np.concatenate([kept, start[None]])
            batch.slots[count] = slot
            count += 1
        logits[:count] = kept
        return count

    def _start(self, batch: Batch, slot: int, index: int) -> Floats:
        """Bring a slot to the end of a piece's prompt; the logits (V,) there."""
        plan = self._plans[index]
        place(batch.pieces, slot, plan, self._seeds[index])
        key = _prompt_key(plan)
        self._uses[key] -= 1
        if key in self._snapshots:
            # The last piece with this prompt takes the snapshot with it.
            known = self._snapshots[key] if self._uses[key] else self._snapshots.pop(key)
            return known.restore(batch, slot)
        run(self._weights, batch, plan.prompt, slot, NO_LOGITS, 0, 0)
        logits: Floats = batch.scratch.logits[0].copy()
        if self._uses[key]:
            self._snapshots[key] = _Snapshot(batch, slot, logits)
        return logits


class _Snapshot:
    """Where a prompt leads: a copy of what it leaves in a slot."""

    def __init__(self, batch: Batch, slot: int, logits: Floats) -> None:
        self._kept = [array[slot].copy() for array in _state(batch)]
        self._logits = logits

    def restore(self, batch: Batch, slot: int) -> Floats:
        """Bring another slot to the same place; the logits (V,) there."""
        for array, kept in zip(_state(batch), self._kept, strict=True):
            array[slot] = kept
        return self._logits


def _state(batch: Batch) -> tuple[npt.NDArray[np.generic], ...]:
    return (*progress(batch.pieces), *batch.memory)


def _prompt_key(plan: Plan) -> tuple[bytes, int]:
    """What the state after a prompt depends on: its tokens, and how many bars are left."""
    return plan.prompt.tobytes(), int(plan.bars[1])


def _in_threads(runs: Sequence[_Run]) -> Generator[list[Bars], None, None]:
    """Decode runs side by side; their reports arrive in the thread that asks for them."""
    reports: SimpleQueue[list[Bars] | BaseException | None] = SimpleQueue()
    stop = threading.Event()

    def work(run: _Run) -> None:
        try:
            for report in run.bars():
                reports.put(report)
                if stop.is_set():
                    break
            reports.put(None)
        except BaseException as error:
            reports.put(error)

    threads = [threading.Thread(target=work, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            report = reports.get()
            if isinstance(report, BaseException):
                raise report
            if report is None:
                running -= 1
            else:
                yield report
    finally:
        stop.set()
        for thread in threads:
            thread.join()
