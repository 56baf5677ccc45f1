"""What is to be written, and what was: a wish and its piece."""

from dataclasses import dataclass

from partimento.music.expression import express
from partimento.music.known_passages import Common
from partimento.music.layers import layers
from partimento.music.loops import loop_of, ringing, wrapped
from partimento.music.score import Score
from partimento.music.sketch import Sketch
from partimento.music.sketch_files import FoundSketch
from partimento.music.swing import swing
from partimento.music.timeline import TempoMap, seconds
from partimento.request.request import Request
from partimento.sampling.jobs import Job, job_of
from partimento.sampling.primer_bars import Primer
from partimento.sampling.ranking import Choice
from partimento.tokenizer.vocabulary import TokenArray


@dataclass(frozen=True, slots=True)
class Wish:
    """One piece to write."""

    request: Request
    primer: Primer | None = None
    keep_primer: bool = True
    """Whether the piece holds the primer's bars too."""
    sketch: FoundSketch | None = None
    """Of the new bars, which the piece follows instead of one that is drawn."""
    is_candidate: bool = False
    """Whether one of several is chosen by what they cost the model, too."""

    @property
    def job(self) -> Job:
        """With what the request leaves open filled in."""
        given = None if self.sketch is None else self.sketch.sketch
        return job_of(self.request, self.primer, given)


@dataclass(frozen=True, slots=True)
class Piece:
    """A generated piece and how it was made."""

    score: Score
    """With the stored settings among its texts; on the token grid, but for a primer's bars."""
    tokens: TokenArray
    """(T,) what was decoded, the primer included."""
    request: Request
    """With the seed that was used."""
    bars: int
    """Finished bars of the score, the primer's included when it was kept."""
    key: str | None
    """The key found in the notes; None when there is none, as in a drum piece."""
    is_complete: bool
    """False when decoding was stopped early."""
    decode_seconds: float
    """From when the piece began until its last bar was finished, among the others of a batch."""
    new_tokens: int
    """Tokens that were decoded, whatever the file keeps; none of the primer's."""
    new_from: int = 0
    """The first tick of the score that is not the primer's."""
    sketch: Sketch | None = None
    """What was followed; of all bars, the primer's too. None where there was no sketch."""
    common: Common | None = None
    """What its new notes have in common with the training music; None: there is no index of it."""
    redraws: int = 0
    """How often bars were written anew because of that."""
    nats_a_note: float | None = None
    """What the new tokens of a candidate cost the model, divided by the new notes."""
    choice: Choice | None = None
    """Why it was chosen among its candidates; None without a choice."""

    @property
    def performance(self) -> Score:
        """The score as it is played, with its expression and swing: for MIDI files and sound."""
        if self.new_from > self.score.end:  # an edited piece, which is played as it was
            return self.score
        request = self.request
        seed = 0 if request.is_greedy else request.seed or 0  # greedy pieces have no other
        loop = loop_of(self.score)
        written = self.score if loop is None else ringing(self.score)
        played = express(written, request.expression, seed, self.new_from, slows=loop is None)
        played = swing(played, request.swing or 0.0, self.new_from)
        return played if loop is None else wrapped(played, loop[1], loop[0])

    @property
    def layers(self) -> list[Score]:
        """The layers of a loop as they are played, the calmest first; none unless asked for."""
        count = self.request.layers
        return [] if count is None else layers(self.performance, count)

    @property
    def is_original(self) -> bool:
        """Whether it has no longer run in common with the training music than was asked for."""
        least = self.request.original
        return least is None or self.common is None or self.common.longest < least

    @property
    def music_seconds(self) -> float:
        """Length of the bars in seconds, as they are played."""
        played = self.performance
        loop = loop_of(played)
        return seconds(played) if loop is None else TempoMap.of(played).seconds(loop[1])
