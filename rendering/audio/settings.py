"""How sound is to be played: by which sound font, and how loud."""

from dataclasses import dataclass
from pathlib import Path

from partimento.errors import SettingError

DEFAULT_LOUDNESS = -18.0
"""LUFS of a piece played mf, the reference level of ReplayGain 2.0: room for most peaks."""
MIN_LOUDNESS, MAX_LOUDNESS = -50.0, -5.0


@dataclass(frozen=True, slots=True)
class Sound:
    """The settings of audio files."""

    soundfont: Path | None = None
    """SoundFont 2 file to play with; a General MIDI one by default."""
    loudness: float = DEFAULT_LOUDNESS
    """LUFS of a piece that is played mf, -50 to -5; softer pieces stay softer, louder louder."""

    def __post_init__(self) -> None:
        """SettingError for a loudness outside its range."""
        if not MIN_LOUDNESS <= self.loudness <= MAX_LOUDNESS:  # NaN as well
            limits = f"[{MIN_LOUDNESS:g}, {MAX_LOUDNESS:g}]"
            raise SettingError("loudness", f"must be in {limits} LUFS, got {self.loudness:g}")


DEFAULT_SOUND = Sound()
