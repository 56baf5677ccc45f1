"""`partimento replay`: the same bytes again, from the file alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from partimento import __version__
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Meter, Note, Score, Tempo, Track

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def replay(partimento: Call, tiny_checkpoint: Path) -> Call:
    """Run `partimento replay` with the tiny model."""

    def call(*arguments: object) -> tuple[int, str, str]:
        return partimento("replay", "--checkpoint", tiny_checkpoint, *arguments)

    return call


@pytest.fixture
def primer(tmp_path: Path) -> Path:
    """Three bars of 3/4 with a tempo between two whole numbers."""
    notes = tuple(Note(24 * beat, 60 + beat % 5, 24) for beat in range(9))
    score = Score(24, (Track(notes, 73),), tempos=(Tempo(0, 90.7),), meters=(Meter(0, 3, 4),))
    write_midi(score, tmp_path / "primer.mid")
    return tmp_path / "primer.mid"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--seed", 9, "--temperature", 1.2, "--top-p", 0.95, "--top-k", 30, "--min-p", 0.01),
        ("--temperature", 1.5, "--temperature-end", 0.5, "--schedule", "exponential"),
        ("--style", "folk", "--key", "minor", "--scale", "dorian", "--lock-key"),
        ("--chords", "Am:2 F:1 C G ...", "--meter", "3/4", "--bpm", 91.3),
        ("--instruments", "violin, violin, cello", "--dynamic", "p", "--pitch-range", "C3-C7"),
        ("--without", "drums, piano"),
        ("--prompt", "a sparkling slow waltz in D minor for strings, starting Dm Gm A7"),
        ("--prompt", "Ländler „für Élise“ 夜想曲 \x07 \udc80"),
        ("--primer", "primer.mid"),
        ("--primer", "primer.mid", "--primer-bars", 1, "--without-primer"),
        ("--primer", "primer.mid", "--prompt", "fast and loud", "--meter", "4/4"),
        ("--precision", "float32"),
        ("--engine", "torch"),
    ],
)
def test_the_same_bytes_come_again(
    generate: Call, replay: Call, primer: Path, options: tuple[object, ...]
) -> None:
    assert generate("--bars", 2, *options, "out.mid")[0] == 0
    if "--primer" in options:
        primer.unlink()  # the file itself holds what it went on from
    assert replay("out.mid") == (0, "out-replay.mid\n", "")
    assert Path("out-replay.mid").read_bytes() == Path("out.mid").read_bytes()


def test_each_of_several_pieces_comes_again(generate: Call, replay: Call) -> None:
    generate("--bars", 2, "-n", 3, "--prompt", "sad jig", "out.mid")
    for number in (1, 2, 3):
        assert replay(f"out-{number}.mid", "again.mid", "--force")[0] == 0
        assert Path("again.mid").read_bytes() == Path(f"out-{number}.mid").read_bytes()


def test_a_replay_of_a_replay_is_the_same(generate: Call, replay: Call) -> None:
    generate("--bars", 1, "a.mid")
    replay("a.mid", "b.mid")
    assert replay("b.mid", "c.mid")[0] == 0
    assert Path("c.mid").read_bytes() == Path("a.mid").read_bytes()


def test_an_existing_file_is_kept_without_force(generate: Call, replay: Call) -> None:
    generate("--bars", 1, "out.mid")
    Path("out-replay.mid").write_text("mine")
    code, out, err = replay("out.mid")
    assert (code, out) == (1, "")
    assert err == ("error: out-replay.mid exists; give another name, or --force to replace it\n")
    assert Path("out-replay.mid").read_text() == "mine"
    assert replay("out.mid", "--force")[0] == 0
    assert Path("out-replay.mid").read_bytes() == Path("out.mid").read_bytes()


def test_a_file_of_another_program_is_refused(replay: Call, primer: Path) -> None:
    code, out, err = replay(primer)
    assert (code, out) == (1, "")
    assert "holds no settings; only files made by partimento can be replayed" in err


def test_other_weights_are_refused_by_name(
    generate: Call, partimento: Call, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    from partimento.model.checkpoint import file_hash, save_checkpoint
    from partimento.model.loading import load_model

    generate("--bars", 1, "out.mid")
    other = tmp_path / "other.safetensors"
    save_checkpoint(other, load_model(tiny_checkpoint)[0], step=1)
    code, _, err = partimento("replay", "out.mid", "--checkpoint", other)
    assert code == 1
    assert f"was made with the weights {file_hash(tiny_checkpoint)}" in err
    assert f"these are {file_hash(other)}; give the right ones with --checkpoint" in err
    assert not Path("out-replay.mid").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:-9], "the stored settings are damaged (JSONDecodeError)"),
        (lambda text: text.replace('"seed"', '"sead"'), "'sead' does not exist; did you mean seed"),
        (lambda text: text.replace('"bars":1', '"bars":0'), "bars must be in [1, 512], got 0"),
        (lambda text: text.replace('"settings"', '"s"'), "are damaged (KeyError)"),
        (lambda text: text.replace('"numba"', '"abacus"'), "engine must be one of numba, torch"),
    ],
)
def test_damaged_settings_are_refused(
    generate: Call, replay: Call, change: Callable[[str], str], message: str
) -> None:
    generate("--bars", 1, "out.mid")
    score = read_midi(Path("out.mid"))[0]
    write_midi(replace(score, texts=tuple(map(change, score.texts))), "changed.mid")
    code, out, err = replay("changed.mid")
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("changed-replay.mid").exists()


def test_a_missing_file_is_one_line(replay: Call, tmp_path: Path) -> None:
    code, _, err = replay(tmp_path / "no.mid")
    assert code == 1
    assert "no.mid" in err
    assert err.count("\n") == 1


def _rewrite(change: Callable[[str], str]) -> None:
    score = read_midi(Path("out.mid"))[0]
    write_midi(replace(score, texts=tuple(map(change, score.texts))), "changed.mid")


def test_another_version_number_alone_changes_nothing(generate: Call, replay: Call) -> None:
    generate("--bars", 1, "out.mid")
    _rewrite(lambda text: text.replace(f'"version":"{__version__}"', '"version":"9.9"'))
    assert replay("changed.mid") == (0, "changed-replay.mid\n", "")
    assert Path("changed-replay.mid").read_bytes() == Path("changed.mid").read_bytes()


def test_a_file_of_a_version_that_writes_other_bytes_is_made_with_a_warning(
    generate: Call, replay: Call
) -> None:
    generate("--bars", 1, "out.mid")
    _rewrite(lambda text: text.replace(f'"version":"{__version__}"', '"version":"9.9","format":2'))
    code, out, err = replay("changed.mid")
    assert (code, out) == (0, "changed-replay.mid\n")
    assert err.startswith("warning: changed.mid was made by version 9.9, ")
    assert "the same bytes are not promised" in err
