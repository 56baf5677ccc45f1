"""`partimento batch` on malformed input: every fault with its place, and no good item lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "[" * 30_000

# Name of the file, its bytes, the faults (line and a part of the message), how many good pieces
# are beside them.
CASES: list[tuple[str, str | bytes, list[tuple[int | None, str]], int]] = [
    ("empty.txt", "", [(1, "holds nothing to write")], 0),
    ("comments.txt", "# one\n\n   \n# two\n", [(1, "holds nothing to write")], 0),
    (
        "latin.txt",
        "a jig, 1 bar\nein L\xe4ndler\n".encode("latin-1"),
        [(2, "0xe4 is not UTF-8")],
        0,
    ),
    ("utf16.txt", "a jig, 1 bar\n".encode("utf-16"), [(1, "UTF-16; save it as UTF-8")], 0),
    ("binary.txt", b"a jig\n\x00\x01\x02\n", [(2, "no text file")], 0),
    ("huge.txt", b"a jig\n" * (3 << 20), [(1, "MiB large, more than 16")], 0),
    ("long.txt", "a jig, 1 bar\n" + "la " * 2000, [(2, "not be longer than 4,000")], 1),
    ("control.txt", "a \x07 jig\na jig, 1 bar\n", [(1, "control character U+0007")], 1),
    ("folder.xls", "a jig", [(None, "ending must be one of .txt .yaml")], 0),
    ("open.yaml", "- a jig\n- {bars: 2\n", [(2, "not valid YAML")], 0),
    ("tab.yaml", "items:\n\t- a jig\n", [(2, "not valid YAML")], 0),
    ("empty.yaml", "# nothing\n", [(1, "holds nothing to write")], 0),
    ("bomb.yaml", BOMB, [(1, "must be 'defaults' or 'items'")], 0),
    ("lol.yaml", f"items:\n - {{bars: 1}}\n - x: {DEEP}\n", [(3, "nested more than 16 deep")], 0),
    ("cycle.yaml", "items: &a\n - bars: 1\n - *a\n", [(3, "inside what it names")], 0),
    ("alias.yaml", "- prompt: *missing\n", [(1, "*missing names nothing")], 0),
    ("tag.yaml", "- bars: 1\n- !!python/object:os.system {}\n", [(2, "is not allowed")], 0),
    ("twice.yaml", "- bars: 1\n  bars: 2\n", [(2, "'bars' stands here twice")], 0),
    ("two.yaml", "- bars: 1\n---\n- bars: 1\n", [(2, "a second document")], 0),
    ("noitems.yaml", "defaults:\n  style: folk\n", [(1, "'items' is missing")], 0),
    (
        "types.yaml",
        "defaults: {bars: 1}\nitems:\n"
        "- bars: many\n  bpm: [1, 2]\n  lock_key: 3\n- 7\n- {}\n- instruments: {a: b}\n"
        "- prompt: 12\n",
        [
            (3, "bars must be a whole number in [1, 512], got 'many'"),
            (4, "bpm must be one value, got a list"),
            (5, "lock_key must be true or false"),
            (6, "an item must be a prompt, or a mapping"),
            (8, "instruments must be a plain value"),
            (9, "prompt must be a text"),
        ],
        1,
    ),
    (
        "absurd.yaml",
        "- bars: 100000\n- bpm: -3\n- bars: 1\n  temperature: .nan\n- count: 1000000000\n"
        "- seed: -1\n- {bars: 1, top_k: 99999999999999999999999999}\n- {bars: 1}\n",
        [
            (1, "bars must be in [1, 512], got 100000"),
            (2, "bpm must be in [10, 400], got -3"),
            (4, "temperature must be in [0, 5], got nan"),
            (5, "count must be in [1, 10000]"),
            (6, "seed must be in [0, 9007199254740991]"),
            (7, "top_k must not be so large"),
        ],
        1,
    ),
    (
        "defaults.yaml",
        "defaults:\n  bars: 1\n  bpm: fast\n  key: H\nitems:\n- a jig\n"
        "- {bpm: 90, key: C}\n- {bpm: null, key: null}\n- {key: D}\n",
        [(3, "bpm must be a number in [10, 400], got 'fast'"), (4, "key")],
        2,
    ),
    (
        "unknown.jsonl",
        '{"bars": 1}\n{"baars": 2, "tempo": 9}\n{"Bars": 1}\n',
        [(2, "'baars' does not exist; did you mean bars?"), (2, "'tempo' does not exist")],
        2,
    ),
    (
        "arrays.jsonl",
        '["a jig"]\n"a jig"\n{"bars": 1}\nnull\n{"bars": 1,}\n' + DEEP + "\n",
        [
            (1, "must be an object"),
            (2, "must be an object"),
            (4, "must be an object"),
            (5, "not valid JSON"),
            (6, "nested too deep"),
        ],
        1,
    ),
    (
        "numbers.jsonl",
        '{"bars": NaN}\n{"bars": ' + "9" * 5000 + '}\n{"bars": 1e400}\n{"bars": 1, "bars": 2}\n'
        '{"bars": 1, "bpm": "fast"}\n{"prompt": "\\ud800 jig"}\n',
        [
            (1, "NaN is not a number"),
            (2, "Exceeds the limit"),
            (3, "bars must be a whole number"),
            (4, "stands here twice"),
            (5, "bpm must be a number in [10, 400], got 'fast'"),
            (6, "control character U+D800"),
        ],
        0,
    ),
    (
        "quotes.csv",
        'prompt,bars\n"a ""slow"" waltz",1\n"a "fast" waltz",1\n"a jig, 1 bar,1\n"a reel",1\n',
        [(3, "a quote inside quotes is written twice"), (4, "not valid CSV")],
        2,
    ),
    (
        "cells.csv",
        "prompt,bars,count\na jig,1\na jig,1,2\na jig, quick,1,1\n,,\na jig,x,-1\n",
        [
            (2, "2 cells where the header has 3"),
            (4, "4 cells where the header has 3"),
            (6, "bars must be a whole number in [1, 512], got 'x'"),
            (6, "count must be in"),
        ],
        2,
    ),
    ("columns.csv", "prompt,,bars\na jig,,1\n", [(1, "a column has no name")], 0),
    ("doubled.csv", "bars,bars\n1,1\n", [(1, "the column 'bars' stands here twice")], 0),
    ("semicolons.csv", "prompt;bars\na jig;x;y\na reel, quick;1\n", [(2, "with semicolons")], 1),
    ("trailing.csv", "prompt,bars,\na jig,1,\na reel,1,2\n", [(3, "3 cells where the")], 1),
    ("header.csv", "prompt,bars\n", [(1, "holds nothing to write")], 0),
    (
        "windows.csv",
        b"\xef\xbb\xbfprompt,bars\r\na jig,1\r\na jig,zwei\r\n",
        [(3, "bars must be a whole number")],
        1,
    ),
    (
        "windows.txt",
        b"\xef\xbb\xbfa jig, 1 bar\r\na \x01 jig\r\n\r\na reel, 1 bar\r\n",
        [(2, "control character U+0001")],
        2,
    ),
    ("mac.txt", b"a jig, 1 bar\ra \x01 jig\ra reel, 1 bar", [(2, "U+0001")], 2),
    (
        "primers.yaml",
        "- {primer: missing.mid}\n- {primer: broken.mid}\n- bars: 1\n  primer_bars: 2\n- bars: 1\n",
        [
            (1, "missing.mid: no such file"),
            (2, "broken.mid"),
            (3, "primer_bars needs a primer"),
        ],
        1,
    ),
    ("broken.mid", b"MThd, but then no more", [(None, "broken.mid")], 0),
    (
        "names.yaml",
        "- {bars: 1, name: same}\n- {bars: 1, name: SAME}\n- {bars: 1, name: ../up}\n"
        "- {bars: 1, name: '{index.real}'}\n- {bars: 1, name: twins, count: 2}\n"
        "- {bars: 1, name: '{bars:09999999999d}'}\n",
        [
            (2, "the name SAME.mid is taken by"),
            (3, "must not hold '/'"),
            (4, "no field {index.real}"),
            (5, "put {copy} into the template"),
            (6, "must not format bars"),
        ],
        1,
    ),
    (
        "clash.yaml",
        "- {bars: 1, key: C, pitch_range: C#4-C#4, lock_key: true}\n"
        "- {bars: 1, instruments: drums, without: [drums]}\n"
        "- {bars: 1, chords: 'C:2 G:2'}\n- {bars: 1, mode: wild}\n- {bars: 1, also: [wav, mid]}\n",
        [
            (1, "pitch_range C#4-C#4 holds no note"),
            (2, "without must not name what is asked for"),
            (3, "chords with beats need a meter"),
            (4, "mode must be one of considered, expressive"),
            (5, "also must be of wav"),
        ],
        0,
    ),
]


def test_there_are_thirty_malformed_files_and_more() -> None:
    assert len({name for name, *_ in CASES}) == len(CASES) > 30


@pytest.mark.parametrize(("name", "content", "faults", "good"), CASES, ids=[c[0] for c in CASES])
def test_each_fault_has_its_line_and_the_good_items_are_kept(
    partimento: Call,
    tiny_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str | bytes,
    faults: list[tuple[int | None, str]],
    good: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.mid").write_bytes(b"MThd, but then no more")
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.txt").write_text("a waltz, 1 bar\n")
    arguments = ("--out", "out", "--checkpoint", tiny_checkpoint, "--seed", "3", "-q")
    code, out, err = partimento("batch", name, "good.txt", *arguments)
    assert (code, out) == (2, "")
    assert not (tmp_path / "out").exists()
    *lines, last = err.splitlines()
    assert len(lines) == len(faults), err
    for line, (number, message) in zip(lines, faults, strict=True):
        place = f"{name}: " if number is None else f"{name}:{number}: "
        assert line.startswith(place), line
        assert message in line
        assert len(line) < 600
    assert last.startswith("error: ")
    assert "--keep-going" in last

    code, out, err = partimento("batch", name, "good.txt", *arguments, "--keep-going")
    assert code == 1
    assert [line for line in err.splitlines() if line in lines] == lines
    records = [json.loads(line) for line in (tmp_path / "out/batch.jsonl").open()]
    done = [record for record in records if record["status"] == "done"]
    assert len(done) == good + 1
    assert [record["index"] for record in records] == list(range(1, len(records) + 1))
    for record in done:
        assert all((tmp_path / "out" / file).is_file() for file in record["files"])
    assert {r["source"]["line"] for r in records if r["status"] == "failed"} <= {
        number for number, _ in faults
    }


def test_a_missing_file_and_an_empty_folder_are_named(
    partimento: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tunes").mkdir()
    code, _, err = partimento("batch", "missing.txt", "tunes", "none/*.mid", "--out", "out")
    assert code == 2
    assert err.splitlines() == [
        "missing.txt: no such file",
        "tunes: holds no MIDI file",
        "none/*.mid: no such file",
        "error: no piece is left to write",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--bars 0", "--bars must be in [1, 512], got 0"),
        ("--seed -1", "--seed must be in"),
        ("--style fok", "style"),
        ("--count 0", "--count must be in [1, 10000], got 0"),
        ("--name a/b", "--name must not hold '/'"),
        ("--name {x}", "name has no field {x}"),
        ("--also wav,doc", "--also must be of wav"),
        ("--only 0", "--only must lie in 1-1, got 0"),
        ("--only 2", "--only must lie in 1-1, got 2"),
        ("--only a", "--only must be numbers such as 7 or 3,7-9, got a"),
        ("--group 0", "--group"),
    ],
)
def test_a_wrong_option_is_an_error_of_usage(
    partimento: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.txt").write_text("a jig, 1 bar\n")
    code, out, err = partimento("batch", "good.txt", "--out", "out", *options.split())
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "out").exists()
