"""Missing packages are named, with the extra that brings them, before any work is done."""

import sys

import pytest

from partimento.music.formats import View
from partimento.rendering.errors import RenderingError
from partimento.rendering.output import ENDINGS
from partimento.rendering.packages import check_packages


@pytest.mark.parametrize(
    ("path", "view", "module", "remedy"),
    [
        (
            "a.wav",
            "roll",
            "midirenderer",
            "midirenderer is not installed; run: pip install .*audio",
        ),
        ("a.mp3", "roll", "soundfile", "soundfile is not installed; run: pip install .*audio"),
        ("a.PNG", "roll", "PIL", "pillow is not installed; run: pip install .*pictures"),
        ("a.svg", "score", "verovio", "verovio is not installed; run: pip install .*score"),
        ("a.pdf", "score", "reportlab", "reportlab is not installed; run: pip install .*score"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, path: str, view: View, module: str, remedy: str
) -> None:
    for needed in ("midirenderer", "soundfile", "PIL", "verovio", "reportlab"):
        pytest.importorskip(needed)
    check_packages(path, view)
    monkeypatch.setitem(sys.modules, module, None)  # how Python marks what cannot be imported
    with pytest.raises(RenderingError, match=remedy):
        check_packages(path, view)


def test_midi_piano_rolls_as_svg_and_musicxml_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("midirenderer", "soundfile", "PIL", "verovio", "reportlab"):
        monkeypatch.setitem(sys.modules, module, None)
    for path in ("a.mid", "a.svg", "a.musicxml"):
        check_packages(path)
    assert {".mid", ".svg", ".musicxml"} <= set(ENDINGS)
