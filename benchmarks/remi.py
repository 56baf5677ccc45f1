"""Train and measure what one would pick instead: MidiTok's REMI and a Llama of transformers.

python -m benchmarks.remi DATA gated --out runs/peers        this model, from random weights
python -m benchmarks.remi DATA softmax --out runs/peers      its twin with softmax attention
python -m benchmarks.remi DATA llama --out runs/peers        REMI and a Llama of the same size
python -m benchmarks.remi DATA likelihood --out runs/peers   what held-out notes cost each
python -m benchmarks.remi DATA pieces --out runs/peers       what they write, beside held-out music

All train on the same pieces for so many minutes of the processor's time, one thread each, and
keep their weights on the way. SIGINT stops a run, and the same command goes on with it, for longer
where the last mark is later. Then they tell what the same bars of held-out pieces cost them, and
write pieces that are measured alike. MidiTok reads the scores that the corpus' tokens mean, so
that all see the same notes, instruments, dynamics and grid.
"""

import argparse
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from benchmarks import report
from benchmarks.remi_llama import Course, build, costs, load, train
from benchmarks.remi_music import compare, first_bars, held_out_openings, requests_like, write
from benchmarks.remi_pieces import KINDS, Pieces, held_out, kinds, our_kinds, tokenizer
from miditok import REMI

from partimento.evaluation.heard_keys import generated
from partimento.model.checkpoint import read_header, shipped_checkpoint
from partimento.model.loading import load_model
from partimento.model.transformer import Transformer
from partimento.sampling.engines import load_engine
from partimento.tokenizer import vocabulary as v
from partimento.training.corpus import Corpus, load_corpus
from partimento.training.likelihood import model_scorer
from partimento.training.loop import Run
from partimento.training.plan import plan_training

CONFIGS = {"gated": "base", "softmax": "softmax"}
LLAMA = "llama"
NAMES = {"gated": "this model", "softmax": "its softmax twin", LLAMA: "REMI + Llama"}
SAVING_MINUTES = 5.0
"""Between states that a run of this model can be resumed from, if it was killed."""


def ours(name: str, corpus: Corpus, options: argparse.Namespace) -> None:
    """Train this model or its twin as its config says, on the pieces as they are."""
    plan = plan_training(CONFIGS[name], minutes=options.minutes, seed=options.seed)
    settings = replace(
        plan.settings,
        clock="processor",
        evaluate_minutes=SAVING_MINUTES,
        evaluate_pieces=1,
        # No bass and drums are laid under pieces: the others' pieces have none of them either.
        augmentation=replace(plan.settings.augmentation, bands=0.0),
    )
    run = Run(plan.model, settings, corpus, options.out / name)
    marks = [m for m in options.marks if run.seconds < 60 * m]
    for status in run.train(_interrupted()):
        if status.step % 20 == 0:
            print(f"{status.step} {status.seconds:.0f} s {status.loss:.3f}", file=sys.stderr)
        while marks and status.seconds >= 60 * marks[0]:
            shutil.copyfile(run.export(), _weights(options.out, name, marks.pop(0)))


def llama(corpus: Corpus, options: argparse.Namespace) -> None:
    """Train the Llama; it has as many parameters as this model's config."""
    remi = tokenizer()
    parameters = sum(p.numel() for p in Transformer(plan_training("base").model).parameters())
    torch.manual_seed(options.seed)
    model = build(remi, parameters)
    course = Course(options.minutes, options.marks, options.learning_rate, options.rows)
    pieces, state = Pieces(remi, corpus.split("train")), options.out / f"{LLAMA}.pt"
    for mark in train(model, pieces, course, options.seed, state, _interrupted()):
        mark.save(_weights(options.out, LLAMA, mark.minutes))


def _interrupted() -> Callable[[], bool]:
    """Whether SIGINT came from now on; a run then ends after its step."""
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    return lambda: bool(came)


def _weights(out: Path, name: str, minutes: float) -> Path:
    """Where the weights after so many minutes are kept: a file, a folder of the Llama."""
    return out / f"{name}-{minutes:g}{'' if name == LLAMA else '.safetensors'}"


def likelihood(corpus: Corpus, options: argparse.Namespace) -> None:
    """Nats a note and a token of all weights that were kept, on the same bars."""
    remi = tokenizer()
    parts = list(held_out(remi, corpus.split("valid"), options.pieces))
    notes = sum(int(((t >= v.PITCH) & (t < v.DURATION)).sum()) for t, _ in parts)
    rows, last = [], {}
    for name in NAMES:
        for minutes in options.marks:
            path = _weights(options.out, name, minutes)
            if not path.exists():
                continue
            steps, parameters, measure = _scorer(name, path, remi)
            nats = np.concatenate([measure(part) for part in parts])
            last[name] = nats
            rows.append(
                [
                    *(f"{NAMES[name]}, {minutes:g} minutes", f"{parameters:,}", f"{steps:,}"),
                    *(f"{nats.sum() / notes:.3f}", f"{nats.mean():.3f}"),
                    f"{len(nats) / notes:.2f}",
                ]
            )
    head = [f"{len(parts)} pieces, {notes:,} notes", "parameters", "steps"]
    print(report.table([*head, "nats a note", "nats a token", "tokens a note"], rows))
    print()
    of_tokens = {
        name: np.concatenate([kinds(remi, i) if name == LLAMA else our_kinds(t) for t, i in parts])
        for name in last
    }
    print(report.table(["nats a note for", *KINDS], _by_kind(last, of_tokens, notes)))


def _by_kind(
    nats: dict[str, npt.NDArray[np.float64]],
    of_tokens: dict[str, npt.NDArray[np.int64]],
    notes: int,
) -> list[list[str]]:
    """What each kind of token costs of a note, for each name."""
    rows = []
    for name, found in nats.items():
        sums = np.bincount(of_tokens[name], found, len(KINDS)) / notes
        rows.append([NAMES[name], *(f"{nats_a_note:.2f}" for nats_a_note in sums)])
    return rows


def _scorer(
    name: str, path: Path, remi: REMI
) -> tuple[int, int, Callable[[Sequence[npt.NDArray[np.generic]]], npt.NDArray[np.float64]]]:
    """Steps and parameters of weights, and what they say of a piece in both tokens."""
    if name == LLAMA:
        peer, steps = load(path)
        size = sum(p.numel() for p in peer.parameters())
        return steps, size, lambda part: costs(peer, remi, part[1].astype(np.int64))
    model, header = load_model(path)
    score = model_scorer(model)
    size = sum(p.numel() for p in model.parameters())
    return header.step, size, lambda part: score(part[0].astype(np.uint16)).nats


def pieces(corpus: Corpus, options: argparse.Namespace) -> None:
    """What all write, beside the openings of held-out pieces of the same styles."""
    rng = np.random.default_rng(options.seed)
    openings = held_out_openings(corpus, 2 * options.count, rng)
    reference, others = openings[: options.count], openings[options.count :]
    requests = requests_like(reference, options.seed)
    sets = {"other held-out": others}
    minutes = max(options.marks)
    trained = _weights(options.out, "gated", minutes)
    shipped = options.checkpoint or shipped_checkpoint()
    for label, path in ((f"{NAMES['gated']}, {minutes:g} minutes", trained), ("shipped", shipped)):
        if path.exists():
            written = generated(requests, load_engine(path))
            sets[label] = [first_bars(score) for _, score in written]
            print(f"{label}: {read_header(path).step:,} steps", file=sys.stderr)
    peer = _weights(options.out, LLAMA, minutes)
    if peer.exists():
        label = f"{NAMES[LLAMA]}, {minutes:g} minutes"
        sets[label] = write(load(peer)[0], tokenizer(), options.count, options.seed)
    print(compare(sets, reference, options.seed))


PARTS: dict[str, Callable[[Corpus, argparse.Namespace], None]] = {
    "gated": lambda corpus, options: ours("gated", corpus, options),
    "softmax": lambda corpus, options: ours("softmax", corpus, options),
    **{LLAMA: llama, "likelihood": likelihood, "pieces": pieces},
}


def main(arguments: list[str] | None = None) -> int:
    """Train, measure, write and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remi", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("data", type=Path, help="folder of a corpus")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--out", type=Path, default=Path("runs/peers"), help="for the weights")
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--marks", type=float, nargs="+", default=[5.0, 10.0, 20.0])
    parser.add_argument("--learning-rate", type=float, default=Course.learning_rate)
    parser.add_argument("--rows", type=int, default=Course.rows, help="of the Llama's batches")
    parser.add_argument("--pieces", type=int, default=4, help="held-out pieces of each style")
    parser.add_argument("--count", type=int, default=60, help="written pieces of each")
    parser.add_argument("--checkpoint", type=Path, help="instead of the shipped weights")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.marks = tuple(sorted(options.marks))
    options.minutes = options.marks[-1]
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    PARTS[options.part](load_corpus(options.data, options.cache), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
