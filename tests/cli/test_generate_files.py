"""`generate`: the files it writes, those it refuses to write, and one line for every mistake."""

import json
import os
import shlex
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.rendering.audio.loudness import SAMPLE_RATE
from partimento.rendering.audio.synth import TAIL_SECONDS

Call = Callable[..., tuple[int, str, str]]
SHORT = ("--bars", 1, "--meter", "4/4", "--bpm", 120, "--seed", 1)


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--bars 0", "--bars must be in [1, 512], got 0"),
        ("--bars 513", "--bars must be in [1, 512], got 513"),
        ("--bars two", "--bars"),
        ("--style polka", "style must be one of"),
        ("--key H", "got 'H'"),
        ("--scale doric", "scale must be one of"),
        ("--meter 7/8", "got '7/8'"),
        ("--bpm 5", "--bpm must be in [10, 400], got 5.0"),
        ("--bpm nan", "--bpm must be in [10, 400], got nan"),
        ("--instruments 'violin, theremino'", "theremino"),
        ("--instruments ,", "--instruments must be 1 to 16 names, got 0"),
        ("--without gong --instruments gong", "gong"),
        ("--without violin --instruments violin", "--without must not name what is asked for"),
        ("--chords 'Am H'", "'H'"),
        ("--chords C:3 --meter 4/4", "must fill each bar of 4/4 with exactly 4 beats"),
        ("--chords C:2", "--chords with beats need a meter, got 'C:2' without one"),
        ("--pitch-range C6-C3", "C6-C3"),
        (
            "--pitch-range C#4-C#4 --key C --lock-key",
            "--pitch-range C#4-C#4 holds no note of C major; widen the range",
        ),
        ("--dynamic loud", "--dynamic must be one of ppp, pp"),
        ("--primer-bars 2", "--primer-bars needs a primer, got 2 without one"),
        ("--without-primer", "--without-primer needs a --primer"),
        ("--mode bold", "'bold' is not one of 'considered', 'expressive'"),
        ("--temperature -0.1", "--temperature must be in [0, 5], got -0.1"),
        ("--temperature 5.1", "--temperature must be in [0, 5], got 5.1"),
        ("--temperature-end 6", "--temperature-end must be in [0, 5], got 6.0"),
        ("--schedule cosine", "--schedule needs a temperature_end, got 'cosine' without one"),
        ("--schedule steps", "'steps' is not one of 'constant', 'linear'"),
        ("--top-k 385", "--top-k must be in [1, 384], got 385"),
        ("--top-p 0", "--top-p must be in (0, 1], got 0.0"),
        ("--top-p 1.4", "--top-p must be in (0, 1], got 1.4"),
        ("--min-p 1", "--min-p must be in [0, 1), got 1.0"),
        ("--seed -1", "--seed must be in [0, 9007199254740991], got -1"),
        ("-n 0", "--num must be in [1, 9999], got 0"),
        ("-n 10000", "--num must be in [1, 9999], got 10000"),
        ("--engine onnx", "'onnx' is not one of 'numba', 'torch'"),
        ("--device cuda", "--device must be cpu with --engine numba, got cuda"),
        ("--engine torch --precision int8", "--precision must be float32 with --engine torch"),
        ("--prompt waltz --bars 0", "--bars must be in [1, 512], got 0"),
        ("--roll out.jpg", "--roll must end in .png or .svg, got out.jpg"),
        ("--score out.png", "--score must end in .svg, .musicxml or .pdf, got out.png"),
        ("--roll a.svg --score a.svg", "two files would have the name a.svg"),
        ("--soundfont a.sf2", "--soundfont needs --wav, --flac, --ogg or --mp3"),
        ("--loudness=-20", "--loudness needs --wav, --flac, --ogg or --mp3"),
        ("--wav --loudness 3", "--loudness must be in [-50, -5] LUFS, got 3"),
        ("--tempo 90", "No such option: --tempo"),
        ("two.mid", "unexpected extra argument"),
    ],
)
def test_a_wrong_wish_is_one_line_and_exit_code_2(
    generate: Call, options: str, message: str
) -> None:
    code, out, err = generate("out.mid", *shlex.split(options))
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert names() == []


def test_an_output_that_is_no_midi_file_is_wrong_usage(generate: Call) -> None:
    assert generate("out.wav") == (
        2,
        "",
        "error: the output must end in .mid or .midi, got out.wav\n",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--checkpoint no.safetensors", "no.safetensors: no such checkpoint"),
        ("--checkpoint junk.bin", "junk.bin"),
        ("--primer no.mid", "no.mid"),
        ("--primer junk.bin", "junk.bin: not a MIDI file"),
        ("--wav --soundfont no.sf2", "no.sf2: cannot be read"),
        ("--wav --soundfont junk.bin", "junk.bin: not a SoundFont 2 file"),
        ("--roll nowhere/out.svg", "nowhere: no such folder; create it first"),
    ],
)
def test_what_cannot_be_read_or_written_is_one_line_and_exit_code_1(
    generate: Call, options: str, message: str
) -> None:
    Path("junk.bin").write_bytes(b"\x00\x01junk" * 40)
    code, out, err = generate(*SHORT, *shlex.split(options), "out.mid")
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1
    assert names() == ["junk.bin"]


def test_no_file_is_overwritten_without_force(generate: Call) -> None:
    for name in ("out.mid", "out-2.mid"):
        Path(name).write_text("mine")
    assert generate(*SHORT, "out.mid") == (
        *(1, ""),
        "error: out.mid exists; give another name, or --force to replace it\n",
    )
    assert "out-2.mid exists" in generate(*SHORT, "-n", 3, "out.mid")[2]
    assert names() == ["out-2.mid", "out.mid"]
    assert [Path(name).read_text() for name in names()] == ["mine", "mine"]
    assert generate(*SHORT, "--force", "out.mid")[0] == 0
    assert Path("out.mid").read_bytes()[:4] == b"MThd"


def test_a_rendering_is_not_overwritten_either(generate: Call) -> None:
    pytest.importorskip("midirenderer")
    Path("out.wav").write_text("mine")
    code, _, err = generate(*SHORT, "--wav", "out.mid")
    assert (code, names()) == (1, ["out.wav"])
    assert "out.wav exists" in err
    assert generate(*SHORT, "--wav", "--force", "out.mid")[0] == 0
    assert Path("out.wav").read_bytes()[:4] == b"RIFF"


def test_a_folder_is_no_file_to_write(generate: Call) -> None:
    Path("out.mid").mkdir()
    assert "out.mid is a folder; name a file in it" in generate(*SHORT, "--force", "out.mid")[2]


def test_a_file_appears_whole_under_its_name(generate: Call) -> None:
    Path("out.mid").write_text("old")
    os.link("out.mid", "other name.mid")
    generate(*SHORT, "--force", "out.mid")
    # Written beside and renamed: who still has the old file open keeps it whole.
    assert Path("other name.mid").read_text() == "old"
    assert names() == ["other name.mid", "out.mid"]


def test_sound_stands_beside_the_midi_file(generate: Call) -> None:
    pytest.importorskip("midirenderer")
    soundfile = pytest.importorskip("soundfile")
    code, out, err = generate(*SHORT, "--wav", "--flac", "--ogg", "--mp3", "--quiet", "out.mid")
    assert (code, err) == (0, "")
    files = [f"out.{ending}" for ending in ("mid", "wav", "flac", "ogg", "mp3")]
    assert out.split() == files
    assert names() == sorted(files)
    for path in files[1:]:
        sound = soundfile.info(path)
        assert (sound.samplerate, sound.channels) == (SAMPLE_RATE, 2)
        # One bar of 4/4 at 120 lasts two seconds; its last note may end before.
        assert 1 < sound.duration < 2 + TAIL_SECONDS + 0.1


def test_a_missing_package_is_said_before_anything_is_written(
    generate: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "midirenderer", None)  # as if it could not be imported
    code, out, err = generate(*SHORT, "--wav", "out.mid")
    assert (code, out, names()) == (1, "", [])
    assert err == ("error: midirenderer is not installed; run: pip install 'partimento[audio]'\n")


def test_another_sound_font_sounds_the_same_when_it_is_the_same(generate: Call) -> None:
    audio = pytest.importorskip("partimento.rendering.audio.soundfont")
    pytest.importorskip("midirenderer")
    generate(*SHORT, "--wav", "a.mid")
    generate(*SHORT, "--wav", "--soundfont", audio.general_midi_soundfont(), "b.mid")
    assert Path("a.wav").read_bytes() == Path("b.wav").read_bytes()


def test_renderings_of_several_pieces_are_numbered_as_they_are(generate: Call) -> None:
    pytest.importorskip("midirenderer")
    code, out, _ = generate(*SHORT, "-n", 2, "--wav", "--roll", "picture.svg", "--json", "out.mid")
    assert code == 0
    assert [json.loads(line)["files"] for line in out.splitlines()] == [
        [f"out-{i}.mid", f"out-{i}.wav", f"picture-{i}.svg"] for i in (1, 2)
    ]
    assert names() == sorted(
        f"{stem}" for i in (1, 2) for stem in (f"out-{i}.mid", f"out-{i}.wav", f"picture-{i}.svg")
    )
    assert ">out-2</text>" in Path("picture-2.svg").read_text()


def test_the_lines_after_the_facts_are_the_other_files(generate: Call) -> None:
    _, out, _ = generate(*SHORT, "--roll", "roll.svg", "out.mid")
    assert out.splitlines()[1:] == ["roll.svg"]
    assert Path("roll.svg").read_text().startswith("<svg")


def test_sheet_music_is_written_with_the_piece(generate: Call) -> None:
    assert generate(*SHORT, "--score", "out.musicxml", "out.mid")[0] == 0
    assert "<score-partwise" in Path("out.musicxml").read_text()


def test_a_link_is_written_through_and_one_that_leads_nowhere_refused(generate: Call) -> None:
    Path("real.mid").write_text("mine")
    os.symlink("real.mid", "link.mid")
    os.symlink("none.mid", "dangling.mid")
    assert generate(*SHORT, "--force", "link.mid")[0] == 0
    assert Path("link.mid").is_symlink()
    assert Path("real.mid").read_bytes()[:4] == b"MThd"
    code, _, err = generate(*SHORT, "--force", "dangling.mid")
    assert code == 1
    assert err.startswith("error: dangling.mid: is a link to none.mid, which is not there")
    assert names() == ["dangling.mid", "link.mid", "real.mid"]


def test_layers_of_a_loop_are_files_beside_it_as_sound_too(generate: Call) -> None:
    pytest.importorskip("midirenderer")
    options = ("--instruments", "flute, cello", "--bars", 2, "--meter", "4/4", "--bpm", 120)
    code, out, err = generate(*options, "--seed", 1, "--loop", "--layers", 2, "--wav", "out.mid")
    assert (code, err) == (0, "")
    layers = [f"out.layer{number}.{ending}" for number in (1, 2) for ending in ("mid", "wav")]
    assert names() == sorted(["out.mid", "out.wav", *layers])
    assert out.splitlines()[1:] == ["out.wav", *layers]
    for name in ("out.wav", "out.layer1.wav", "out.layer2.wav"):
        with wave.open(name) as file:
            assert file.getnframes() == 4 * SAMPLE_RATE
