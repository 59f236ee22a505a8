"""What is asked of `convert`, checked when it is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated

from toonify.decoding import DETAILS, Natural, Range
from toonify.errors import unknown, usage_error
from toonify.inference import AUTO, check_device
from toonify.media import CODECS, FilmSettings, Strip
from toonify.places import Address, Location, locate
from toonify.request import MaybePath, Paths, Request, check_name, default
from toonify.styles import AnyStyle, default_style
from toonify.text import between_commas

PARTS = ("faces", "background")
"""What of a picture may be drawn alone."""

RUNNERS = ("local", "ray")

FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
"""What `format` may be beside `keep`, and Pillow's name of it."""

Strength = Annotated[
    float, Range("between 0 (the photograph) and 1 (the cartoon)", lambda strength: 0 <= strength <= 1)
]
DrawnAt = Annotated[int, Range(f"0, or {DETAILS.start} or more", lambda n: n == 0 or n >= DETAILS.start)]
Quality = Annotated[int, Range("1 to 100", lambda n: 1 <= n <= 100)]
Seconds = Annotated[float, Range("0 or more", lambda x: 0 <= x < math.inf)]


class ConvertRequest(Request):
    """Which pictures and films to convert, how, and where to. Text will do for a path or a number.

    Attributes:
        inputs: Files and folders; a single one may stand for itself.
        output: A folder; or a file, when there is one input file and this has a picture's or film's suffix.
            Left out, it lies beside the input, of which there is one then: `photo.cartoon.jpg`,
            `film.cartoon.mp4`, `photos-cartoons`.
        style: A style that is loaded, used as it is, or a style's name, a style folder or a run folder.
            Several names, with commas, draw a contact sheet of each photograph: this needs `compare`, and no
            `controls`.
        strength: 0 leaves the photograph, 1 gives the cartoon, between them is a mixture.
        detail: Pictures of more than detail × detail pixels are drawn at that size, then enlarged to
            their own; 0 draws every pixel; `None` is the style's own.
        controls: Of the numbers that the style lets you choose, by name, those that are not to be at their
            defaults.
        painter: Let the style's painter, if it names one, paint over what its network draws.
        device: What to draw on: one of `toonify.inference.DEVICES`, or `auto` for the fastest that is there.
        only: `faces` leaves the photograph as it is around the faces that the style's painter paints,
            `background` leaves those as they are and draws the rest; empty for all.
        format: `keep` (as the input, where it can be written), `jpeg`, `png` or `webp`.
        first_frame: Of animations, draw the first frame only.
        strip: What is to be left out of what is written about a photograph or film: `nothing`, `location`,
            or all of it, `metadata`.
        compare: Write a before/after picture beside each, also beside those that are there already.
        recursive: Look in sub-folders too.
        workers: Pictures worked on at once; 0 for one per core.
        report: A page to write, with a slider between before and after for each picture. It replaces an
            earlier one.
        overwrite: Replace what already exists instead of skipping it.
        video_quality: Of films, 1 to 100.
        codec: Of films: `auto` (what most players take), `h264`, `hevc`, `vp9` or `mpeg4`.
        start: Where films begin, in seconds.
        end: Where they end, in seconds; `None` for their own end.
        runner: Who draws: `local`, this machine, or `ray`, the workers of a Ray cluster.
        address: Of the cluster; empty for the one that `RAY_ADDRESS` names, or that runs on this machine.
        locations: What `inputs` mean: paths, and addresses such as `s3://bucket/photos`.
        destination: What `output` means, likewise.
        steady: Of films: less flicker between frames; `None` for it where OpenCV is installed.

    Raises:
        ToonifyError: (usage) that names the field, if a value is of another type, or makes no sense.
    """

    inputs: Paths
    output: MaybePath = default(None)
    style: AnyStyle = field(default_factory=default_style)
    strength: Strength = 1.0
    detail: DrawnAt | None = None
    controls: Mapping[str, float] = field(default_factory=dict)
    painter: bool = True
    only: str = ""
    device: str = AUTO
    format: str = "keep"
    first_frame: bool = False
    strip: Strip = "nothing"
    compare: bool = False
    recursive: bool = True
    workers: Natural = 0
    overwrite: bool = False
    report: MaybePath = default(None)
    video_quality: Quality = 80
    codec: str = "auto"
    start: Seconds = 0.0
    end: Seconds | None = None
    runner: str = "local"
    address: str = ""
    locations: Sequence[Location] = field(init=False, repr=False, compare=False)
    destination: Location | None = field(init=False, repr=False, compare=False)
    steady: bool | None = None

    def __post_init__(self) -> None:
        output_as_given = self.output  # a path has lost a slash of an address
        super().__post_init__()
        inputs = [locate(one) for one in self.inputs]
        output = None if output_as_given is None else locate(output_as_given)
        object.__setattr__(self, "locations", inputs)
        object.__setattr__(self, "destination", output)
        object.__setattr__(self, "inputs", [Path(str(one)) for one in inputs])
        object.__setattr__(self, "output", None if output is None else Path(str(output)))
        for one in self.inputs:
            check_name(one, "`inputs`")
        if self.format != "keep" and self.format not in FORMATS:
            raise unknown("`format`", self.format, ["keep", *FORMATS])
        check_only(self.only, self.painter)
        check_device(self.device)
        self._check_film()
        self._check_runner()
        if not self.inputs:
            raise usage_error("there is nothing to convert", "Give a picture or a folder of pictures.")
        if not self.styles:
            raise usage_error(
                "`style` names no style", "Give a style's name, its folder or file, or a run's folder."
            )
        if self.makes_sheets:
            self._check_sheet()

    @property
    def styles(self) -> tuple[AnyStyle, ...]:
        """Each style that is named; one that is there under a name with commas is one."""
        if not isinstance(self.style, str) or (self.style and Path(self.style).exists()):
            return (self.style,)
        return between_commas(self.style)

    @property
    def makes_sheets(self) -> bool:
        """Whether each photograph becomes a contact sheet of several styles."""
        return len(self.styles) > 1

    def _check_sheet(self) -> None:
        if not self.compare:
            raise usage_error("several styles make a contact sheet", "Add `compare`, or give one style.")
        if self.controls:
            raise usage_error(
                "`controls` belong to one style, and several are given", "Give one style, or leave them out."
            )
        if self.report:
            raise usage_error("a `report` shows what one style made, and there are several", "Leave it out.")
        object.__setattr__(self, "first_frame", True)  # of what moves, a sheet shows one

    def _check_film(self) -> None:
        if self.codec != "auto" and self.codec not in CODECS:
            raise unknown("`codec`", self.codec, ["auto", *CODECS])
        if self.end is not None and not self.start < self.end:
            raise usage_error(f"`end` ({self.end:g}) should be after `start` ({self.start:g})")

    def _check_runner(self) -> None:
        if self.runner not in RUNNERS:
            raise unknown("`runner`", self.runner, RUNNERS)
        if self.address and self.runner != "ray":
            raise usage_error("`address` names a cluster, and goes with `runner` ray")
        if self.compare and self.is_remote:
            raise usage_error("`compare` needs files on this machine, and no `runner`", "Leave it out.")
        if self.wants_part and self.is_remote:
            raise usage_error(
                "`start` and `end` are for films, which need files on this machine, and no `runner`",
                "Leave them out.",
            )

    @property
    def is_remote(self) -> bool:
        """Whether any picture lies elsewhere, is written elsewhere, or is drawn elsewhere."""
        elsewhere = (isinstance(one, Address) for one in (*self.locations, self.destination))
        return self.runner != "local" or any(elsewhere)

    @property
    def wants_part(self) -> bool:
        """Whether no more than a part of films is to be converted."""
        return self.start > 0 or self.end is not None

    @property
    def film_settings(self) -> FilmSettings:
        """How films are to be written."""
        return FilmSettings(self.video_quality, self.codec, self.start, self.end, self.strip)


def check_only(only: str, painter: bool) -> None:
    """Make sure that a part of a picture can be told.

    Args:
        only: The part.
        painter: Whether the style's painter, who tells, may work.

    Raises:
        ToonifyError: if it is another than `faces` or `background`, or there is no painter to tell it.
    """
    if only not in ("", *PARTS):
        raise unknown("`only`", only, PARTS)
    if only and not painter:
        raise usage_error(
            f"`only` {only} needs the style's painter to tell faces from the rest",
            "Leave `painter` False out.",
        )
