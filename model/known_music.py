"""The passages of the music that weights were trained on, in a file beside them."""

from pathlib import Path

from partimento.music.known_passages import KnownPassages, read_known

PASSAGES_FILE = "passages.npz"
"""In the folder of the checkpoint."""


def passages_file(checkpoint: Path) -> Path:
    """Where the passages of a checkpoint's training music are."""
    return checkpoint.with_name(PASSAGES_FILE)


def known_music(checkpoint: Path, data: str) -> KnownPassages | None:
    """The passages that a checkpoint was trained on, by its data's fingerprint.

    None where there is no file of them beside it, or one of other training data. PartimentoError
    for a damaged file.
    """
    path = passages_file(checkpoint)
    if not path.is_file():
        return None
    known = read_known(path)
    return known if data in known.trained else None
