"""Write the list of files in docs/architecture.md: one line each, from the modules' docstrings.

python docs/files.py          write the list anew
python docs/files.py --check  only say whether it is up to date
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- begin files -->\n", "<!-- end files -->\n"
ROOMS = (
    *("src/partimento", "music", "tokenizer", "request", "model", "sampling", "training"),
    *("rendering", "evaluation", "batch", "page", "cli"),
)
"""From the ground floor up."""


def first_line(path: Path) -> str:
    """The first line of a module's docstring; ValueError when it has none."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not text:
        raise ValueError(f"{path}: no docstring; say in one line what the file is")
    return text.splitlines()[0]


def list_files() -> str:
    """One heading a folder, with what it is, and one line a file."""
    lines = []
    for room in ROOMS:
        for folder in [ROOT / room, *sorted(p for p in (ROOT / room).rglob("*") if p.is_dir())]:
            files = [] if folder.is_symlink() else sorted(folder.glob("*.py"))
            if (folder / "__init__.py") not in files:
                continue
            place = folder.relative_to(ROOT).as_posix()
            lines += [f"### `{place}/`", "", first_line(folder / "__init__.py"), ""]
            named = [path for path in files if path.name != "__init__.py"]
            lines += [f"- `{path.name}`: {first_line(path)}" for path in named]
            lines += [""] if named else []
    return "\n".join(lines)


def updated(document: str) -> str:
    """The document with the list between its markers written anew."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{list_files()}\n{END}{after}"


def main() -> int:
    """Write the document, or say that it is out of date; the exit status."""
    document = DOCUMENT.read_text(encoding="utf-8")
    new = updated(document)
    if sys.argv[1:] == ["--check"]:
        if new != document:
            print("docs/architecture.md is out of date; run: python docs/files.py")
        return int(new != document)
    DOCUMENT.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
