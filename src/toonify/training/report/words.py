"""What is known of a run in the words of a page: its settings, what it was made with, names of figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toonify.storage import RunManifest


def origin(manifest: RunManifest) -> dict[str, Any]:
    """Versions, dataset, the style that it began with, and what was asked for beside the settings."""
    asked = {name: value for name, value in manifest.request.items() if not isinstance(value, Mapping)}
    began_with = " ".join(str(manifest.start_from.get(key, "")) for key in ("style", "weights")).strip()
    return {
        **manifest.versions,
        "dataset": manifest.dataset,
        "its hash": manifest.dataset_hash,
        **({"began with": began_with} if began_with else {}),
        **{plain(name): in_words(value) for name, value in asked.items()},
    }


def flat(settings: Mapping[str, Any], part: str = "") -> Iterator[list[str]]:
    """Part, name and value of each setting in words, those of a part after those above it."""
    parts = {name: value for name, value in settings.items() if isinstance(value, Mapping)}
    for name, value in settings.items():
        if name not in parts and value is not None:
            yield [part or "general", plain(name), in_words(value)]
    for name, values in parts.items():
        yield from flat(values, f"{part} {name}".strip())


def in_words(value: object) -> str:
    """A setting as a page shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def plain(name: str) -> str:
    """The name of a figure or a setting as a page shows it."""
    return name.replace("_", " ")
