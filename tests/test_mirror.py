"""Every module with logic has a test at the mirrored place, or one that is named for its group."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
ROOMS = sorted(
    path.parent
    for path in ROOT.glob("*/__init__.py")
    if path.parent.name not in ("tests", "benchmarks")
)
GROUPS: dict[str, tuple[str, ...]] = {
    "batch/test_folder.py": ("batch/items.py", "batch/making.py", "batch/records.py"),
    "batch/test_reading.py": ("batch/entries.py",),
    "batch/test_renderers.py": ("batch/formats.py",),
    "cli/test_batch.py": ("cli/batch_job.py", "cli/batch_progress.py", "batch/running.py"),
    "cli/test_generate.py": ("cli/options.py",),
    "cli/test_help.py": ("cli/main.py",),
    "cli/test_warmup.py": ("cli/compiling.py",),
    "model/compiled/test_packing.py": ("model/compiled/quantization.py",),
    "model/compiled/test_products.py": ("model/compiled/vectors.py",),
    "model/test_transformer.py": (
        *("model/blocks.py", "model/softmax_attention.py", "model/state.py"),
    ),
    "music/midi/test_damage.py": ("music/midi/events.py",),
    "music/test_key_and_chord_finding.py": ("music/chord_finding.py", "music/key_finding.py"),
    "page/test_collection.py": ("page/music.py",),
    "rendering/audio/test_synth.py": (
        *("rendering/audio/settings.py", "rendering/audio/soundfont.py"),
    ),
    "rendering/engraving/test_sheet_music.py": (
        *("rendering/engraving/engraving.py", "rendering/engraving/fonts.py"),
        *("rendering/engraving/pages.py", "rendering/engraving/text.py"),
    ),
    "rendering/musicxml/test_document.py": (
        *("rendering/musicxml/measures.py", "rendering/musicxml/notes.py"),
    ),
    "rendering/notation/test_notation.py": ("rendering/notation/written.py",),
    "rendering/notation/test_parts.py": (
        *("rendering/notation/part_groups.py", "rendering/notation/part_names.py"),
    ),
    "rendering/notation/test_rhythm.py": (
        *("rendering/notation/beams.py", "rendering/notation/values.py"),
    ),
    "rendering/roll/test_pictures.py": (
        *("rendering/roll/roll.py", "rendering/roll/shapes.py", "rendering/roll/terminal.py"),
    ),
    "request/words/test_words.py": (
        *("request/words/choices.py", "request/words/chords.py", "request/words/keys.py"),
        *("request/words/players.py", "request/words/prompt.py", "request/words/quantities.py"),
        *("request/words/reading.py", "request/words/recognition.py"),
        *("request/words/resolution.py", "request/words/tonality.py"),
    ),
    "sampling/engines/test_batches.py": ("sampling/pieces.py",),
    "cli/test_replay.py": ("sampling/generate.py", "sampling/provenance.py"),
    "training/test_corpus.py": ("training/scores.py",),
    "sampling/test_plan.py": ("sampling/constraints.py",),
    "sampling/engines/test_decoding.py": ("sampling/choice.py", "sampling/engines/numba_engine.py"),
    "sampling/engines/test_parity.py": (
        *("model/compiled/kernels.py", "sampling/engines/torch_engine.py"),
    ),
    "tokenizer/test_compilation.py": ("sampling/compilation.py",),
}
"""Test files that cover more than the module of their own name, and what they cover."""
NOTHING_TO_TEST = {
    *("music/chord_qualities.py", "music/score.py", "rendering/errors.py"),
    *("rendering/notation/drum_kit.py",),
}
"""Modules of tables and of classes without behaviour."""


def modules() -> list[str]:
    """Paths of all modules of the package but the folders' own, from the root."""
    paths = (path for room in ROOMS for path in room.rglob("*.py") if path.stem != "__init__")
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


def mirrored(module: str) -> Path:
    """Where the test of a module is looked for first."""
    path = Path(module)
    return TESTS / path.parent / f"test_{path.name}"


def test_every_module_has_its_test_at_the_mirrored_place_or_in_a_named_group() -> None:
    grouped = {module for group in GROUPS.values() for module in group}
    without = {module for module in modules() if not mirrored(module).exists()}
    assert without - grouped - NOTHING_TO_TEST == set()


def test_the_exceptions_are_modules_without_a_test_of_their_own() -> None:
    for module in [*(m for group in GROUPS.values() for m in group), *NOTHING_TO_TEST]:
        assert (ROOT / module).exists(), f"{module} is gone; take it from the list"
        assert not mirrored(module).exists(), f"{module} has a test; take it from the list"


@pytest.mark.parametrize("test", GROUPS)
def test_a_test_of_a_group_is_there(test: str) -> None:
    assert (TESTS / test).exists()
