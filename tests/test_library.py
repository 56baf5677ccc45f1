"""The front door: what `import partimento` offers, and pieces from Python."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import partimento
from partimento import library
from partimento.errors import FileTakenError, MidiError, PartimentoError, SettingError
from partimento.music.bars import bar_starts
from partimento.music.difference import compare
from partimento.rendering.errors import RenderingError
from partimento.sampling.provenance import without_provenance

Generate = Callable[..., partimento.Piece]


@pytest.fixture
def generate(tiny_checkpoint: Path) -> Generate:
    """`partimento.generate` with the tiny model, two bars and a seed."""

    def call(prompt: str | None = None, **wishes: object) -> partimento.Piece:
        asked = {"bars": 2, "seed": 1, **wishes}
        return partimento.generate(prompt, checkpoint=tiny_checkpoint, **asked)

    return call


def seconds_of(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    return time.perf_counter() - start


def test_importing_the_package_takes_less_than_150_milliseconds() -> None:
    pairs = [(seconds_of("import partimento"), seconds_of("pass")) for _ in range(5)]
    assert min(whole - bare for whole, bare in pairs) < 0.15


def test_importing_the_package_imports_none_of_its_rooms() -> None:
    code = (
        "import sys; before = set(sys.modules); import partimento;"
        "extra = {name for name in set(sys.modules) - before if name != 'partimento'};"
        "assert not extra & {'importlib.metadata', 'numpy', 'numba'}, extra;"
        "assert not any(name.startswith('partimento.') for name in extra), extra"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_every_name_that_is_offered_is_there_and_listed() -> None:
    for name in partimento.__all__:
        assert getattr(partimento, name) is not None
    assert set(partimento.__all__) <= set(dir(partimento))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'partimento' has no attribute 'genrate'"):
        partimento.genrate  # type: ignore[attr-defined]  # noqa: B018


def test_wishes_are_those_of_a_request_and_stand_above_the_prompt(generate: Generate) -> None:
    piece = generate(
        "a slow waltz in D minor, 9 bars", instruments="violin, cello", temperature=1.2
    )
    request = piece.request
    assert (request.bars, str(request.key), str(request.meter)) == (2, "D minor", "3/4")
    assert (request.instruments, request.temperature) == (("violin", "cello"), 1.2)
    assert piece.reading is not None
    assert piece.reading.conflicts


def test_a_mode_is_a_wish_too(generate: Generate) -> None:
    assert generate(mode="considered").request.temperature == 0.7


def test_the_same_seed_gives_the_same_piece_and_no_seed_a_random_one(generate: Generate) -> None:
    assert generate(seed=5).score == generate(seed=5).score
    seeds = {generate(seed=None).request.seed for _ in range(2)}
    assert None not in seeds
    assert len(seeds) == 2


@pytest.mark.parametrize(
    ("wishes", "error", "message"),
    [
        ({"tempature": 1}, PartimentoError, "'tempature' does not exist; did you mean temperature"),
        ({"bars": 0}, SettingError, r"bars must be in \[1, 512\], got 0"),
        ({"chords": "C:2 G:2"}, SettingError, "chords with beats need a meter"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    generate: Generate, wishes: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        generate(**wishes)


def test_the_engine_is_loaded_once(generate: Generate) -> None:
    generate()
    loaded = library._loaded.cache_info().misses
    generate(seed=2)
    assert library._loaded.cache_info().misses == loaded


def test_chords_that_are_written_as_others_are_told(generate: Generate) -> None:
    with pytest.warns(UserWarning, match="chords: Fmaj7#11 as Fmaj7") as told:
        generate(chords="Fmaj7#11 C")
    assert Path(told[0].filename) == Path(__file__)


def test_a_piece_shows_its_facts_and_not_its_notes(generate: Generate) -> None:
    shown = repr(generate(bars=1))
    assert shown.startswith("<Piece: 1 bar, ")
    assert shown.endswith("seed 1>")


def test_continuing_a_file_or_the_score_of_it_gives_the_same_piece(
    generate: Generate, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "tune.mid"
    generate().save(path)
    score, _ = partimento.read_midi(path)

    def go_on(music: object, **options: object) -> partimento.Piece:
        return partimento.continue_(
            music,  # type: ignore[arg-type]
            bars=3,
            seed=1,
            checkpoint=tiny_checkpoint,
            **options,  # type: ignore[arg-type]
        )

    piece = go_on(path)
    assert piece.bars == len(bar_starts(piece.score)) == 5
    assert go_on(score).score.tracks == piece.score.tracks
    with path.open("rb") as file:
        assert go_on(file).score.tracks == piece.score.tracks
    assert go_on(path, keep=False).bars == 3
    assert go_on(path, primer_bars=1).bars == go_on(score, primer_bars=1).bars == 4


def test_continuing_says_what_it_cannot_do(tiny_checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(MidiError, match=r"no\.mid: cannot be read: No such file"):
        partimento.continue_(tmp_path / "no.mid", checkpoint=tiny_checkpoint)
    with pytest.raises(PartimentoError, match="'primer' is the first argument"):
        partimento.continue_("a.mid", primer="b.mid", checkpoint=tiny_checkpoint)


def test_a_piece_is_saved_as_what_each_ending_says(generate: Generate, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("out.mid", "out.musicxml", "out.svg")]
    assert generate("piano in C major").save(*paths) == paths
    assert [path.read_bytes()[:4] for path in paths] == [b"MThd", b"<?xm", b"<svg"]


def test_files_of_notes_hold_the_piece_as_it_is_played_and_paper_as_it_is_written(
    generate: Generate, tmp_path: Path
) -> None:
    piece = generate("piano in C major", swing=1.0, expression=1.0)
    played, straight = tmp_path / "played.mid", tmp_path / "straight.mid"
    piece.save(played, tmp_path / "of_piece.musicxml", title="")
    partimento.render(piece.score, straight, tmp_path / "of_score.musicxml")
    assert played.read_bytes() != straight.read_bytes()
    papers = [tmp_path / name for name in ("of_piece.musicxml", "of_score.musicxml")]
    assert papers[0].read_bytes() == papers[1].read_bytes()


def test_greedy_pieces_are_played_alike_whatever_the_seed(generate: Generate) -> None:
    first, second = (generate(temperature=0, seed=seed).performance.tracks for seed in (1, 2))
    assert first == second


def test_sound_and_pictures_are_saved_where_the_extras_are_installed(
    generate: Generate, tmp_path: Path
) -> None:
    pytest.importorskip("midirenderer", reason="needs the extra 'audio'")
    pytest.importorskip("PIL", reason="needs the extra 'pictures'")
    paths = [str(tmp_path / name) for name in ("out.mid", "out.wav", "out.png")]
    saved = generate("piano in C major").save(*paths, loudness=-23.0)
    assert [path.read_bytes()[:4] for path in saved] == [b"MThd", b"RIFF", b"\x89PNG"]


def test_nothing_is_replaced_unasked_and_nothing_else_written_then(
    generate: Generate, tmp_path: Path
) -> None:
    piece, taken, other = generate(), tmp_path / "out.mid", tmp_path / "other.mid"
    taken.write_bytes(b"mine")
    with pytest.raises(FileTakenError, match=r"out\.mid exists; force=True replaces it"):
        piece.save(other, taken)
    assert (other.exists(), taken.read_bytes()) == (False, b"mine")
    piece.save(taken, force=True)
    assert taken.read_bytes()[:4] == b"MThd"


def test_a_missing_extra_is_named_before_anything_is_written(
    generate: Generate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partimento.rendering.packages.find_spec", lambda name: None)
    with pytest.raises(RenderingError, match=r"pip install 'partimento\[audio\]'"):
        generate().save(tmp_path / "out.mid", tmp_path / "out.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_file_named_twice_is_refused(generate: Generate, tmp_path: Path) -> None:
    with pytest.raises(PartimentoError, match="is named twice"):
        generate().save(tmp_path / "out.mid", tmp_path / "out.mid")


def test_files_scores_and_pieces_are_rendered(generate: Generate, tmp_path: Path) -> None:
    piece = generate("piano in C major")
    [path] = piece.save(tmp_path / "out.mid")
    score, _ = partimento.read_midi(path)
    [of_file] = partimento.render(path, tmp_path / "file.svg")
    [of_its_score] = partimento.render(score, tmp_path / "read.svg", title="out")
    assert of_file.read_bytes() == of_its_score.read_bytes()
    [of_piece] = partimento.render(piece, tmp_path / "piece.svg")
    [of_score] = partimento.render(piece.score, tmp_path / "score.svg")
    assert of_piece.read_bytes() == of_score.read_bytes()


def test_a_piece_is_edited_and_the_rest_stays(pieces_folder: Path, tiny_checkpoint: Path) -> None:
    path = pieces_folder / "haydn_op1_no4.mid"
    piece = partimento.edit(path, fill="5-6", line="viola", seed=1, checkpoint=tiny_checkpoint)
    found = compare(partimento.read_midi(path)[0], without_provenance(piece.score))
    assert set(found.changed_bars) <= {5, 6}
    assert {change.line for change in found.notes} == {"Viola"}
    drums = partimento.edit(piece.score, add="drums", seed=1, checkpoint=tiny_checkpoint)
    assert drums.score.tracks[-1].is_drum
    with pytest.raises(ValueError, match="setting 'bpm' does not exist"):
        partimento.edit(path, fill="5", bpm=90, checkpoint=tiny_checkpoint)
    with pytest.raises(ValueError, match="fill must be bars of the piece, which has 28 bars"):
        partimento.edit(path, fill="40", checkpoint=tiny_checkpoint)
