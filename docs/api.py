"""Write docs/api.md: what `import partimento` offers, from signatures and docstrings.

python docs/api.py          write the page anew
python docs/api.py --check  only say whether it is up to date
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from partimento.request.presets import Manner
from partimento.request.request import Request
from partimento.request.settings import settings_of, table

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "api.md"
FRONT_DOOR = ROOT / "src" / "partimento" / "__init__.py"
ORDER = (
    *("generate", "continue_", "edit", "vary", "arrange", "blend", "Piece", "render", "sketch"),
    *("Request", "Score", "Sketch", "read_midi", "write_midi"),
)
"""As a reader meets them."""
LINE = 90
"""Characters of the longest signature that stands in one line."""
INTRODUCTION = """\
# The library

<!-- Written by `python docs/api.py` from the docstrings; change those. -->

```python
import partimento

piece = partimento.generate("a slow waltz in D minor", temperature=1.2, bars=16)
piece.save("out.mid", "out.wav", "out.png")

longer = partimento.continue_("out.mid", bars=8)
partimento.render("out.mid", "out.pdf")
```

These names are all that is promised; what lies in the rooms behind them may move. Every error
that a caller can mend is a `partimento.errors.PartimentoError`, which is a ValueError, with a
message of one line. MIDI needs nothing more; sound, piano rolls as .png and sheet music as .pdf
need `pip install 'partimento[audio,pictures,score]'`.
"""
WISHES = """\
These are the `wishes` of `generate` and `continue_`, too; they also take `mode`, {mode}

"""
SCORE = """\
Tracks, notes, tempos, meters and keys are frozen dataclasses of `partimento.music.score`."""


def module_path(name: str) -> Path:
    """The file of a module of the package."""
    path = ROOT / "src" / Path(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imports(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """What a module imports of this package: the name there to (module, name in it)."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and "partimento" in node.module
        for alias in node.names
    }


def definition(module: str, name: str) -> tuple[ast.FunctionDef | ast.ClassDef, ast.Module]:
    """Where a name is defined, and the module around it."""
    tree = ast.parse(module_path(module).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node, tree
    raise ValueError(f"{module} defines no {name}")


def docstring(node: ast.FunctionDef | ast.ClassDef) -> str:
    """The docstring as Markdown, without its examples."""
    text = ast.get_docstring(node)
    if not text:
        raise ValueError(f"{node.name} has no docstring")
    return text.partition("\n>>>")[0].strip()


def signature(node: ast.FunctionDef, shown: str) -> str:
    """The head of a function as code, one parameter a line where it is long."""
    listed = [part for part in parameters(node.args) if part != "self"]
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{shown}({', '.join(listed)}){result}"
    if len(line) > LINE:
        line = f"{shown}({''.join(f'{chr(10)}    {part},' for part in listed)}\n){result}"
    return f"```python\n{line}\n```"


def parameters(arguments: ast.arguments) -> Iterator[str]:
    """Each parameter as it is written, and the star before those that have to be named."""
    bare = len(arguments.args) - len(arguments.defaults)
    for argument, default in zip(
        arguments.args, [*[None] * bare, *arguments.defaults], strict=True
    ):
        yield parameter(argument, default)
    if arguments.vararg:
        yield f"*{ast.unparse(arguments.vararg)}"
    elif arguments.kwonlyargs:
        yield "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield parameter(argument, default)
    if arguments.kwarg:
        yield f"**{ast.unparse(arguments.kwarg)}"


def parameter(argument: ast.arg, default: ast.expr | None) -> str:
    """One parameter with its type and its default."""
    return ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")


def members(node: ast.ClassDef, tree: ast.Module) -> Iterator[str]:
    """A line for each field and property of a class, those of its base first."""
    for base in node.bases:
        module, _, name = ast.unparse(base).rpartition(".")
        if module in imports(tree):
            package, leaf = imports(tree)[module]
            base_node, base_tree = definition(f"{package}.{leaf}", name)
            assert isinstance(base_node, ast.ClassDef)
            yield from members(base_node, base_tree)
    for field, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign):
            value = following.value if isinstance(following, ast.Expr) else None
            about = " ".join(str(value.value).split()) if isinstance(value, ast.Constant) else ""
            shown = f"`{ast.unparse(field.target)}: {ast.unparse(field.annotation)}`"
            yield f"- {shown}" + (f": {about}" if about else "")
        elif is_property(field):
            assert isinstance(field, ast.FunctionDef)
            result = ast.unparse(field.returns) if field.returns else ""
            yield f"- `{field.name}: {result}`: {docstring(field).splitlines()[0]}"


def is_property(node: ast.stmt) -> bool:
    """Whether a member is a property that is meant for callers."""
    return (
        isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and "property" in map(ast.unparse, node.decorator_list)
    )


def methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The public methods of a class, but for its properties."""
    return [
        member
        for member in node.body
        if isinstance(member, ast.FunctionDef)
        and not member.name.startswith("_")
        and not is_property(member)
    ]


def entry(name: str, home: str) -> list[str]:
    """The section of one name."""
    node, tree = definition(home, name)
    lines = [f"## {name}", ""]
    if isinstance(node, ast.FunctionDef):
        return [*lines, signature(node, f"partimento.{name}"), "", docstring(node), ""]
    lines += [docstring(node), ""]
    if name == "Request":
        mode = settings_of(Manner)["mode"].help
        mode = mode[0].lower() + mode[1:]
        return [*lines, WISHES.format(mode=mode) + table(settings_of(Request)), ""]
    lines += [*members(node, tree), ""]
    lines += [SCORE, ""] if name == "Score" else []
    for method in methods(node):
        lines += [f"### {name}.{method.name}", ""]
        lines += [signature(method, f"{name.lower()}.{method.name}"), "", docstring(method), ""]
    return lines


def page() -> str:
    """The whole page."""
    offered = imports(ast.parse(FRONT_DOOR.read_text(encoding="utf-8")))
    if set(offered) != set(ORDER):
        raise ValueError(f"the front door offers {sorted(offered)}; name each in ORDER")
    lines = [line for name in ORDER for line in entry(name, offered[name][0])]
    return "\n".join([INTRODUCTION, *lines])


def main() -> int:
    """Write the page, or say that it is out of date; the exit status."""
    new = page()
    if sys.argv[1:] == ["--check"]:
        is_new = not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != new
        if is_new:
            print("docs/api.md is out of date; run: python docs/api.py")
        return int(is_new)
    DOCUMENT.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
