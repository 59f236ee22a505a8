"""Where a dataset is built, what is known there of a run under way, and how the result comes into place."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from toonify.errors import ToonifyError, refusal, usage_error
from toonify.preparing.plan import SPLITS
from toonify.preparing.request import PrepareRequest
from toonify.storage import (
    DatasetFolder,
    DatasetManifest,
    put_in_place,
    read_json,
    remove,
    sweep,
    write_bytes,
)

CONTINUES = "Mend that and give the same command again: it continues where it stopped."
MANIFEST = DatasetManifest.FILE
LOST_AND_FOUND = "lost+found"  # in every fresh file system of Linux

Entry = dict[str, "str | int"]
"""A finished shard as the manifest lists it: `{"file": relative path, "count": pictures}`."""


@contextlib.contextmanager
def continuing() -> Iterator[None]:
    """Add to an error within what to do about it: the work until then is not lost."""
    try:
        yield
    except ToonifyError as error:
        raise ToonifyError(error.message, CONTINUES) from error


@dataclass
class Stream:
    """How far one split of one domain has come.

    Attributes:
        shards: Finished ones by array, in order; the arrays of a stream are in step.
        rejected: Identity and reason of the files found unusable on the way.
        faces: With crops around faces, by identity how many files were cropped to; left out where it
            was one.
        made: Pictures in all, once nothing is left to do.
    """

    shards: dict[str, list[Entry]] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    faces: dict[str, int] = field(default_factory=dict)
    made: int | None = None

    @property
    def finished(self) -> int:
        """Pictures in finished shards."""
        return sum(int(entry["count"]) for entry in next(iter(self.shards.values()), []))


class Journal:
    """How far the making of a dataset has come: a small file, written anew after each shard.

    It belongs to one request over certain files; for any other it is as good as empty.

    Attributes:
        continues: Whether it was kept for this very request.
        streams: By name, such as `train/photo`.
    """

    def __init__(self, folder: DatasetFolder | None, fingerprint: dict[str, Any]) -> None:
        """Read the journal of `folder` (`None`: it is kept in memory alone) if it has this `fingerprint`."""
        self._folder = folder
        self._fingerprint = fingerprint
        read = self._read(folder) if folder else None
        self.continues = read is not None
        self.streams: dict[str, Stream] = read or {}

    def stream(self, name: str, arrays: list[str]) -> Stream:
        """The stream called `name`, new or as it was left."""
        return self.streams.setdefault(name, Stream({array: [] for array in arrays}))

    @property
    def faces(self) -> dict[str, dict[str, int]]:
        """By domain, how many of the files used show `none`, `one` or `more`, where that was looked at."""
        faces: dict[str, dict[str, int]] = {}
        for name, stream in self.streams.items():
            found = faces.setdefault(name.split("/")[1], dict.fromkeys(("none", "one", "more"), 0))
            several = [number for number in stream.faces.values() if number > 1]
            none = list(stream.faces.values()).count(0)
            found["none"] += none
            found["one"] += (stream.made or 0) - none - sum(several)
            found["more"] += len(several)
        return faces

    def save(self) -> None:
        """Write it, whole or not at all."""
        if self._folder:
            streams = {name: asdict(stream) for name, stream in self.streams.items()}
            document = {"fingerprint": self._fingerprint, "streams": streams}
            write_bytes(self._folder.journal, (json.dumps(document, indent=1) + "\n").encode())

    def _read(self, folder: DatasetFolder) -> dict[str, Stream] | None:
        try:
            document = read_json(folder.journal, "not being built")
            if document["fingerprint"] != self._fingerprint:
                return None
            streams = {name: Stream(**state) for name, state in document["streams"].items()}
            files = [
                folder.path / str(entry["file"])
                for stream in streams.values()
                for entries in stream.shards.values()
                for entry in entries
            ]
        except (ToonifyError, KeyError, TypeError, AttributeError):
            return None
        return streams if all(file.is_file() for file in files) else None


def check_output(request: PrepareRequest) -> None:
    """Refuse an output that would touch the inputs or something that is not ours.

    Raises:
        ToonifyError: saying which folder is in the way.
    """
    output = _real(request.output)
    for folder in request.folders:
        inputs = _real(folder)
        if inputs in (output, *output.parents) or output in inputs.parents:
            raise usage_error(
                f"the output {request.output} and the pictures in {folder} must not lie in each other",
                "Choose another `output`.",
            )
    if _holds_a_dataset(output):
        _remove_leftovers(DatasetFolder(output))
        if not request.overwrite:
            raise usage_error(
                f"{request.output} exists", "Choose another `output`, or give `overwrite` to replace it."
            )
    elif not _is_free(output) and not _is_unfinished(DatasetFolder(output).unfinished):
        raise usage_error(f"{request.output} exists and is not a dataset", "Choose another `output`.")


class Workplace:
    """The folder where a dataset is built: `<output>.part` beside the output, for a rename is all at once.

    A mount point cannot be renamed over: there, the folder lies inside, and what is in it is moved up at
    the end, the manifest last.

    Attributes:
        folder: What is built.
        journal: What was done there before, by the same request.
    """

    def __init__(self, output: Path, fingerprint: dict[str, Any]) -> None:
        """Make the folder, or go on in it.

        Args:
            output: Where the dataset will be.
            fingerprint: What must not have changed for a run to be continued.

        Raises:
            ToonifyError: if it cannot be made, or holds something else.
        """
        self._output = DatasetFolder(_real(output))
        self._inside = os.path.ismount(self._output.path)
        self.folder = DatasetFolder(
            self._output.unfinished
            if self._inside
            else self._output.path.with_name(self._output.path.name + ".part")
        )
        self._make()
        if self._inside:
            self._take_back()
        self.journal = Journal(self.folder, fingerprint)
        if self.journal.continues:
            sweep(self.folder.path)
        else:
            _empty(self.folder.path)
            self.journal.save()

    def install(self) -> None:
        """Put what was built in place of what is at the output.

        Nothing that a further run needs is removed before the dataset is whole where it should be.

        Raises:
            ToonifyError: if the file system does not allow it.
        """
        try:
            if self._inside:
                self._move_up()
            else:
                put_in_place(self.folder.path, self._output.path)
                _remove_leftovers(self._output)
        except OSError as error:
            raise ToonifyError(
                f"{self.folder.path} cannot be moved to {self._output.path}: {refusal(error)}", CONTINUES
            ) from error

    def _make(self) -> None:
        part = self.folder.path
        if not _is_unfinished(part) and not _is_free(part):
            raise usage_error(f"{part} is in the way and is not an unfinished dataset", "Move it elsewhere.")
        try:
            part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToonifyError(f"{part} cannot be made: {refusal(error)}") from error

    def _move_up(self) -> None:
        part, output = self.folder.path, self._output.path
        remove(output / MANIFEST)  # what is between two datasets must not look like one
        for name in self._parts():
            if os.path.lexists(part / name):
                remove(output / name)
                os.replace(part / name, output / name)
        os.replace(part / MANIFEST, output / MANIFEST)
        remove(part)

    def _take_back(self) -> None:
        """Undo what a run that was killed in the middle of `install` has moved up."""
        part, output = self.folder.path, self._output.path
        if not _holds_a_dataset(part) or _holds_a_dataset(output):
            return
        for name in self._parts():
            if os.path.lexists(output / name) and not os.path.lexists(part / name):
                os.replace(output / name, part / name)

    def _parts(self) -> list[str]:
        """What a dataset consists of, but for its manifest."""
        files = (self._output.contact_sheet, self._output.report, self._output.survey)
        return [*SPLITS, *(file.name for file in files)]


def _real(path: Path) -> Path:
    """Absolute, with links followed; a loop of links stays as it is."""
    return Path(os.path.realpath(path))


def _holds_a_dataset(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _is_unfinished(folder: Path) -> bool:
    """Whether a dataset was being built there."""
    return DatasetFolder(folder).journal.is_file() or _holds_a_dataset(folder)


def _is_free(folder: Path) -> bool:
    ignored = {LOST_AND_FOUND, DatasetFolder(folder).unfinished.name}
    if not os.path.lexists(folder):
        return True
    return folder.is_dir() and all(entry.name in ignored for entry in folder.iterdir())


def _remove_leftovers(dataset: DatasetFolder) -> None:
    """Remove what a whole dataset needs no longer; a run may have been killed before it came to that."""
    for left in (dataset.scan, dataset.journal):
        remove(left)


def _empty(folder: Path) -> None:
    """Remove what an earlier run with another request left."""
    for entry in folder.iterdir():
        remove(entry)
