"""What is asked of `preview`, checked when it is made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from toonify.converting.inputs import expand
from toonify.decoding import Kind
from toonify.errors import exists_already, nothing_at, usage_error
from toonify.request import OnePath, Paths, Request, Taken, as_given, default, several
from toonify.storage import AnyPath

Styles = Annotated[
    Taken[AnyPath | Iterable[AnyPath], Sequence[str]],
    Kind("a style's name or path, or a list of these", several(lambda style: _named(as_given(style)))),
]


class PreviewRequest(Request):
    """Which photographs to draw in which styles. Text will do for a path.

    Attributes:
        photos: Files, and patterns for several, as of `convert_all`; a single one may stand for itself.
        output: The page to write.
        styles: What `load_style` takes; all that packages bring when left out.
        overwrite: Replace a page that is there.

    Raises:
        ToonifyError: (usage) if there is nothing to draw, or the output exists; naming the field, if a value
            is of another type.
    """

    photos: Paths
    output: OnePath = default(Path("preview.html"))
    styles: Styles = default(())
    overwrite: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "photos", [*expand([*map(Path, self.photos)])])
        object.__setattr__(self, "styles", [*dict.fromkeys(self.styles)])
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


def _named(style: str | Path) -> str:
    """A style as people name it; what is a path stays one, whatever its name."""
    return style if isinstance(style, str) else os.path.abspath(style)  # noqa: PTH100 - links stay
