"""The papers of the house agree with it: paths exist, lists are complete, numbers are the same."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from partimento.cli.commands import app

ROOT = Path(__file__).parents[1]

PAPERS = [ROOT / "README.md", ROOT / "weights" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOREIGN_OPTIONS = {
    *("--standalone", "--nproc_per_node", "--head", "--port", "--address", "--help"),
    *("--parts", "--quick", "--document", "--check", "--wishes"),
}
"""Of torchrun, ray, pip and the scripts beside the package."""


def load(path: Path) -> ModuleType:
    """A script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_of_files_is_up_to_date() -> None:
    script = load(ROOT / "docs" / "files.py")
    document = script.DOCUMENT.read_text(encoding="utf-8")
    assert script.updated(document) == document, "run: python docs/files.py"


def test_the_page_of_the_library_is_up_to_date() -> None:
    script = load(ROOT / "docs" / "api.py")
    assert script.DOCUMENT.read_text(encoding="utf-8") == script.page(), "run: python docs/api.py"


def test_the_tour_is_found_command_by_command() -> None:
    script = load(ROOT / "docs" / "tour.py")
    text = [
        *("Text:", "", "    $ generate --seed 1 \\", "          a.mid", "    a.mid  16 bars"),
        *("      9 notes", "    $ partimento info a.mid", "", "    $ cmp a b", "    pip install x"),
    ]
    assert [(step.command, step.printed) for step in script.steps(text)] == [
        ("generate --seed 1 a.mid", ("    a.mid  16 bars", "      9 notes")),
        ("partimento info a.mid", ()),
        ("cmp a b", ("    pip install x",)),
    ]
    tour = script.steps(script.README.read_text(encoding="utf-8").splitlines())
    assert len(tour) > 15
    assert sum(bool(step.printed) for step in tour) > 12


def test_every_room_is_on_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    missing = {room for room in rooms if f"`{room}/`" not in text.partition("## Files")[0]}
    assert missing == set()


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md", "CHANGELOG.md"])
def test_paths_that_the_papers_name_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").partition("## Files")[0]
    paths = re.findall(r"`([\w.]+/[\w./-]*)`", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_links_between_the_papers_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_options_that_the_papers_name_are_those_of_a_command(path: Path) -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    parameters = [parameter for command in group.commands.values() for parameter in command.params]
    known = {option for parameter in parameters for option in parameter.opts}
    # Benchmarks have their own.
    text = re.sub(r"`python -m\s+benchmarks[^`]*`", "", path.read_text(encoding="utf-8"))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9_-]*[a-z0-9]", text))
    assert named - known - FOREIGN_OPTIONS == set()


def test_the_walk_names_functions_that_are_where_it_says() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Files")[0]
    named = re.findall(r"`([\w/]+\.py)`\s+`(\w+)`", text)
    assert len(named) > 20
    for path, name in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(def|class) {name}\b", source, re.MULTILINE), f"{path}: no {name}"


def test_version_and_licence_are_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changes


def test_the_workflow_tests_every_python_that_is_promised() -> None:
    text = (ROOT / ".github" / "workflows" / "test.yaml").read_text(encoding="utf-8")
    fast = yaml.safe_load(text)["jobs"]["fast"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={fast['strategy']['matrix']['python'][0]}"
    assert 'pytest -m "not slow"' in [step.get("run") for step in fast["steps"]]
