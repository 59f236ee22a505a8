"""`survey.csv`: what was seen of every file and what was done with it, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from toonify.plugins import Domain
from toonify.preparing.judging import Judgement
from toonify.storage import write_bytes

FILE = "survey.csv"
FIGURES = ("brightness", "contrast", "sharpness", "colour")
COLUMNS = ("domain", "picture", "flags", "group", "left out", "reason", "width", "height", *FIGURES)


def write(folder: Path, judgements: Mapping[Domain, Judgement]) -> None:
    """A line for every file, in the order of its source.

    Raises:
        ToonifyError: if the disk is full.
    """
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(COLUMNS)
    for domain, each in judgements.items():
        lines.writerows([domain, *row] for row in _rows(each))
    # The names of files may hold bytes that are no text.
    write_bytes(folder / FILE, written.getvalue().encode("utf-8", "surrogateescape"))


def _rows(each: Judgement) -> Iterator[list[str]]:
    for index, look in enumerate(each.survey.looks):
        flags = " ".join(kind for kind, flagged in each.flags.items() if flagged[index])
        group = str(each.group[index] or "")
        rejection = each.rejected.get(index)
        why = [rejection.kind, rejection.reason] if rejection else ["", ""]
        seen = [look["width"], look["height"], *(f"{look[figure]:g}" for figure in FIGURES)]
        yield [each.name(index), flags, group, *why, *(map(str, seen) if look["width"] else [""] * len(seen))]
