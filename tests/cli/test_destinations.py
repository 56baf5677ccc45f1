"""Which files a call writes, and what is refused before anything is computed."""

from pathlib import Path

import pytest
import typer

from partimento.cli.destinations import Renderings, check_writable, destinations
from partimento.errors import FileTakenError, PartimentoError


def test_a_piece_without_a_name_is_named_after_its_seed() -> None:
    (place,) = destinations(None, 7, 1, Renderings())
    assert place.paths == (Path("partimento-7.mid"),)


def test_several_pieces_are_numbered_with_as_many_digits_as_they_need() -> None:
    places = destinations(Path("out.mid"), 1, 10, Renderings(sound=(".wav",)))
    assert places[0].paths == (Path("out-01.mid"), Path("out-01.wav"))
    assert places[9].paths == (Path("out-10.mid"), Path("out-10.wav"))


@pytest.mark.parametrize(
    ("out", "renderings", "message"),
    [
        ("out.wav", Renderings(), r"must end in \.mid or \.midi, got out\.wav"),
        ("out.mid", Renderings(roll=Path("roll.pdf")), r"--roll must end in \.png or \.svg"),
        ("out.mid", Renderings(score=Path("a.png")), r"--score must end in .*\.pdf, got a\.png"),
        ("out.mid", Renderings(soundfont=Path("a.sf2")), "--soundfont needs --wav"),
        (
            "out.mid",
            Renderings(roll=Path("a.svg"), score=Path("a.svg")),
            r"two files would have the name a\.svg",
        ),
    ],
)
def test_files_that_do_not_fit_are_wrong_usage(
    out: str, renderings: Renderings, message: str
) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        destinations(Path(out), 1, 1, renderings)


def test_what_could_not_be_written_is_refused_beforehand(tmp_path: Path) -> None:
    taken = tmp_path / "a.mid"
    taken.write_bytes(b"")
    with pytest.raises(FileTakenError, match=r"a\.mid"):
        check_writable([taken], force=False)
    check_writable([taken], force=True)
    with pytest.raises(PartimentoError, match="is a folder"):
        check_writable([tmp_path], force=True)
    with pytest.raises(PartimentoError, match="no such folder; create it first"):
        check_writable([tmp_path / "none" / "a.mid"], force=False)
