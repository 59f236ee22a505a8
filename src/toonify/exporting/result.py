"""What was exported, and how near it is to the style."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toonify.inference.verification import Likeness
from toonify.text import visible


@dataclass(frozen=True)
class Exported:
    """One format of a style.

    Attributes:
        format: Its name.
        path: The file or folder.
        size: In bytes.
        likeness: By runtime, how near it draws to the style.
        close_ups: Whether small faces are drawn once more where it is used, as toonify does.
    """

    format: str
    path: Path
    size: int
    likeness: dict[str, Likeness]
    close_ups: bool = False

    @property
    def differences(self) -> dict[str, float]:
        """By runtime, the largest difference from what the style itself draws, in [-1, 1]."""
        return {runtime: likeness.largest for runtime, likeness in self.likeness.items()}

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "format": self.format,
            "path": str(self.path),
            "bytes": self.size,
            "close_ups": self.close_ups,
            "differences": self.differences,
            "likeness": {runtime: dataclasses.asdict(found) for runtime, found in self.likeness.items()},
        }


def _in_words(likeness: Likeness) -> str:
    nearness = "equal" if likeness.psnr is None else f"mean {likeness.mean:.1g}, PSNR {likeness.psnr:.0f} dB"
    width, height = likeness.size
    return f"{nearness}; {width} × {height} in {likeness.milliseconds:.0f} ms"


@dataclass(frozen=True)
class ExportResult:
    """What `export_style` did.

    Attributes:
        style: The style's name.
        exported: Each format in the order asked for.
        detail: Side in pixels of the square at whose size the style draws larger pictures best: what runs an
            export shrinks them to that, and enlarges the drawing. 0 for every size.
        painter: Who paints over what the style's network draws when toonify converts, which no other program
            does; empty for nobody.
        close_up: Pixels of width at which toonify, and those formats that say so, draw small faces once more;
            0 for never.
    """

    style: str
    exported: tuple[Exported, ...]
    detail: int = 0
    painter: str = ""
    close_up: int = 0

    @property
    def exit_code(self) -> int:
        """0: what cannot be exported, or draws something else, is an error."""
        return 0

    @property
    def summary(self) -> str:
        """A line or two for each format."""
        lines = []
        for one in self.exported:
            lines.append(f"{one.path}  ({one.size / 1e6:.1f} MB)")
            compared = ", ".join(f"{value:.1g} in {name}" for name, value in one.differences.items())
            lines.append(f"    drawing as it should, to within {compared} (of -1 to 1)")
            lines += [f"    {name}: {_in_words(found)}" for name, found in one.likeness.items()]
        once = [one.format for one in self.exported if not one.close_ups]
        if self.detail and once:  # all others draw as toonify does
            lines.append(
                f"draw what is larger than {self.detail} × {self.detail} at that size, then enlarge it"
            )
        if self.painter:
            lines.append(
                f"the painter '{self.painter}' works over what the network draws, in toonify alone: "
                "elsewhere its faces are the network's"
            )
        if self.close_up and once:
            where = "in toonify alone" if len(once) == len(self.exported) else f"but not in {', '.join(once)}"
            lines.append(f"small faces are drawn once more, from closer by, {where}")
        return "\n".join(map(visible, lines))

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "style": self.style,
            "detail": self.detail,
            "painter": self.painter,
            "close_up": self.close_up,
            "exported": [one.as_json() for one in self.exported],
        }
