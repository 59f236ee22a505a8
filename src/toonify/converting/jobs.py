"""Which picture becomes which file, settled before the first is touched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from toonify.converting.made_with import MadeWith, lies_beside
from toonify.converting.outputs import WrittenAs, settle_output, written_as
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Kind, Outcome, ways_in
from toonify.errors import ToonifyError, exists_already, refusal, usage_error
from toonify.media import (
    CONTAINERS,
    FILM_SUFFIXES,
    READ,
    SAYS_WHAT_MADE_IT,
    Film,
    can_read_films,
    find_pictures,
    left_aside,
    tell_left_aside,
)
from toonify.storage import is_inside, same_files

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
        differs: In what that which is there is not what is asked for, each in words.
    """

    source: Path
    target: Path
    file_format: str
    comparison: Path | None = None
    note: str = ""
    todo: Literal["convert", "compare", "nothing"] = "convert"
    differs: tuple[str, ...] = ()

    @property
    def is_film(self) -> bool:
        return self.file_format in _FILMS

    def ended(
        self, result: Kind, reason: str = "", notes: Sequence[str] = (), differs: tuple[str, ...] = ()
    ) -> Outcome:
        """What became of it."""
        return Outcome(self.source, self.target, result, reason, tuple(notes), differs, self.is_film)

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
        output: Where the cartoons go: a file or a folder.
        jobs: All pictures, in the order of the inputs.
        clashes: Those that would become the same file as another, with the reason not to touch them.
        unreadable: Folders that could not be looked into, with the reason.
        left_aside: What else lies in the input folders, counted by kind.
    """

    output: Path
    jobs: list[Job]
    clashes: dict[Job, str]
    unreadable: list[tuple[Path, str]]
    left_aside: Mapping[str, int]


def make_plan(request: ConvertRequest, made_with: MadeWith) -> Plan:
    """Find the pictures and settle where each goes.

    Args:
        request: What is asked for.
        made_with: How cartoons will be made, by which those that are there are judged.

    Raises:
        ToonifyError: if an input is missing or holds no pictures, the output cannot be one, or is a file that
            was made in another way, or a photograph would be overwritten.
    """
    output = settle_output(request)
    unreadable: list[tuple[Path, str]] = []
    if output.written:
        jobs = [_job(request, request.inputs[0], output.path, output.written)]
    else:
        found = dict.fromkeys(_find(request, output.path, unreadable))
        jobs = [_into_folder(request, source, output.path / name) for source, name in found]
    own = {job.source for job in jobs if job.source not in request.inputs and lies_beside(job.source)}
    others = _left_aside(request, jobs, own)
    jobs = [job for job in jobs if job.source not in own]
    if not jobs and not unreadable:
        where = ", ".join(str(path) for path in request.inputs)
        told = f" ({tell_left_aside(others)})" if others else ""
        raise ToonifyError(f"there are no pictures in {where}{told}", ways_in(others) or READ)
    _refuse_overwriting_inputs(jobs)
    if not request.overwrite:
        jobs = [_what_is_left(job, made_with) for job in jobs]
        if output.written:
            _refuse_what_differs(jobs[0])
    return Plan(output.path, jobs, _clashes(jobs), unreadable, others)


def _refuse_what_differs(job: Job) -> None:
    if job.differs:
        raise exists_already(job.target, f", not as you ask for now: {'; '.join(job.differs)}")


def _left_aside(request: ConvertRequest, jobs: list[Job], own: Collection[Path]) -> Counter[str]:
    """What else lies in the input folders, counted by kind; `own` are cartoons, which nobody wants twice."""
    found = {job.source for job in jobs}
    folders = [path for path in request.inputs if path.is_dir()]
    others = (left_aside(path, found, recursive=request.recursive) for path in folders)
    return sum(others, Counter({"made by toonify": len(own)} if own else {}))


def _what_is_left(job: Job, made_with: MadeWith) -> Job:
    """What is there stays; where its format has no place to say how it was made, it is as asked for."""
    if not job.target.is_file():
        return job
    wanted = made_with.out_of(job.source, job.file_format)
    there = [file for file in job.files if file.is_file()]
    says = job.file_format in SAYS_WHAT_MADE_IT
    differs = dict.fromkeys(one for file in there if says for one in wanted.differences(file))
    compared = job.comparison is None or job.comparison in there
    return replace(job, todo="nothing" if compared else "compare", differs=tuple(differs))


def _into_folder(request: ConvertRequest, source: Path, target: Path) -> Job:
    written = written_as(request, source)
    return _job(request, source, target.with_suffix(written.suffix), written)


def _job(request: ConvertRequest, source: Path, target: Path, written: WrittenAs) -> Job:
    job = Job(source, target, written.file_format, note=written.note)
    if not request.compare or job.is_film:
        return job
    suffix = ".png" if job.file_format == "GIF" else target.suffix  # GIF has too few colours for two
    return replace(job, comparison=target.with_name(f"{target.stem}.compare{suffix}"))


def _find(
    request: ConvertRequest, output: Path, unreadable: list[tuple[Path, str]]
) -> Iterator[tuple[Path, Path]]:
    """Each picture with its path below the output folder."""

    def note(error: OSError) -> None:
        unreadable.append((Path(error.filename), refusal(error)))

    for path in request.inputs:
        if not path.is_dir():
            if path.suffix.lower() in FILM_SUFFIXES:
                Film.need_decoders()
            yield path, Path(path.name)
            continue
        _refuse_output_inside(path, output)
        also = FILM_SUFFIXES if can_read_films() else ()
        for source in find_pictures(path, recursive=request.recursive, on_error=note, also=also):
            yield source, source.relative_to(path)


def _refuse_output_inside(folder: Path, output: Path) -> None:
    if is_inside(output, folder):
        same = is_inside(folder, output)
        where = "is the input folder" if same else f"is inside the input folder {folder}"
        raise usage_error(f"the output folder {output} {where}", "Choose a folder outside of it.")


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
