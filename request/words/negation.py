"""Which findings a "no" or "without" turns away, and which words nothing was found in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from partimento.request.words.recognition import UNKNOWN, Event, Finding, Mark

_STOP = re.compile(r"[.;:!?()\n]")
_PLAYERS = frozenset({"instruments", "ensembles"})


@dataclass(frozen=True, slots=True)
class Sorted:
    """A text's findings by what they are for."""

    wanted: tuple[Finding, ...]
    unwanted: tuple[Finding, ...]
    """Instruments and ensembles to leave out."""
    ignored: tuple[str, ...]
    """Parts of the text that ask for nothing, in order: unknown words, and a "not" in front of
    what is neither an instrument nor a mood with a mode."""


def sort_findings(text: str, events: Sequence[Event]) -> Sorted:
    """Apply the negations of a cleaned text.

    A negation holds for what follows it and, through "and" and "or", for more of the same kind;
    through a comma only when an "or" follows in the list. "And a" ends it, as "but" does.
    """
    wanted: list[Finding] = []
    unwanted: list[Finding] = []
    ignored: list[tuple[int, int]] = []
    negation: Mark | None = None
    has_turned_away = False
    for index, event in enumerate(events):
        if isinstance(event, Mark):
            if event.kind == "negations":
                negation, has_turned_away = event, False
            elif event.kind == UNKNOWN:
                start = event.start
                if negation is not None and _is_next(text, events, index, negation):
                    start = negation.start
                ignored.append((start, event.end))
            continue
        if negation is not None:
            if not has_turned_away:
                holds = _STOP.search(text, negation.end, event.start) is None and (
                    "," not in text[negation.end : event.start]
                )
            else:
                holds = _goes_on(text, events, index)
            if not holds:
                negation = None
        if negation is None:
            wanted.append(event)
        elif _is_player(event):
            unwanted.append(event)
            has_turned_away = True
        elif event.section == "moods" and "mode" in event.settings:
            start = event.start if has_turned_away else negation.start
            wanted.append(_turned_round(text, event, start))
            has_turned_away = True
        else:
            ignored.append((event.start if has_turned_away else negation.start, event.end))
            has_turned_away = True
    return Sorted(tuple(wanted), tuple(unwanted), _joined(text, ignored))


def _turned_round(text: str, mood: Finding, start: int) -> Finding:
    """A mood that is not wanted: the other mode, and nothing else of its opposite."""
    mode = "major" if mood.settings["mode"] == "minor" else "minor"
    words = " ".join(text[start : mood.end].split())
    return Finding(start, mood.end, words, mood.section, {"mode": mode})


def _is_next(text: str, events: Sequence[Event], index: int, negation: Mark) -> bool:
    """Whether only words without a meaning stand between a negation and an event."""
    before = index - 1
    while events[before] is not negation:
        event = events[before]
        if not isinstance(event, Mark) or event.kind not in ("fillers", "articles"):
            return False
        before -= 1
    return not re.search(r"[.,;:!?()]", text[negation.end : events[index].start])


def _is_player(event: Finding) -> bool:
    return event.section in _PLAYERS or set(event.settings) == {"instruments"}


def _goes_on(text: str, events: Sequence[Event], index: int) -> bool:
    """Whether the negation of the finding before still holds for the one at an index."""
    before = index - 1
    while isinstance(events[before], Mark):
        before -= 1
    last, here = events[before], events[index]
    assert isinstance(last, Finding)
    assert isinstance(here, Finding)
    kinds = [event.kind for event in events[before + 1 : index] if isinstance(event, Mark)]
    between = text[last.end : here.start]
    if _STOP.search(between) or "turns" in kinds or UNKNOWN in kinds:
        return False
    if not _is_player(last) and _is_player(here) and not kinds and "," not in between:
        return True  # no loud drums
    if _is_player(last) != _is_player(here):
        return False
    if "alternatives" in kinds:
        return True
    if "," in between:
        return _ends_with_alternative(text, events, index)
    return "joiners" in kinds and "articles" not in kinds


def _ends_with_alternative(text: str, events: Sequence[Event], index: int) -> bool:
    """Whether the list that goes on at a finding has an "or" before it ends."""
    last = events[index]
    for event in events[index + 1 :]:
        if isinstance(event, Mark):
            if event.kind == "alternatives":
                return True
            if event.kind not in ("fillers", "articles"):
                return False
        else:
            between = text[last.end : event.start]
            if _STOP.search(between) or "," not in between or not _is_player(event):
                return False
            last = event
    return False


def _joined(text: str, places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Texts at places in order, neighbours with only spaces between them in one."""
    joined: list[tuple[int, int]] = []
    for start, end in places:
        if joined and not text[joined[-1][1] : start].strip(" -"):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return tuple(text[start:end] for start, end in joined)
