"""What is asked of `export`, checked when it is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toonify.errors import usage_error
from toonify.plugins import find_plugin, own_name, plugin_names


def default_format() -> str:
    """The format to write where nobody names one: toonify's own `onnx`, whoever brings another."""
    return own_name("exporters", "onnx")


@dataclass(frozen=True)
class ExportRequest:
    """A style to be exported. Text will do for a path.

    Attributes:
        style: The name of a style, a style folder or file, or a run folder.
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
        ToonifyError: if a format is unknown, or two packages offer it, there is none, or `size` is no size.
    """

    style: str | Path
    output: Path = Path("export")
    formats: Sequence[str] = field(default_factory=lambda: (default_format(),))
    overwrite: bool = False
    others: Sequence[str | Path] = ()
    step: int | None = None
    size: tuple[int, int] | str | None = None
    calibrate: str | Path | None = None

    def __post_init__(self) -> None:
        formats = [self.formats] if isinstance(self.formats, str) else self.formats
        object.__setattr__(self, "formats", tuple(dict.fromkeys(formats)))
        object.__setattr__(self, "output", Path(self.output))
        if self.step is not None and (type(self.step) is not int or self.step < 0):
            raise usage_error(f"`step` should be a whole number of 0 or more, not {self.step!r}")
        for name in self.formats:
            find_plugin("exporters", name)
        object.__setattr__(self, "size", _read_size(self.size))
        if not self.formats:
            raise usage_error(
                "`formats` names no export format", f"Choices: {', '.join(plugin_names('exporters'))}."
            )


def _read_size(size: tuple[int, int] | str | None) -> tuple[int, int] | None:
    """`640x480`, or `512` for a square, as width and height."""
    if size is None:
        return None
    sides = re.split("[x×]", size.strip().lower()) if isinstance(size, str) else list(size)
    numbers = [int(side) for side in sides if re.fullmatch(r"[1-9]\d{0,4}", str(side))]
    if len(numbers) != len(sides) or len(numbers) > 2:
        raise usage_error(f"`size` should be WIDTHxHEIGHT in pixels, such as 640x480, not {size}")
    return numbers[0], numbers[-1]
