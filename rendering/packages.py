"""Which packages each kind of file needs, so that a long job can ask before it starts."""

from importlib.util import find_spec
from os import PathLike

from partimento.music.formats import View, packages_of
from partimento.rendering.errors import missing_package
from partimento.rendering.output import check_path


def check_packages(path: str | PathLike[str], view: View = "roll") -> None:
    """Look for the packages that `write` will need, importing none of them.

    RenderingError that names a missing package and the extra that brings it, or for an unknown
    ending.
    """
    for package in packages_of(check_path(path), view):
        if find_spec(package.module) is None:
            raise missing_package(package.name, package.extra)
