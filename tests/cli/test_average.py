"""`partimento average` writes a checkpoint that generates, and never over another one unasked."""

from collections.abc import Callable
from pathlib import Path

from partimento.model.checkpoint import file_hash, read_header

Call = Callable[..., tuple[int, str, str]]


def test_a_mean_is_a_checkpoint_that_generates(
    partimento: Call, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    out, twice = tmp_path / "mean.safetensors", [tiny_checkpoint, tiny_checkpoint]
    assert partimento("average", out, *twice, "--licence", "MIT") == (0, f"{out}\n", "")
    header = read_header(out)
    assert header.licence == "MIT"
    assert header.extra["mean_of"] == {file_hash(tiny_checkpoint): 1.0}
    piece = tmp_path / "a.mid"
    assert partimento("generate", piece, "--checkpoint", out, "--bars", "1", "-q")[0] == 0
    assert piece.is_file()


def test_a_checkpoint_that_exists_stays(
    partimento: Call, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    out, twice = tmp_path / "mean.safetensors", [tiny_checkpoint, tiny_checkpoint]
    out.write_text("mine")
    code, _, error = partimento("average", out, *twice)
    assert (code, out.read_text()) == (1, "mine")
    assert "--force" in error
    assert partimento("average", out, *twice, "--force", "--share", "2", "--share", "1")[0] == 0
    assert file_hash(out) != "mine"
