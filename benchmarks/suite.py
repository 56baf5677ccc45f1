"""What is measured, part by part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import machine, ours, peers, processes
from benchmarks.timing import Measurement

from partimento.processors import available_cores
from partimento.sampling.engine import Precision
from partimento.sampling.engines.numba_engine import CALL_TOKENS
from partimento.tokenizer.vocabulary import TokenArray

PRECISIONS: tuple[Precision, ...] = ("int8", "float32")
LIMITS, STREAMS = "limits", "two single streams"

Engines = Mapping[Precision, ours.Ours]
Peers = Mapping[str, peers.Peer]


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int = 3
    """Figures are medians of so many."""
    whole: tuple[int, ...] = (256, 2048)
    """Lengths of single streams that are written from the first token on."""
    positions: tuple[int, ...] = (256, 1024, 2048, 4096, 8192, 16_384)
    """Where the time of a token is measured."""
    batches: tuple[int, ...] = (8, 64)
    """Pieces side by side."""
    batch_positions: tuple[int, ...] = (256, 2048, 16_384)
    """Where peers are measured with several pieces."""
    most_kept: int = 8 * 16_384
    """Tokens whose keys and values fit into memory; more are left out."""
    stretch: int = 16
    """Tokens that peers write at a position."""
    seconds: float = 1.5
    """How long the engine decodes a batch."""
    primer: int = 4096
    """Tokens to read ahead."""


QUICK = Scale(
    rounds=1,
    whole=(8,),
    positions=(8, 128),
    batches=(2, 3),
    batch_positions=(8,),
    stretch=2,
    seconds=0.05,
    primer=300,
)
"""Whether all of it runs; its figures mean nothing."""


def limits(checkpoint: Path, scale: Scale) -> list[Measurement]:
    """What the machine can do."""
    weights, _ = ours.matrix_sizes(checkpoint)
    large = machine.LARGE_BYTES if scale.rounds > 1 else 1 << 22
    cores = available_cores()

    def run() -> Mapping[str, float]:
        return {
            "read memory": machine.read_rate(large),
            "read float32": machine.read_rate(4 * weights),
            "read int8": machine.read_rate(weights),
            "product on one": machine.product_rate(1),
            "product on all": machine.product_rate(cores),
        }

    return [Measurement(LIMITS, run)]


def single(engines: Engines, others: Peers, scale: Scale) -> list[Measurement]:
    """One piece at a time."""

    def run_ours(engine: ours.Ours) -> Mapping[str, float]:
        # One piece gives every figure: the whole, and its parts by position.
        _, curve = engine.stream(max(*scale.positions, *scale.whole) + 2 * CALL_TOKENS)
        found = {}
        for tokens in scale.whole:
            calls = max(1, tokens // CALL_TOKENS)
            found[f"first {tokens}"] = float(curve[:calls].mean())
        for position in scale.positions:
            # The four calls around the position: 512 tokens.
            at = position // CALL_TOKENS
            found[f"at {position}"] = float(curve[max(0, at - 2) : at + 2].mean())
        return found

    def run_peer(peer: peers.Peer, threads: int, length: int) -> Mapping[str, float]:
        with peers.torch_threads(threads):
            return {f"first {length}": peer.seconds(1, 1, length)}

    def run_positions(peer: peers.Peer, threads: int) -> Mapping[str, float]:
        with peers.torch_threads(threads):
            return {f"at {p}": peer.seconds(1, p, scale.stretch) for p in scale.positions}

    measurements = [
        Measurement(name, partial(run_ours, engine)) for name, engine in engines.items()
    ]
    for name, peer in others.items():
        threads = peers.best_threads(peer, available_cores())
        for length in scale.whole:
            # A long piece of a slow peer takes half a minute, and is a mean of its tokens anyway.
            rounds = 1 if length > 256 else None
            measurements.append(Measurement(name, partial(run_peer, peer, threads, length), rounds))
        measurements.append(Measurement(name, partial(run_positions, peer, threads)))
    return measurements


def batch(engines: Engines, others: Peers, scale: Scale) -> list[Measurement]:
    """Several pieces side by side, on all cores."""

    def run_ours(engine: ours.Ours) -> Mapping[str, float]:
        found = {f"{count} pieces": engine.batch(count, scale.seconds) for count in scale.batches}
        found[STREAMS] = engine.batch(available_cores(), scale.seconds)
        return found

    def run_peer(peer: peers.Peer) -> Mapping[str, float]:
        found = {}
        with peers.torch_threads(available_cores()):
            for count in scale.batches:
                for position in scale.batch_positions:
                    if peer.keeps_all and count * position > scale.most_kept:
                        continue
                    if not peer.keeps_all and position != scale.batch_positions[0]:
                        continue
                    # Fewer tokens where each takes long.
                    tokens = min(scale.stretch, max(3, scale.stretch * 16_384 // count // position))
                    seconds = peer.seconds(count, position, tokens) / count
                    found[f"{count} pieces at {position}"] = seconds
        return found

    return [
        *(Measurement(name, partial(run_ours, engine)) for name, engine in engines.items()),
        *(Measurement(name, partial(run_peer, peer)) for name, peer in others.items()),
    ]


def prefill(engines: Engines, scale: Scale) -> list[Measurement]:
    """Reading a primer."""

    def run(engine: ours.Ours, primer: TokenArray) -> Mapping[str, float]:
        return {"prefill": engine.prefill(primer) * scale.primer / len(primer)}

    primers = {name: engine.primer(scale.primer) for name, engine in engines.items()}
    return [
        Measurement(name, partial(run, engine, primers[name])) for name, engine in engines.items()
    ]


def start(checkpoint: Path, scale: Scale) -> list[Measurement]:
    """Whole processes."""

    def warm(precision: str) -> Mapping[str, float]:
        process = processes.generate(checkpoint, 16, precision)
        return {"warm": process.seconds, "memory": process.peak_bytes}

    def long(precision: str) -> Mapping[str, float]:
        return {"long memory": processes.generate(checkpoint, 512, precision).peak_bytes}

    def cold() -> Mapping[str, float]:
        return {"cold": processes.cold(checkpoint, PRECISIONS[0]).seconds}

    precisions = PRECISIONS if scale.rounds > 1 else PRECISIONS[:1]
    found = [Measurement(name, partial(warm, name)) for name in precisions]
    if scale.rounds > 1:
        for name in PRECISIONS:
            processes.generate(checkpoint, 1, name)  # so that all is compiled
        found += [Measurement(name, partial(long, name), 1) for name in PRECISIONS]
        found.append(Measurement(PRECISIONS[0], cold, 1))
    return found


Part = Callable[[], list[Measurement]]


def parts(checkpoint: Path, scale: Scale, wanted: list[str]) -> list[Measurement]:
    """The measurements of the wanted parts."""
    engines = {name: ours.Ours(checkpoint, name) for name in PRECISIONS}
    others = peers.make_peers(checkpoint) if {"single", "batch"} & set(wanted) else {}
    known: dict[str, Part] = {
        "limits": lambda: limits(checkpoint, scale),
        "single": lambda: single(engines, others, scale),
        "batch": lambda: batch(engines, others, scale),
        "prefill": lambda: prefill(engines, scale),
        "start": lambda: start(checkpoint, scale),
    }
    return [measurement for name in known if name in wanted for measurement in known[name]()]


PARTS = ("limits", "single", "batch", "prefill", "start")
