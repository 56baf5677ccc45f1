"""YAML with the line of every value; aliases may share values, but not grow without bounds."""

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

Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True, eq=False)
class Located:
    """A value and its line, counted from 1; an alias is the very object that it names."""

    line: int
    value: object = field(repr=False)  # as text, aliases of aliases would fill the memory
    """Text, number, True, False, None; or a list of Located, or a dict of texts to Located."""


def parse_yaml(text: str) -> Located | None:
    """The one document of a text; None when it is empty. InputError names what is wrong."""
    try:
        _check_shape(text)
        node = yaml.compose(text, Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else min(mark.line, text.rstrip("\n").count("\n")) + 1
        problem = f"not valid YAML: {error.problem or error.context}"
        # libyaml has a limit of its own since 0.2.6, and reads that far ahead of its events.
        if "nesting depth" in problem:
            problem = TOO_DEEP
        raise InputError(line, problem) from None
    except yaml.YAMLError as error:  # characters that YAML does not allow
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 1
        raise InputError(line, "not valid YAML: a forbidden character") from None
    return None if node is None else _Reader().read(node)


def _check_shape(text: str) -> None:
    """Refuse what PyYAML, which composes by recursion, should not see."""
    values = documents = 0
    known: set[str | None] = set()  # anchors
    anchors: list[str | None] = []  # of the lists and mappings that are open
    for event in yaml.parse(text, Loader):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        values += isinstance(event, yaml.NodeEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchors.pop()
        if len(anchors) > MAX_DEPTH:
            raise InputError(line, TOO_DEEP)
        if values > MAX_VALUES:
            raise InputError(line, f"more than {MAX_VALUES:,} values; split the file")
        if documents > 1:
            raise InputError(line, "a second document begins here; write one in a file")
        if not isinstance(event, yaml.AliasEvent):
            known.add(getattr(event, "anchor", None))
        elif event.anchor not in known:
            raise InputError(line, f"the alias *{event.anchor} names nothing before it")
        elif event.anchor in anchors:
            raise InputError(line, f"the alias *{event.anchor} is inside what it names")


class _Reader:
    """Turns the nodes of a document into values, each node once."""

    def __init__(self) -> None:
        self._known: dict[int, Located] = {}  # by the node's identity
        self._scalars = yaml.constructor.SafeConstructor()
        self._merged = 0

    def read(self, node: yaml.Node) -> Located:
        """The value of a node and of all in it."""
        if id(node) not in self._known:
            line = node.start_mark.line + 1
            self._known[id(node)] = Located(line, self._value(node, line))
        return self._known[id(node)]

    def _value(self, node: yaml.Node, line: int) -> object:
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, kind, line)
        if kind not in ("seq", "map", "!"):
            raise InputError(line, f"the tag {kind[:60]} is not allowed; write plain values")
        if isinstance(node, yaml.SequenceNode):
            return [self.read(part) for part in node.value]
        return self._mapping(node)

    def _mapping(self, node: yaml.Node) -> dict[str, Located]:
        """Keys and values, after those that `<<` names; a mapping's own win, then the first."""
        own: dict[str, Located] = {}
        merges: list[Located] = []
        for key_node, value_node in node.value:
            key = self.read(key_node)
            if not isinstance(key.value, str):
                raise InputError(key.line, "a key must be a text")
            if key.value in own:
                raise InputError(key.line, f"the key {key.value[:40]!r} stands here twice")
            if key.value == "<<":
                merges.append(self.read(value_node))
            else:
                own[key.value] = self.read(value_node)
        for merge in merges:
            for source in merge.value if isinstance(merge.value, list) else [merge]:
                if not isinstance(source.value, dict):
                    raise InputError(merge.line, "<< must name a mapping, or a list of mappings")
                self._merged += len(source.value)
                if self._merged > MAX_MERGED:
                    raise InputError(merge.line, f"<< copies more than {MAX_MERGED:,} keys")
                own = {**source.value, **own}
        return own

    def _scalar(self, node: yaml.ScalarNode, kind: str, line: int) -> object:
        """The text, number, truth value or nothing that a scalar means; dates stay texts."""
        if kind in ("str", "merge", "timestamp", "value", "!"):
            return node.value
        if kind not in ("null", "bool", "int", "float"):
            raise InputError(line, f"the tag {kind[:60]} is not allowed; write plain values")
        try:
            value: object = self._scalars.construct_object(node)
        except (ValueError, OverflowError, KeyError, IndexError):
            raise InputError(line, f"cannot be read as a value: {node.value[:40]!r}") from None
        return value
