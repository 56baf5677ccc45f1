"""The benchmark of sketches: what it counts, and that each part runs."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benchmarks.sketch_bench import f1, first_bars, wish_like
from benchmarks.sketch_drawn import conditions_like, unsteered
from benchmarks.sketch_forms import Likeness, Return, held_likeness, made_likeness, returns
from benchmarks.sketch_reworked import bump

from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.flow import Flow, FlowConfig, weight_shapes
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track
from partimento.music.sketch import Floats
from partimento.request.request import Request
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray

ROOT = Path(__file__).parents[1]
PIECES = ROOT / "tests" / "pieces"


def waltz() -> TokenArray:
    """Four bars of a flute in D minor."""
    notes = tuple(Note(24 * beat, 62 + beat % 3, 24) for beat in range(12))
    score = Score(
        24,
        (Track(notes, 73),),
        tempos=(Tempo(0, 90),),
        meters=(Meter(0, 3, 4),),
        keys=(Key(0, 2, True),),
        style="folk",
    )
    return encode(score).tokens


def bars_of(letters: str) -> Floats:
    """Bars of four onsets each; equal letters are equal bars, others share no onset."""
    names = sorted(set(letters))
    table = np.repeat(np.eye(len(names), dtype=np.float32), 4, axis=1)
    return table[[names.index(letter) for letter in letters]]


def test_a_piece_like_another_one_is_told_what_that_one_says() -> None:
    request = wish_like(waltz(), 7, {"follow": 0.4}).request
    assert request.bpm == pytest.approx(90, rel=0.02)  # the nearest of the vocabulary
    asked = {"bars": 4, "style": "folk", "key": "Dm", "meter": "3/4", "bpm": request.bpm}
    players = {"instruments": ["flute"], "follow": 0.4, "seed": 7}
    assert request == Request.from_dict({**asked, **players})
    told = conditions_like(waltz())
    assert told.style is not None
    assert v.STYLES[told.style] == "folk"
    assert told.instruments == (v.INSTRUMENTS.index("flute"),)


def test_an_excerpt_has_the_first_bars_of_a_longer_piece() -> None:
    excerpt = first_bars(waltz(), 3)
    assert excerpt is not None
    assert (excerpt == v.BAR).sum() == 3
    assert excerpt[-1] == v.EOS
    assert first_bars(waltz(), 4) is None


def test_a_section_returns_when_its_first_two_bars_do() -> None:
    assert list(returns(bars_of("abcdefghijklmnopabxdefgh"))) == [Return(0, 16)]
    assert list(returns(bars_of("abcdefghijklmnopaxcdefgh"))) == []
    # The bar is there in between, or the bars before are equal too: no section begins.
    assert list(returns(bars_of("abcdefghajklmnopabcdefgh"))) == []
    assert list(returns(bars_of("abcdefghijklmnopabcdefghi")))[1:] == []


def test_bars_by_which_a_return_is_found_do_not_count() -> None:
    onsets = bars_of("abcdefghijklmnopabxdefgh")
    found = held_likeness(onsets, [Return(0, 16)])
    assert found.returning == [0, 1, 1, 1, 1, 1]
    assert found.other == [0] * 6


def test_the_sections_of_a_form_are_compared_bar_by_bar() -> None:
    found = made_likeness(bars_of("abcabdxyzabc"), 1)
    # AABA of three bars: A with A', A with A'', A' with A'', from the second bar on.
    assert found == Likeness([1, 0, 1, 1, 1, 0], [0] * 6)


def test_a_bump_is_measured_from_the_dearer_end() -> None:
    assert bump([1.0, 1.5, 1.25]) == pytest.approx(0.2)
    assert bump([2.0, 1.5, 1.0]) == pytest.approx(-0.25)


def test_f1_counts_what_both_have() -> None:
    assert f1(np.array([1.0, 1, 0]), np.array([1.0, 0, 0])) == pytest.approx(2 / 3)
    assert f1(np.zeros(3), np.zeros(3)) == 1


def test_a_flow_without_its_probe_is_not_steered() -> None:
    config = FlowConfig(latent=6, width=12, layers=1, heads=2, bars=4)
    flow = Flow(config, {n: np.ones(s, np.float32) for n, s in weight_shapes(config).items()})
    assert flow.aim({"density": 0.5}) is not None
    assert unsteered(flow).aim({"density": 0.5}) is None


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pieces of the tests as a corpus of held-out ones."""
    folder = tmp_path_factory.mktemp("held_out")
    lines = []
    for line in (PIECES / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        (folder / entry["path"]).write_bytes((PIECES / entry["path"]).read_bytes())
        lines.append(json.dumps({**entry, "split": "valid", "chords": None}))
    (folder / "manifest.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "arguments", "names"),
    [
        ("attributes", ("--pieces", 12, "--bars", 2), {"density", "register"}),
        ("blend", ("--pieces", 2, "--bars", 4), {"pairs", "to the first", "bump"}),
        ("vary", ("--pieces", 1, "--bars", 9), {"f1", "kept beside bars 5-8"}),
        ("structure", ("--pieces", 2, "--bars", 4), {"held-out", "sketch", "none"}),
        ("start", ("--pieces", 1, "--bars", 1), {"with a sketch", "and its picture"}),
    ],
)
def test_a_part_prints_its_figures(
    part: str,
    arguments: tuple[object, ...],
    names: set[str],
    held_out: Path,
    save_tiny: Callable[..., Path],
) -> None:
    checkpoint = save_tiny(sketch_width=INPUTS, name="sketching")
    command = (sys.executable, "-m", "benchmarks.sketches", part, "--checkpoint", checkpoint)
    done = subprocess.run(
        [*map(str, (*command, "--data", held_out, *arguments))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)[part]
    assert names <= set(figures)
    if part == "vary":
        assert figures["kept beside bars 5-8"] == [1.0] * 5


def test_a_part_without_its_data_says_so(save_tiny: Callable[..., Path]) -> None:
    checkpoint = save_tiny(sketch_width=INPUTS, name="sketching")
    command = (sys.executable, "-m", "benchmarks.sketches", "likeness")
    done = subprocess.run(
        [*command, "--checkpoint", str(checkpoint)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "this part needs --data" in done.stderr
