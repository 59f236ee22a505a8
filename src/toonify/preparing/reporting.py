"""`report.html`: what was taken, what was left out and why, what a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from toonify.html_report import Page, facts, gallery, histogram, picture, table, write_page
from toonify.plugins import Domain
from toonify.preparing.inputs import Input
from toonify.preparing.judging import BLURRED, REJECTED, Judgement
from toonify.preparing.kinds import KINDS
from toonify.preparing.looking import SIDE
from toonify.preparing.opening import Unusable, glimpse, reasons
from toonify.preparing.request import PrepareRequest, PrepareResult

FILE = "report.html"
TAKEN, OTHERS = 24, 12
"""How many examples of each domain are shown at most."""

THUMBNAIL = 128

Example = tuple[Domain, int, str]
"""A file of a domain, by its index, and what is said of it."""


@dataclass(frozen=True)
class Reporter:
    """Tells of a dataset.

    Attributes:
        request: What was asked for.
        found: Where the files come from.
        judgements: What is done with them.
    """

    request: PrepareRequest
    found: Mapping[Domain, Input]
    judgements: Mapping[Domain, Judgement]

    def write(self, folder: Path, report: PrepareResult) -> None:
        """Write the page into `folder`.

        Raises:
            ToonifyError: if the disk is full.
        """
        # Not called after its own folder: the same request gives the same bytes.
        page = Page("Dataset of " + " and ".join(path.name for path in self.request.folders))
        page.section("Pictures", table(*report.table))
        if report.faces:
            rows = [(domain, *found.values()) for domain, found in report.faces.items()]
            page.section("Faces", table(("files with", "no face", "one", "more"), rows))
        for domain, each in self.judgements.items():
            chosen = _spread(each.kept, TAKEN)
            page.section(
                f"Files to choose from: {domain}", self._sheet((domain, index, "") for index in chosen)
            )
        if report.rejected:
            page.section("Left out", *self._left_out(report))
        for kind in KINDS:
            self._flagged(page, kind)
        page.section("Figures", *self._figures())
        page.section("Request", facts(self.request.document()))
        write_page(folder / FILE, page)

    def _left_out(self, report: PrepareResult) -> Iterator[Markup]:
        yield table(
            ("files", "why", "such as"),
            [(times, reason, example) for reason, times, example in report.reasons],
        )
        yield self._sheet(
            (domain, index, each.rejected[index].reason)
            for kind in REJECTED
            for domain, each in self.judgements.items()
            for index in _spread([i for i, why in each.rejected.items() if why.kind == kind], OTHERS)
        )

    def _flagged(self, page: Page, kind: str) -> None:
        flagged = {domain: each.flagged(kind) for domain, each in self.judgements.items()}
        number = sum(map(len, flagged.values()))
        if number:
            said = f"{KINDS[kind].capitalize()}. --reject {kind} leaves them out."
            examples = self._alike(flagged) if kind in ("near", "both") else _examples(flagged)
            page.section(f"Flagged: {kind} ({number:,})", said, self._sheet(examples))

    def _alike(self, flagged: Mapping[Domain, np.ndarray]) -> list[Example]:
        """Whole groups, one after the other, so that what looks alike stands together."""
        groups = {domain: self.judgements[domain].group for domain in flagged}
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
            item = self.judgements[domain].survey.items[index]
            try:
                with reasons():
                    image, _ = glimpse(self.found[domain].source, item, THUMBNAIL)
                    image.thumbnail((THUMBNAIL, THUMBNAIL))
            except Unusable:
                continue
            caption = f"{item.identity} ({said})" if said else item.identity
            pictures.append((picture(np.asarray(image), item.identity), caption))
        return gallery(pictures, width=THUMBNAIL)

    def _figures(self) -> Iterator[Markup | str]:
        kept: dict[str, np.ndarray] = {
            domain: each.survey.looks[each.kept] for domain, each in self.judgements.items()
        }
        yield "Of the pictures that are not left out."
        short = {domain: np.minimum(looks["width"], looks["height"]) for domain, looks in kept.items()}
        yield histogram(
            short,
            alt="Sizes of the pictures",
            across="short side in pixels",
            marks={"--size": self.request.size},
            logarithmic=True,
        )
        for name, across, marks in (
            ("brightness", "brightness: mean luminance, 0 to 255", {}),
            ("sharpness", f"sharpness at {SIDE} pixels, 0 to 1", {"blurred": BLURRED}),
        ):
            series = {domain: looks[name] for domain, looks in kept.items()}
            yield histogram(series, alt=f"{name.capitalize()} of the pictures", across=across, marks=marks)


def _spread(indices: Sequence[int] | np.ndarray, number: int) -> list[int]:
    """So many of them, from all over."""
    chosen = min(number, len(indices))
    return [int(indices[place * len(indices) // chosen]) for place in range(chosen)]


def _examples(flagged: Mapping[Domain, np.ndarray]) -> list[Example]:
    return [(domain, index, "") for domain, found in flagged.items() for index in _spread(found, OTHERS)]
