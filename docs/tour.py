"""Run the README's tour and put into it what the commands print.

python docs/tour.py          write what they print today, with the speeds of this machine
python docs/tour.py --check  only say where that differs, speeds apart
"""

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
INDENT = "    "
_SPEED = re.compile(r"[\d,]+ tokens/s")


@dataclass(frozen=True)
class Step:
    """A command of the tour, and the lines of the README that hold it and what it prints."""

    command: str
    first: int
    """Index of the line after the command."""
    printed: tuple[str, ...]

    @property
    def end(self) -> int:
        """Index of the line after what it prints."""
        return self.first + len(self.printed)


def steps(lines: list[str]) -> list[Step]:
    """The commands behind a `$`, each with the indented lines up to the next one."""
    found, number = [], 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.startswith(f"{INDENT}$ "):
            continue
        command = line.removeprefix(f"{INDENT}$ ")
        while command.endswith("\\"):
            command = f"{command[:-1].rstrip()} {lines[number].strip()}"
            number += 1
        first = number
        while number < len(lines) and re.match(rf"{INDENT}(?!\$ )\S| {{5,}}\S", lines[number]):
            number += 1
        found.append(Step(command, first, tuple(lines[first:number])))
    return found


def play(command: str, folder: Path) -> tuple[str, ...]:
    """What a command prints in a folder, as lines of the README; SystemExit for an error."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "400"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,  # `partimento diff` says with 1 that there is a difference
    )
    if result.returncode > 1 or "error: " in result.stdout:
        sys.exit(f"{command}\n{result.stdout}")
    return tuple(f"{INDENT}{line}".rstrip() for line in result.stdout.splitlines() if line.strip())


def prepare(folder: Path) -> None:
    """Put the files into a folder that the tour takes for granted."""
    shutil.copy(ROOT / "tests" / "pieces" / "haydn_op1_no4.mid", folder / "quartet.mid")
    notes = [{"start": 4 * i, "pitch": 60 + i % 8, "duration": 4} for i in range(16)]
    (folder / "prompt.json").write_text(json.dumps({"prompt": notes}))
    (folder / "prompts.txt").write_text("a slow waltz in D minor for strings, 8 bars\na jig\n")


def main(arguments: list[str] | None = None) -> int:
    """Run every step in one folder, in order."""
    parser = argparse.ArgumentParser(prog="python docs/tour.py", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="write nothing")
    is_check: bool = parser.parse_args(arguments).check
    lines = README.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        played = [replace(step, printed=play(step.command, Path(name))) for step in steps(lines)]
    new = list(lines)
    for step, was in reversed(list(zip(played, steps(lines), strict=True))):
        if was.printed:  # what shows nothing, such as a progress bar, goes on showing nothing
            new[was.first : was.end] = step.printed
    before, after = ([_SPEED.sub("N tokens/s", line) for line in text] for text in (lines, new))
    changes = list(difflib.unified_diff(before, after, "README.md", "today", n=0, lineterm=""))
    print("\n".join(changes) if changes else "the tour is what the commands print")
    if not is_check:
        README.write_text("\n".join(new) + "\n", encoding="utf-8")
    return int(is_check and bool(changes))


if __name__ == "__main__":
    sys.exit(main())
