"""The stage from end to end: list, make, write, put into place."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from toonify import __version__
from toonify.manifests import DatasetManifest
from toonify.plugins import Domain
from toonify.preparing import inputs, output, preview
from toonify.preparing.filling import Filler
from toonify.preparing.inputs import Input
from toonify.preparing.journal import Journal
from toonify.preparing.making import Recipe
from toonify.preparing.plan import ARRAYS, SPLITS
from toonify.preparing.request import PrepareReport, PrepareRequest
from toonify.preparing.shards import Entry
from toonify.preparing.workers import start
from toonify.progress import Progress

Shards = dict[str, dict[str, list[Entry]]]


def prepare(request: PrepareRequest, progress: Progress | None = None) -> PrepareReport:
    """Make a dataset from pictures on disk.

    A run that was interrupted, killed or stopped by a full disk continues when the same request
    is given again, and ends with the same bytes.

    Raises:
        ToonifyError: if the request makes no sense, no picture can be used, or the output cannot
            be written.
    """
    began = time.perf_counter()
    request.check()
    output.check(request)
    found = inputs.find(request)
    part = output.workplace(request.output)
    journal = _open_journal(part, request, found)
    recipe = Recipe(
        {domain: source.source for domain, source in found.items()}, request.size, request.crop, request.seed
    )
    progress = progress or Progress()
    try:
        with start(recipe, request.workers) as workers:
            filler = Filler(request, part, journal, workers, progress)
            for domain, source in found.items():
                filler.fill(domain, source)
    except KeyboardInterrupt:
        progress.say("Stopped. The same command continues from here.")
        raise
    manifest = _manifest(request, part, journal)
    preview.write(part, _paths(part, manifest.shards["train"]))
    manifest.write(part)
    journal.remove()
    output.install(part, request.output)
    return PrepareReport(request.output, manifest.counts, manifest.rejected, time.perf_counter() - began)


def _open_journal(part: Path, request: PrepareRequest, found: dict[Domain, Input]) -> Journal:
    fingerprint = {
        "toonify": __version__,
        "request": request.document(),
        "files": inputs.fingerprint(found),
    }
    journal = Journal(part, fingerprint)
    if not journal.streams:
        output.empty(part)
        journal.save()
    return journal


def _manifest(request: PrepareRequest, part: Path, journal: Journal) -> DatasetManifest:
    shards: Shards = {name: {} for name in SPLITS}
    rejected: list[dict[str, str]] = []
    order: dict[str, int] = {domain: place for place, domain in enumerate(ARRAYS)}
    for name, stream in journal.streams.items():
        side, domain = name.split("/")
        shards[side] |= stream.shards
        rejected += [
            {"picture": identity, "domain": domain, "reason": reason}
            for identity, reason in stream.rejected.items()
        ]
    return DatasetManifest(
        request=request.document(),
        size=request.size,
        counts={
            side: {array: sum(int(entry["count"]) for entry in entries) for array, entries in arrays.items()}
            for side, arrays in shards.items()
        },
        shards=shards,
        content_hash=_hash(part, shards),
        rejected=sorted(rejected, key=lambda entry: (order[entry["domain"]], entry["picture"])),
    )


def _paths(part: Path, arrays: dict[str, list[Entry]]) -> dict[str, list[Path]]:
    return {array: [part / str(entry["file"]) for entry in entries] for array, entries in arrays.items()}


def _hash(part: Path, shards: Shards) -> str:
    """SHA-256 over all shards' bytes, in the manifest's order."""
    digest = hashlib.sha256()
    for arrays in shards.values():
        for files in _paths(part, arrays).values():
            for path in files:
                with open(path, "rb") as file:
                    while block := file.read(2**20):
                        digest.update(block)
    return digest.hexdigest()
