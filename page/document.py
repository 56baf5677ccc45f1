"""The page as one HTML document: markup, style, script and data together, no network."""

import base64
import hashlib
import json
from html import escape
from importlib.resources import files

from partimento import __version__
from partimento.page.collection import Collection
from partimento.page.script import bundle
from partimento.rendering.roll.contents import DARK_PALETTE, PALETTE


def document(collection: Collection) -> str:
    """The page of a collection; the same collection gives the same text.

    Nothing that a piece brings along (names, prompts, settings) is ever read as markup or
    script: data are JSON in which `<`, `>` and `&` are escaped, and a content security policy
    runs the page's own script alone and loads nothing but sound files.
    """
    assets = files("partimento.page.assets")
    style = (assets / "page.css").read_text(encoding="utf-8")
    script = bundle("start", lambda name: (assets / f"{name}.js").read_text(encoding="utf-8"))
    cards = [card.to_dict() for card in collection.pieces]
    data = {"pieces": cards, "palettes": {"light": PALETTE, "dark": DARK_PALETTE}}
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "media-src 'self' file:; img-src data:; base-uri 'none'; form-action 'none'"
    )
    fields = {
        "policy": policy,
        "version": __version__,
        "title": escape(collection.title),
        "style": style,
        "data": _json(data),
        "script": script,
    }
    page = (assets / "page.html").read_text(encoding="utf-8")
    # Split first, so that nothing in a field is taken for the place of another.
    pieces = page.split("@@")
    pieces[1::2] = [fields[name] for name in pieces[1::2]]
    return "".join(pieces)


def _json(content: object) -> str:
    """JSON that may stand inside a script element."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _hash(text: str) -> str:
    """A source of a content security policy: the text of an element itself."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
