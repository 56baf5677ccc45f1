"""`generate`: what each option asks for, and what is printed."""

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import mido
import pytest

from partimento.cli.main import run_generate
from partimento.model.checkpoint import file_hash
from partimento.music.bars import bar_starts
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.scales import SCALES
from partimento.music.score import Meter, Note, Score, Tempo, Track
from partimento.music.styles import STYLES
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.provenance import Provenance, read_provenance

Call = Callable[..., tuple[int, str, str]]
FACTS = re.compile(
    r"(\S+)  ([\d,]+) bars?, ([\d,]+) notes?, (no key|[A-G][#b]? (?:major|minor)), "
    r"(\d+) s of music, ([\d,]+) tokens/s, seed (\d+)\n"
)


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    """Four bars of 3/4 at 90 beats a minute to go on from."""
    notes = tuple(Note(24 * beat, 60 + beat % 5, 24) for beat in range(12))
    path = tmp_path / "tune.mid"
    write_midi(
        Score(24, (Track(notes, 73),), tempos=(Tempo(0, 90.0),), meters=(Meter(0, 3, 4),)), path
    )
    return path


def made_with(path: str | Path) -> Provenance:
    provenance = read_provenance(read_midi(Path(path))[0])
    assert provenance is not None
    return provenance


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        # Few pieces for many options: each costs a decode.
        ("", {}),
        (
            "--bars 3 --style Folk --key 'f# minor' --lock-key --meter 6/8 --bpm 93.5 "
            "--instruments 'Violin, cello' --pitch-range C3-C6 --dynamic PP --seed 11",
            {
                **{"bars": 3, "style": "folk", "key": "F# minor", "lock_key": True},
                **{"meter": "6/8", "bpm": 93.5, "instruments": ("violin", "cello")},
                **{"pitch_range": "C3-C6", "dynamic": "pp", "seed": 11},
            },
        ),
        (
            "--key D --scale mixolydian --without 'drums, piano' --mode considered --top-k 7",
            {
                **{"key": "D major", "scale": "mixolydian", "without": ("piano", "drums")},
                **{"temperature": 0.7, "top_k": 7},
            },
        ),
        (
            "--chords 'Am F C G' --mode expressive --top-p 0.95 --min-p 0.05 --key-pull 0",
            {
                **{"chords": "Am F C G", "temperature": 1.2, "top_p": 0.95, "min_p": 0.05},
                **{"key_pull": 0.0, "key": "A minor"},  # which the chords bring
            },
        ),
        (
            "--mode expressive --temperature 0.3 --temperature-end 0.4 --schedule cosine",
            {"temperature": 0.3, "temperature_end": 0.4, "schedule": "cosine"},
        ),
        ("--temperature-end 0.4", {"temperature_end": 0.4}),
    ],
)
def test_options_are_settings_of_the_piece(
    generate: Call, options: str, settings: dict[str, object]
) -> None:
    code, _, err = generate("--bars", "1", "--seed", "5", "out.mid", *shlex.split(options))
    assert (code, err) == (0, "")
    asked = Request.from_dict({"bars": 1, "seed": 5, **settings})
    assert made_with("out.mid").request == asked


def test_the_file_holds_what_was_asked(generate: Call) -> None:
    wishes = (
        *("--bars", 6, "--key", "D", "--scale", "dorian", "--meter", "3/4", "--bpm", 93.5),
        *("--instruments", "oboe, cello", "--pitch-range", "C3-C6", "--seed", 4),
    )
    assert generate(*wishes, "out.mid")[0] == 0
    score, warnings = read_midi(Path("out.mid"))
    assert warnings == []
    assert len(bar_starts(score)) == 6
    assert [(m.numerator, m.denominator) for m in score.meters] == [(3, 4)]
    assert score.tempos[0].bpm == pytest.approx(93.5, abs=0.01)
    assert all(tempo.bpm < 93.5 for tempo in score.tempos[1:])  # the end slows down
    assert {track.program for track in score.tracks} == {68, 42}
    assert {track.name.split()[0] for track in score.tracks} == {"oboe", "cello"}
    pitches = [note.pitch for track in score.tracks for note in track.notes]
    assert pitches
    assert 48 <= min(pitches) <= max(pitches) <= 84
    assert {(pitch - 2) % 12 for pitch in pitches} <= set(SCALES["dorian"])


def test_the_style_that_the_model_chose_is_stored_with_the_wishes(generate: Call) -> None:
    assert generate("--bars", 1, "--seed", 1, "out.mid")[0] == 0
    assert made_with("out.mid").style in STYLES
    assert made_with("out.mid").request.style is None
    generate("--bars", 1, "--style", "hymn", "hymn.mid")
    assert made_with("hymn.mid").style == "chorale"


def test_the_loudness_moves_around_the_dynamic(generate: Call) -> None:
    loud = {}
    for dynamic in ("ppp", "mf", "fff"):
        generate("--bars", 2, "--seed", 1, "--dynamic", dynamic, "--force", "out.mid")
        notes = [n for track in read_midi(Path("out.mid"))[0].tracks for n in track.notes]
        loud[dynamic] = sum(note.velocity for note in notes) / len(notes)
    assert loud["ppp"] < loud["mf"] < loud["fff"]


def test_forced_choices_do_not_depend_on_the_seed(generate: Call) -> None:
    for greedy in (("--temperature", 0), ("--top-k", 1), ("--min-p", 0.999999)):
        files = []
        for seed in (1, 2):
            path = Path(f"{seed}.mid")
            # Without these the seed draws the style and who plays.
            asked = ("--style", "song", "--instruments", "piano")
            options = (*asked, *greedy, "--expression", 0, "--seed", seed, "--force")
            assert generate("--bars", 1, *options, path)[0] == 0
            files.append(read_midi(path)[0].tracks)
        assert files[0] == files[1]


def test_what_is_left_out_does_not_play(generate: Call) -> None:
    everything = "piano, guitar, drums, violin, cello, flute, organ, trumpet"
    generate("--bars", 8, "--seed", 2, "--without", everything, "out.mid")
    score = read_midi(Path("out.mid"))[0]
    assert score.note_count
    assert not any(track.is_drum for track in score.tracks)
    assert not {track.program for track in score.tracks} & {0, 24, 40, 42, 73, 19, 56}


def test_a_primer_is_gone_on_from_in_its_meter_and_tempo(generate: Call, tune: Path) -> None:
    assert generate("--primer", tune, "--bars", 2, "--seed", 1, "out.mid")[0] == 0
    score, primer = read_midi(Path("out.mid"))[0], read_midi(tune)[0]
    assert len(bar_starts(score)) == 4 + 2
    quarter, mine = score.ticks_per_quarter, primer.ticks_per_quarter
    assert score.tempos[0].bpm == pytest.approx(90.0, abs=0.01)
    assert all(4 * 3 * quarter < t.tick and t.bpm < 90.0 for t in score.tempos[1:])
    assert (score.meters[0].numerator, score.meters[0].denominator) == (3, 4)
    flute = next(track for track in score.tracks if track.program == 73)
    starts = {(note.onset / quarter, note.pitch) for note in flute.notes}
    assert {(note.onset / mine, note.pitch) for note in primer.tracks[0].notes} <= starts


def test_a_primer_can_be_cut_and_left_out(generate: Call, tune: Path) -> None:
    options = ("--primer", tune, "--primer-bars", 1, "--bars", 2, "--seed", 1)
    assert generate(*options, "with.mid")[1].split("  ")[1].startswith("3 bars")
    assert generate(*options, "--without-primer", "new.mid")[1].split("  ")[1].startswith("2 bars")
    both, new = (read_midi(Path(name))[0] for name in ("with.mid", "new.mid"))
    shift = bar_starts(both)[1].start
    later = {
        (note.onset - shift, note.pitch)
        for track in both.tracks
        for note in track.notes
        if note.onset >= shift
    }
    assert {(note.onset, note.pitch) for track in new.tracks for note in track.notes} == later


def test_the_line_of_facts_says_what_is_in_the_file(generate: Call) -> None:
    wishes = ("--bars", 4, "--bpm", 60, "--meter", "4/4", "--expression", 0, "--seed", 8)
    code, out, err = generate(*wishes, "out.mid")
    assert (code, err) == (0, "")
    found = FACTS.fullmatch(out)
    assert found
    path, bars, notes, _, seconds, rate, seed = found.groups()
    assert (path, bars, seconds, seed) == ("out.mid", "4", "16", "8")
    assert int(notes) == read_midi(Path("out.mid"))[0].note_count
    assert int(rate.replace(",", "")) > 0


def test_json_holds_the_promised_facts_first(generate: Call, tiny_checkpoint: Path) -> None:
    code, out, err = generate("--bars", 2, "--bpm", 120, "--meter", "4/4", "--json", "out.mid")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert list(facts) == [
        *("path", "bars", "notes", "tokens", "music_seconds", "decode_seconds"),
        *("tokens_per_second", "seed", "key", "checkpoint"),
        *("common_run", "common_share", "redraws", "best_of"),
        *("files", "prompt", "understood", "taken", "overruled", "ignored", "is_sketched"),
    ]
    assert (facts["path"], facts["files"], facts["bars"]) == ("out.mid", ["out.mid"], 2)
    assert facts["notes"] == read_midi(Path("out.mid"))[0].note_count
    assert facts["music_seconds"] == 4.0
    assert facts["tokens"] > facts["notes"]
    assert facts["tokens_per_second"] > 0 < facts["decode_seconds"]
    assert facts["seed"] == made_with("out.mid").request.seed
    assert facts["checkpoint"] == file_hash(tiny_checkpoint) == made_with("out.mid").checkpoint
    assert (facts["prompt"], facts["understood"], facts["ignored"]) == (None, [], [])


def test_quiet_prints_the_path_alone(generate: Call) -> None:
    assert generate("--bars", 1, "--quiet", "out.mid") == (0, "out.mid\n", "")
    assert generate("--bars", 1, "-q", "--prompt", "waltz", "b.mid") == (0, "b.mid\n", "")


def test_a_random_seed_is_printed_names_the_file_and_makes_it_again(generate: Call) -> None:
    _, out, _ = generate("--bars", 1)
    path, seed = out.split("  ")[0], out.rstrip().rpartition("seed ")[2]
    assert path == f"partimento-{seed}.mid"
    _, other, _ = generate("--bars", 1)
    assert other.split("  ")[0] != path
    assert generate("--bars", 1, "--seed", seed, "again.mid")[0] == 0
    assert Path("again.mid").read_bytes() == Path(path).read_bytes()


def test_several_pieces_are_numbered_and_each_is_that_of_its_seed(generate: Call) -> None:
    code, out, _ = generate("--bars", 1, "--seed", 6, "-n", 10, "--json", "out.mid")
    facts = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [fact["path"] for fact in facts] == [f"out-{i:02d}.mid" for i in range(1, 11)]
    assert [fact["seed"] for fact in facts] == [derive_seed(6, index) for index in range(10)]
    assert len({Path(fact["path"]).read_bytes() for fact in facts}) == 10
    for fact in facts[::4]:
        generate("--bars", 1, "--seed", fact["seed"], "--force", "alone.mid")
        assert Path("alone.mid").read_bytes() == Path(fact["path"]).read_bytes()


def test_a_prompt_is_read_and_what_became_of_it_is_said(generate: Call) -> None:
    prompt = "a sparkling slow waltz in D minor for strings, starting Dm Gm A7"
    code, out, err = generate("--prompt", prompt, "--bars", 2, "--seed", 1, "out.mid")
    assert code == 0
    assert FACTS.fullmatch(out)
    assert err == (
        "understood: slow (bpm 98), waltz (meter 3/4), in D minor, strings, starting Dm Gm A7; "
        'ignored: "sparkling"\n'
    )
    score = read_midi(Path("out.mid"))[0]
    assert (score.meters[0].numerator, score.meters[0].denominator) == (3, 4)
    assert score.tempos[0].bpm == pytest.approx(98, abs=0.01)
    assert len(bar_starts(score)) == 2
    request = made_with("out.mid").request
    assert (request.prompt, str(request.key)) == (prompt, "D minor")
    assert str(request.chords) == "Dm Gm A7 ..."


def test_options_win_over_the_words_of_a_prompt(generate: Call) -> None:
    options = ("--bars", 1, "--key", "C", "--mode", "expressive", "--json")
    _, out, err = generate("--prompt", "wild waltz in D minor, 9 bars, foo", *options, "out.mid")
    facts = json.loads(out)
    assert err.startswith("understood: waltz")
    assert facts["prompt"] == "wild waltz in D minor, 9 bars, foo"
    assert facts["understood"] == ["waltz (meter 3/4, bpm 150)"]
    assert facts["ignored"] == ["foo"]
    assert [text.split(" gives way")[0] for text in facts["overruled"]] == [
        *('"wild"', '"in D minor"', '"9 bars"')
    ]
    request = made_with("out.mid").request
    assert (request.bars, str(request.key), request.temperature) == (1, "C major", 1.2)


def test_an_empty_prompt_asks_for_nothing(generate: Call) -> None:
    assert generate("--prompt", "", "--bars", 1, "out.mid")[2] == "understood: nothing\n"
    assert made_with("out.mid").request.prompt is None


def test_the_short_command_is_the_same(
    generate: Call, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate("--bars", 1, "--seed", 3, "long.mid")
    arguments = ("--checkpoint", str(tiny_checkpoint), "--bars", "1", "--seed", "3", "short.mid")
    monkeypatch.setattr(sys, "argv", ["generate", *arguments])
    with pytest.raises(SystemExit) as ended:
        run_generate()
    assert not ended.value.code
    assert Path("short.mid").read_bytes() == Path("long.mid").read_bytes()
    assert mido.MidiFile("short.mid").length > 0


@pytest.mark.parametrize(
    ("options", "stored"),
    [
        ((), ("numba", "int8")),
        (("--engine", "torch"), ("torch", "float32")),
        (("--precision", "int8"), ("numba", "int8")),
        (("--engine", "numba", "--precision", "float32", "--device", "cpu"), ("numba", "float32")),
    ],
)
def test_what_computed_a_piece_is_stored(
    generate: Call, options: tuple[str, ...], stored: tuple[str, str]
) -> None:
    assert generate(*options, "--bars", 1, "out.mid")[0] == 0
    made = made_with("out.mid")
    assert (made.engine, made.precision) == stored


def test_what_becomes_of_rich_chords_is_said_once(generate: Call) -> None:
    _, _, err = generate("--bars", 2, "--chords", "C/E F6/9", "a.mid")
    assert err == "chords: C/E as C, F6/9 as F\n"
    _, _, err = generate("--bars", 2, "--prompt", "over C/E F G", "b.mid")
    assert err.count("C/E as C") == 1
    assert generate("--bars", 2, "-q", "--chords", "C/E", "c.mid")[2] == ""


def test_a_key_keeps_its_spelling_in_the_file_and_on_the_sheet(generate: Call) -> None:
    assert generate("--bars", 2, "--key", "Gb", "--score", "gb.musicxml", "gb.mid")[0] == 0
    [key] = read_midi("gb.mid")[0].keys
    assert key.fifths == -6
    assert "<fifths>-6</fifths>" in Path("gb.musicxml").read_text("utf-8")
    assert str(made_with("gb.mid").request.key) == "Gb major"


SEED = ("--bars", 2, "--seed", 1)


def test_degrees_are_chords_of_the_asked_key(generate: Call) -> None:
    assert generate(*SEED, "--key", "D", "--chords", "I V", "a.mid")[0] == 0
    assert generate(*SEED, "--key", "D", "--chords", "D A", "b.mid")[0] == 0
    notes = [read_midi(name)[0].tracks for name in ("a.mid", "b.mid")]
    assert notes[0] == notes[1]
