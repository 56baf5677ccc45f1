"""`partimento tokenize`: counts, names, saved ids and the round trip of files and folders."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import load_score

Call = Callable[..., tuple[int, str, str]]


def tune(bars: int = 3, pitch: int = 60) -> Score:
    notes = tuple(Note(24 * i, pitch + i % 5, 24) for i in range(3 * bars))
    return Score(
        24,
        (Track(notes, program=40),),
        tempos=(Tempo(0, 90.0),),
        meters=(Meter(0, 3, 4),),
        keys=(Key(0, 2, False),),
    )


def crowd() -> Score:
    """Twenty notes of one instrument that overlap: four more than it may have lines."""
    return Score(24, (Track(tuple(Note(i, 40 + i, 90) for i in range(20)), program=0),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    write_midi(tune(), path)
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    lines = []
    for index, (style, split) in enumerate(
        [("folk", "test"), ("folk", "test"), ("jazz", "test"), ("folk", "train")]
    ):
        write_midi(tune(index + 1), folder / f"{index}.mid")
        lines.append(json.dumps({"path": f"{index}.mid", "style": style, "split": split}))
    (folder / "manifest.jsonl").write_text("\n".join(lines))
    return folder


def test_the_check_of_a_sound_file_passes(partimento: Call, file: Path) -> None:
    code, out, err = partimento("tokenize", file, "--check")
    assert (code, err) == (0, "")
    header, row = (line.split() for line in out.splitlines())
    assert row[:3] == [str(file), "3", "9"]
    assert "100.000%" in row
    assert header[-2:] == ["wrong", "bars"]
    assert row[-1] == "0"


def test_the_figures_are_those_of_the_encoder(partimento: Call, file: Path) -> None:
    code, out, _ = partimento("tokenize", file, "--json", "--check")
    tokens = encode(load_score(file).score).tokens
    content = json.loads(out)
    total = content["total"]
    assert code == 0
    assert (total["notes"], total["bars"], total["tokens"]) == (9, 3, len(tokens))
    assert total["tokens_per_note"] == round(len(tokens) / 9, 4)
    assert (total["lost_notes"], total["extra_notes"], total["kept_share"]) == (0, 0, 1)
    assert content["rows"][0]["warnings"] == []
    assert content["problems"] == []


def test_names_stand_one_bar_a_line(partimento: Call, file: Path) -> None:
    code, out, _ = partimento("tokenize", file, "--names")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "BOS, key D major, meter 3/4, tempo 90"
    assert lines[1].startswith("BAR, instrument violin, pitch 60, duration 24, pitch 61")
    assert lines[3].endswith("EOS")
    assert len(lines) == 4 + 2
    names = json.loads(partimento("tokenize", file, "--names", "--json")[1])["rows"][0]["names"]
    assert [", ".join(line) for line in names] == lines[:4]


def test_saved_ids_are_the_tokens(partimento: Call, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "tokens.npy"
    assert partimento("tokenize", file, "--out", out)[0] == 0
    saved = np.load(out)
    assert saved.dtype == np.uint16
    assert np.array_equal(saved, encode(load_score(file).score).tokens)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tokens.npy", "tune.mid"]


def test_saved_ids_are_overwritten_with_force_only(
    partimento: Call, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "tokens.npy"
    out.write_bytes(b"precious")
    code, _, err = partimento("tokenize", file, "--out", out)
    assert (code, out.read_bytes()) == (1, b"precious")
    assert err == f"error: {out} exists; give another name, or --force to replace it\n"
    assert partimento("tokenize", file, "--out", out, "--force")[0] == 0
    assert len(np.load(out)) > 9


def test_a_file_whose_notes_do_not_fit_fails_the_check(partimento: Call, tmp_path: Path) -> None:
    path = tmp_path / "crowd.mid"
    write_midi(crowd(), path)
    code, out, err = partimento("tokenize", path, "--check")
    lost, extra, kept, wrong = out.splitlines()[1].split()[-4:]
    assert (code, lost, extra, kept, wrong) == (1, "4", "0", "80.000%", "0")
    warning, error = err.splitlines()
    assert warning == (
        f"warning: {path}: 4 notes left out, beyond the 16 lines that "
        "one instrument may have in a bar"
    )
    assert error == f"error: fewer than 99.9% of the notes came back: {path}"
    assert partimento("tokenize", path)[0] == 0


def test_a_file_that_is_not_midi_fails_but_the_others_are_counted(
    partimento: Call, file: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mid"
    bad.write_bytes(b"not music")
    code, out, err = partimento("tokenize", bad, file)
    assert code == 1
    assert out.splitlines()[1].startswith(str(file))
    assert err.count("\n") == 1
    assert err.startswith(f"error: {bad}: ")


def test_a_missing_file_is_named_in_one_line(partimento: Call, tmp_path: Path) -> None:
    code, out, err = partimento("tokenize", tmp_path / "none.mid")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "none.mid" in err


def test_a_split_of_a_corpus_is_counted_by_style(partimento: Call, corpus: Path) -> None:
    code, out, _ = partimento("tokenize", corpus, "--split", "test", "--check", "--json")
    content = json.loads(out)
    assert code == 0
    assert {row["name"]: (row["pieces"], row["notes"]) for row in content["rows"]} == {
        "folk": (2, 9),
        "jazz": (1, 9),
    }
    assert content["total"]["pieces"] == 3
    # The style's own token counts too.
    plain = sum(len(encode(load_score(corpus / f"{i}.mid").score).tokens) for i in range(3))
    assert content["total"]["tokens"] == plain + 3
    lines = partimento("tokenize", corpus, "--split", "test")[1].splitlines()
    assert [line.split()[0] for line in lines] == ["style", "folk", "jazz", "total"]


def test_a_folder_without_a_manifest_is_counted_whole(partimento: Call, corpus: Path) -> None:
    (corpus / "manifest.jsonl").unlink()
    content = json.loads(partimento("tokenize", corpus, "--json")[1])
    assert content["total"]["pieces"] == 4
    assert [row["name"] for row in content["rows"]] == ["unknown"]


def test_wrong_usage_exits_2_and_names_the_option(
    partimento: Call, file: Path, corpus: Path
) -> None:
    for option, arguments in (
        ("--split", (file, "--split", "test")),
        ("--split", (corpus, "--split", "best")),
        ("--out", (file, file, "--out", "x.npy")),
        ("--out", (corpus, "--out", "x.npy")),
        ("--names", (corpus, "--names")),
    ):
        code, out, err = partimento("tokenize", *arguments)
        assert (code, out) == (2, ""), err
        assert err.count("\n") == 1
        assert option in err


def test_every_token_of_a_file_has_a_name_of_the_vocabulary(partimento: Call, file: Path) -> None:
    names = json.loads(partimento("tokenize", file, "--names", "--json")[1])["rows"][0]["names"]
    known = {v.name(token) for token in range(v.SIZE)}
    assert {name for line in names for name in line} <= known
