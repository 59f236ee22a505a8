"""The stage from end to end: list, make, write, put into place."""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace
from pathlib import Path

from toonify import __version__
from toonify.errors import unbroken
from toonify.plugins import Domain, SourceItem
from toonify.preparing import inputs, listing, output, preview, tally
from toonify.preparing.filling import Filler
from toonify.preparing.inputs import Input
from toonify.preparing.journal import Journal
from toonify.preparing.judging import Judgement, judge, together
from toonify.preparing.kinds import KINDS
from toonify.preparing.making import Recipe, count_faces
from toonify.preparing.opening import none_usable
from toonify.preparing.plan import ARRAYS, SPLITS, Job, quotas, shuffled, split
from toonify.preparing.reporting import Reporter
from toonify.preparing.request import PrepareRequest, PrepareResult
from toonify.preparing.shards import Entry, continuing
from toonify.preparing.survey import Log, survey
from toonify.preparing.workers import Workers, start
from toonify.progress import Progress
from toonify.storage import DatasetManifest

SEEN = "survey.jsonl"

Found = dict[Domain, Input]
Shards = dict[str, dict[str, list[Entry]]]


def prepare(request: PrepareRequest, progress: Progress | None = None) -> PrepareResult:
    """Make a dataset from pictures on disk.

    A run that was interrupted, killed or stopped by a full disk continues when the same request
    is given again, and ends with the same bytes.

    Raises:
        ToonifyError: if the request makes no sense, no picture can be used, or the output cannot
            be written.
    """
    began = time.perf_counter()
    request.check()
    if not request.dry_run:
        output.check(request)
    found = inputs.find(request)
    sources = {domain: source.source for domain, source in found.items()}
    recipe = Recipe(sources, request.size, request.crop, request.seed, request.tone)
    progress = progress or Progress()
    carry_out = _foresee if request.dry_run else _make
    try:
        with start(recipe, request.workers) as workers:
            report = carry_out(request, found, workers, progress)
    except KeyboardInterrupt:
        if not request.dry_run:
            progress.say("Stopped. The same command continues from here.")
        raise
    return replace(report, seconds=time.perf_counter() - began)


def _foresee(request: PrepareRequest, found: Found, workers: Workers, progress: Progress) -> PrepareResult:
    """What would be made, without writing anything."""
    judgements = _examine(request, found, workers, Log(None), progress)
    counts: dict[str, dict[str, int]] = {name: {} for name in SPLITS}
    faces: dict[str, dict[str, int]] = {}
    for domain, (train, val) in _sides(request, judgements).items():
        wanted = quotas(request.count, request.val_fraction, spare=bool(val))
        for name, files in zip(SPLITS, (train, val), strict=True):
            number = wanted[name]
            most = len(files) if number is None or request.crop != "random" else number
            if request.crop == "face":
                shown = _count_faces(domain, files, number, workers, progress)
                most = sum(max(1, several) for several in shown)
                tally.add_faces(faces.setdefault(domain, {}), shown)
            counts[name] |= dict.fromkeys(ARRAYS[domain], most if number is None else min(number, most))
    return _report(request, judgements, counts, faces)


def _count_faces(
    domain: Domain, files: list[SourceItem], wanted: int | None, workers: Workers, progress: Progress
) -> list[int]:
    """Faces of each file, as far as files are needed for the pictures wanted."""
    found: list[int] = []
    missing = sys.maxsize if wanted is None else wanted
    with progress.task(f"faces ({domain})", len(files)) as task:
        for _, several in workers.run(count_faces, [Job(domain, item, range(1)) for item in files]):
            if missing <= 0:
                break
            found.append(min(several, missing))
            missing -= max(1, several)
            task.advance()
    return found


def _make(request: PrepareRequest, found: Found, workers: Workers, progress: Progress) -> PrepareResult:
    part = output.workplace(request.output)
    journal = _open_journal(part, request, found)
    log = Log(part / SEEN)
    judgements = _examine(request, found, workers, log, progress)
    filler = Filler(request, part, journal, workers, progress)
    for domain, (train, val) in _sides(request, judgements).items():
        filler.fill(domain, found[domain].root, train, val)
        for name in SPLITS:
            judgements[domain].reject_unusable(journal.streams[f"{name}/{domain}"].rejected)
    with continuing():
        manifest = _manifest(request, part, journal, judgements)
        report = _report(
            request, judgements, manifest.counts, journal.faces if request.crop == "face" else {}
        )
        listing.write(part, judgements)
        Reporter(request, found, judgements).write(part, report)
        preview.write(part, _paths(part, manifest.shards["train"]))
        manifest.write(part)
    log.remove()
    journal.remove()
    output.install(part, request.output)
    return report


def _examine(
    request: PrepareRequest, found: Found, workers: Workers, log: Log, progress: Progress
) -> dict[Domain, Judgement]:
    """Look at every file, and decide what is done with it.

    Raises:
        ToonifyError: if nothing is left of a folder.
    """
    judgements = judge(survey(found, workers, log, progress), request.size, request.reject)
    for domain, each in judgements.items():
        if not len(each.kept):
            why = each.rejected.values()
            kinds = [kind for kind in KINDS if any(kind == one.kind for one in why)]
            hint = f"Leave {', '.join(kinds)} out of --reject to keep some." if kinds else ""
            raise none_usable(found[domain].root, [one.reason for one in why], hint)
    if "cartoon" in judgements and len(both := judgements["cartoon"].flagged("both")):
        cartoons = judgements["cartoon"]
        progress.warn(
            f"among the photos, too: {len(both)} of the {len(cartoons.survey.items)} cartoons, such as "
            f"{unbroken(cartoons.name(both[0]))}; they teach nothing (--reject both leaves them out)"
        )
    return judgements


def _sides(
    request: PrepareRequest, judgements: dict[Domain, Judgement]
) -> dict[Domain, tuple[list[SourceItem], list[SourceItem]]]:
    files = {domain: shuffled(each.items, request.seed) for domain, each in judgements.items()}
    return split(files, together(judgements), request.val_fraction)


def _open_journal(part: Path, request: PrepareRequest, found: dict[Domain, Input]) -> Journal:
    fingerprint = {
        "toonify": __version__,
        "request": request.document(),
        "files": inputs.fingerprint(found),
    }
    journal = Journal(part, fingerprint)
    if journal.continues:
        output.sweep(part)
    else:
        output.empty(part)
        journal.save()
    return journal


def _manifest(
    request: PrepareRequest, part: Path, journal: Journal, judgements: dict[Domain, Judgement]
) -> DatasetManifest:
    shards: Shards = {name: {} for name in SPLITS}
    for name, stream in journal.streams.items():
        shards[name.split("/")[0]] |= stream.shards
    return DatasetManifest(
        request=request.document(),
        size=request.size,
        counts={
            side: {array: sum(int(entry["count"]) for entry in entries) for array, entries in arrays.items()}
            for side, arrays in shards.items()
        },
        shards=shards,
        content_hash=_hash(part, shards),
        rejected=tally.rejected(judgements),
        flags=tally.flags(judgements),
    )


def _report(
    request: PrepareRequest,
    judgements: dict[Domain, Judgement],
    counts: dict[str, dict[str, int]],
    faces: dict[str, dict[str, int]],
) -> PrepareResult:
    return PrepareResult(
        output=request.output,
        counts=counts,
        files=tally.files(judgements),
        flags=tally.flags(judgements),
        rejected=tally.rejected(judgements),
        dry_run=request.dry_run,
        seconds=0.0,
        faces=faces,
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
