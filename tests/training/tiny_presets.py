"""Published presets, with networks that are compiled in a moment."""

from __future__ import annotations

from pathlib import Path

from toonify.training.presets import preset_text


def write_small_preset(folder: Path, name: str) -> Path:
    """A file with the preset, its discriminators as narrow as can be."""
    path = folder / f"{name}.toml"
    path.write_text(preset_text(name).replace("\nwidth = 32", "\nwidth = 1"), encoding="utf-8")
    return path
