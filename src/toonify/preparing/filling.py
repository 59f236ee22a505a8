"""Files become shards: the loop at the heart of the stage."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toonify.plugins import Domain, SourceItem
from toonify.preparing.journal import Journal, Stream
from toonify.preparing.making import make
from toonify.preparing.opening import none_usable
from toonify.preparing.plan import ARRAYS, Job, allot, quotas
from toonify.preparing.request import PrepareRequest
from toonify.preparing.shards import ShardWriter
from toonify.preparing.workers import Workers
from toonify.progress import Progress, Task

Items = Sequence[SourceItem]


@dataclass(frozen=True)
class Filler:
    """Makes the pictures of a domain and writes them.

    Attributes:
        request: What is asked for.
        part: The folder where the dataset is built.
        journal: What was done there before.
        workers: Who makes the pictures.
        progress: Who is told.
    """

    request: PrepareRequest
    part: Path
    journal: Journal
    workers: Workers
    progress: Progress

    def fill(self, domain: Domain, root: Path, train: Items, val: Items) -> None:
        """Write the shards for training, then those for validation.

        Args:
            domain: Of the files.
            root: Where they come from.
            train: Files for training.
            val: Files for validation.

        Raises:
            ToonifyError: if no file can be used, or the shards cannot be written.
        """
        request = self.request
        wanted = quotas(request.count, request.val_fraction, spare=bool(val))
        # Better no pictures for validation than none for training.
        filled = self._fill(domain, "train", [train, val], wanted["train"])
        if not filled.count:
            raise none_usable(root, filled.rejected.values())
        spent = all(item.identity in filled.rejected for item in train)
        self._fill(domain, "val", [] if spent else [val], wanted["val"])

    def _fill(self, domain: Domain, split: str, groups: Sequence[Items], wanted: int | None) -> Stream:
        """One split, from the first group of files that has any usable ones."""
        stream = self.journal.stream(f"{split}/{domain}", list(ARRAYS[domain]))
        if stream.complete:
            return stream
        writer = ShardWriter(
            self.part, split, ARRAYS[domain], self.request.size, stream.shards, self.journal.save
        )
        total = wanted or sum(map(len, groups[:1]))
        try:
            with self.progress.task(f"{domain} ({split})", total, done=stream.count) as task:
                for group in groups:
                    if self._fill_from(domain, group, wanted, stream, writer, task):
                        break
            writer.finish()
        finally:
            writer.discard()
        stream.complete = True
        self.journal.save()
        if wanted is not None and stream.count < wanted:
            self.progress.warn(f"{stream.count} of {wanted} {domain} pictures ({split}): no files are left")
        return stream

    def _fill_from(
        self,
        domain: Domain,
        items: Items,
        wanted: int | None,
        stream: Stream,
        writer: ShardWriter,
        task: Task,
    ) -> int:
        """Go over `items` until enough pictures are made or nothing is left; how many there are.

        A run that continues goes the same way again, without opening what it has: the files found
        unusable then are `known`, and `written` pictures are skipped.
        """
        most = None if self.request.crop == "random" and wanted is not None else 1
        limit = sys.maxsize if wanted is None else wanted
        wanted = len(items) if wanted is None else wanted
        known, written = dict(stream.rejected), stream.count
        taken: Counter[str] = Counter()
        rejected: set[str] = set()
        made = 0
        while jobs := allot(domain, items, taken, rejected, wanted - made, most):
            rejected |= {job.item.identity for job in jobs} & known.keys()
            jobs = [_as_known(job, stream) for job in jobs if job.item.identity not in known]
            for job in jobs:
                taken[job.item.identity] += len(job.crops)
            skipped = min(written, sum(len(job.crops) for job in jobs))
            made, written = made + skipped, written - skipped
            for job, outcome in self.workers.run(make, _after(jobs, skipped)):
                count = min(outcome.count, limit - made)
                if outcome.reason:
                    stream.rejected[job.item.identity] = outcome.reason
                    rejected.add(job.item.identity)
                else:
                    if outcome.faces not in (None, 1):
                        stream.faces[job.item.identity] = min(outcome.faces, job.crops.start + count)
                    writer.append({name: array[:count] for name, array in outcome.arrays.items()})
                    made += count
                task.advance(1 if self.request.count is None else count)  # files, or pictures
                if made == limit:
                    break
        return made


def _as_known(job: Job, stream: Stream) -> Job:
    """A job for as many crops as its file is known to give, if that hangs on the faces in it."""
    faces = stream.faces.get(job.item.identity)
    return job if faces is None else replace(job, crops=range(max(1, faces)))


def _after(jobs: Sequence[Job], pictures: int) -> Iterator[Job]:
    """What is left of `jobs` after the first `pictures` of them."""
    for job in jobs:
        done = min(pictures, len(job.crops))
        pictures -= done
        if done < len(job.crops):
            yield Job(job.domain, job.item, job.crops[done:])
