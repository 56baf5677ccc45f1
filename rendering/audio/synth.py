"""A score played by a sound font: stereo samples and sound files.

The synthesizer is rustysynth, by way of midirenderer: it follows velocities, envelopes and
filters of the sound font and adds a little reverb. The General MIDI sound font is the one that
pretty_midi carries. Not played: pedals, bends and other controllers, which a Score does not hold.

Why not symusic's synthesizer, which installs on more systems: with this sound font version 0.5.9
plays every velocity equally loud, holds a piano note without dying away, cuts a cymbal off where
its note ends, and needs a wheel for each Python version, of which a pin below 0.6 gets no new
ones. midirenderer is one wheel for all Python versions on Linux (glibc 2.17 on x86-64, 2.34 on
ARM), macOS and Windows (x86-64); elsewhere the extra `audio` builds it with a Rust compiler, and
only sound is missing without it. tests/rendering/test_audio.py holds the synthesizer to what the
other one fails.
"""

import io
import wave
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt

from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import TICKS_PER_QUARTER, midi_bytes
from partimento.music.score import Score, Tempo
from partimento.music.timeline import DEFAULT_BPM
from partimento.rendering.audio.ogg import with_fixed_serial
from partimento.rendering.errors import RenderingError, missing_package

SAMPLE_RATE = 48_000
"""Samples a second; the synthesizer's own rate."""
TAIL_SECONDS = 2.0
"""Silence falls this long after the last note ends."""
PEAK = 10 ** (-1 / 20)
"""-1 dBFS: the loudest sample. The decibel is room for what lossy codecs add."""
MAX_SECONDS = 1800.0
"""Longer audio would not fit into a small machine's memory at once."""
_BLOCK = 1 << 16
"""Frames written at a time: libsndfile's Vorbis encoder overflows its stack on large blocks."""

Audio = npt.NDArray[np.float32]
"""(samples, 2) left and right, within -1..1."""


def general_midi_soundfont() -> Path:
    """Path of the sound font that pretty_midi carries, found without importing pretty_midi."""
    spec = find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        raise RenderingError("pretty_midi is not installed; run: pip install pretty_midi")
    return Path(spec.origin).with_name("TimGM6mb.sf2")


def render_audio(
    source: Score | str | PathLike[str], soundfont: str | PathLike[str] | None = None
) -> Audio:
    """Play a score or a MIDI file; return (samples, 2) at SAMPLE_RATE with a peak of -1 dBFS.

    Without `soundfont` (a SoundFont 2 file) the General MIDI one plays. Lasts to the end of
    the last note plus TAIL_SECONDS, faded out. Raises RenderingError when there is nothing to
    hear, the piece is longer than MAX_SECONDS or the sound font cannot be used.
    """
    try:
        import midirenderer
    except ImportError as error:
        raise missing_package("midirenderer", "audio") from error
    score = source if isinstance(source, Score) else read_midi(source)[0]
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to play")
    music_seconds = seconds_at(score, score.end)
    total_seconds = music_seconds + TAIL_SECONDS
    if total_seconds > MAX_SECONDS:
        raise RenderingError(
            f"the piece lasts {total_seconds / 60:.0f} minutes, more than the "
            f"{MAX_SECONDS / 60:.0f} that are rendered; cut it or mend its tempo"
        )
    font, name = _soundfont_bytes(soundfont)
    try:
        data = midirenderer.render_wave_from(font, _with_tail(score))
    except RuntimeError as error:
        raise RenderingError(f"{name}: cannot be used as a sound font: {error}") from error
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels()) == (SAMPLE_RATE, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
    audio = np.zeros((round(total_seconds * SAMPLE_RATE), 2), np.float32)
    count = min(len(audio), len(frames))
    audio[:count] = frames[:count]
    _fade_out(audio, round(music_seconds * SAMPLE_RATE))
    peak = float(np.abs(audio).max())
    if peak == 0:
        raise RenderingError(f"{name}: has no sound for any note of this piece")
    audio *= PEAK / peak
    return audio


def write_audio(audio: Audio, path: str | PathLike[str]) -> None:
    """Write samples as the .wav, .flac, .ogg or .mp3 that the path's ending names.

    WAV and FLAC hold 16 bits; equal samples give equal bytes. An existing file is replaced.
    """
    path = Path(path)
    if path.suffix.lower() == ".wav":
        with wave.open(str(path), "wb") as wave_file:
            wave_file.setnchannels(2)
            wave_file.setsampwidth(2)
            wave_file.setframerate(SAMPLE_RATE)
            wave_file.writeframes(np.round(audio * 32767).astype("<i2").tobytes())
        return
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the wheel without its library
        raise missing_package("soundfile", "audio") from error
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, 2) as file:
        for start in range(0, len(audio), _BLOCK):
            file.write(audio[start : start + _BLOCK])
    if path.suffix.lower() == ".ogg":
        path.write_bytes(with_fixed_serial(path.read_bytes()))


def seconds_at(score: Score, tick: int) -> float:
    """Time from tick 0 to a tick, by the tempos in force; 120 before the first, as MIDI has it."""
    tempos = (Tempo(0, DEFAULT_BPM), *score.tempos)
    total = 0.0
    for index, tempo in enumerate(tempos):
        end = tempos[index + 1].tick if index + 1 < len(tempos) else tick
        total += max(0, min(end, tick) - tempo.tick) / score.ticks_per_quarter * 60 / tempo.bpm
    return total


def check_soundfont(path: str | PathLike[str]) -> None:
    """Raise RenderingError for a file that cannot be read or does not begin as SoundFont 2."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise RenderingError(f"{path}: cannot be read: {error.strerror}") from error
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise RenderingError(f"{path}: not a SoundFont 2 file; give a .sf2 file")


def _soundfont_bytes(soundfont: str | PathLike[str] | None) -> tuple[bytes, str]:
    """The bytes and the name of a sound font; RenderingError when it is none."""
    path = Path(soundfont) if soundfont is not None else general_midi_soundfont()
    check_soundfont(path)
    return path.read_bytes(), str(path)


def _with_tail(score: Score) -> bytes:
    """The score as MIDI that goes on in silence until the last note has died away."""
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(score)))
    bpm = score.tempos[-1].bpm if score.tempos else DEFAULT_BPM
    end = score.end * TICKS_PER_QUARTER / score.ticks_per_quarter
    tail = (TAIL_SECONDS + 0.1) * bpm / 60 * TICKS_PER_QUARTER
    end_of_track = mido.MetaMessage("end_of_track", time=round(end + tail))
    file.tracks.append(mido.MidiTrack([end_of_track]))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _fade_out(audio: Audio, start: int) -> None:
    """Fade, in place, from full level at the sample `start` to silence at the end."""
    count = len(audio) - start
    ramp = np.cos(np.linspace(0, np.pi / 2, count, dtype=np.float32)) ** 2
    audio[start:] *= ramp[:, None]
