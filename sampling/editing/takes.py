"""Several takes of the same bars, of which the one is kept that leads best to what follows.

Takes are written in their place, behind what stands before them. How likely the network finds
what follows behind each of them says how well it leads there.
"""

from collections.abc import Sequence

import numpy as np

from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.outline import BarWriter
from partimento.sampling.editing.windows import Window
from partimento.sampling.engine import Engine
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray


def seeds_of(seed: int, takes: int) -> list[int]:
    """The seeds of so many takes; the first is that of one alone."""
    return [seed, *(derive_seed(seed, number) for number in range(1, takes))]


def cost_behind(tokens: TokenArray, window: Window, engine: Engine) -> float:
    """Nats a note of what follows in a window behind bars that were written in their place (T,)."""
    before = without_stop(tokens, window)[:-1]
    shown = np.array([*before.tolist(), *window.behind], np.uint16)
    notes = sum(v.PITCH <= token < v.DURATION for token in window.behind)
    plan = window.plan._replace(prompt=before)
    return float(engine.nats(plan, shown).sum()) / max(1, notes)


def best_take(takes: Sequence[TokenArray], window: Window, engine: Engine) -> TokenArray:
    """The take behind which what follows costs least; the first where nothing follows."""
    if len(takes) == 1 or not window.behind:
        return takes[0]
    return min(takes, key=lambda tokens: cost_behind(tokens, window, engine))


def without_stop(tokens: TokenArray, window: Window) -> TokenArray:
    """What was decoded (T,) without the empty bar that stops it, where bars are left behind."""
    return np.append(tokens[:-2], tokens[-1:]) if _is_stopped(window) else tokens


def as_it_stands(window: Window) -> TokenArray:
    """The tokens (T,) of a window with the bars that were there in the place of written ones."""
    outline, first, last = window.outline, window.first, window.written[-1]
    writer = BarWriter(outline, list(outline.lines))
    tokens = writer.head(first, outline.style)
    for bar in range(first, last + 1):
        tokens += [v.BAR, *writer.changes(bar), *writer.content(bar)]
    stop = [v.BAR] if _is_stopped(window) else []
    return np.array([*tokens, *stop, v.EOS], np.uint16)


def _is_stopped(window: Window) -> bool:
    """Whether bars are left of the piece behind those that are written in their place."""
    forced = window.plan.forced
    return bool(len(forced)) and int(forced[-1]) == v.EOS
