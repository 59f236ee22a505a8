"""From where to where: settled before the first picture is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toonify.converting.outputs import BY_SUFFIX, NO_FOLDERS, WRITTEN, check_format, with_a_name
from toonify.converting.request import ConvertRequest
from toonify.errors import nothing_at, usage_error
from toonify.media import FILM_SUFFIXES
from toonify.places import Address, Location, Place, is_within, open_parent, open_place


@dataclass(frozen=True)
class Source:
    """Something that is to be converted.

    Attributes:
        place: A folder, or what a file lies in.
        name: Of a single file; empty for a whole folder.
    """

    place: Place
    name: str = ""

    @property
    def where(self) -> Location:
        return self.place.at(self.name) if self.name else self.place.where


@dataclass(frozen=True)
class Route:
    """Where pictures come from, and where they go.

    Attributes:
        sources: In order.
        output: The folder that is written to.
        name: In it, where a single cartoon's name was given; otherwise empty.
        guarded: Inputs that lie in the output: nothing is written over them.
    """

    sources: Sequence[Source]
    output: Place
    name: str
    guarded: Sequence[Location]

    @property
    def where(self) -> Location:
        """What the output was called."""
        return self.output.at(self.name) if self.name else self.output.where


def settle_route(request: ConvertRequest) -> Route:
    """What the request's addresses and paths mean.

    Raises:
        ToonifyError: if an input is missing or a film, the output cannot be written to or lies in an input,
            or something is asked for that needs all files on this machine.
    """
    named = (*request.locations, request.destination)
    own = [one for one in named if isinstance(one, Address) and one.scheme == "memory"]
    if own and request.runner != "local":
        raise usage_error(f"{own[0]} is this process's memory, and workers do not see it")
    sources = [_source(location) for location in request.locations]
    output, name = _output(request, sources)
    folders = [source.place.where for source in sources if not source.name]
    for folder in folders:
        if is_within(output.where, folder):
            raise usage_error(
                f"the output {output.where} is, or is inside, the input folder {folder}",
                "Choose a folder outside of it.",
            )
    guarded = [source.where for source in sources if is_within(source.where, output.where)]
    return Route(sources, output, name, guarded)


def _source(location: Location) -> Source:
    if location.suffix.lower() in FILM_SUFFIXES and not (isinstance(location, Path) and location.is_dir()):
        raise usage_error(
            f"{location} is a film, and those are converted from files on this machine, without a `runner`",
            "Leave `runner` out, and write to this machine."
            if isinstance(location, Path)
            else "Download it first, and give the file alone.",
        )
    if isinstance(location, Address) and location.is_web:
        return Source(*open_parent(location))
    place = open_place(location)
    kind = place.kind()
    if kind == "folder":
        return Source(place)
    if kind == "file":
        return Source(*open_parent(location))
    if isinstance(location, Path):
        raise nothing_at(location, "file or folder")
    raise usage_error(f"there is no file or folder {location}")


def _output(request: ConvertRequest, sources: Sequence[Source]) -> tuple[Place, str]:
    """The folder, and the name of a single file in it."""
    output = request.destination or _beside(sources)
    if isinstance(output, Address) and output.is_web:
        raise usage_error(f"{output} cannot be written to", "Give a folder, or a bucket, as `output`.")
    suffix = output.suffix.lower()
    if suffix in WRITTEN:
        if len(sources) > 1 or not sources[0].name:
            raise usage_error(
                f"{output} names one picture, but there may be several", "Give a folder instead."
            )
        check_format(request, output, WRITTEN[suffix])
        return open_parent(output)
    place = open_place(output)
    kind = place.kind()
    if kind == "file":
        raise usage_error(f"{output} is a file, not a folder", "Give a folder, or a picture's name.")
    if kind == "nothing" and suffix in NO_FOLDERS:
        raise usage_error(
            f"{output}: pictures are not written as {suffix}", f"They are written as {', '.join(BY_SUFFIX)}."
        )
    return place, ""


def _beside(sources: Sequence[Source]) -> Location:
    """`photo.cartoon.jpg` for `photo.jpg`, and `photos-cartoons` for the folder `photos`."""
    if len(sources) > 1:
        raise usage_error("several inputs need an `output`", "Give a folder for the cartoons.")
    where = with_a_name(sources[0].where)
    if not sources[0].name:
        return where.with_name(f"{where.name}-cartoons")
    suffix = where.suffix if where.suffix.lower() in WRITTEN else ".png"
    return where.with_name(f"{where.stem}.cartoon{suffix}")
