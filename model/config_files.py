"""Configs as yaml files: those that are shipped, by name, and one's own."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import yaml

from partimento.errors import PartimentoError
from partimento.model.config import ModelConfig, select_features


def read_section(name: str, section: str) -> dict[str, object]:
    """One section of a yaml config: the name of a shipped one, or the path of a file.

    Raises ValueError when there is no such config or section.
    """
    found = read_sections(name).get(section)
    if not isinstance(found, dict):
        remedy = "; add it, or start from a checkpoint" if section == "model" else "; add it"
        raise PartimentoError(f"{name}: has no section '{section}:'{remedy}")
    return {str(key): value for key, value in found.items()}


def read_sections(name: str) -> dict[str, object]:
    """All sections of a yaml config by name; ValueError when there is no such config."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise PartimentoError(f"{name}: no such config file")
        text = path.read_text(encoding="utf-8")
    else:
        folder = files("partimento.configs")
        names = sorted(
            entry.name.removesuffix(".yaml")
            for entry in folder.iterdir()
            if entry.name.endswith(".yaml")
        )
        if name not in names:
            raise PartimentoError(
                f"no config is called {name!r}; choose from {', '.join(names)}, "
                "or give the path of a .yaml file"
            )
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PartimentoError(f"{name}: not valid yaml: {' '.join(str(error).split())}") from None
    return {str(key): found for key, found in content.items()} if isinstance(content, dict) else {}


def load_config(
    name: str,
    available: Sequence[tuple[str, int]] = (),
    sounding_width: int = 0,
    conditioning_width: int | None = None,
    sketch_width: int | None = None,
    **changes: object,
) -> ModelConfig:
    """Read the model section of a yaml config and fill in the inputs that the cursor offers.

    `features:` in the yaml is a list of names or absent for all that are available;
    `sounding: false` and `conditioning: false` turn these inputs off, `sketch: true` turns that
    one on: its training needs an autoencoder. `changes` replace fields.
    """
    values = read_section(name, "model")
    names = values.pop("features", None)
    if names is not None and not (
        isinstance(names, list) and all(isinstance(entry, str) for entry in names)
    ):
        raise PartimentoError(f"{name}: features must be a list of names, got {names!r}")
    values["features"] = select_features(available, names)
    inputs = (
        ("sounding", sounding_width, True),
        ("conditioning", conditioning_width, True),
        ("sketch", sketch_width, False),
    )
    for key, width, default in inputs:
        is_on = values.pop(key, default)
        if not isinstance(is_on, bool):
            raise PartimentoError(f"{name}: {key} must be true or false, got {is_on!r}")
        off = 0 if key == "sounding" else None
        values[f"{key}_width"] = width if is_on else off
    return ModelConfig.from_dict({**values, **changes})
