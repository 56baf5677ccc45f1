"""Standard streams as they are met: closed ones, and ones that cannot hold every letter."""

import io
import os
import sys


def mend_streams() -> None:
    """Make stdout and stderr writable whatever they are.

    A service or a cron job may start a program without them; Python then has None in their place.
    And on a system whose encoding lacks a letter, a question mark is better than no file.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
