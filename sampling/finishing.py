"""What a decoded score gets before it is a file: asked spellings, tracks, tempo and loudness."""

from dataclasses import replace

from partimento.music.keys import KeyName
from partimento.music.score import Key, Note, Score, Tempo, Track
from partimento.request.request import Request
from partimento.request.values import Mode
from partimento.sampling.instrument_parts import asked_players, lines_of, parts
from partimento.tokenizer import vocabulary as v


def as_asked(keys: tuple[Key, ...], asked: KeyName | Mode | None) -> tuple[Key, ...]:
    """The keys of a score, the asked one spelled as it was asked for."""
    if not isinstance(asked, KeyName):
        return keys
    key = asked.at()
    same = (key.tonic, key.is_minor)
    return tuple(replace(key, tick=k.tick) if (k.tonic, k.is_minor) == same else k for k in keys)


def with_parts(score: Score, request: Request, text: str) -> Score:
    """A decoded score with the tracks and the tempo of a file, and what is stored in it."""
    bpm = request.bpm or float(round(score.tempos[0].bpm))
    bar_ticks = score.meters[0].bar_ticks(score.ticks_per_quarter)
    return replace(
        score,
        tracks=parts(lines_of(score), asked_players(request.instruments), bar_ticks),
        tempos=(Tempo(0, bpm), *(tempo for tempo in score.tempos if tempo.tick > 0)),
        texts=(text,),
    )


def with_dynamic(tracks: tuple[Track, ...], dynamic: str) -> tuple[Track, ...]:
    """Move the loudness of all notes as many levels as a dynamic is from mf."""
    levels = v.DYNAMICS.index(dynamic) - v.DEFAULT_DYNAMIC

    def moved(note: Note) -> Note:
        level = v.velocity_index(note.velocity) + levels
        return replace(note, velocity=v.VELOCITIES[min(max(level, 0), len(v.VELOCITIES) - 1)])

    return tuple(replace(track, notes=tuple(map(moved, track.notes))) for track in tracks)
