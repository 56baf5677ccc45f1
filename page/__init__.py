"""A page to listen through a folder of pieces: one HTML file that needs no network."""

from partimento.page.collection import Collection, collect
from partimento.page.document import document

__all__ = ["Collection", "collect", "document"]
