"""What a request leaves open but a file must state: the seed, the key, the tempo after a primer."""

import secrets
from dataclasses import dataclass, replace

import numpy as np

from partimento.music.chord_keys import key_of_chords
from partimento.music.keys import KeyName, usual_key
from partimento.request.request import Request
from partimento.request.values import Mode
from partimento.sampling.continuing import usual_bpm
from partimento.sampling.draw import SEED_BITS, derive_seed
from partimento.sampling.primer_bars import Primer
from partimento.tokenizer import vocabulary as v


def random_seed() -> int:
    """A seed for a request without one."""
    return secrets.randbelow(2**SEED_BITS)


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """A request that leaves nothing open that a file must state."""

    request: Request
    """With its seed, a key where one counts, and the tempo of a primer."""
    seed: int


def resolve(request: Request, primer: Primer | None = None) -> ResolvedRequest:
    """Fill in what a request leaves open but a file must state: the seed, a key that counts."""
    seed = random_seed() if request.seed is None else request.seed
    request = replace(request, seed=seed)
    if primer is not None and request.bpm is None:
        request = replace(request, bpm=usual_bpm(primer))
    has_tonic = isinstance(request.key, KeyName)
    of_chords = None if has_tonic else _key_of_chords(request)
    if of_chords is not None:
        request = replace(request, key=of_chords)
    elif not has_tonic and (request.key or request.lock_key or request.scale):
        request = replace(request, key=_choose_key(request, seed, primer))
    return ResolvedRequest(request, seed)


def _key_of_chords(request: Request) -> KeyName | None:
    """The key that the asked chords are in, in the mode that is asked for."""
    if request.chords is None or request.chords.needs_key:
        return None
    bars = min(request.bars, len(request.chords.items))  # once, however often they return
    spans = request.chords.by_bar(request.meter or (4, 4), bars)
    is_minor = request.key.is_minor if isinstance(request.key, Mode) else None
    return key_of_chords([chord for bar in spans for chord in bar], is_minor)


def _choose_key(request: Request, seed: int, primer: Primer | None) -> KeyName:
    """The primer's last key, or else one that the seed picks, in the mode that is asked for."""
    tokens = np.zeros(0, np.uint16) if primer is None else primer.tokens
    keys = tokens[(tokens >= v.KEY) & (tokens < v.METER)]
    drawn = 0 if request.is_greedy else derive_seed(seed, 1) % len(v.KEYS)
    index = int(keys[-1]) - v.KEY if len(keys) else drawn
    is_minor = request.key.is_minor if isinstance(request.key, Mode) else index >= 12
    return usual_key(index % 12, is_minor)
