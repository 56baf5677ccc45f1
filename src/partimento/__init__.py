"""Symbolic music generation on the command line."""

from importlib.metadata import version

__version__ = version("partimento")
