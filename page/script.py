"""The page's script: ES modules put together into one, so that a page is one file.

Browsers load no modules from files on a disk. Each module becomes a function that gives back what
it exports, after those that it imports; a module is written so that it runs as it is, too:
`import { a, b } from "./other.js";` and `export` before const, class and function, each at the
beginning of a line.
"""

import re
from collections.abc import Callable

_IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:const|class|function) (\w+))", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class ScriptError(Exception):
    """A module that does not fit the others."""


def bundle(entry: str, read: Callable[[str], str]) -> str:
    """One strict script of a module and all that it imports; `read` gives a module's text.

    ScriptError for a circle of imports, a name that no module exports and another form of them.
    """
    done: dict[str, set[str]] = {}  # what each module exports, in the order of running
    parts: list[str] = []

    def add(name: str, before: tuple[str, ...]) -> None:
        if name in before:
            raise ScriptError(f"modules import each other: {' -> '.join((*before, name))}")
        if name in done:
            return
        text = read(name)
        for match in _IMPORT.finditer(text):
            add(match[2], (*before, name))
            for wanted in match[1].split(", "):
                if wanted not in done[match[2]]:
                    raise ScriptError(f"{name}.js imports {wanted}, which {match[2]}.js lacks")
        exported = [match[2] for match in _EXPORT.finditer(text)]
        text = _IMPORT.sub(r"const { \1 } = module_\2;", text)
        text = _EXPORT.sub(r"\1", text)
        if left_over := _LEFT_OVER.search(text):
            raise ScriptError(f"{name}.js: not a form that is put together: {left_over[0]}")
        given = ", ".join(exported)
        parts.append(f"const module_{name} = (() => {{\n{text}return {{ {given} }};\n}})();\n")
        done[name] = set(exported)

    add(entry, ())
    return '"use strict";\n(() => {\n' + "".join(parts) + "})();\n"
