"""Which picture becomes which file, settled before the first is touched."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from toonify.converting.inputs import Found, count_left_aside, expand, find_files, is_same
from toonify.converting.made_with import MadeWith, is_own, lies_beside
from toonify.converting.outputs import Output, clash, settle_output, written_as
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Kind, Outcome, no_pictures, ways_in
from toonify.errors import exists_already, usage_error
from toonify.media import CONTAINERS, READ, SAYS_WHAT_MADE_IT
from toonify.storage import same_files

_FILMS = frozenset(container.name for container in CONTAINERS.values())


@dataclass(frozen=True, slots=True)
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
        replaces: Whether what is there is replaced; otherwise it stays.
    """

    source: Path
    target: Path
    file_format: str
    comparison: Path | None = None
    note: str = ""
    todo: Literal["convert", "compare", "nothing"] = "convert"
    differs: tuple[str, ...] = ()
    replaces: bool = False

    @property
    def is_film(self) -> bool:
        return self.file_format in _FILMS

    def ended(
        self, result: Kind, reason: str = "", notes: Iterable[str] | None = None, differs: Sequence[str] = ()
    ) -> Outcome:
        """What became of it; `notes`, of what was written, get the one on the choice of format."""
        told = () if notes is None else (*notes, *filter(None, [self.note]))
        compared = self.comparison if result in ("converted", "compared") else None
        return Outcome(self.source, self.target, result, reason, told, tuple(differs), self.is_film, compared)

    @property
    def skipped(self) -> Outcome:
        """Its outcome if there is nothing to do."""
        return self.ended("skipped", "already there", differs=self.differs)

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
        jobs: All pictures and films, in the order of the inputs.
        clashes: Those that would become the same file as another, with the reason not to touch them.
        unreadable: Folders that could not be looked into, with the reason.
        own: How many of the files that were found are cartoons, which nobody wants twice.
        left_aside: What else lies in the input folders, counted by kind.
    """

    output: Path
    jobs: list[Job]
    clashes: dict[Job, str]
    unreadable: list[tuple[Path, str]]
    own: int = 0
    left_aside: Mapping[str, int] = field(default_factory=dict)

    def settled(self) -> Iterator[tuple[Hashable, Outcome]]:
        """What is known before anything is done: what is there already, and what cannot be done."""
        for job in self.jobs:
            if job in self.clashes:
                yield job, job.ended("failed", self.clashes[job])
            elif job.todo == "nothing":
                yield job, job.skipped
        for folder, reason in self.unreadable:
            yield (folder, reason), Outcome(folder, self.output, "failed", reason)


def make_plan(request: ConvertRequest, made_with: MadeWith) -> Plan:
    """Find the pictures and settle where each goes.

    Args:
        request: What is asked for.
        made_with: How cartoons will be made, by which those that are there are judged.

    Raises:
        ToonifyError: if an input is missing or holds no pictures, the output cannot be one, or is a file that
            was made in another way, a photograph would be overwritten, or a part of films is asked for, and
            there is none.
    """
    names = expand(request.inputs)
    request = replace(request, inputs=[*names])
    output = settle_output(request)
    if output.written:
        found = Found({request.inputs[0]: Path(output.path.name)})
    else:
        found = find_files(request, names, output.path)
    plan = plan_for(request, output, found, made_with)
    others = count_left_aside(request, found.files, plan.own)
    if not plan.jobs and not plan.unreadable:
        raise no_pictures(request.inputs, others, ways_in(others) or READ)
    if request.wants_part and plan.jobs and not any(job.is_film for job in plan.jobs):
        raise usage_error("`start` and `end` are for films, and there is none to convert", "Leave them out.")
    if output.written and not request.overwrite:
        refuse_what_differs(plan.jobs[0])
    return replace(plan, left_aside=others)


def plan_for(
    request: ConvertRequest,
    output: Output,
    found: Found,
    made_with: MadeWith,
    among: Collection[Path] = (),
) -> Plan:
    """Settle where each of the files goes that were found; what else lies in the folders is not counted.

    Args:
        request: What is asked for.
        output: Where to.
        found: The files. Cartoons beside their photographs are no photographs, unless they are named.
        made_with: As of `make_plan`.
        among: Further photographs, which must not be overwritten either.

    Raises:
        ToonifyError: if a photograph would be overwritten.
    """
    named = {*request.inputs}
    sources = [path for path in found.files if path in named or not lies_beside(path)]
    jobs = _each_once([_job(request, output, source, found.files[source]) for source in sources])
    _refuse_overwriting(jobs, {*sources, *among})
    jobs = [what_is_left(job, made_with) for job in jobs]
    occupied = {} if request.overwrite else _occupied(jobs)
    clashes = _clashes(jobs, request)
    return Plan(output.path, jobs, occupied | clashes, found.unreadable, len(found.files) - len(sources))


def refuse_what_differs(job: Job | Outcome) -> None:
    """Raise a `ToonifyError` if the one cartoon that is asked for is there, but was made in another way."""
    if job.differs:
        raise exists_already(job.target, f", but was made differently: {'; '.join(job.differs)}")


def what_is_left(job: Job, made_with: MadeWith) -> Job:
    """What is still to do: what is there stays, unless it is to be replaced.

    Where its format has no place to say how it was made, it is as asked for.
    """
    if job.replaces:
        return job
    there = [file for file in job.files if os.path.isfile(file)]  # noqa: PTH113 - no error for too long a name
    if job.target not in there:
        return job
    wanted = made_with.out_of(job.source, job.file_format)
    says = job.is_film or job.file_format in SAYS_WHAT_MADE_IT
    differs = dict.fromkeys(one for file in there if says for one in wanted.differences(file))
    compared = job.comparison is None or job.comparison in there
    return replace(job, todo="nothing" if compared else "compare", differs=tuple(differs))


def _job(request: ConvertRequest, output: Output, source: Path, name: Path) -> Job:
    written = output.written or written_as(request, source)
    target = output.path if output.written else (output.path / name).with_suffix(written.suffix)
    job = Job(source, target, written.file_format, note=written.note, replaces=request.overwrite)
    if not request.compare or job.is_film or request.makes_sheets:
        return job
    suffix = ".png" if job.file_format == "GIF" else target.suffix  # GIF has too few colours for two
    return replace(job, comparison=target.with_name(f"{target.stem}.compare{suffix}"))


def _each_once(jobs: list[Job]) -> list[Job]:
    """Those that are not another one again: `photos/a.jpg` is also `/home/me/photos/a.jpg`."""
    first: dict[Path, Job] = {}
    return [
        job
        for job in jobs
        if (other := first.setdefault(job.target, job)) is job or not is_same(job.source, other.source)
    ]


def _clashes(jobs: list[Job], request: ConvertRequest) -> dict[Job, str]:
    """Jobs that would write the same file as another, with the reason not to do them."""
    owners: defaultdict[Path, list[Job]] = defaultdict(list)
    for job in jobs:
        for file in job.files:
            owners[file].append(job)
    clashes: dict[Job, str] = {}
    for same in same_files([file for file, each in owners.items() for _ in each]):
        found = [(job, file) for file in dict.fromkeys(same) for job in owners[file]]
        for place, (job, _) in enumerate(found):
            other, file = found[0 if place else 1]
            clashes[job] = clash(request, job.source, other.source, file)
    return clashes


def _occupied(jobs: list[Job]) -> dict[Job, str]:
    """Jobs in whose place lies what is not replaced, with the reason.

    It is no file, a link to a disk that is not there, say, or it lies in the place of a comparison, which is
    made anew with its cartoon, and is somebody else's. A folder is left to the writer, which refuses it.
    """
    return {
        job: f"{file} is there already, and is {what}; remove it, use `overwrite`, or choose another output"
        for job in jobs
        for file in job.files
        if (what := _in_the_way(job, file))
    }


def _in_the_way(job: Job, file: Path) -> str:
    """What lies where a file is to be written and must stay; empty for nothing."""
    if os.path.isfile(file):  # noqa: PTH113 - no error for too long a name, as below
        renewed = file == job.comparison and job.todo == "convert"
        return "not known to be toonify's" if renewed and not is_own(file, file) else ""
    return "no file" if os.path.lexists(file) and not os.path.isdir(file) else ""  # noqa: PTH112


def _refuse_overwriting(jobs: list[Job], photographs: Collection[Path]) -> None:
    """Raise a `ToonifyError` if a job would overwrite a photograph, through a link or another case, too."""
    sources = {identity: path for path in photographs if (identity := _identity(path))}
    for job in jobs:
        for file in job.files:
            if (identity := _identity(file)) and identity in sources:
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
