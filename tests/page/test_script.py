"""The page's modules put together: each once, after what it imports, and nothing left out."""

import shutil
import subprocess
from importlib.resources import files

import pytest

from partimento.page.script import ScriptError, bundle

MODULES = {
    "one": 'import { b } from "./two.js";\nimport { c } from "./three.js";\nrun(b, c());\n',
    "two": 'import { c } from "./three.js";\nconst hidden = 1;\nexport const b = c() + hidden;\n',
    "three": "const hidden = 40;\nexport function c() {\n  return hidden;\n}\n",
}


def test_each_module_runs_once_after_what_it_imports_with_names_of_its_own() -> None:
    script = bundle("one", MODULES.__getitem__)
    places = [script.index(f"const module_{name} =") for name in ("three", "two", "one")]
    assert places == sorted(places)
    assert script.count("function c()") == 1
    assert script.startswith('"use strict";')
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script was not run")
    program = f"const run = (...all) => console.log(...all);\n{script}"
    done = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    assert done.stdout == "41 40\n"


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({"a": 'import { x } from "./a.js";\n'}, "modules import each other: a -> a"),
        ({"a": 'import { x } from "./b.js";\n', "b": "const x = 1;\n"}, "a.js imports x, which b"),
        ({"a": "export default 1;\n"}, "a.js: not a form that is put together: export default 1;"),
        ({"a": 'import x from "./b.js";\n'}, "a.js: not a form that is put together: import x"),
    ],
)
def test_what_does_not_fit_together_is_named(modules: dict[str, str], message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        bundle("a", modules.__getitem__)


def test_every_file_of_the_page_is_in_its_script_and_short() -> None:
    folder = files("partimento.page.assets")
    names = {entry.name[:-3] for entry in folder.iterdir() if entry.name.endswith(".js")}
    script = bundle("start", lambda name: (folder / f"{name}.js").read_text(encoding="utf-8"))
    assert {name for name in names if f"const module_{name} =" in script} == names
    for name in names:
        assert len((folder / f"{name}.js").read_text(encoding="utf-8").splitlines()) <= 300
