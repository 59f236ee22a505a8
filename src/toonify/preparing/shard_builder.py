"""Files become shards: the loop at the heart of the stage."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from toonify.plugins import Domain, SourceItem
from toonify.preparing.cropping import NO_FACE, Crops, count_crops, make_crops
from toonify.preparing.inputs import Input
from toonify.preparing.journal import Journal, Stream
from toonify.preparing.plan import Job, Recipe, allot, quotas
from toonify.preparing.request import FACELESS, PrepareRequest
from toonify.preparing.shards import Entry, ShardWriter
from toonify.preparing.sharing import run_shared
from toonify.preparing.unusable import none_usable
from toonify.progress import Progress, Task
from toonify.runners import Runner

Items = Sequence[SourceItem]

ONCE = {"face": "each face gives one", "center": "each file gives one"}
"""Why there may be fewer than were asked for, by `crop`."""


@dataclass(frozen=True)
class ShardBuilder:
    """Makes the pictures of a domain and writes them; in a dry run it only counts them.

    Attributes:
        request: What is asked for.
        journal: Where the dataset is built, and what was done there before.
        runner: Who makes the pictures.
        recipe: How.
        progress: Who is told.
    """

    request: PrepareRequest
    journal: Journal
    runner: Runner
    recipe: Recipe
    progress: Progress

    def build(self, domain: Domain, given: Input, train: Items, val: Items) -> None:
        """Write the shards for training, then those for validation.

        Args:
            domain: Of the files.
            given: Where they come from, and what they become.
            train: Files for training.
            val: Files for validation.

        Raises:
            ToonifyError: if no file can be used, or the shards cannot be written.
        """
        request = self.request
        wanted = quotas(request.count, request.val_fraction, spare=bool(val))
        # Better no pictures for validation than none for training.
        built = self._build(domain, "train", given, [train, val], wanted["train"])
        if not built.made:
            faceless = NO_FACE in built.rejected.values()
            hint = f"Leave {FACELESS} out of `reject` to keep some." if faceless else ""
            raise none_usable(given, [*built.rejected.values()], hint)
        spent = all(item.identity in built.rejected for item in train)
        self._build(domain, "val", given, [] if spent else [val], wanted["val"])

    def _build(
        self, domain: Domain, split: str, given: Input, groups: Sequence[Items], wanted: int | None
    ) -> Stream:
        """One split, from the first group of files that has any usable ones."""
        stream = self.journal.stream(f"{split}/{domain}", list(given.arrays))
        if stream.made is not None:
            return stream
        total = wanted or sum(map(len, groups[:1]))
        with (
            self._writer(split, given, stream) as writer,
            self.progress.task(f"{domain} ({split})", total, done=stream.finished) as task,
        ):
            each = _Split(self, domain, stream, writer, task)
            made = next((made for group in groups if (made := each.build_from(group, wanted))), 0)
        stream.made = made
        self.journal.save()
        if wanted is not None and made < wanted:
            why = ONCE.get(self.request.crop, "no files are left")
            self.progress.warn(f"only {made} of {wanted} {domain} pictures ({split}): {why}")
        return stream

    def _writer(self, split: str, given: Input, stream: Stream) -> AbstractContextManager[ShardWriter | None]:
        folder, size = self.journal.folder, self.request.size
        if folder is None:
            return nullcontext()

        def note(entries: Mapping[str, Entry]) -> None:
            for array, entry in entries.items():
                stream.shards[array].append(entry)
            self.journal.save()

        number = len(next(iter(stream.shards.values())))
        return ShardWriter(folder.path, split, given.arrays, size, number, note)


@dataclass(frozen=True)
class _Split:
    """One split of a domain under way."""

    builder: ShardBuilder
    domain: Domain
    stream: Stream
    writer: ShardWriter | None
    task: Task

    def build_from(self, items: Items, wanted: int | None) -> int:
        """Go over `items` until enough pictures are made or nothing is left; how many there are.

        A run that continues goes the same way again, without opening what it has: the files found
        unusable then are `known`, and `written` pictures are skipped.
        """
        request = self.builder.request
        work = count_crops if self.writer is None else make_crops
        most = None if request.crop == "random" and wanted is not None else 1
        limit = sys.maxsize if wanted is None else wanted
        wanted = len(items) if wanted is None else wanted
        known, written = dict(self.stream.rejected), self.stream.finished
        taken: Counter[str] = Counter()
        rejected: set[str] = set()
        made = 0
        while jobs := allot(self.domain, items, taken, rejected, wanted - made, most):
            rejected |= {job.item.identity for job in jobs} & known.keys()
            jobs = [_as_known(job, self.stream) for job in jobs if job.item.identity not in known]
            for job in jobs:
                taken[job.item.identity] += len(job.crops)
            skipped = min(written, sum(len(job.crops) for job in jobs))
            made, written = made + skipped, written - skipped
            left = _after(jobs, skipped)
            for job, attempt in run_shared(self.builder.runner, self.builder.recipe, left, work):
                crops = attempt.get()
                count = min(crops.count, limit - made)
                if crops.reason:
                    rejected.add(job.item.identity)
                self._keep(job, crops, count)
                made += count
                self.task.advance(1 if request.count is None else count)  # files, or pictures
                if made == limit:
                    break
        return made

    def _keep(self, job: Job, crops: Crops, count: int) -> None:
        """Write the first `count` crops, or note why there are none."""
        if crops.reason:
            self.stream.rejected[job.item.identity] = crops.reason
            return
        if crops.faces not in (None, 1):
            self.stream.faces[job.item.identity] = min(crops.faces, job.crops.start + count)
        if self.writer is not None:
            self.writer.append({name: array[:count] for name, array in crops.arrays.items()})


def _as_known(job: Job, stream: Stream) -> Job:
    """A job for as many crops as its file is known to give, if that depends on the faces in it."""
    faces = stream.faces.get(job.item.identity)
    return job if faces is None else replace(job, crops=range(max(1, faces)))


def _after(jobs: Sequence[Job], pictures: int) -> Iterator[Job]:
    """What is left of `jobs` after the first `pictures` of them."""
    for job in jobs:
        done = min(pictures, len(job.crops))
        pictures -= done
        if done < len(job.crops):
            yield Job(job.domain, job.item, job.crops[done:])
