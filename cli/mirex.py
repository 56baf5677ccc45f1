"""`partimento mirex`: the MIREX task of symbolic music generation, from JSON to JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.compiling import compile_notice
from partimento.cli.options import MAX_PIECES, Computing

if TYPE_CHECKING:
    from partimento.music.mirex import Prompt


def command(
    prompt: Annotated[Path, typer.Argument(help='JSON with a "prompt" of four bars.')],
    out: Annotated[
        Path, typer.Argument(help="JSON to write, or a folder for sample_01.json and so on.")
    ],
    computing: Computing,
    num: Annotated[
        int, typer.Option("--num", "-n", min=1, max=MAX_PIECES, help="Continuations to write.")
    ] = 1,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same notes.")
    ] = None,
    temperature: Annotated[
        float, typer.Option(min=0, max=5, help="How bold the choices are.")
    ] = 1.0,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
) -> None:
    """Go on for twelve bars of piano after four, as the MIREX task has it: JSON in and out.

    Example: partimento mirex prompt.json samples -n 8
    """
    from partimento.cli.destinations import check_writable
    from partimento.music.files import write_whole
    from partimento.music.mirex import read_prompt
    from partimento.music.sources import source_name

    found = read_prompt(prompt.read_text("utf-8", errors="replace"), source_name(prompt))
    paths = _paths(out, num)
    if out.suffix != ".json":
        out.mkdir(parents=True, exist_ok=True)
    check_writable(paths, force)
    computing.check()
    with compile_notice():
        texts = _write(found, num, seed, temperature, computing)
    for path, text in zip(paths, texts, strict=True):
        write_whole(path, text.encode("ascii"))
        typer.echo(path)


def _paths(out: Path, count: int) -> list[Path]:
    """Where the continuations go: numbered in a folder as the task names them, or beside `out`."""
    digits = max(2, len(str(count)))
    numbers = [f"{number:0{digits}}" for number in range(1, count + 1)]
    if out.suffix != ".json":
        return [out / f"sample_{number}.json" for number in numbers]
    if count == 1:
        return [out]
    return [out.with_stem(f"{out.stem}-{number}") for number in numbers]


def _write(
    prompt: "Prompt", count: int, seed: int | None, temperature: float, computing: Computing
) -> Sequence[str]:
    """The continuations of a prompt, as JSON."""
    from partimento.music.midi.writer import midi_bytes
    from partimento.music.mirex import NEW_BARS, write_generation
    from partimento.request.request import Request
    from partimento.sampling.draw import derive_seed
    from partimento.sampling.generate import generate
    from partimento.sampling.primer import primer_of
    from partimento.sampling.provenance import StoredPrimer
    from partimento.sampling.resolution import random_seed

    first = random_seed() if seed is None else seed
    requests = [
        Request(
            bars=NEW_BARS,
            meter="4/4",
            instruments=("piano",),
            temperature=temperature,
            seed=derive_seed(first, index),
        )
        for index in range(count)
    ]
    # Whatever is silent at the end of the prompt: its bars count.
    primer = primer_of(StoredPrimer(midi_bytes(prompt.score), prompt.bars))
    pieces = generate(requests, computing.load(), primer, keep_primer=False)
    return [write_generation(piece.score) for piece in pieces]
