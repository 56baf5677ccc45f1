"""Who plays: what is asked for, throughout and as one who plays it could; else the usual."""

import io
from collections import Counter, defaultdict

import numpy as np
import pytest

from partimento.errors import SettingError
from partimento.model.checkpoint import shipped_checkpoint
from partimento.music.bars import bar_starts
from partimento.music.instrument_ranges import HAS_VOICES, PLAYABLE
from partimento.music.instruments import INSTRUMENT_OF_PROGRAM, find_family
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Note, Score, Track
from partimento.request.request import Request
from partimento.sampling.continuing import plan_of
from partimento.sampling.engines import load_engine
from partimento.sampling.ensembles import (
    STYLE_WEIGHTS,
    USUAL,
    Ensemble,
    asked_ensemble,
    primer_ensemble,
    usual_ensemble,
    usual_style,
)
from partimento.sampling.generate import Piece, generate
from partimento.sampling.planning import make_plan
from partimento.sampling.primer import read_primer
from partimento.sampling.primer_bars import Primer
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode

ENSEMBLES = (
    ("flute", "cello"),
    ("piano", "drums"),
    ("trumpet", "piano", "acoustic bass", "drums"),
    ("violin", "piano"),
    ("oboe", "harp"),
    ("saxophone",),
)


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    """Sixteen bars for each ensemble, by the shipped weights."""
    requests = [
        Request(instruments=names, seed=seed) for names in ENSEMBLES for seed in range(1, 3)
    ]
    return generate(requests, load_engine(shipped_checkpoint()))


def struck(piece: Piece) -> dict[int, set[int]]:
    """Bars in which each instrument strikes a note."""
    found: dict[int, set[int]] = defaultdict(set)
    starts = [bar.start for bar in bar_starts(piece.score)]
    for track in piece.score.tracks:
        instrument = v.DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        found[instrument] |= {int(np.searchsorted(starts, n.onset, "right")) for n in track.notes}
    return found


def test_every_named_instrument_strikes_in_two_bars_of_three_and_no_other_one(
    pieces: list[Piece],
) -> None:
    for piece in pieces:
        asked = {v.INSTRUMENTS.index(name) for name in piece.request.instruments or ()}
        bars = struck(piece)
        assert set(bars) == asked
        assert min(len(found) for found in bars.values()) >= 10, piece.request


def test_no_note_is_outside_its_instrument(pieces: list[Piece]) -> None:
    for piece in pieces:
        for track in piece.score.tracks:
            if track.is_drum:
                continue
            low, high = PLAYABLE[INSTRUMENT_OF_PROGRAM[track.program]]
            assert all(low <= note.pitch <= high for note in track.notes), piece.request


def test_no_piece_is_played_at_one_loudness(pieces: list[Piece]) -> None:
    """F30: one velocity for all notes in 47 of 84 pieces."""
    for piece in pieces:
        played = Counter(n.velocity for t in piece.performance.tracks for n in t.notes)
        most_common = played.most_common(1)[0][1]
        assert len(played) >= 12, piece.request
        assert most_common <= 0.4 * played.total(), piece.request


def test_one_who_plays_one_note_at_a_time_has_one_line(pieces: list[Piece]) -> None:
    for piece in pieces:
        tokens = piece.tokens
        for bar in np.split(tokens, np.flatnonzero(tokens == v.BAR)):
            for name in piece.request.instruments or ():
                index = v.INSTRUMENTS.index(name)
                lines = int((bar == v.INSTRUMENT + index).sum())
                assert lines <= (4 if HAS_VOICES[index] else 1), piece.request


def test_a_range_that_an_instrument_cannot_reach_is_refused() -> None:
    with pytest.raises(SettingError, match="pitch_range must hold a note that the flute plays"):
        make_plan(Request(instruments=("flute",), pitch_range="C1-C2"))


def test_guitar_music_is_for_guitars() -> None:
    plan = make_plan(Request(style="guitar"))
    allowed = set(np.flatnonzero(plan.rules.most_lines[0]).tolist())
    assert allowed == set(find_family("guitar"))
    for seed in range(40):
        plan = plan_of(Request(style="guitar", seed=seed), None)
        assert set(np.flatnonzero(plan.rules.most_lines[0]).tolist()) < allowed


def test_a_folk_tune_of_any_length_has_one_flute() -> None:
    """F33: 512 bars became ten flutes."""
    flute = v.INSTRUMENTS.index("flute")
    for seed in range(20):
        plan = plan_of(Request(style="folk", bars=512, seed=seed), None)
        assert plan.rules.most_lines[:, flute].max() <= 1


def test_what_is_not_named_may_play_anything() -> None:
    rules = make_plan(Request()).rules
    assert (rules.lowest == 0).all()
    assert (rules.highest == 127).all()
    assert not rules.least_lines.any()


def test_pieces_of_named_instruments_decode(pieces: list[Piece]) -> None:
    assert all(decode(piece.tokens).note_count > 16 for piece in pieces)


def names(ensemble: Ensemble) -> list[str]:
    return [v.INSTRUMENTS[player] for player in ensemble.players]


def drawn(style: str, count: int = 400, **wishes: object) -> list[Ensemble]:
    request = {"style": style, **wishes}
    return [usual_ensemble(Request.from_dict(request | {"seed": seed})) for seed in range(count)]


def primer_with(*tracks: Track) -> Primer:
    return read_primer(io.BytesIO(midi_bytes(Score(24, tracks))))


def beats(pitch: int, program: int = 0, is_drum: bool = False) -> Track:
    notes = tuple(Note(24 * i, pitch, 24) for i in range(16))
    return Track(notes, program, is_drum=is_drum, name=f"{program} {pitch}")


def test_every_style_has_usual_ensembles_of_known_instruments() -> None:
    assert set(USUAL) == {*v.STYLES, "orchestral"}
    assert set(STYLE_WEIGHTS) == set(v.STYLES) - {"drums"}
    for choices in USUAL.values():
        for weight, text in choices:
            assert weight > 0
            assert set(text.split(", ")) <= set(v.INSTRUMENTS)


@pytest.mark.parametrize(
    ("style", "bass", "share"), [("pop", "electric bass", 0.85), ("jazz", "acoustic bass", 0.75)]
)
def test_most_pop_and_jazz_is_for_bands_that_play_throughout(
    style: str, bass: str, share: float
) -> None:
    found = drawn(style)
    bands = [one for one in found if {bass, "drums"} <= set(names(one))]
    assert abs(len(bands) / len(found) - share) < 0.06
    assert all(one.is_heard for one in bands)


def test_the_share_of_an_ensemble_is_its_weight() -> None:
    found = Counter(tuple(names(one)) for one in drawn("keyboard", 2000))
    assert abs(found["piano",] / 2000 - 0.8) < 0.04
    assert abs(found["organ",] / 2000 - 0.15) < 0.04


def test_what_is_left_out_or_out_of_range_does_not_play() -> None:
    for ensemble in drawn("pop", 50, without=("drums", "piano")):
        assert not {"drums", "piano"} & set(names(ensemble))
    for ensemble in drawn("pop", 50, pitch_range="C5-C7"):
        assert "electric bass" not in names(ensemble)
    [only] = {tuple(names(one)) for one in drawn("quartet", 9, without=("violin", "cello"))}
    assert only == ("viola",)


def test_what_is_asked_for_comes_before_what_is_usual() -> None:
    request = Request(style="pop", instruments=("harp", "oboe"), seed=1)
    assert usual_ensemble(request) == asked_ensemble(request)
    assert names(usual_ensemble(request)) == ["harp", "oboe"]
    assert usual_ensemble(request).is_heard


def test_orchestral_music_is_for_an_orchestra() -> None:
    """Most classical music is not; both have one token."""
    for ensemble in drawn("orchestral", 20):
        assert len(set(ensemble.players)) >= 10
        assert not ensemble.is_heard
    solo = [one for one in drawn("classical") if len(one.players) <= 2]
    assert len(solo) > 100
    header = plan_of(Request(style="orchestral", seed=1), None).header
    assert header[0] == v.STYLES.index("classical")


def test_greedy_requests_take_the_most_usual_ensemble_whatever_the_seed() -> None:
    for seed in range(5):
        ensemble = usual_ensemble(Request(style="song", temperature=0.0, seed=seed))
        assert names(ensemble) == ["piano", "choir"]
    assert usual_ensemble(Request(style="song")) == Ensemble()


def test_a_style_is_drawn_where_neither_it_nor_instruments_are_asked_for() -> None:
    found = Counter(usual_style(Request(seed=seed)) for seed in range(2000))
    assert set(found) == set(STYLE_WEIGHTS)
    assert abs(found["classical"] / 2000 - 0.16) < 0.04
    assert usual_style(Request(style="folk", seed=1)) == "folk"
    assert usual_style(Request(instruments=("harp",), seed=1)) is None
    assert usual_style(Request(temperature=0.0, seed=1)) is None
    assert usual_style(Request(density=0.5, seed=1)) is None


def test_keyboard_music_has_no_contrabass() -> None:
    """F28: one note each of five instruments that nobody asked for."""
    plan = plan_of(Request(style="keyboard", seed=1147412955639500), None)
    allowed = {v.INSTRUMENTS[i] for i in np.flatnonzero(plan.rules.most_lines.max(0))}
    assert allowed == {"piano"}
    assert plan.told[0, : len(v.INSTRUMENTS)].sum() == 1


def test_a_primers_players_go_on_and_no_others() -> None:
    primer = primer_with(beats(84, 73), beats(72, 73), beats(60), beats(36, is_drum=True))
    ensemble = primer_ensemble(Request(seed=1), primer)
    assert Counter(names(ensemble)) == {"flute": 2, "piano": 1, "drums": 1}
    assert not ensemble.is_heard
    rule = plan_of(Request(seed=1), primer).rules
    assert rule.most_lines[0].sum() == 2 + 4 + 1


def test_a_primer_of_drums_without_drums_is_followed_by_a_piano() -> None:
    """F33: a dozen instruments with stray notes."""
    primer = primer_with(beats(36, is_drum=True))
    ensemble = primer_ensemble(Request(without=("drums",), seed=1), primer)
    assert set(names(ensemble)) <= {"piano", "organ", "harpsichord", "electric piano"}
    assert len(ensemble.players) == 1
    assert names(primer_ensemble(Request(seed=1), primer)) == ["drums"]


def test_what_a_primer_plays_outside_an_instrument_may_go_on() -> None:
    primer = primer_with(beats(50, 73), beats(64, 73))
    flute = v.INSTRUMENTS.index("flute")
    rule = plan_of(Request(seed=1), primer).rules
    assert (rule.lowest[0, flute], rule.highest[0, flute]) == (50, PLAYABLE[flute][1])


def test_instruments_that_are_asked_for_after_a_primer_come_alone() -> None:
    primer = primer_with(beats(60))
    assert names(primer_ensemble(Request(instruments=("harp",)), primer)) == ["harp"]
