"""`partimento index`: keep what weights were trained on beside them, to compare pieces with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.display import warn
from partimento.cli.training_run import load_corpus_of, note, progress_bar

if TYPE_CHECKING:
    from partimento.training.corpus import Corpus


def command(
    data: Annotated[
        Path, typer.Option(help="Folder that the weights were trained on.", exists=True)
    ],
    checkpoint: Annotated[
        list[Path], typer.Option(help="Weights; may be repeated for others of the same folder.")
    ],
    spread: Annotated[
        Path | None,
        typer.Option(help="Measure for --best-of too, between which figures the music lies."),
    ] = None,
    cache: Annotated[Path, typer.Option(help="Folder for the tokenised corpus.")] = Path("cache"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the path only.")] = False,
) -> None:
    """Index the passages of the music that weights were trained on, for --original and info.

    `partimento train` does so itself; this is for weights that have no passages.npz beside them.

    Example: partimento index --data my_midi --checkpoint runs/mine/model.safetensors
    """
    from partimento.cli.destinations import check_writable
    from partimento.model.checkpoint import read_header
    from partimento.model.known_music import passages_file
    from partimento.training.passages import check_same_folder, passages_of, save_passages

    check_same_folder(checkpoint)
    files = [passages_file(checkpoint[0]), *([spread] if spread is not None else [])]
    check_writable(files, force)
    trained = {path: read_header(path).data for path in checkpoint}
    corpus = load_corpus_of(data, cache, 0, quiet)
    for path, fingerprint in trained.items():
        if fingerprint != corpus.fingerprint:
            warn(
                f"{path} was trained on the data {fingerprint or '(not named)'}, this is "
                f"{corpus.fingerprint}; it is taken for the same music, read by another version"
            )
    pieces = corpus.split("train")
    with progress_bar("passages of {task.completed:,} of {task.total:,} pieces", quiet) as bar:
        task = bar.add_task("index", total=len(pieces))
        known = passages_of(
            pieces,
            [corpus.fingerprint, *trained.values()],
            lambda count: bar.update(task, advance=count),
        )
    path = save_passages(checkpoint[0], known)
    chance = known.sets[0].chance
    note(
        f"{path.stat().st_size:,} bytes; a passage that is not in them is taken for one that is "
        f"with a chance of {chance:.2%}, a run of 16 notes with one of {chance**5:.1e}",
        quiet,
    )
    typer.echo(path)
    if spread is not None:
        _save_spread(spread, checkpoint, corpus, quiet)


def _save_spread(path: Path, checkpoints: list[Path], corpus: "Corpus", quiet: bool) -> None:
    """Write the bands of the training music, and of what held-out music costs the checkpoints."""
    from partimento.evaluation.spreads import spread_of
    from partimento.music.spread import save_spread
    from partimento.sampling.engines import load_engine

    note("measuring the openings of the pieces", quiet)
    engines = [load_engine(checkpoint) for checkpoint in checkpoints]
    save_spread(spread_of(corpus.split("train"), corpus.split("valid"), engines), path)
    typer.echo(path)
