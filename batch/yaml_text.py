"""YAML with the line of every value; aliases may share values, but not grow without bounds.

A document is put together from the parser's events, so that neither deep nesting nor aliases
of aliases cost more than the text itself: an alias is the same object again, not a copy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import yaml

from partimento.batch.entries import InputError

MAX_DEPTH = 16
"""Lists and mappings within each other."""
TOO_DEEP = f"nested more than {MAX_DEPTH} deep"
MAX_VALUES = 1_000_000
"""Of a document: ten for each item of the largest batch."""
MAX_MERGED = 100_000
"""Keys that all merges (`<<`) together may copy."""

_resolve: Callable[..., object] = yaml.SafeLoader.resolve
Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True, eq=False)
class Located:
    """A value and its line, counted from 1."""

    line: int
    value: object = field(repr=False)  # as text, aliases of aliases would fill the memory
    """Text, number, True, False, None; or a list of Located, or a dict of texts to Located."""
    has_pending_key: bool = False
    pending_key: str = ""
    merged: list["Located"] = field(default_factory=list)


def parse_yaml(text: str) -> Located | None:
    """The one document of a text; None when it is empty. InputError names what is wrong."""
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else min(mark.line, text.rstrip("\n").count("\n")) + 1
        problem = f"not valid YAML: {error.problem or error.context}"
        # libyaml has a limit of its own since 0.2.6, and reads that far ahead of its events.
        if "nesting depth" in problem:
            problem = TOO_DEEP
        raise InputError(line, problem) from None
    except yaml.YAMLError as error:  # characters that YAML does not allow
        raise InputError(_line_of(error, text), "not valid YAML: a forbidden character") from None


def _line_of(error: yaml.YAMLError, text: str) -> int:
    position = getattr(error, "position", None)
    return 1 if not isinstance(position, int) else text.count("\n", 0, position) + 1


class _Composer:
    """Builds a document from events, with a stack of its own instead of recursion."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=Loader)
        self._scalars = yaml.SafeLoader("")
        self._anchors: dict[str, Located] = {}
        self._open: list[Located] = []
        self._root: Located | None = None
        self._merged = 0
        self._values = 0

    def document(self) -> Located | None:
        """Read all events."""
        documents = 0
        for event in self._events:
            mark = event.start_mark
            line = 1 if mark is None else mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise InputError(line, "a second document begins here; write one in a file")
            elif isinstance(event, yaml.AliasEvent):
                known = self._anchors.get(event.anchor or "")
                if known is None:
                    raise InputError(line, f"the alias *{event.anchor} names nothing before it")
                if known in self._open:
                    raise InputError(line, f"the alias *{event.anchor} is inside what it names")
                self._add(Located(line, known.value), line)
            elif isinstance(event, yaml.ScalarEvent):
                self._start(Located(line, self._scalar(event, line)), event, line)
            elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
                self._check_tag(event, line)
                empty: object = [] if isinstance(event, yaml.SequenceStartEvent) else {}
                located = Located(line, empty)
                self._start(located, event, line)
                self._open.append(located)
                if len(self._open) > MAX_DEPTH:
                    raise InputError(line, TOO_DEEP)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._merge(self._open.pop())
        return self._root

    def _start(self, located: Located, event: yaml.NodeEvent, line: int) -> None:
        """Remember the anchor of a new value, and put it where it belongs."""
        self._add(located, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = located

    def _add(self, located: Located, line: int) -> None:
        """Put a value into the innermost open list or mapping."""
        self._values += 1
        if self._values > MAX_VALUES:
            raise InputError(line, f"more than {MAX_VALUES:,} values; split the file")
        if not self._open:
            self._root = located
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(located)
            return
        assert isinstance(parent.value, dict)
        if not parent.has_pending_key:
            if not isinstance(located.value, str):
                raise InputError(line, "a key must be a text")
            if located.value in parent.value:
                raise InputError(line, f"the key {located.value[:40]!r} stands here twice")
            parent.has_pending_key, parent.pending_key = True, located.value
            return
        parent.has_pending_key = False
        if parent.pending_key == "<<":
            parent.merged.append(located)
        else:
            parent.value[parent.pending_key] = located

    def _merge(self, located: Located) -> None:
        """Copy what `<<` names into a finished mapping; its own keys go first."""
        for source in located.merged:
            sources = source.value if isinstance(source.value, list) else [source]
            for mapping in sources:
                if not isinstance(mapping.value, dict):
                    raise InputError(source.line, "<< must name a mapping, or a list of mappings")
                self._merged += len(mapping.value)
                if self._merged > MAX_MERGED:
                    raise InputError(source.line, f"<< copies more than {MAX_MERGED:,} keys")
                assert isinstance(located.value, dict)
                located.value = {**mapping.value, **located.value}
        located.merged.clear()

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> object:
        """The text, number, truth value, date or nothing that a scalar means."""
        tag = event.tag
        if tag is None or tag == "!":
            tag = str(_resolve(self._scalars, yaml.ScalarNode, event.value, event.implicit))
        kind = str(tag).removeprefix("tag:yaml.org,2002:")
        if kind in ("str", "merge", "timestamp", "value"):
            return event.value
        if kind not in ("null", "bool", "int", "float"):
            raise InputError(line, f"the tag {kind[:60]} is not allowed; write plain values")
        node = yaml.ScalarNode(tag, event.value)
        try:
            value: object = yaml.SafeLoader.yaml_constructors[tag](self._scalars, node)
        except (ValueError, OverflowError, KeyError, IndexError):
            raise InputError(line, f"cannot be read as a value: {event.value[:40]!r}") from None
        return value

    def _check_tag(self, event: yaml.CollectionStartEvent, line: int) -> None:
        plain = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!")
        if event.tag is not None and event.tag not in plain:
            raise InputError(line, f"the tag {event.tag[:60]} is not allowed; write plain values")
