"""What became of a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toonify.errors import FAILURE
from toonify.text import counted, visible


@dataclass(frozen=True)
class PreviewResult:
    """What `preview` made.

    Attributes:
        output: The page.
        photos: The photographs on it.
        styles: The styles on it.
        pictures: How many cartoons were drawn.
        failures: What is not on it, with the reason.
        seconds: How long it took.
        unpainted: Styles that were drawn without their painters, and why.
    """

    output: Path
    photos: tuple[Path, ...]
    styles: tuple[str, ...]
    pictures: int
    failures: tuple[tuple[str, str], ...]
    seconds: float
    unpainted: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        return FAILURE if self.failures else 0

    @property
    def summary(self) -> str:
        """What happened, in a line and one more for each failure and each style without its painter."""
        lines = [f"failed: {what}: {why}" for what, why in self.failures]
        lines += [f"{style} without its painter: {why}" for style, why in self.unpainted.items()]
        lines.append(f"{counted(self.pictures, 'picture')} drawn in {self.seconds:.1f} s: open {self.output}")
        return "\n".join(map(visible, lines))

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "output": str(self.output),
            "photos": [str(path) for path in self.photos],
            "styles": list(self.styles),
            "pictures": self.pictures,
            "failures": [{"what": what, "reason": why} for what, why in self.failures],
            "unpainted": dict(self.unpainted),
            "seconds": round(self.seconds, 3),
        }
