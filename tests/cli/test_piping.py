"""Standard input and output as files, and text of files that a terminal must not obey."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import midi_bytes, write_midi
from partimento.music.reading import read_score
from partimento.music.score import Control, Note, Score, Tempo, Track

Call = Callable[..., tuple[int, str, str]]
Send = Callable[[bytes], None]

TUNE = Score(
    480,
    (Track(tuple(Note(i * 480, 60 + i, 480) for i in range(8)), 40, False, "Tune"),),
    tempos=(Tempo(0, 100.0),),
)


class _Stream(io.TextIOWrapper):
    """A standard stream of bytes that stays open."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", write_through=True)


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Send:
    """Give the next command bytes on standard input."""
    return lambda content: monkeypatch.setattr(sys, "stdin", _Stream(content))


def sent(command: Call, *arguments: object) -> tuple[int, bytes, str]:
    """Run a command; exit code, the bytes that it writes to standard output, stderr."""
    stream = _Stream()
    captured, sys.stdout = sys.stdout, stream
    try:
        code, _, stderr = command(*arguments)
    finally:
        sys.stdout = captured
    stream.flush()
    return code, stream.buffer.getvalue(), stderr  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", [("info",), ("show",), ("tokenize", "--check")])
def test_a_dash_reads_standard_input(
    partimento: Call, send: Send, command: tuple[str, ...]
) -> None:
    send(midi_bytes(TUNE))
    name, *options = command
    code, stdout, stderr = partimento(name, "-", *options)
    assert (code, stderr) == (0, "")
    assert "2 bars" in stdout or "8" in stdout


def test_what_is_no_music_on_standard_input_is_named(partimento: Call, send: Send) -> None:
    send(b"no music")
    code, stdout, stderr = partimento("info", "-")
    assert (code, stdout) == (1, "")
    assert stderr.startswith("error: standard input: not a MIDI file")


def test_a_closed_standard_input_is_said(partimento: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert partimento("info", "-") == (
        *(1, "", "error: standard input is closed; name a file instead of -\n"),
    )


def test_a_pipe_that_can_be_read_once_is_read_once(
    partimento: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "once.mid"
    write_midi(TUNE, path)
    opened = []
    real = open

    def count(file: object, *rest: object, **more: object) -> object:
        opened.append(str(file))
        return real(file, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", count)
    assert partimento("info", path)[0] == 0
    assert opened.count(str(path)) == 1


def test_a_primer_comes_from_standard_input(generate: Call, send: Send) -> None:
    send(midi_bytes(TUNE))
    assert generate("--primer", "-", "--bars", 1, "--seed", 1, "a.mid")[0] == 0
    assert read_midi(Path("a.mid"))[0].tracks[0].notes[:8] == TUNE.tracks[0].notes


def test_a_piece_goes_to_standard_output_and_its_facts_do_not(generate: Call) -> None:
    code, stdout, stderr = sent(generate, "--bars", 1, "--seed", 1, "-")
    assert code == 0
    assert "seed 1" in stderr
    assert read_midi(io.BytesIO(stdout))[0].note_count
    assert not Path("-").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-n", 2), "--num must be 1 to write to standard output, got 2"),
        (("--wav",), "the output must be named with .wav, got -"),
    ],
)
def test_standard_output_holds_one_file(
    generate: Call, options: tuple[object, ...], message: str
) -> None:
    assert generate("--bars", 1, "-", *options) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize("ending", ["mid", "musicxml", ".wav", "svg"])
def test_a_rendering_goes_to_standard_output(partimento: Call, send: Send, ending: str) -> None:
    if ending == ".wav":
        pytest.importorskip("midirenderer")
    send(midi_bytes(TUNE))
    code, stdout, _ = sent(partimento, "render", "-", "-", "--to", ending)
    head = {"mid": b"MThd", "musicxml": b"<?xml", ".wav": b"RIFF", "svg": b"<svg"}[ending]
    assert code == 0
    assert stdout.startswith(head)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-",), "- has no ending; say what it is to be, such as --to wav"),
        (("-", "-", "--to", "wav"), "- stands for standard output; name it once"),
        (("a.wav", "--to", "wav"), "--to is for standard output; name it by -"),
    ],
)
def test_a_standard_output_without_a_form_is_refused(
    partimento: Call, arguments: tuple[str, ...], message: str
) -> None:
    assert partimento("render", "a.mid", *arguments) == (2, "", f"error: {message}\n")


def test_a_replay_goes_from_standard_input_to_standard_output(
    generate: Call, partimento: Call, send: Send, tiny_checkpoint: Path
) -> None:
    assert generate("--bars", 1, "--seed", 1, "a.mid", "-q")[0] == 0
    made = Path("a.mid").read_bytes()
    send(made)
    code, stdout, _ = sent(partimento, "replay", "-", "-", "--checkpoint", tiny_checkpoint)
    assert (code, stdout) == (0, made)


DAMAGED = midi_bytes(TUNE).replace((600_000).to_bytes(3, "big"), bytes(3))
"""Its tempo is none."""
HOSTILE = "Pad\x1b[31mRED\x1b]0;owned\x07\nlead\u202e"


@pytest.mark.parametrize("command", ["info", "show"])
def test_control_characters_of_a_file_never_reach_the_terminal(
    partimento: Call, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "a.mid"
    write_midi(Score(480, (Track((Note(0, 60, 480),), 0, False, HOSTILE),)), path)
    code, stdout, _ = partimento(command, path)
    assert code == 0
    assert not any(c in stdout for c in "\x1b\x07\x9b\u202e")
    assert "RED" in stdout


def test_control_characters_of_names_never_reach_the_terminal(
    partimento: Call, tmp_path: Path
) -> None:
    path = tmp_path / "a\x1b[31m\nb.mid"
    code, _, stderr = partimento("info", path)
    assert code == 1
    assert "\x1b" not in stderr
    assert stderr.count("\n") == 1


def test_info_counts_what_shapes_the_sound(partimento: Call, tmp_path: Path) -> None:
    controls = (Control(0, "control", 64, 127), Control(9, "bend", 0, 5), Control(20, "bend", 0, 0))
    path = tmp_path / "a.mid"
    write_midi(Score(480, (Track((Note(0, 60, 480),), 0, False, "", controls),)), path)
    assert "controls           pitch bend 2, pedal 1" in partimento("info", path)[1]


def test_warnings_of_a_primer_are_said(generate: Call, tmp_path: Path) -> None:
    (tmp_path / "damaged.mid").write_bytes(DAMAGED)
    code, _, stderr = generate("--primer", "damaged.mid", "--bars", 1, "--seed", 1, "a.mid")
    assert code == 0
    assert "warning: damaged.mid: damaged tempos ignored: 1\n" in stderr


def test_warnings_of_the_primers_of_a_batch_are_said_once(batch: Call, tmp_path: Path) -> None:
    (tmp_path / "damaged.mid").write_bytes(DAMAGED)
    code, _, stderr = batch("damaged.mid", "--bars", 1, "--count", 2, "--out", "new")
    assert code == 0
    assert stderr.count("warning: damaged.mid: damaged tempos ignored: 1\n") == 1


def test_a_folder_of_every_kind_of_file_is_gone_on_from(batch: Call, tmp_path: Path) -> None:
    folder = tmp_path / "tunes"
    folder.mkdir()
    for name in ("a.kar", "b.rmi", "c.MID", "d.mid.gz", "notes.txt~"):
        (folder / name).write_bytes(midi_bytes(TUNE))
    (folder / "c.musicxml").write_text("the sheet music of c.MID")
    code, _, stderr = batch(folder, "--bars", 1, "--name", "{primer}", "--out", "new")
    assert (code, stderr.count("warning")) == (0, 0)
    assert sorted(path.name for path in Path("new").glob("*.mid")) == [
        *("a.mid", "b.mid", "c.mid", "d.mid.mid"),
    ]
    assert read_score(Path("new/a.mid"))[0].tracks[0].notes[:8] == TUNE.tracks[0].notes
