"""The page as a text: whole, the same each time, and nothing of a piece read as markup."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from partimento.page import Collection, collect, document
from partimento.page.card import Card, Link

WritePiece = Callable[..., Path]
EVIL = '</script><script>alert(1)</script><!--<b onclick="x">&amp;\u2028@@script@@ \\u003c'


class Page(HTMLParser):
    """Tags, and the text of style and script elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag in ("script", "style", "title", "h1"):
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in self.texts:
            self.texts[self._inside][-1] += data


@pytest.fixture
def evil() -> Collection:
    """A collection whose every text is an attack."""
    files = (Link(EVIL, "./x", EVIL),)
    texts = {"style": EVIL, "prompt": EVIL, "error": EVIL}
    return Collection(EVIL, (Card(EVIL, 1, EVIL, files, settings=((EVIL, EVIL),), **texts),))


def test_texts_of_pieces_are_data_and_nothing_else(evil: Collection) -> None:
    page = Page(document(evil))
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert page.texts["title"] == page.texts["h1"] == [EVIL]
    data = json.loads(page.texts["script"][0])
    assert data["pieces"] == json.loads(json.dumps([card.to_dict() for card in evil.pieces]))
    assert "<" not in page.texts["script"][0]


def test_only_the_pages_own_style_and_script_may_run(evil: Collection) -> None:
    page = Page(document(evil))
    policy = next(
        attributes["content"] or ""
        for tag, attributes in page.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name, text in (("script", page.texts["script"][1]), ("style", page.texts["style"][0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy


def test_the_page_needs_no_other_file_and_no_network(evil: Collection) -> None:
    page = Page(document(evil))
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        if tag == "link":
            assert attributes["href"] == "data:,"
    own = page.texts["script"][1] + page.texts["style"][0]
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|WebSocket|@import|url\(", own)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", own)


def test_the_same_folder_gives_the_same_page(tmp_path: Path, write_piece: WritePiece) -> None:
    for name in "ab":
        write_piece(tmp_path, name)
    assert document(collect(tmp_path)) == document(collect(tmp_path))
