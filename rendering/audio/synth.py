"""A score played by a sound font: stereo samples.

The synthesizer is rustysynth, by way of midirenderer: it follows velocities, pedals, bends,
volume, pan, envelopes and filters of the sound font, and adds a little reverb. The General MIDI
sound font is the one that pretty_midi carries.

Why not symusic's synthesizer, which installs on more systems: with this sound font version 0.5.9
plays every velocity equally loud, holds a piano note without dying away, and cuts a cymbal off
where its note ends; tests/rendering/audio/test_synth.py holds this one to what that one fails.
"""

import io
import wave
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from partimento.music.dynamics import VELOCITIES
from partimento.music.loops import ringing
from partimento.music.midi.events import parse_events
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Score
from partimento.rendering.audio.loops import folded, loop_samples
from partimento.rendering.audio.loudness import (
    SAMPLE_RATE,
    Audio,
    integrated_loudness,
    true_peak,
)
from partimento.rendering.audio.performance import midi_file, perform
from partimento.rendering.audio.settings import Sound
from partimento.rendering.audio.soundfont import quieter, soundfont_bytes
from partimento.rendering.errors import RenderingError, missing_package

TAIL_SECONDS = 2.0
"""Silence falls this long after the last note ends."""
MAX_PEAK = 10 ** (-1 / 20)
"""-1 dBFS, the highest true peak: EBU R 128's room for what lossy codecs add."""
MAX_SECONDS = 1800.0
"""Longer audio would not fit into a small machine's memory at once."""
_MF = VELOCITIES[4]
"""The velocity of a piece that is as loud as was asked."""
_LOUDEST = 127 / _MF
"""Level of a piece whose notes all have the highest velocity, compared with mf."""
_DIVISORS = (1, 4, 16, 64)
"""Of the samples, until what sounds at once fits into 16 bits: 12 dB a step."""

_Samples = npt.NDArray[np.int16]


def render_audio(score: Score, sound: Sound | None = None) -> Audio:
    """Play a score; return (samples, 2) at SAMPLE_RATE.

    Lasts to the end of the last note plus TAIL_SECONDS, faded out; a score that is marked as a
    loop lasts as long as `loop_samples` says, and its tail sounds on at its start. `_gain` says
    how loud it is. Raises RenderingError when there is nothing to hear, the piece is longer than
    MAX_SECONDS or the sound font cannot be used.
    """
    sound = sound or Sound()
    audio, velocity = _sounding(score, sound)
    return audio * np.float32(_gain(audio, sound.loudness, velocity))


def render_layers(scores: Sequence[Score], sound: Sound | None = None) -> list[Audio]:
    """Play the layers of a loop, each as loud as it is within the last one, which has all parts.

    All last equally long. Raises as `render_audio` does.
    """
    sound = sound or Sound()
    played = [_sounding(score, sound) for score in scores]
    audio, velocity = played[-1]
    gain = np.float32(_gain(audio, sound.loudness, velocity))
    return [each * gain for each, _ in played]


def _sounding(score: Score, sound: Sound) -> tuple[Audio, float]:
    """The samples at the synthesizer's level, and the mean velocity."""
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to play")
    loop = loop_samples(score)
    performance = perform(parse_events(midi_bytes(ringing(score)), "the score"))
    music_seconds = performance.seconds
    if loop is not None:  # which may end in silence
        music_seconds = max(music_seconds, loop[1] / SAMPLE_RATE)
    total_seconds = music_seconds + TAIL_SECONDS
    if total_seconds > MAX_SECONDS:
        raise RenderingError(
            f"the piece lasts {total_seconds / 60:.0f} minutes, more than the "
            f"{MAX_SECONDS / 60:.0f} that are rendered; cut it or mend its tempo"
        )
    font, name = soundfont_bytes(sound.soundfont)
    rest = music_seconds - performance.seconds
    frames = _unclipped(font, name, midi_file(performance, rest + TAIL_SECONDS + 0.1))
    audio = np.zeros((round(total_seconds * SAMPLE_RATE), 2), np.float32)
    count = min(len(audio), len(frames))
    audio[:count] = frames[:count] / np.float32(32768)
    _fade_out(audio, round(music_seconds * SAMPLE_RATE))
    if not audio.any():
        raise RenderingError(
            f"{name}: has no sound for any note of this piece, or its volume is zero"
        )
    if loop is not None:
        audio = folded(audio, *loop)
    return audio, float(np.mean(performance.velocities))


def _unclipped(font: bytes, name: str, midi: bytes) -> _Samples:
    """Play a MIDI file, by a quieter font as long as the synthesizer's 16 bits overflow."""
    for divisor in _DIVISORS:
        frames = _played(font if divisor == 1 else quieter(font, divisor), name, midi)
        if frames.max(initial=0) < 32767 and frames.min(initial=0) > -32768:
            break
    return frames


def _played(font: bytes, name: str, midi: bytes) -> _Samples:
    """(samples, 2) as the synthesizer gives them."""
    try:
        import midirenderer
    except ImportError as error:
        raise missing_package("midirenderer", "audio") from error
    try:
        data = midirenderer.render_wave_from(font, midi)
    except RuntimeError as error:
        raise RenderingError(f"{name}: cannot be used as a sound font: {error}") from error
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels()) == (SAMPLE_RATE, 2)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)


def _gain(audio: Audio, loudness: float, velocity: float) -> float:
    """What makes a sound as loud as was asked of a piece played mf; by its velocity it is softer.

    The level goes with the mean velocity: half as many decibels as between the notes themselves
    (General MIDI has 40 log10), so ppp can still be heard beside fff: 18 dB lie between them.
    True peaks stay below MAX_PEAK: a piece whose peaks would not, were it played at the highest
    velocity, is softer than was asked. Nothing is ever clipped or compressed.
    """
    measured = integrated_loudness(audio)
    gain = MAX_PEAK / _LOUDEST / true_peak(audio)
    if np.isfinite(measured):
        gain = min(gain, 10 ** ((loudness - measured) / 20))
    return gain * velocity / _MF


def _fade_out(audio: Audio, start: int) -> None:
    """Fade, in place, from full level at the sample `start` to silence at the end."""
    count = len(audio) - start
    ramp = np.cos(np.linspace(0, np.pi / 2, count, dtype=np.float32)) ** 2
    audio[start:] *= ramp[:, None]
