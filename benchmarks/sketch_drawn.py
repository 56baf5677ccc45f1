"""Sketches that the flow draws, before a note is written, beside those of held-out pieces.

B bars, D numbers of a bar's vector.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from benchmarks.sketch_bench import (
    Bench,
    Figures,
    header_of,
    players_of,
    rounded,
    show_progress,
)

from partimento.model.latent.flow import Flow
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_sampling import SamplingConfig, sample
from partimento.model.latent.steering import BIAS, WEIGHTS
from partimento.music.attributes import ATTRIBUTES
from partimento.music.key_finding import KEY_PROFILES
from partimento.music.sketch import LANES, ONSETS, SLOTS, Floats
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES
from partimento.tokenizer.token_sketches import sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray

CALLS = (6, 12, 24, 48)
"""How often the network is asked for a piece."""
GUIDANCE = (1.0, 1.5, 2.5)
ASKED_WITH = SamplingConfig(24, 1.5)
"""How sketches are drawn for which an attribute is asked."""


def drawn(bench: Bench) -> Figures:
    """Fréchet distance and separability of drawn vectors, by guidance and calls; keys; attributes.

    The flow is told style, key, meter, tempo and instruments of held-out pieces; a guidance among
    the wishes is measured alone. `key` is the share that is likest the key told, of the held-out
    ones too. Attributes are told alone: the bars are not moved towards them, and a probe of the
    vectors says what came of it.
    """
    excerpts = bench.excerpts()
    told = [conditions_like(tokens) for tokens in excerpts]
    real = [bench.vectors(sketch_tokens(tokens)) for tokens in excerpts]
    halves = bench.compare(real[::2], real[1::2])
    figures: Figures = {
        "objective": bench.sketcher.flow.config.objective,
        "pieces": len(real),
        "real halves": halves | {"key": _share_in_key(bench, real, told)},
    }
    asked = bench.wishes.get("guidance")
    for guidance in GUIDANCE if asked is None else (float(str(asked)),):
        for calls in CALLS:
            config = SamplingConfig(calls, guidance)
            made = list(_draw(bench, bench.sketcher.flow, told, config))
            found = bench.compare(real, made) | {"key": _share_in_key(bench, made, told)}
            figures[f"guidance {guidance:g}, {calls} calls"] = found
    return {**figures, "attributes": _attributes(bench)}


def conditions_like(tokens: TokenArray) -> Conditions:
    """What the flow is told of a piece like another one."""
    header = header_of(tokens)
    style, key, meter, tempo = map(header.get, ("style", "key", "meter", "tempo"))
    return Conditions(style, key, meter, tempo, players_of(tokens))


def unsteered(flow: Flow) -> Flow:
    """The same flow without its probe: told of attributes, it is not moved towards them."""
    arrays = flow.arrays()
    return Flow(flow.config, {**arrays, WEIGHTS: np.zeros_like(arrays[WEIGHTS])})


def _draw(
    bench: Bench, flow: Flow, told: Sequence[Conditions], config: SamplingConfig
) -> Iterator[Floats]:
    """(B, D) of each piece; the noise of a piece is the same whatever draws it."""
    for number, conditions in enumerate(told):
        rng = np.random.default_rng((bench.seed, number))
        yield sample(flow, conditions, bench.bars, rng, config)
        show_progress(number + 1, len(told))


def _share_in_key(bench: Bench, pieces: Sequence[Floats], told: Sequence[Conditions]) -> float:
    """Share of the pieces (B, D) whose pitch classes are likest those of the key told."""
    hits = []
    for vectors, conditions in zip(pieces, told, strict=True):
        if conditions.key is not None:
            values = bench.sketcher.autoencoder.decode(vectors)
            onsets = values[:, :ONSETS].reshape(-1, SLOTS, LANES)[..., :12]
            fits = KEY_PROFILES @ onsets.sum((0, 1), dtype=np.float64)
            hits.append(int(np.argmax(fits)) == conditions.key)
    return rounded(np.mean(hits)) if hits else 0.0


def _attributes(bench: Bench) -> Figures:
    """Correlation of what is asked, one attribute a piece, with what the probe says."""
    flow = bench.sketcher.flow
    arrays = flow.arrays()
    wanted = np.random.default_rng(bench.seed).random(bench.pieces)
    figures: Figures = {}
    for name in ATTRIBUTE_WISHES:
        told = [Conditions(attributes={name: float(value)}) for value in wanted]
        means = np.array([v.mean(0) for v in _draw(bench, unsteered(flow), told, ASKED_WITH)])
        number = ATTRIBUTES.index(name)
        said = means @ arrays[WEIGHTS][number] + arrays[BIAS][number]
        figures[name] = rounded(np.corrcoef(wanted, said)[0, 1])
    return figures
