"""Which picture becomes which file, settled before the first is touched."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from toonify.converting.request import FORMATS, ConvertRequest
from toonify.converting.result import ways_in
from toonify.errors import ToonifyError, nothing_at, refusal, usage_error
from toonify.media import (
    CONTAINERS,
    FILM_SUFFIXES,
    READ,
    SUFFIXES,
    Film,
    can_read_films,
    find_pictures,
    is_animation,
    left_aside,
    tell_left_aside,
)
from toonify.storage import is_inside, same_files

_BY_SUFFIX = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".apng": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


_FILMS = frozenset(container.name for container in CONTAINERS.values())


@dataclass(frozen=True)
class Job:
    """A picture, an animation or a film to convert.

    Attributes:
        source: The photograph.
        target: The cartoon.
        file_format: Pillow's name of the format to write; of a film, the container's name.
        comparison: Where to write before and after side by side; `None` when not asked for.
        note: What is to be said about the choice of format.
        todo: `convert`; `compare`, where the cartoon is there already and stays, and only the comparison
            is missing; or `nothing`.
    """

    source: Path
    target: Path
    file_format: str
    comparison: Path | None = None
    note: str = ""
    todo: Literal["convert", "compare", "nothing"] = "convert"

    @property
    def is_film(self) -> bool:
        return self.file_format in _FILMS

    @property
    def files(self) -> Iterator[Path]:
        """What it will write."""
        yield self.target
        if self.comparison is not None:
            yield self.comparison


@dataclass(frozen=True)
class Plan:
    """What is to be done, and what is not.

    Attributes:
        jobs: All pictures, in the order of the inputs.
        clashes: Those that would become the same file as another, with the reason not to touch them.
        unreadable: Folders that could not be looked into, with the reason.
        left_aside: What else lies in the input folders, counted by kind.
    """

    jobs: list[Job]
    clashes: dict[Job, str]
    unreadable: list[tuple[Path, str]]
    left_aside: Mapping[str, int]


def make_plan(request: ConvertRequest) -> Plan:
    """Find the pictures and settle where each goes.

    Raises:
        ToonifyError: if an input is missing or holds no pictures, or a photograph would be overwritten.
    """
    unreadable: list[tuple[Path, str]] = []
    if _is_single(request):
        jobs = [_single(request)]
    else:
        found = dict.fromkeys(_find(request, unreadable))
        jobs = [_job(request, source, request.output / name) for source, name in found]
    others = _left_aside(request, jobs)
    if not jobs and not unreadable:
        where = ", ".join(str(path) for path in request.inputs)
        told = f" ({tell_left_aside(others)})" if others else ""
        raise ToonifyError(f"there are no pictures in {where}{told}", ways_in(others) or READ)
    _refuse_overwriting_inputs(jobs)
    if not request.overwrite:
        jobs = [_what_is_left(job) for job in jobs]
    return Plan(jobs, _clashes(jobs), unreadable, others)


def _left_aside(request: ConvertRequest, jobs: list[Job]) -> Counter[str]:
    taken = {job.source for job in jobs}
    folders = [path for path in request.inputs if path.is_dir()]
    return sum((left_aside(path, taken, recursive=request.recursive) for path in folders), Counter[str]())


def _what_is_left(job: Job) -> Job:
    if not job.target.is_file():
        return job
    compared = job.comparison is None or job.comparison.is_file()
    return replace(job, todo="nothing" if compared else "compare")


def _is_single(request: ConvertRequest) -> bool:
    """Whether OUTPUT is a file; otherwise it is a folder."""
    output = request.output
    if output.is_dir() or output.suffix.lower() not in SUFFIXES | FILM_SUFFIXES:
        if os.path.lexists(output) and not output.is_dir():
            raise usage_error(
                f"{output} is a file, not a folder", "Give a folder, or a picture's or film's name."
            )
        return False
    for path in request.inputs:
        _check_exists(path)
    if len(request.inputs) == 1 and not request.inputs[0].is_dir():
        return True
    what = "film" if output.suffix.lower() in FILM_SUFFIXES else "picture"
    raise usage_error(f"{output} names one {what}, but there may be several", "Give a folder instead.")


def _single(request: ConvertRequest) -> Job:
    suffix = request.output.suffix.lower()
    if suffix in FILM_SUFFIXES:
        return _single_film(request, suffix)
    if request.inputs[0].suffix.lower() in FILM_SUFFIXES:
        raise usage_error(f"{request.inputs[0]} is a film, and {request.output} no name of one", "Try .mp4.")
    file_format = _BY_SUFFIX.get(suffix)
    if suffix == ".gif" and _stays_animated(request, request.inputs[0]):
        file_format = "GIF"
    if file_format is None:
        raise usage_error(f"{request.output}: pictures are not written as {suffix}", "Try .png or .jpg.")
    if request.format != "keep" and FORMATS[request.format][0] != file_format:
        raise usage_error(f"{request.output} does not go with `format` {request.format}")
    return _picture(request, request.inputs[0], request.output, file_format)


def _single_film(request: ConvertRequest, suffix: str) -> Job:
    if suffix not in CONTAINERS:
        raise usage_error(f"{request.output}: films are not written as {suffix}", "Try .mp4 or .mkv.")
    Film.need_decoders()
    return Job(request.inputs[0], request.output, CONTAINERS[suffix].name)


def _find(request: ConvertRequest, unreadable: list[tuple[Path, str]]) -> Iterator[tuple[Path, Path]]:
    """Each picture with its path below the output folder."""

    def note(error: OSError) -> None:
        unreadable.append((Path(error.filename), refusal(error)))

    for path in request.inputs:
        _check_exists(path)
        if not path.is_dir():
            if path.suffix.lower() in FILM_SUFFIXES:
                Film.need_decoders()
            yield path, Path(path.name)
            continue
        _refuse_output_inside(path, request.output)
        also = FILM_SUFFIXES if can_read_films() else ()
        for source in find_pictures(path, recursive=request.recursive, on_error=note, also=also):
            yield source, source.relative_to(path)


def _check_exists(path: Path) -> None:
    if not path.exists() and not path.is_symlink():
        raise nothing_at(path, "file or folder")


def _refuse_output_inside(folder: Path, output: Path) -> None:
    if is_inside(output, folder):
        same = is_inside(folder, output)
        where = "is the input folder" if same else f"is inside the input folder {folder}"
        raise usage_error(f"the output folder {output} {where}", "Choose a folder outside of it.")


def _job(request: ConvertRequest, source: Path, target: Path) -> Job:
    suffix = target.suffix.lower()
    if suffix in CONTAINERS:
        return Job(source, target, CONTAINERS[suffix].name)
    if suffix in FILM_SUFFIXES:
        return Job(source, target.with_suffix(".mkv"), CONTAINERS[".mkv"].name, note="written as MKV")
    if request.format != "keep":
        file_format, wanted = FORMATS[request.format]
        if _BY_SUFFIX.get(suffix) != file_format:
            target = target.with_suffix(wanted)
        return _picture(request, source, target, file_format)
    if suffix in _BY_SUFFIX:
        return _picture(request, source, target, _BY_SUFFIX[suffix])
    if suffix == ".gif" and _stays_animated(request, source):
        return _picture(request, source, target, "GIF")
    return _picture(request, source, target.with_suffix(".png"), "PNG", "written as PNG")


def _picture(request: ConvertRequest, source: Path, target: Path, file_format: str, note: str = "") -> Job:
    comparison = None
    if request.compare:
        suffix = ".png" if file_format == "GIF" else target.suffix  # GIF has too few colours for two
        comparison = target.with_name(f"{target.stem}.compare{suffix}")
    return Job(source, target, file_format, comparison, note)


def _stays_animated(request: ConvertRequest, source: Path) -> bool:
    return not request.first_frame and is_animation(source)


def _clashes(jobs: list[Job]) -> dict[Job, str]:
    """The jobs of which another would write the same file, too."""
    owners: defaultdict[Path, dict[Job, None]] = defaultdict(dict)  # in order
    for job in jobs:
        for file in job.files:
            owners[file][job] = None
    clashes: dict[Job, str] = {}
    for same in same_files([file for file, each in owners.items() for _ in each]):
        found = [(job, file) for file in dict.fromkeys(same) for job in owners[file]]
        for place, (job, _) in enumerate(found):
            other, file = found[0 if place else 1]
            clashes[job] = (
                f"would become the same file as {other.source} ({file}); "
                "rename one, convert them into different folders, or use `format` keep"
            )
    return clashes


def _refuse_overwriting_inputs(jobs: list[Job]) -> None:
    """Through links, too, and where names differ in case only: files are told apart by identity."""
    sources = {identity: job.source for job in jobs if (identity := _identity(job.source))}
    for job in jobs:
        for file in job.files:
            identity = _identity(file)
            if identity in sources and identity is not None:
                raise usage_error(
                    f"{file} is the photograph {sources[identity]}: it would be overwritten",
                    "Choose another output.",
                )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
