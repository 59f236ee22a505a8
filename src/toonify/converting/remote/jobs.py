"""Jobs, one for each picture, as pictures are listed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from toonify.converting.outputs import WRITTEN, WrittenAs, clash, written_as
from toonify.converting.remote.route import Route, Source
from toonify.converting.remote.tally import Tally
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Kind, Outcome
from toonify.errors import ToonifyError
from toonify.media import SUFFIXES, is_animation
from toonify.places import Found, Location, Place, is_within

LARGEST = 2**31
"""Bytes of a picture's file; what is larger is no picture of 500 megapixels either."""

REMEMBERED = 10_000
"""Of how many cartoons it is known which picture becomes them, so that no other one does."""


@dataclass(frozen=True)
class RemoteJob:
    """A picture to convert.

    Attributes:
        source: The place that it lies in.
        found: What is known of it there.
        target: The place that the cartoon goes to.
        name: Its name there.
        file_format: Pillow's name of the format to write.
        note: What is to be said about the choice of format.
        undecided: Whether it is written as PNG, should it turn out not to move.
        named: Whether it was given by its name, so that a cartoon is one, too.
    """

    source: Place
    found: Found
    target: Place
    name: str
    file_format: str
    note: str = ""
    undecided: bool = False
    named: bool = False

    def decided(self, *, moves: bool) -> RemoteJob:
        """The same, once it is known whether it is an animation.

        Raises:
            ToonifyError: if a still picture would be written as GIF.
        """
        if moves or self.file_format != "GIF":
            return replace(self, undecided=False)
        if not self.undecided:
            raise ToonifyError("a still picture is not written as GIF")
        return replace(self, name=self._still_name, file_format="PNG", note="written as PNG", undecided=False)

    @property
    def names(self) -> set[str]:
        """All that its cartoon may be called."""
        return {self.name, self._still_name} if self.undecided else {self.name}

    @property
    def _still_name(self) -> str:
        return str(PurePosixPath(self.name).with_suffix(".png"))

    def read(self) -> bytes:
        """The picture's file.

        Raises:
            ToonifyError: as `Place.read`.
        """
        return self.source.read(self.found, LARGEST)

    def there(self, count: int) -> bytes | None:
        """The first bytes of what lies in the cartoon's place, or all that it has; `None` where it is free.

        Raises:
            ToonifyError: if that cannot be told.
        """
        try:
            return self.target.begins(self.name, count)
        except ToonifyError as error:  # or it would seem to be the picture that cannot be read
            raise ToonifyError(f"{self._target} cannot be looked at: {error.message}", error.hint) from error

    def is_again(self, other: RemoteJob) -> bool:
        """Whether it is of the same picture, given twice."""
        here, there = self.where, other.where
        return here == there or (isinstance(here, Path) and is_within(here, there) and is_within(there, here))

    def becomes_the_same_as(self, other: RemoteJob) -> bool:
        """Whether two cartoons would be one file, for which those are read of which that is undecided."""
        return self.name == other.name or self._settled_name == other._settled_name

    @property
    def _settled_name(self) -> str:
        try:
            return self.decided(moves=is_animation(self.read())).name if self.undecided else self.name
        except ToonifyError:  # whoever converts it says what is wrong
            return self.name

    def ended(
        self, result: Kind, reason: str = "", notes: Iterable[str] | None = None, differs: Sequence[str] = ()
    ) -> Outcome:
        """What became of it; `notes`, of what was written, get the one on the choice of format."""
        told = () if notes is None else (*notes, *filter(None, [self.note]))
        return Outcome(self.where, self._target, result, reason, told, tuple(differs))

    @property
    def where(self) -> Location:
        """Where the picture lies."""
        return self.source.at(self.found.name)

    @property
    def _target(self) -> Location:
        try:
            return self.target.at(self.name)
        except ToonifyError:  # of a name that leads out of the place
            return self.target.where


def list_jobs(request: ConvertRequest, route: Route, tally: Tally) -> Iterator[RemoteJob]:
    """A job for each picture, as places are listed; what cannot become one is told to `tally`."""
    owners: OrderedDict[str, RemoteJob] = OrderedDict()
    for source in route.sources:
        try:
            for found in _found(request, source, tally):
                job = replace(_job(request, route, source.place, found), named=bool(source.name))
                if any(job.is_again(owners[name]) for name in job.names & owners.keys()):
                    continue
                if why := _why_not(request, job, route, owners):
                    tally.add(job.ended("failed", why))
                    continue
                owners |= dict.fromkeys(job.names - owners.keys(), job)
                while len(owners) > REMEMBERED:
                    owners.popitem(last=False)
                yield job
        except ToonifyError as error:  # what was listed so far is not lost
            tally.add(Outcome(source.where, route.where, "failed", error.message))


def _found(request: ConvertRequest, source: Source, tally: Tally) -> Iterator[Found]:
    if source.name:
        yield Found(source.name)
        return
    for found in source.place.find(recursive=request.recursive):
        suffix = PurePosixPath(found.name).suffix.lower()
        if suffix in SUFFIXES:
            yield found
        else:
            tally.leave_aside(suffix.rstrip(".") or "without a suffix")


def _job(request: ConvertRequest, route: Route, source: Place, found: Found) -> RemoteJob:
    own = PurePosixPath(found.name)
    if route.name:
        suffix = PurePosixPath(route.name).suffix.lower()
        return RemoteJob(source, found, route.output, route.name, WRITTEN[suffix])
    if own.suffix.lower() == ".gif" and request.format == "keep" and not request.first_frame:
        written = WrittenAs("GIF", own.suffix)
    else:
        written = written_as(request, Path(own.name), is_here=False)
    name = str(own.with_suffix(written.suffix))
    undecided = written.file_format == "GIF"
    return RemoteJob(source, found, route.output, name, written.file_format, written.note, undecided)


def _why_not(request: ConvertRequest, job: RemoteJob, route: Route, owners: Mapping[str, RemoteJob]) -> str:
    """Why it is not carried out; empty if it may be."""
    try:
        where = job.target.at(job.name)
    except ToonifyError as error:
        return error.message
    if any(is_within(where, guarded) for guarded in route.guarded):
        return f"{where} is, or lies in, an input"
    others = [owners[name] for name in job.names & owners.keys()]
    if other := next(filter(job.becomes_the_same_as, others), None):
        return clash(request, job.where, other.where, where)
    return ""
