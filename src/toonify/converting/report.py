"""What became of each picture, as a page: failures first, then before and after under a slider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from markupsafe import Markup

from toonify.converting.result import ConvertResult, Kind, Outcome
from toonify.errors import ToonifyError
from toonify.html_report import Page, facts, gallery, picture, slider, table, write_page
from toonify.media import glance
from toonify.places import Location
from toonify.runners import ThreadRunner
from toonify.storage import make_folder

MOST = 200
"""Pictures that are shown at most: a browser has to hold them all."""

LONGEST = 640  # pixels a side of each
WIDTH = 320  # of each in CSS pixels


def write_report(path: Path, result: ConvertResult) -> None:
    """Write the page, whole or not at all, in a folder that is made if need be.

    Raises:
        ToonifyError: if it cannot be written.
    """
    page = Page("Cartoons", f"{result.style}, in {result.output}", sliders=True)
    for heading, told in _tables(result).items():
        if told:
            page.section(heading, table(("photograph", "why"), told))
    page.section("In short", facts(_facts(result)))
    if there := [outcome for outcome in result.outcomes if outcome.result != "failed"]:
        page.section("Pictures", *_pictures(there))
    make_folder(path.parent)
    write_page(path, page)


def _tables(result: ConvertResult) -> Mapping[str, Sequence[tuple[Location, str]]]:
    """What a person should know of single pictures, by heading."""
    return {
        "Failed": [(one.source, one.reason) for one in result.of("failed")],
        "Made differently": [(one.source, "; ".join(one.differs)) for one in result.outcomes if one.differs],
        "Worth knowing": [(one.source, ", ".join(one.notes)) for one in result.outcomes if one.notes],
    }


def _facts(result: ConvertResult) -> Mapping[str, str]:
    controls = ", ".join(f"{name} {value:g}" for name, value in result.controls.items())
    told = {"strength": f"{result.strength:g}", "controls": controls}
    counts = {kind: str(result.count(kind)) for kind in get_args(Kind)}
    return {name: value for name, value in (told | counts).items() if value not in ("", "0")}


def _pictures(outcomes: Sequence[Outcome]) -> Iterable[Markup | str]:
    """Sliders, and how many there is no room for."""
    with ThreadRunner() as runner:
        shown = [attempt.get() for _, attempt in runner.run(outcomes[:MOST], _figure)]
    yield "On the left of the line is the photograph, on the right the cartoon. Move it."
    yield gallery(shown, width=WIDTH)
    if len(outcomes) > MOST:
        yield f"{len(outcomes) - MOST} more are not shown."


def _figure(_: object, outcome: Outcome) -> tuple[Markup, str]:
    """A slider and what stands below it; of what cannot be shown, why."""
    name = str(outcome.source)
    if outcome.film:
        return Markup(), f"{name}: a film, which is not shown here"
    if not isinstance(outcome.source, Path) or not isinstance(outcome.target, Path):
        return Markup(), f"{name}: not of this machine, and not shown here"
    try:
        before, after = _small(outcome.source), _small(outcome.target)
    except ToonifyError as error:
        return Markup(), f"{name}: {error.message}"
    return slider(
        picture(before, f"{name}, the photograph"), picture(after, f"{name}, the cartoon"), name
    ), name


def _small(path: Path) -> np.ndarray:
    image, _ = glance(path, LONGEST)
    image.thumbnail((LONGEST, LONGEST))
    return np.asarray(image)
