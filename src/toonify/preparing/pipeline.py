"""The stage from end to end: list, look, filter, make, report, put into place."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from toonify import __version__
from toonify.plugins import Domain, SourceItem
from toonify.preparing.contact_sheet import write_contact_sheet
from toonify.preparing.filtering import FilteredFiles, filter_files, together
from toonify.preparing.image_stats import one_opencv_thread
from toonify.preparing.inputs import (
    Input,
    count_left_aside,
    find_inputs,
    fingerprint,
    folders_beside,
    plugin_versions,
)
from toonify.preparing.journal import Journal
from toonify.preparing.plan import SPLITS, Recipe, shuffled, split
from toonify.preparing.report import Report, write_survey
from toonify.preparing.request import FACELESS, FLAGS, PrepareRequest
from toonify.preparing.result import PrepareResult, count_files, count_flags, list_rejected
from toonify.preparing.room import check_room
from toonify.preparing.scan import ScanLog, scan
from toonify.preparing.shard_builder import ShardBuilder
from toonify.preparing.shards import content_hash, continuing
from toonify.preparing.sharing import worker_share
from toonify.preparing.unusable import TOO_SMALL, none_usable
from toonify.preparing.workplace import Workplace, check_apart
from toonify.progress import Progress
from toonify.runners import Runner, processes
from toonify.storage import ARRAYS, Array, DatasetManifest
from toonify.text import visible

Inputs = Mapping[Domain, Input]
Files = Mapping[Domain, FilteredFiles]


def prepare(request: PrepareRequest, progress: Progress | None = None) -> PrepareResult:
    """Make a dataset from pictures on disk.

    A run that was interrupted, killed or stopped by a full disk continues when the same request
    is given again, and ends with the same bytes. A dry run goes the same way, without a writer.

    Raises:
        ToonifyError: if the request makes no sense, no picture can be used, or the output cannot
            be written.
    """
    began = time.perf_counter()
    progress = progress or Progress()
    workplace = None if request.dry_run else Workplace(request)
    try:
        with workplace.held() if workplace else nullcontext():
            inputs = find_inputs(request)
            if workplace:
                check_apart(request.output, folders_beside(inputs))
            recipe = _recipe(request, inputs)
            if recipe.memory:  # which is shared out among processes
                for each in inputs.values():
                    each.source.check_portable()
            with processes(request.workers, recipe, one_opencv_thread) as runner:
                result = _prepare(request, workplace, inputs, runner, recipe, progress)
    except KeyboardInterrupt:
        if workplace:
            progress.say("Stopped. The same command continues from here.")
        raise
    return replace(result, seconds=time.perf_counter() - began)


def _prepare(
    request: PrepareRequest,
    workplace: Workplace | None,
    inputs: Inputs,
    runner: Runner,
    recipe: Recipe,
    progress: Progress,
) -> PrepareResult:
    journal = workplace.open(_fingerprint(request, inputs)) if workplace else Journal(None, {})
    check_room(request, inputs, journal)

    scans = scan(inputs, runner, recipe, ScanLog(journal.folder), progress)
    files = filter_files(scans, request.size, request.reject)
    _need_files(inputs, files)
    _warn_of_both(files, progress)

    builder = ShardBuilder(request, journal, runner, recipe, progress)
    for domain, (train, val) in _sides(request, files).items():
        builder.build(domain, inputs[domain], train, val)
        for name in SPLITS:
            stream = journal.streams[f"{name}/{domain}"]
            files[domain].reject_unusable(stream.rejected)
            files[domain].flag_faceless(stream.faces)

    result = _result(request, inputs, files, journal)
    if workplace:
        folder = workplace.folder
        with continuing():
            write_survey(folder.survey, files)
            Report(request, inputs, files).write(folder.report, result)
            write_contact_sheet(folder.contact_sheet, journal.files("train"))
            _manifest(request, inputs, journal, result).write(folder.path)
        workplace.install()
    return result


def _recipe(request: PrepareRequest, inputs: Inputs) -> Recipe:
    return Recipe(
        sources={domain: each.source for domain, each in inputs.items()},
        arrays={domain: each.arrays for domain, each in inputs.items()},
        size=request.size,
        crop=request.crop,
        seed=request.seed,
        tone=request.tone,
        memory=worker_share(request.workers),
        need_faces=FACELESS in request.reject,
    )


def _fingerprint(request: PrepareRequest, inputs: Inputs) -> dict[str, Any]:
    """What must be the same for an interrupted run to be continued."""
    return {
        "toonify": __version__,
        "plugins": plugin_versions(inputs),
        "request": request.document(),
        "files": fingerprint(inputs),
    }


def _need_files(inputs: Inputs, files: Files) -> None:
    """Raise a `ToonifyError` if nothing is left of a folder."""
    for domain, each in files.items():
        if not len(each.kept):
            why = each.rejected.values()
            kinds = [kind for kind in FLAGS if any(kind == one.kind for one in why)]
            hint = f"Leave {', '.join(kinds)} out of `reject` to keep some." if kinds else ""
            if all(one.reason.startswith(TOO_SMALL) for one in why):
                hint = "Give a smaller `size`."
            raise none_usable(inputs[domain], [one.reason for one in why], hint)


def _warn_of_both(files: Files, progress: Progress) -> None:
    cartoons = files.get("cartoon")
    if cartoons and len(both := cartoons.flagged("both")):
        progress.warn(
            f"{len(both)} of the {len(cartoons.scan.items)} cartoons are among the photos, too, such as "
            f"{visible(cartoons.name(both[0]))}. They teach nothing; reject 'both' to leave them out"
        )


def _sides(request: PrepareRequest, files: Files) -> dict[Domain, tuple[list[SourceItem], list[SourceItem]]]:
    """The files for training and for validation."""
    items = {domain: shuffled(each.items, request.seed) for domain, each in files.items()}
    return split(items, together(files), request.val_fraction)


def _result(request: PrepareRequest, inputs: Inputs, files: Files, journal: Journal) -> PrepareResult:
    return PrepareResult(
        output=request.output,
        counts=journal.counts,
        files=count_files(files),
        flags=count_flags(files),
        rejected=list_rejected(files),
        dry_run=request.dry_run,
        seconds=0.0,
        left_aside=count_left_aside(inputs),
        faces=journal.faces if request.crop == "face" else {},
    )


def _manifest(
    request: PrepareRequest, inputs: Inputs, journal: Journal, result: PrepareResult
) -> DatasetManifest:
    derived = {
        name: Array(domain, channels)
        for domain, each in inputs.items()
        for name, channels in each.arrays.items()
        if name not in ARRAYS
    }
    files = [path for side in SPLITS for found in journal.files(side).values() for path in found]
    return DatasetManifest(
        request=request.document(),
        size=request.size,
        counts=result.counts,
        shards=journal.shards,
        content_hash=content_hash(files),
        rejected=result.rejected,
        flags=result.flags,
        arrays=derived,
        plugins=plugin_versions(inputs),
    )
