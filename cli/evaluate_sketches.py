"""`partimento evaluate` for sketches: what held-out music costs a model that is told its sketch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.display import show_table
from partimento.errors import RemedyError, SettingError

if TYPE_CHECKING:
    from partimento.evaluation.candidates import Candidate
    from partimento.evaluation.comparison import Result


@dataclass(frozen=True)
class Sketches:
    """What the model is told of the held-out music."""

    sketch_noise: Annotated[
        list[float] | None,
        typer.Option(
            help="Tell the model each bar's own sketch with so much noise in it, from 0.05 to 1.5; "
            "may be repeated."
        ),
    ] = None
    autoencoder: Annotated[
        Path | None,
        typer.Option(
            help="Trained autoencoder that makes the sketches; the program's by default.",
            dir_okay=False,
        ),
    ] = None

    def check(self) -> None:
        """Refuse what cannot be told."""
        for noise in self.sketch_noise or ():
            if not noise >= 0:
                raise SettingError("sketch_noise", f"must be at least 0, got {noise:g}")
        if self.autoencoder is not None and not self.sketch_noise:
            raise typer.BadParameter("--autoencoder makes sketches; give --sketch-noise too")


def candidates(sketches: Sketches, checkpoint: Path, tells_ensemble: bool) -> "list[Candidate]":
    """The model of a checkpoint, told the true sketches at each noise level."""
    if not sketches.sketch_noise:
        return []
    from partimento.evaluation.candidates import Candidate
    from partimento.model.latent.autoencoder import PART, Autoencoder
    from partimento.model.latent.weights import shipped_part
    from partimento.model.loading import load_model
    from partimento.training.latent.conditions import TrueSketches
    from partimento.training.likelihood import predictor

    model, header = load_model(checkpoint)
    if header.config.sketch_width is None:
        raise RemedyError(
            f"{checkpoint}: was trained without sketches",
            {"checkpoint": "names one that was trained with them"},
        )
    autoencoder = Autoencoder.load(sketches.autoencoder or shipped_part(PART))
    found = []
    for noise in sketches.sketch_noise:
        told = TrueSketches(autoencoder, noise)
        predict = predictor(model, tells_ensemble=tells_ensemble, tell=told)
        found.append(Candidate(f"noise {noise:g}", predict, {"noise": noise}))
    return found


def report(plain: "Result", told: "Sequence[Result]") -> list[dict[str, object]]:
    """Figures with the sketch told, and how they differ from those without, as JSON values."""
    from partimento.evaluation.comparison import differences

    return [
        {
            **result.to_dict(),
            "differences": {k: round(x, 4) for k, x in differences(result, plain).items()},
        }
        for result in told
    ]


def show(plain: "Result", told: "Sequence[Result]") -> None:
    """Print a row a style: nats a note without a sketch and with it, and the difference."""
    from partimento.evaluation.comparison import differences

    typer.echo("\nnats a note when the model is told the true sketch, with noise in it")
    compared = [differences(result, plain) for result in told]
    columns = ["style", "no sketch", *(result.name for result in told)]
    columns += [f"{result.name} vs none" for result in told]
    rows = []
    for style in [*sorted(plain.styles, key=lambda s: -plain.styles[s].notes), "total"]:
        sums = [r.total if style == "total" else r.styles[style] for r in (plain, *told)]
        figures = [f"{found.nats_per_note:.3f}" for found in sums]
        rows.append([style, *figures, *(f"{change[style]:+.1%}" for change in compared)])
    show_table(columns, rows)
