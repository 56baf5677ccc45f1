"""`partimento evaluate` on a tiny corpus with tiny random checkpoints."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.model.latent.conditioning import INPUTS
from partimento.music.midi.writer import write_midi
from partimento.music.score import Key, Meter, Note, Score, Track

Call = Callable[..., tuple[int, str, str]]
PIECES = (("folk", "train"), ("jazz", "train"), ("folk", "valid"), ("folk", "valid"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    lines = []
    for index, (style, split) in enumerate((*PIECES, ("jazz", "valid"))):
        rng = np.random.default_rng(index)
        steps = rng.integers(60, 72, 3 * (4 + index))
        notes = tuple(Note(24 * i, int(pitch), 24) for i, pitch in enumerate(steps))
        score = Score(24, (Track(notes),), meters=(Meter(0, 3, 4),), keys=(Key(0, 0, False),))
        write_midi(score, folder / f"{index}.mid")
        lines.append(json.dumps({"path": f"{index}.mid", "style": style, "split": split}))
    (folder / "manifest.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_json_holds_models_baselines_and_their_differences(
    partimento: Call,
    corpus: Path,
    cache: Path,
    tiny_checkpoint: Path,
    save_tiny: Callable[..., Path],
) -> None:
    twin = save_tiny("softmax", seed=2, step=2, name="twin")
    code, out, err = partimento(
        *("evaluate", "--data", corpus, "--cache", cache, "--checkpoint", tiny_checkpoint),
        *("--compare", twin, "--json"),
    )
    assert (code, err) == (0, "")
    content = json.loads(out)
    tiny, other = content["models"]
    assert (tiny["name"], tiny["step"], other["name"], other["step"]) == ("tiny", 0, "twin", 2)
    notes = {style: figures["notes"] for style, figures in tiny["styles"].items()}
    assert notes == {"folk": 18 + 21, "jazz": 24}
    assert tiny["total"]["pieces"] == 3
    assert 0 < tiny["total"]["forbidden_share"] < 1
    plain, transposed = content["baselines"]
    assert (plain["name"], transposed["name"]) == ("5-gram", "5-gram x12")
    for name, theirs in (("twin", [other]), ("5-gram", [plain, transposed])):
        ours = tiny["styles"]["folk"]["nats_per_note"]
        least = min(result["styles"]["folk"]["nats_per_note"] for result in theirs)
        assert content["differences"][name]["folk"] == pytest.approx(ours / least - 1, abs=2e-4)
    assert set(content["differences"]["twin"]) == {"folk", "jazz", "total"}


def test_the_table_has_a_row_a_style_and_the_total(
    partimento: Call, corpus: Path, cache: Path, tiny_checkpoint: Path
) -> None:
    code, out, _ = partimento(
        "evaluate", "--data", corpus, "--cache", cache, "--checkpoint", tiny_checkpoint
    )
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith(f"valid split of {corpus}: 3 pieces, up to 2,048 tokens each")
    assert [line.split()[0] for line in lines[2:5]] == ["folk", "jazz", "total"]
    assert lines[4].rstrip().endswith("%")
    assert "the better of the two" in lines[5]


def test_pieces_and_tokens_can_be_limited_and_the_baseline_left_out(
    partimento: Call, corpus: Path, cache: Path, tiny_checkpoint: Path
) -> None:
    code, out, _ = partimento(
        *(
            "evaluate",
            "--data",
            corpus,
            "--cache",
            cache,
            "--checkpoint",
            tiny_checkpoint,
            "--json",
        ),
        *("--pieces", 1, "--max-tokens", 11, "--baseline", "none"),
    )
    content = json.loads(out)
    assert code == 0
    assert (content["baselines"], content["differences"]) == ([], {})
    total = content["models"][0]["total"]
    assert (total["pieces"], total["tokens"]) == (2, 20)


def test_two_checkpoints_of_one_name_are_told_apart(
    partimento: Call,
    corpus: Path,
    cache: Path,
    tiny_checkpoint: Path,
    save_tiny: Callable[..., Path],
) -> None:
    other = save_tiny(seed=3)
    out = partimento(
        *("evaluate", "--data", corpus, "--cache", cache, "--checkpoint", tiny_checkpoint),
        *("--compare", other, "--json", "--baseline", "none"),
    )[1]
    names = [model["name"] for model in json.loads(out)["models"]]
    assert names == [f"{path.parent.name}/tiny" for path in (tiny_checkpoint, other)]


def test_generated_pieces_stand_beside_held_out_ones(
    partimento: Call, corpus: Path, cache: Path, tiny_checkpoint: Path
) -> None:
    arguments = ("evaluate", "--data", corpus, "--cache", cache, "--checkpoint", tiny_checkpoint)
    code, out, err = partimento(*arguments, "--baseline", "none", "--generated", 2, "--json")
    content = json.loads(out)
    assert (code, err) == (0, "")
    assert (content["generated"]["pieces"], content["generated"]["exact_bars"]) == (2, 2)
    assert content["generated"]["mean"]["bars"] == 16
    assert content["held_out"]["styles"]["folk"]["pieces"] == 2
    assert content["held_out"]["mean"]["polyphony"] == 1
    for sample in (content["generated"], content["held_out"]):
        assert set(sample["known_passages"]) == {"8", "12", "16", "24", "32", "48", "64"}
    out = partimento(*arguments, "--baseline", "none", "--generated", 1)[1]
    assert "1 generated pieces" in out
    assert "groove consistency" in out
    assert "known passages of 16 notes" in out


def test_an_empty_split_and_a_bad_checkpoint_are_one_line(
    partimento: Call, corpus: Path, cache: Path, tiny_checkpoint: Path
) -> None:
    given = ("evaluate", "--data", corpus, "--cache", cache, "--checkpoint")
    code, out, err = partimento(*given, tiny_checkpoint, "--split", "test")
    assert (code, out) == (1, "")
    assert err == f"error: {corpus}: the test split is empty; choose another --split\n"
    code, out, err = partimento(*given, corpus / "0.mid")
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {corpus / '0.mid'}: not a readable safetensors file")
    assert err.count("\n") == 1


def test_wrong_usage_exits_2_and_names_the_option(partimento: Call, corpus: Path) -> None:
    for option, arguments in (
        ("--data", ()),
        ("--data", ("--data", corpus / "0.mid")),
        ("--split", ("--data", corpus, "--split", "train")),
        ("--baseline", ("--data", corpus, "--baseline", "bach")),
        ("--pieces", ("--data", corpus, "--pieces", 0)),
    ):
        code, out, err = partimento("evaluate", *arguments)
        assert (code, out) == (2, ""), err
        assert err.count("\n") == 1
        assert option in err


def test_sketches_are_told_with_noise_in_them(
    partimento: Call, corpus: Path, cache: Path, save_tiny: Callable[..., Path]
) -> None:
    hearing = save_tiny(sketch_width=INPUTS, name="hearing")
    options = ("evaluate", "--data", corpus, "--cache", cache, "--baseline", "none")
    options += ("--checkpoint", hearing, "--sketch-noise", 0.1, "--sketch-noise", 1)
    code, out, _ = partimento(*options, "--json")
    assert code == 0
    content = json.loads(out)
    [plain] = content["models"]
    assert [told["name"] for told in content["sketches"]] == ["noise 0.1", "noise 1"]
    for told in content["sketches"]:
        assert told["total"]["notes"] == plain["total"]["notes"]
        for style in ("folk", "jazz"):
            ours, theirs = (r["styles"][style]["nats_per_note"] for r in (told, plain))
            assert ours != theirs
            assert told["differences"][style] == pytest.approx(ours / theirs - 1, abs=2e-4)
    lines = partimento(*options)[1].splitlines()
    heading = next(n for n, line in enumerate(lines) if "told the true sketch" in line)
    assert [line.split()[0] for line in lines[heading + 2 :]] == ["folk", "jazz", "total"]
    total = f"{plain['total']['nats_per_note']:.3f}"
    assert lines[-1].split()[:2] == ["total", total]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--sketch-noise", "0.1"], 1, "was trained without sketches; --checkpoint names one"),
        (["--sketch-noise", "-1"], 2, "--sketch-noise must be at least 0, got -1"),
        (["--autoencoder", "x"], 2, "--autoencoder makes sketches; give --sketch-noise too"),
    ],
)
def test_sketches_that_cannot_be_told_are_refused(
    partimento: Call,
    corpus: Path,
    cache: Path,
    tiny_checkpoint: Path,
    options: list[str],
    code: int,
    message: str,
) -> None:
    found, _, err = partimento(
        *("evaluate", "--data", corpus, "--cache", cache, "--checkpoint", tiny_checkpoint), *options
    )
    assert found == code
    assert message in " ".join(err.split())
