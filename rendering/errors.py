"""Errors of rendering; each message is one line that names the thing and the remedy."""

from partimento.errors import PartimentoError


class RenderingError(PartimentoError):
    """A score that cannot be written as asked."""


def missing_package(package: str, extra: str) -> RenderingError:
    """The error for a package of an extra that is not installed."""
    return RenderingError(f"{package} is not installed; run: pip install 'partimento[{extra}]'")
