"""What is asked of `export`, checked when it is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated

from toonify.decoding import Kind, Natural
from toonify.errors import usage_error
from toonify.plugins import find_plugin, own_name, plugin_names
from toonify.request import MaybePath, OnePath, Request, Taken, Texts, default, or_none, several
from toonify.storage import check_no_address
from toonify.styles import AnyStyle, style_given


def default_format() -> str:
    """The format to write where nobody names one: toonify's own `onnx`, whoever brings another."""
    return own_name("exporters", "onnx")


def _size(given: tuple[int, int] | str) -> tuple[int, int]:
    """`640x480`, or `512` for a square, as width and height."""
    sides = [*map(str, re.split("[x×]", given.strip().lower()) if isinstance(given, str) else given)]
    if len(sides) not in (1, 2) or not all(re.fullmatch(r"[1-9]\d{0,4}", side) for side in sides):
        raise ValueError(given)
    return int(sides[0]), int(sides[-1])


Styles = Annotated[
    Taken[AnyStyle | Iterable[AnyStyle], Sequence[AnyStyle]],
    Kind("a style, or a list of styles", several(style_given)),
]
Size = Annotated[
    Taken[tuple[int, int] | str | None, tuple[int, int] | None],
    Kind("WIDTHxHEIGHT in pixels, such as 640x480", or_none(_size)),
]


class ExportRequest(Request):
    """A style to be exported. Text will do for a path or a number.

    Attributes:
        style: A style that is loaded, the name of one, a style folder or file, or a run folder.
        output: The folder to write into; made when it is not there.
        formats: Names of `toonify.exporters`; a single one may stand for itself.
        overwrite: Replace what an earlier export wrote.
        others: Further styles, for formats that hold several, such as `web`.
        step: Of a run's checkpoint, of which a style is made; `None` for the run's own.
        size: Width and height of the only pictures that an export shall take, for formats that can be told
            (`litert`, `coreml`); also as text, `640x480`. `None` for pictures of many sizes.
        calibrate: A folder of pictures like those that will be drawn, for formats in 8 bits; `None` for
            pictures made by `toonify.exporting.calibration`.

    Raises:
        ToonifyError: (usage) that names the field, if a format is unknown, or two packages offer it, there is
            none, `size` is no size, or a value is of another type.
    """

    style: AnyStyle
    output: OnePath = default(Path("export"))
    formats: Texts = default(field(default_factory=lambda: (default_format(),)))
    overwrite: bool = False
    others: Styles = default(())
    step: Natural | None = None
    size: Size = default(None)
    calibrate: MaybePath = default(None)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_no_address(self.output, "output")
        for name in self.formats:
            find_plugin("exporters", name)
        if not self.formats:
            raise usage_error(
                "`formats` names no export format", f"Choices: {', '.join(plugin_names('exporters'))}."
            )
