"""The options of `toonify convert` that have a heading of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from typer import Option

from toonify.cli.option_groups import OptionGroup
from toonify.errors import usage_error


@dataclass(frozen=True)
class Faces(OptionGroup):
    """What becomes of faces."""

    heading = "Faces"

    painter: Annotated[
        bool,
        Option(
            "--painter/--no-painter",
            help="Let the style's painter paint faces, and draw small faces again from closer by.",
        ),
    ] = True
    faces_only: Annotated[
        bool, Option("--faces-only", help="Draw only faces; the rest stays a photograph.")
    ] = False
    background_only: Annotated[
        bool, Option("--background-only", help="Draw everything but faces, which stay a photograph.")
    ] = False

    def values(self) -> dict[str, Any]:
        if self.faces_only and self.background_only:
            raise usage_error("--faces-only and --background-only exclude each other", "Give one of them.")
        only = "faces" if self.faces_only else "background" if self.background_only else ""
        return {"painter": self.painter, "only": only}


@dataclass(frozen=True)
class Kept(OptionGroup):
    """What is kept of a file beside its pixels."""

    heading = "Animations and metadata"

    first_frame: Annotated[
        bool, Option("--first-frame", help="Convert only the first frame of an animation.")
    ] = False
    strip_metadata: Annotated[
        bool, Option("--strip-metadata", help="Leave out all metadata, such as camera, place and date.")
    ] = False
    strip_location: Annotated[
        bool, Option("--strip-location", help="Leave out where the photograph was taken.")
    ] = False

    def values(self) -> dict[str, Any]:
        strip = "metadata" if self.strip_metadata else "location" if self.strip_location else "nothing"
        return {"first_frame": self.first_frame, "strip": strip}


@dataclass(frozen=True)
class Machines(OptionGroup):
    """What draws."""

    heading = "Where it is drawn"

    device: Annotated[
        str,
        Option(
            "--device",
            metavar="auto|cpu|cuda|coreml|directml|openvino|webgpu",
            help="The device to draw on; auto picks the fastest and names it.",
        ),
    ] = "auto"
    runner: Annotated[
        str,
        Option("--runner", metavar="local|ray", help="Draw on this machine, or on a Ray cluster."),
    ] = "local"
    address: Annotated[
        str,
        Option(
            "--address",
            metavar="HOST:PORT",
            help="Address of the Ray cluster.",
            show_default="RAY_ADDRESS, or the one on this machine",
        ),
    ] = ""


@dataclass(frozen=True)
class Films(OptionGroup):
    """How films are written, and which part of them."""

    heading = "Films"

    video_quality: Annotated[
        int,
        Option(
            "--video-quality", min=1, max=100, help="From 1, the smallest file, to 100, the best picture."
        ),
    ] = 80
    codec: Annotated[str, Option("--codec", metavar="auto|h264|hevc|vp9|mpeg4", help="Video codec.")] = "auto"
    start: Annotated[
        str, Option("--start", metavar="TIME", help="Start here: seconds, or a time such as 1:23.5.")
    ] = "0"
    end: Annotated[
        str,
        Option(
            "--end",
            metavar="TIME",
            help="End here; with --start, it tries out a short part.",
            show_default="the film's end",
        ),
    ] = ""
    steady: Annotated[
        bool | None,
        Option(
            "--steady/--no-steady",
            help="Reduce flicker between frames.",
            show_default="steady where OpenCV is installed",
        ),
    ] = None

    def values(self) -> dict[str, Any]:
        return vars(self) | {
            "start": _seconds(self.start, "--start"),
            "end": _seconds(self.end, "--end") if self.end else None,
        }


def _seconds(typed: str, option: str) -> float:
    """A time such as `90`, `1:30` or `1:02:03.5`."""
    parts = typed.split(":")
    if not re.fullmatch(r"(\d+:){,2}\d+(\.\d*)?", typed) or any(float(part) >= 60 for part in parts[1:]):
        raise usage_error(f"{option} should be a time such as 90, 1:30 or 1:02:03.5, not {typed}")
    return sum(float(part) * 60**place for place, part in enumerate(reversed(parts)))
