"""What tests of several folders share."""

import json
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest

from partimento.model.checkpoint import save_checkpoint, shipped_checkpoint
from partimento.model.config import Attention, ModelConfig, select_features
from partimento.request.words import meaning
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import CONDITIONING_WIDTH
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance

if TYPE_CHECKING:
    from partimento.model.transformer import Transformer

# The models here are tiny: a second thread costs more than it gives, and on a busy machine it
# costs minutes. Set before torch is loaded, for the programs that tests start as well.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# numba compiles on the first call, and continuous integration runs on slow, shared machines.
# There the examples are the same each time: what passed once passes again; a developer's runs
# look for new ones.
hypothesis.settings.register_profile(
    "partimento", deadline=None, print_blob=True, derandomize="CI" in os.environ
)
hypothesis.settings.register_profile(
    "fast", hypothesis.settings.get_profile("partimento"), max_examples=20
)
hypothesis.settings.load_profile("partimento")

PIECES = Path(__file__).parent / "pieces"
"""Ten real pieces, a corpus of its own; its README names their sources."""
CORPUS = Path(
    os.environ.get("PARTIMENTO_CORPUS", Path(__file__).parents[2] / "shared" / "data")
).resolve()
LegalWalk = Callable[..., TokenArray]
SaveTiny = Callable[..., Path]

_WEIGHTS = {
    **{"pitch": 3.0, "duration": 4.0, "rest": 1.0, "instrument": 1.5, "dynamic": 0.4},
    **{"key": 0.3, "meter": 0.3, "tempo": 0.3, "style": 1.0, "chord root": 0.6},
    **{"chord quality": 1.0, "no chord": 0.2},
}
_SPECIAL_WEIGHTS = {v.BOS: 1.0, v.EOS: 0.05, v.BAR: 2.0, v.HOLE: 0.5, v.FILL: 2.0}


def _draw(rng: random.Random, legal: Sequence[int], favourites: set[int]) -> int:
    """A token of a block drawn first, so that the 128 pitches do not crowd out the rest."""
    choices: list[list[int]] = []
    weights: list[float] = []
    for token in legal:
        if token < v.PITCH:
            choices.append([token])
            weights.append(_SPECIAL_WEIGHTS[token])
    for block in v.BLOCKS[1:]:
        members = [token for token in legal if block.first <= token < block.end]
        if members:
            choices.append(members)
            weights.append(_WEIGHTS[block.name])
    members = rng.choices(choices, weights)[0]
    liked = [token for token in members if token in favourites]
    return rng.choice(liked if liked and rng.random() < 0.9 else members)


def pytest_configure(config: pytest.Config) -> None:
    """Draw fewer examples where only the fast tests are asked for."""
    if "not slow" in config.getoption("markexpr"):
        hypothesis.settings.load_profile("fast")


@pytest.fixture(autouse=True)
def without_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are read by the table alone, whether the extra `text` is installed or not."""
    monkeypatch.setattr(meaning, "installed_nearest", lambda: None)
    monkeypatch.setattr(meaning, "advice", lambda ignored: ())


@pytest.fixture(scope="session")
def legal_walk() -> LegalWalk:
    """A function that draws a random sequence which the grammar allows, from BOS to EOS."""

    def walk(
        seed: int, length: int = 200, total_bars: int = 0, without: Sequence[int] = ()
    ) -> TokenArray:
        """About `length` tokens; few pitches and instruments, so that they meet often.

        Tokens in `without` are taken only at the end.
        """
        rng = random.Random(seed)
        favourites = {v.PITCH + rng.randrange(128) for _ in range(rng.choice((2, 8, 128)))}
        favourites |= {v.INSTRUMENT + rng.randrange(33) for _ in range(rng.choice((1, 3, 33)))}
        favourites |= {v.INSTRUMENT + v.DRUMS, v.DURATION + v.DURATIONS.index(288)}
        favourites |= {v.DURATION + i for i in range(rng.choice((12, 30, 64)))}
        cursor = c.new_cursor(total_bars)
        mask = np.zeros(v.SIZE, np.uint8)
        tokens: list[int] = []
        while cursor.scalars[c.PHASE] != c.DONE:
            allowed(cursor, mask)
            legal = np.flatnonzero(mask).tolist()
            assert legal, f"nothing may follow {[v.name(token) for token in tokens[-5:]]}"
            closing = [token for token in (v.EOS, v.FILL, v.BAR) if token in legal]
            if len(tokens) >= length and closing:
                tokens.append(closing[0])
            else:
                wanted = [token for token in legal if token not in without]
                tokens.append(_draw(rng, wanted or legal, favourites))
            advance(cursor, tokens[-1])
        return np.array(tokens, np.uint16)

    return walk


@pytest.fixture(scope="session")
def save_tiny(tmp_path_factory: pytest.TempPathFactory) -> SaveTiny:
    """A function that writes a tiny model with random weights; no width fills a vector.

    It makes a bar in milliseconds, and its weights are far enough from zero to choose by.
    """

    def save(
        attention: Attention = "gated",
        convolution_width: int | None = 4,
        features: tuple[str, ...] | None = None,
        sounding_width: int = SOUNDING_WIDTH,
        conditioning_width: int | None = CONDITIONING_WIDTH,
        sketch_width: int | None = None,
        seed: int = 1,
        step: int = 0,
        name: str = "tiny",
    ) -> Path:
        config = ModelConfig(
            width=40,
            layers=2,
            heads=2,
            feed_forward_width=50,
            attention=attention,
            convolution_width=convolution_width,
            features=select_features(FEATURES, features),
            sounding_width=sounding_width,
            conditioning_width=conditioning_width,
            sketch_width=sketch_width,
        )
        import torch  # takes seconds, and most tests need no model

        from partimento.model.transformer import Transformer

        draw = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            model = Transformer(config)
            for parameter in model.parameters():
                noise = torch.randn(parameter.shape, generator=draw)
                # Matrices keep the size of their inputs; norms and biases stay near their start.
                parameter.add_(noise * (parameter.shape[-1] ** -0.5 if parameter.ndim > 1 else 0.1))
            model.head.weight.mul_(2)
        path = tmp_path_factory.mktemp("weights") / f"{name}.safetensors"
        save_checkpoint(path, model, step=step)
        return path

    return save


@pytest.fixture(scope="session")
def tiny_checkpoint(save_tiny: SaveTiny) -> Path:
    """A tiny checkpoint of the shipped model's kind; the model of all tests that need just one."""
    return save_tiny()


@pytest.fixture(scope="session")
def tiny_model(tiny_checkpoint: Path) -> "Transformer":
    """The model of the tiny checkpoint, ready to be asked; tests leave it as it is."""
    from partimento.model.loading import load_model

    return load_model(tiny_checkpoint)[0]


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The shipped checkpoint; skips where this copy has none."""
    try:
        return shipped_checkpoint()
    except ValueError:
        pytest.skip("this copy has no weights: put a checkpoint into weights/")


@pytest.fixture(scope="session")
def pieces_folder() -> Path:
    """The folder of the repository's ten pieces, with their manifest and README."""
    return PIECES


@pytest.fixture(scope="session")
def corpus_folder() -> Path:
    """The folder of the training corpus; skips where it is not."""
    if not (CORPUS / "manifest.jsonl").is_file():
        pytest.skip(
            f"the training corpus is not at {CORPUS}: set PARTIMENTO_CORPUS to a folder with a "
            "manifest.jsonl as docs/training.md describes it"
        )
    return CORPUS


@pytest.fixture(scope="session", params=["pieces", pytest.param("corpus", marks=pytest.mark.slow)])
def corpus_files(request: pytest.FixtureRequest) -> list[Path]:
    """The repository's pieces; then, where there is a corpus, up to two of each style from it."""
    if request.param == "pieces":
        return sorted(PIECES.glob("*.mid"))
    folder = request.getfixturevalue("corpus_folder")
    with (folder / "manifest.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    found: dict[str, list[Path]] = {}
    # Long enough for bars to repeat, short enough to read them all in seconds.
    for entry in sorted(entries, key=lambda entry: (abs(entry["notes"] - 700), entry["path"])):
        files = found.setdefault(entry["style"], [])
        if entry["split"] == "test" and len(files) < 2:
            files.append(folder / entry["path"])
    return [path for files in found.values() for path in files]
