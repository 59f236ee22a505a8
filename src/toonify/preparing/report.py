"""The report of a dataset, for people.

`report.html`: what was taken, left out and flagged, and why. `survey.csv`: what was seen of every file and
what was done with it, for a spreadsheet. `contact_sheet.py` shows what the network will see.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from toonify.html_report import Page, facts, gallery, histogram, picture, table, write_page
from toonify.plugins import Domain
from toonify.preparing.contact_sheet import spread
from toonify.preparing.filtering import BLURRED, REJECTED, FilteredFiles
from toonify.preparing.image_stats import SIDE
from toonify.preparing.inputs import Input
from toonify.preparing.request import FLAGS, PrepareRequest
from toonify.preparing.result import PrepareResult
from toonify.preparing.unusable import Unusable, reasons
from toonify.storage import ARRAYS, write_bytes
from toonify.text import for_csv

FIGURES = ("brightness", "contrast", "marks", "sharpness", "colour")
COLUMNS = ("domain", "picture", "flags", "group", "left out", "reason", "width", "height", *FIGURES)
TAKEN, OTHERS = 24, 12
"""How many examples of each domain are shown at most."""

THUMBNAIL = 128

Example = tuple[Domain, int, str]
"""A file of a domain, by its index, and what is said of it."""


@dataclass(frozen=True)
class Report:
    """The report of a dataset.

    Attributes:
        request: What was asked for.
        inputs: Where the files come from.
        files: What is done with them.
    """

    request: PrepareRequest
    inputs: Mapping[Domain, Input]
    files: Mapping[Domain, FilteredFiles]

    def write(self, path: Path, result: PrepareResult) -> None:
        """Write the page.

        Raises:
            ToonifyError: if the disk is full.
        """
        # Not called after its own folder: the same request gives the same bytes.
        page = Page("Dataset of " + " and ".join(path.name for path in self.request.folders))
        page.section("Pictures", table(*result.table))
        further = [
            (name, domain, channels)
            for domain, each in self.inputs.items()
            for name, channels in each.arrays.items()
            if name not in ARRAYS
        ]
        if further:
            said = "Made of the pictures, in step with them; preview.png shows some."
            page.section("Further arrays", said, table(("array", "of", "channels"), further))
        if result.faces:
            rows = [(domain, *found.values()) for domain, found in result.faces.items()]
            page.section("Faces", table(("files with", "no face", "one", "more"), rows))
        for domain, each in self.files.items():
            chosen = spread(each.kept, TAKEN)
            page.section(
                f"Files to choose from: {domain}", self._sheet((domain, index, "") for index in chosen)
            )
        if result.left_aside:
            page.section("Left aside", "No pictures, or not looked for.", facts(result.left_aside))
        if result.rejected:
            page.section("Left out", *self._left_out(result))
        for kind in FLAGS:
            self._flagged(page, kind)
        page.section("Figures", *self._figures())
        page.section("Request", facts(self.request.document()))
        write_page(path, page)

    def _left_out(self, result: PrepareResult) -> Iterator[Markup]:
        yield table(
            ("files", "why", "such as"),
            [(times, reason, example) for reason, times, example in result.reasons],
        )
        yield self._sheet(
            (domain, index, each.rejected[index].reason)
            for kind in REJECTED
            for domain, each in self.files.items()
            for index in spread([i for i, why in each.rejected.items() if why.kind == kind], OTHERS)
        )

    def _flagged(self, page: Page, kind: str) -> None:
        flagged = {domain: each.flagged(kind) for domain, each in self.files.items()}
        number = sum(map(len, flagged.values()))
        if number:
            said = f"{FLAGS[kind].capitalize()}. Reject {kind} to leave them out."
            examples = self._alike(flagged) if kind in ("near", "both") else _examples(flagged)
            page.section(f"Flagged: {kind} ({number:,})", said, self._sheet(examples))

    def _alike(self, flagged: Mapping[Domain, np.ndarray]) -> list[Example]:
        """Whole groups, one after the other, so that what looks alike stands together."""
        groups = {domain: self.files[domain].group for domain in flagged}
        members = sorted(
            (int(groups[domain][index]), place, int(index), domain)
            for place, (domain, indices) in enumerate(flagged.items())
            for index in indices
        )
        return [(domain, index, f"{domain}, group {group}") for group, _, index, domain in members[:TAKEN]]

    def _sheet(self, examples: Iterable[Example]) -> Markup:
        """The examples side by side, those left out that cannot be opened."""
        pictures = []
        for domain, index, said in examples:
            item = self.files[domain].scan.items[index]
            try:
                with reasons():
                    image, _ = self.inputs[domain].source.glimpse(item, THUMBNAIL)
                    image.thumbnail((THUMBNAIL, THUMBNAIL))
            except Unusable:
                continue
            caption = f"{item.identity} ({said})" if said else item.identity
            pictures.append((picture(np.asarray(image), item.identity), caption))
        return gallery(pictures, width=THUMBNAIL)

    def _figures(self) -> Iterator[Markup | str]:
        kept: dict[str, np.ndarray] = {
            domain: each.scan.stats[each.kept] for domain, each in self.files.items()
        }
        yield "Of the pictures that are not left out."
        short = {domain: np.minimum(stats["width"], stats["height"]) for domain, stats in kept.items()}
        yield histogram(
            short,
            alt="Sizes of the pictures",
            across="short side in pixels",
            marks={"size": self.request.size},
            logarithmic=True,
        )
        for name, across, marks in (
            ("brightness", "brightness: mean luminance, 0 to 255", {}),
            ("sharpness", f"sharpness at {SIDE} pixels, 0 to 1", {"blurred": BLURRED}),
        ):
            series = {domain: stats[name] for domain, stats in kept.items()}
            yield histogram(series, alt=f"{name.capitalize()} of the pictures", across=across, marks=marks)


def _examples(flagged: Mapping[Domain, np.ndarray]) -> list[Example]:
    return [(domain, index, "") for domain, found in flagged.items() for index in spread(found, OTHERS)]


def write_survey(path: Path, files: Mapping[Domain, FilteredFiles]) -> None:
    """Write a line for every file, in the order of its source.

    Raises:
        ToonifyError: if the disk is full.
    """
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(COLUMNS)
    for domain, each in files.items():
        lines.writerows([domain, *row] for row in _rows(each))
    write_bytes(path, written.getvalue().encode())


def _rows(each: FilteredFiles) -> Iterator[list[str]]:
    for index, stats in enumerate(each.scan.stats):
        flags = " ".join(kind for kind, flagged in each.flags.items() if flagged[index])
        group = str(each.group[index] or "")
        rejection = each.rejected.get(index)
        why = [rejection.kind, rejection.reason] if rejection else ["", ""]
        seen = [stats["width"], stats["height"], *(f"{stats[figure]:g}" for figure in FIGURES)]
        yield [
            for_csv(each.name(index)),
            flags,
            group,
            *map(for_csv, why),
            *(map(str, seen) if stats["width"] else [""] * len(seen)),
        ]
