"""Train and measure what one would pick instead: MidiTok's REMI and a Llama of transformers.

python -m benchmarks.remi DATA --minutes 15 --ours runs/mine/model.safetensors

The Llama has as many parameters as the other model, and trains on the same pieces for so many
minutes of processor time, with AdamW. Both then tell what the same bars of held-out pieces cost
them, and write pieces that are measured alike. MidiTok reads the scores that the corpus' tokens
mean, so that both see the same notes, instruments, dynamics and grid.
"""

import argparse
import io
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from benchmarks import report
from benchmarks.remi_pieces import TOKENS, Ids, Pieces, held_out, tokenizer
from miditok import REMI
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from partimento.errors import PartimentoError
from partimento.evaluation.generated import draw_requests
from partimento.evaluation.likeness import separability
from partimento.evaluation.piece_statistics import PieceStatistics, measure_piece
from partimento.model.loading import load_model
from partimento.music.bars import bar_starts
from partimento.music.continuation import until_tick
from partimento.music.score import Score
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import generate
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.loading import load_score
from partimento.training.batches import piece_weights
from partimento.training.corpus import Piece, load_corpus
from partimento.training.likelihood import Scorer, model_scorer

WIDTH, HEADS, FEED_FORWARD = 192, 4, 512
ROWS = 2
"""Of a batch."""
LEARNING_RATE, WEIGHT_DECAY, BETAS, WARM_UP = 1e-3, 0.1, (0.9, 0.95), 30
"""AdamW as small language models are usually trained, falling by a cosine to a tenth."""
BALANCE = 0.4
BARS = 16
WRITTEN = 1200
"""Tokens of a generated piece at most: some 16 bars of four notes a beat."""


def batches(pieces: Pieces, seed: int) -> Iterator[torch.Tensor]:
    """(ROWS, TOKENS + 1) excerpts one after another; styles weigh as in the other model's."""
    rng = np.random.default_rng(seed)
    cumulative = np.cumsum(piece_weights(list(pieces.pieces), BALANCE))
    while True:
        rows = []
        for _ in range(ROWS):
            row = np.zeros(0, np.int64)
            while len(row) <= TOKENS:
                at = np.searchsorted(cumulative, rng.random() * cumulative[-1], "right")
                row = np.append(row, pieces.excerpt(min(int(at), len(cumulative) - 1), rng))
            rows.append(row[: TOKENS + 1])
        yield torch.from_numpy(np.stack(rows))


def build(remi: REMI, parameters: int) -> LlamaForCausalLM:
    """A Llama of about so many parameters."""
    layer = 4 * WIDTH**2 + 3 * WIDTH * FEED_FORWARD
    config = LlamaConfig(
        vocab_size=len(remi),
        hidden_size=WIDTH,
        intermediate_size=FEED_FORWARD,
        num_hidden_layers=max(1, round((parameters - 2 * len(remi) * WIDTH) / layer)),
        num_attention_heads=HEADS,
        max_position_embeddings=TOKENS,
        bos_token_id=remi["BOS_None"],
        eos_token_id=remi["EOS_None"],
        pad_token_id=remi["PAD_None"],
    )
    return LlamaForCausalLM(config)


def train(model: LlamaForCausalLM, pieces: Pieces, minutes: float, seed: int) -> int:
    """Train for so many minutes of processor time, reading not counted; returns the steps."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": WEIGHT_DECAY},
        {"params": others, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS)
    spent, step = 0.0, 0
    for batch in batches(pieces, seed):
        done = spent / (60 * minutes)
        if done >= 1:
            break
        start = time.process_time()
        share = 0.1 + 0.45 * (1 + np.cos(np.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * share * min(1.0, (step + 1) / WARM_UP)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(batch[:, :-1]).logits
        loss = functional.cross_entropy(logits.flatten(0, 1).float(), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        spent += time.process_time() - start
        step += 1
        if step % 20 == 0:
            print(f"{step} {spent:.0f} s {loss.item():.3f}", file=sys.stderr, flush=True)
    return step


@torch.inference_mode()
def cost(model: LlamaForCausalLM, remi: REMI, ids: Ids) -> float:
    """Nats of the tokens of a piece, the first one given as BOS."""
    row = torch.from_numpy(np.append(remi["BOS_None"], ids))[None]
    logits = model(row[:, :-1]).logits[0].float()
    return float(functional.cross_entropy(logits, row[0, 1:], reduction="sum"))


@torch.inference_mode()
def write(model: LlamaForCausalLM, remi: REMI, count: int, seed: int) -> list[Score]:
    """Pieces as the Llama ends them, cut to 16 bars; those that cannot be measured are left out."""
    torch.manual_seed(seed)
    start = torch.full((count, 1), remi["BOS_None"])
    rows = model.generate(  # type: ignore[misc]  # its class and its method disagree on self
        start, do_sample=True, max_new_tokens=WRITTEN, attention_mask=torch.ones_like(start)
    )
    scores = []
    for row in rows.tolist():
        data = remi.decode([token for token in row if token > remi["EOS_None"]]).dumps_midi()
        try:
            score = first_bars(load_score(io.BytesIO(data)).score)
            measure_piece(score)
        except PartimentoError:
            continue
        scores.append(score)
    return scores


def first_bars(score: Score) -> Score:
    """The beginning of a score, or all of it when it is shorter."""
    bars = bar_starts(score)
    return until_tick(score, bars[BARS].start) if len(bars) > BARS else score


def compare(names: Sequence[str], sets: Sequence[Sequence[Score]]) -> str:
    """Means of the measures of each set, and how well each can be told from the last one."""
    vectors = [np.array([astuple(measure_piece(s)) for s in scores]) for scores in sets]
    columns = [field.name for field in fields(PieceStatistics)]
    rows = [
        [name, *(f"{found[:, i].mean():.3f}" for found in map(_whole, vectors))]
        for i, name in enumerate(columns)
    ]
    apart = [
        "-" if found is vectors[-1] else f"{_separability(found, vectors[-1]):.2f}"
        for found in vectors
    ]
    rows += [["told apart (area)", *apart], ["pieces", *(str(len(found)) for found in vectors)]]
    return report.table(["measure", *names], rows)


def _whole(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Pieces in which everything could be measured."""
    return vectors[np.isfinite(vectors).all(1)]


def _separability(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> float:
    # Without the numbers of bars and notes: pieces of all sets are 16 bars or shorter.
    return separability(_whole(one)[:, 2:], _whole(two)[:, 2:], np.random.default_rng(0))


def main(arguments: list[str] | None = None) -> int:
    """Train, measure, write and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remi", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("data", type=Path, help="folder of a corpus")
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--ours", type=Path, required=True, help="checkpoint to stand beside")
    parser.add_argument("--minutes", type=float, default=15, help="of the processor")
    parser.add_argument("--pieces", type=int, default=8, help="held-out pieces of each style")
    parser.add_argument("--count", type=int, default=50, help="generated pieces of each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    ours, _ = load_model(options.ours)
    ours.train(False)
    corpus = load_corpus(options.data, options.cache)
    remi = tokenizer()
    torch.manual_seed(options.seed)
    llama = build(remi, sum(p.numel() for p in ours.parameters()))
    steps = train(llama, Pieces(remi, corpus.split("train")), options.minutes, options.seed)
    llama.train(False)
    sizes = [sum(p.numel() for p in model.parameters()) for model in (ours, llama)]
    print(f"{steps} steps; parameters: {sizes[0]:,} and {sizes[1]:,}\n")
    print(likelihoods(llama, remi, model_scorer(ours), corpus.split("valid"), options.pieces))
    requests = [r for rs in draw_requests(options.count, options.seed) for r in rs]
    written = [piece.score for piece in generate(requests, load_engine(options.ours))]
    ends = [first_bars(decode(piece.tokens)) for piece in corpus.split("valid")]
    rng = np.random.default_rng(options.seed)
    real = [ends[i] for i in rng.permutation(len(ends))[: options.count]]
    others = write(llama, remi, options.count, options.seed)
    print()
    print(compare(["this model", "REMI + Llama", "held-out"], [written, others, real]))
    return 0


def likelihoods(
    llama: LlamaForCausalLM, remi: REMI, score: Scorer, pieces: Iterable[Piece], each: int
) -> str:
    """Nats a note and a token of both, on the same bars."""
    nats, lengths, notes, count = np.zeros(2), np.zeros(2), 0, 0
    for tokens, ids in held_out(remi, pieces, each):
        nats += float(score(tokens).nats.sum()), cost(llama, remi, ids)
        lengths += len(tokens) - 1, len(ids)
        notes += int(((tokens >= v.PITCH) & (tokens < v.DURATION)).sum())
        count += 1
    rows = [
        [name, f"{nats[i] / notes:.3f}", f"{nats[i] / lengths[i]:.3f}", f"{lengths[i] / notes:.2f}"]
        for i, name in enumerate(("this model", "REMI + Llama"))
    ]
    head = [f"{count} pieces, {notes:,} notes", "nats a note", "nats a token", "tokens a note"]
    return report.table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
