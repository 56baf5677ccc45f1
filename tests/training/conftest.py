"""Small pieces and folders of them, written by the package's own MIDI writer."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from partimento.model.latent.autoencoder import PART, Autoencoder, AutoencoderConfig
from partimento.model.latent.bar_network import BarNetwork
from partimento.model.latent.weights import pack_part
from partimento.music.midi.writer import write_midi
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track

BAR = 96
"""Ticks of a bar of 4/4."""
BARS = 12


def _notes(rng: random.Random, low: int, high: int, first_bar: int) -> tuple[Note, ...]:
    """A line with rests, notes that ring past bar lines, and changes of loudness."""
    notes = []
    tick = first_bar * BAR
    velocity = 80
    while tick < BARS * BAR:
        if rng.random() < 0.1:
            velocity = rng.choice((33, 49, 80, 112))
        duration = rng.choice((6, 12, 12, 24, 24, 48, 72, 96))
        if rng.random() < 0.8:
            pitches = rng.sample(range(low, high), rng.choice((1, 1, 1, 2)))
            notes += [Note(tick, pitch, duration, velocity) for pitch in pitches]
        tick += duration
    notes.append(Note(BARS * BAR - 12, low, 12, velocity))
    return tuple(sorted(notes))


def _score(seed: int, style: str | None = None) -> Score:
    """Two violins of which one enters late, piano, drums; key and tempo change, chords."""
    rng = random.Random(seed)
    chords = tuple(
        Chord(bar * BAR, BAR, *rng.choice(((0, "maj"), (7, "7"), (9, "min"), (None, ""))))
        for bar in range(BARS)
    )
    return Score(
        ticks_per_quarter=24,
        tracks=(
            Track(_notes(rng, 62, 67, 0), 40),
            Track(_notes(rng, 62, 67, rng.randrange(6)), 40),
            Track(_notes(rng, 40, 60, rng.randrange(2)), 0),
            Track(_notes(rng, 35, 45, 0), is_drum=True),
        ),
        tempos=(Tempo(0, 120.0), Tempo(rng.randrange(1, BARS) * BAR, 90.0)),
        meters=(Meter(0, 4, 4),),
        keys=(Key(0, 0, False), Key(rng.randrange(1, BARS) * BAR, 9, True)),
        chords=chords,
        style=style,
    )


@pytest.fixture(scope="session")
def random_score() -> Callable[..., Score]:
    """A function from a seed, and a style, to a score of 12 bars of 4/4 on the token grid."""
    return _score


@pytest.fixture(scope="session")
def write_folder() -> Callable[..., Path]:
    """A function that fills a folder with small MIDI files.

    It takes names, or manifest lines; the seed of a file is its place, so that the same list
    gives the same music.
    """

    def write(
        folder: Path,
        names: list[str] | None = None,
        manifest: list[dict[str, object]] | None = None,
    ) -> Path:
        names = [str(line["path"]) for line in manifest or ()] if names is None else names
        for seed, name in enumerate(names):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # Key and chords are not written: chords travel in files of their own.
            write_midi(replace(_score(seed), chords=()), path)
        if manifest is not None:
            lines = "".join(json.dumps(line) + "\n" for line in manifest)
            (folder / "manifest.jsonl").write_text(lines, "utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def save_autoencoder() -> Callable[..., Path]:
    """A function that writes a tiny autoencoder with random weights."""

    def save(path: Path, seed: int = 0) -> Path:
        config = AutoencoderConfig(latent=8, width=16)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = BarNetwork(config)
            network.encode(torch.rand(64, network.encoder.first.in_features))
        path.write_bytes(pack_part(PART, config.to_dict(), network.eval().arrays()))
        return path

    return save


@pytest.fixture(scope="session")
def autoencoder_file(
    save_autoencoder: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The file of a tiny autoencoder."""
    return save_autoencoder(tmp_path_factory.mktemp("latent") / "autoencoder.safetensors")


@pytest.fixture(scope="session")
def autoencoder(autoencoder_file: Path) -> Autoencoder:
    """A tiny autoencoder with random weights."""
    return Autoencoder.load(autoencoder_file)
