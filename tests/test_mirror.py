"""Every module with logic has a test of its own, or one that is named here and covers it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
ROOMS = sorted(
    path.parent
    for path in ROOT.glob("*/__init__.py")
    if path.parent.name not in ("tests", "benchmarks")
)
COVERED: dict[str, tuple[str, ...]] = {
    "cli/test_batch.py": ("batch/running.py", "cli/batch_job.py", "cli/batch_progress.py"),
    "cli/test_evaluate.py": ("cli/evaluate_sketches.py",),
    "cli/test_reworking.py": ("cli/arrange.py", "cli/blend.py", "cli/vary.py"),
    "cli/test_info.py": ("music/facts.py",),
    "model/test_config.py": ("request/plain.py",),
    "model/test_transformer.py": ("model/softmax_attention.py",),
    "music/test_reading.py": ("music/musicxml_reader.py", "music/sources.py"),
    "rendering/musicxml/test_document.py": (
        *("rendering/musicxml/measures.py", "rendering/musicxml/notes.py"),
    ),
    "rendering/notation/test_rhythm.py": ("rendering/notation/beams.py",),
    "rendering/notation/test_staves.py": ("rendering/notation/hands.py",),
    "rendering/test_packages.py": ("music/formats.py",),
    "request/test_request.py": ("request/contradictions.py",),
    "request/words/test_words.py": (
        *("request/words/chords.py", "request/words/harmony.py", "request/words/keys.py"),
        *("request/words/players.py", "request/words/prompt.py", "request/words/quantities.py"),
        *("request/words/reading.py", "request/words/tempo.py", "request/words/tonality.py"),
        "request/words/voices.py",
    ),
    "sampling/editing/test_edit.py": (
        *("sampling/editing/alternatives.py", "sampling/editing/outline.py"),
        *("sampling/editing/results.py", "sampling/editing/rules.py"),
    ),
    "sampling/engines/test_parity.py": (
        *("model/compiled/kernels.py", "sampling/engines/torch_engine.py"),
    ),
    "sampling/test_generate.py": ("sampling/finishing.py",),
    "tokenizer/test_compilation.py": ("sampling/compilation.py",),
    "training/test_loop.py": ("training/start.py",),
    "training/latent/test_flowing.py": ("model/latent/network.py",),
}
"""Modules that are tested from above only, under the test file that does it."""


def modules() -> list[str]:
    """Paths of all modules of the package but the folders' own, from the root."""
    paths = (path for room in ROOMS for path in room.rglob("*.py") if path.stem != "__init__")
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


def imported_by_tests(room: str) -> set[str]:
    """Full names of what the tests of a room import."""
    found = set()
    for path in (TESTS / room).rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found |= {
                    f"{node.module}",
                    *(f"{node.module}.{alias.name}" for alias in node.names),
                }
    return found


def untested() -> set[str]:
    """Modules without a test at the mirrored place, which no test of their room imports."""
    imported = {room.name: imported_by_tests(room.name) for room in ROOMS}
    found = set()
    for module in modules():
        path = Path(module)
        mirrored = TESTS / path.parent / f"test_{path.name}"
        name = "partimento." + ".".join(path.with_suffix("").parts)
        if not mirrored.exists() and name not in imported[path.parts[0]]:
            found.add(module)
    return found


def test_every_module_has_a_test_of_its_room_or_one_that_covers_it_from_above() -> None:
    listed = {module for group in COVERED.values() for module in group}
    assert untested() - listed == set(), "test these, or name the test that covers them"
    assert listed - untested() == set(), "these have a test of their own; take them from the list"


def test_the_tests_that_cover_others_are_there() -> None:
    assert {test for test in COVERED if not (TESTS / test).exists()} == set()
