"""What is asked of `convert`, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toonify.decoding import DETAILS
from toonify.errors import unknown, usage_error

FORMATS = {"jpeg": ("JPEG", ".jpg"), "png": ("PNG", ".png"), "webp": ("WEBP", ".webp")}
"""What `format` may be beside `keep`: Pillow's name of the format, and the suffix."""


@dataclass(frozen=True)
class ConvertRequest:
    """Which pictures to convert, how, and where to. Text will do for a path.

    Attributes:
        inputs: Files and folders; a single one may stand for itself.
        output: A folder; or a file, when there is one input file and this has a picture's suffix. Left out,
            it lies beside the input, of which there is one then: `photo.cartoon.jpg`, `photos-cartoons`.
        style: A style's name, a style folder or a run folder.
        strength: 0 leaves the photograph, 1 gives the cartoon, between them is a mixture.
        detail: Pictures of more than detail × detail pixels are drawn at that size, then enlarged to
            their own; 0 draws every pixel; `None` is the style's own.
        controls: Of the numbers that the style lets you choose, by name, those that are not to be at their
            defaults.
        format: `keep` (as the input, where it can be written), `jpeg`, `png` or `webp`.
        compare: Write a before/after picture beside each, also beside those that are there already.
        recursive: Look in sub-folders too.
        workers: Pictures worked on at once; 0 for one per core.
        report: A page to write, with a slider between before and after for each picture. It replaces an
            earlier one.
        overwrite: Replace what already exists instead of skipping it.

    Raises:
        ToonifyError: if a value makes no sense.
    """

    inputs: Sequence[Path]
    output: Path | None = None
    style: str | Path = "comic"
    strength: float = 1.0
    detail: int | None = None
    controls: Mapping[str, float] = field(default_factory=dict)
    format: str = "keep"
    compare: bool = False
    recursive: bool = True
    workers: int = 0
    overwrite: bool = False
    report: Path | None = None

    def __post_init__(self) -> None:
        inputs = [self.inputs] if isinstance(self.inputs, str | Path) else self.inputs
        object.__setattr__(self, "inputs", [Path(path) for path in inputs])
        object.__setattr__(self, "output", None if self.output is None else Path(self.output))
        object.__setattr__(self, "report", None if self.report is None else Path(self.report))
        check_strength(self.strength)
        if self.detail is not None:
            check_detail(self.detail)
        if self.format != "keep" and self.format not in FORMATS:
            raise unknown("`format`", self.format, ["keep", *FORMATS])
        if self.workers < 0:
            raise usage_error(f"`workers` should be 0 or more, not {self.workers}")
        if not self.inputs:
            raise usage_error("there is nothing to convert", "Give a picture or a folder of pictures.")


def check_strength(strength: float) -> None:
    """Make sure that a strength is between 0 and 1.

    Raises:
        ToonifyError: if it is not.
    """
    if not 0 <= strength <= 1:
        raise usage_error(
            f"`strength` should be between 0 (the photograph) and 1 (the cartoon), not {strength}"
        )


def check_detail(detail: int) -> int:
    """The same number, if a picture can be drawn at such a size.

    Raises:
        ToonifyError: if it is below 32 and not 0.
    """
    if detail and detail < DETAILS.start:
        raise usage_error(f"`detail` should be 0, or {DETAILS.start} or more, not {detail}")
    return detail
