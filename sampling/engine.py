"""What a decode engine is: a plan and a seed in, the tokens of a piece out.

`numba` is the default: compiled on first use, no import of torch. `torch` is the reference
and runs on a GPU. Both make every choice of a token with the same compiled function
(`choice.choose`). `engines.load_engine` makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

from partimento.errors import SettingError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from partimento.music.known_passages import KnownPassages
    from partimento.sampling.plan import Plan
    from partimento.tokenizer.vocabulary import TokenArray

EngineName = Literal["numba", "torch"]
Precision = Literal["float32", "int8"]
"""What an engine computes with."""

DEFAULT_PRECISIONS: Mapping[EngineName, Precision] = {"numba": "int8", "torch": "float32"}
"""What an engine computes with unless told otherwise: int8 is faster, and costs less than 0.5 %
of likelihood (`tests/sampling/engines/test_precision.py`)."""

OnBar = Callable[[int, int], None]
"""Told the index of a piece and how many more of its bars are finished; an engine says 0 when
the piece begins."""


class Engine(Protocol):
    """Writes pieces."""

    name: str
    precision: Precision
    checkpoint: str
    """Hash of the weights' file."""

    @property
    def reads_sketches(self) -> bool:
        """Whether the weights were trained to follow a sketch."""
        ...

    @property
    def known(self) -> KnownPassages | None:
        """The passages of the music that the weights were trained on, where they are known."""
        ...

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: OnBar | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        """The tokens of each plan's piece (T,), prompt included, up to and with EOS.

        `on_bar` is called in the calling thread. When `should_stop()` turns true, which is asked
        after every few tokens, pieces end where they are, without EOS.
        """
        ...

    def nats(self, plan: Plan, tokens: TokenArray) -> npt.NDArray[np.float64]:
        """(N,) what each token of a plan's piece (T,) after its prompt costs the model, in nats."""
        ...

    def stream(self, plan: Plan, seed: int) -> Iterator[TokenArray]:
        """The tokens of one piece as they come: the prompt, then each bar when it is finished.

        The header comes with the first new bar, EOS with the last one. All together they are
        what `decode` returns.
        """
        ...


def check_engine(name: str, precision: str | None = None) -> tuple[EngineName, Precision]:
    """The names as the types that `load_engine` takes; ValueError for unknown ones.

    Without a precision it is the engine's default.
    """
    if name not in get_args(EngineName):
        raise SettingError(
            "engine", f"must be one of {', '.join(get_args(EngineName))}, got {name!r}"
        )
    if precision is None:
        precision = DEFAULT_PRECISIONS[cast(EngineName, name)]
    if precision not in get_args(Precision):
        choices = ", ".join(get_args(Precision))
        raise SettingError("precision", f"must be one of {choices}, got {precision!r}")
    return cast(EngineName, name), cast(Precision, precision)
