"""One piece as the page shows it, typed as the page's script reads it."""

from dataclasses import asdict, dataclass

from partimento.page.music import Music


@dataclass(frozen=True, slots=True)
class Link:
    """A file of a piece."""

    name: str
    """Path in the folder."""
    href: str
    label: str
    """What the link is called."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says; None where nothing is known."""

    id: str
    """Stars are kept by it."""
    number: int
    name: str
    files: tuple[Link, ...]
    style: str | None = None
    key: str | None = None
    meter: str | None = None
    bpm: float | None = None
    bars: int | None = None
    notes: int | None = None
    seconds: float | None = None
    seed: int | None = None
    prompt: str | None = None
    reading: str | None = None
    settings: tuple[tuple[str, str], ...] = ()
    """Names and values as a person reads them."""
    audio: str | None = None
    """Link to the sound file that is played; None for the page's own sounds."""
    error: str | None = None
    """Why there is no music."""
    music: Music | None = None

    def to_dict(self) -> dict[str, object]:
        """As JSON keeps it."""
        return asdict(self)
