"""What is asked of `preview`, checked when it is made."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import exists_already, nothing_at, usage_error


@dataclass(frozen=True)
class PreviewRequest:
    """Which photographs to draw in which styles. Text will do for a path.

    Attributes:
        photos: Files; a single one may stand for itself.
        output: The page to write.
        styles: What `load_style` takes; all that packages bring when left out.
        overwrite: Replace a page that is there.

    Raises:
        ToonifyError: if there is nothing to draw, or the output exists.
    """

    photos: Sequence[Path]
    output: Path = Path("preview.html")
    styles: Sequence[str] = ()
    overwrite: bool = False

    def __post_init__(self) -> None:
        photos = [self.photos] if isinstance(self.photos, str | os.PathLike) else self.photos
        styles = [self.styles] if isinstance(self.styles, str | os.PathLike) else self.styles
        object.__setattr__(self, "photos", [*dict.fromkeys(Path(path) for path in photos)])
        object.__setattr__(self, "styles", [*dict.fromkeys(map(_named, styles))])
        object.__setattr__(self, "output", Path(self.output))
        if not self.photos:
            raise usage_error("there is nothing to draw", "Give a photograph, or a few.")
        for path in self.photos:
            if path.is_dir():
                raise usage_error(f"{path} is a folder", "Give a few photographs of it, by their names.")
            if not path.exists():
                raise nothing_at(path, "photograph")
        from toonify.html_report import check_name  # takes a while: only once there is something to draw

        check_name(self.output, "output")
        if os.path.lexists(self.output) and not self.overwrite:
            raise exists_already(self.output)


def _named(style: str | os.PathLike[str]) -> str:
    """A style as people name it; what is a path stays one, whatever its name."""
    return style if isinstance(style, str) else os.path.abspath(style)  # noqa: PTH100 - links stay
