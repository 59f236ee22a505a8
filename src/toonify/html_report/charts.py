"""Charts as SVG inside the page: text stays text, and colours follow the page's."""

from __future__ import annotations

import io
import itertools
import logging
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from toonify.html_report.templating import render
from toonify.text import visible

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    Values = Sequence[float] | np.ndarray
    Points = tuple[Values, Values]

INK = "#010203"
"""Stands for the page's text colour, dark or light, until the SVG is written."""

COLOURS = ("#2f7fd1", "#d9660f", "#1f9d62", "#a35ce0", "#d6457f", "#8a7a1c", "#0f98a8", "#7b7f87")
"""Of the series, in order: at least three to one against both white and the dark page."""

INCHES = (7.2, 3.0)
BINS = 48  # of a histogram
LEGEND = 80  # letters of a legend's line, of which its marks and gaps take `MARK` each
MARK = 8
SETTINGS = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,  # a dollar in a name is a dollar
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.15,
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "grid.color"), INK
    ),
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}


def line_chart(
    series: Mapping[str, Points],
    *,
    alt: str,
    across: str = "",
    up: str = "",
    beneath: Mapping[str, Points] | None = None,
    limits: tuple[float, float] | None = None,
    marks: Mapping[str, float] | None = None,
    dots: bool = False,
) -> Markup:
    """Lines over a common axis, with a legend if there are several.

    Args:
        series: By name: the positions across (steps, say: ticks are whole numbers) and the values; a
            value that is NaN leaves a gap.
        alt: What the chart shows, in words.
        across: Label of the horizontal axis, with its unit.
        up: Label of the vertical axis, with its unit.
        beneath: By the name of a series, what it was smoothed from, drawn faintly.
        limits: Of the vertical axis; by default everything is seen.
        marks: Positions across that are marked by an upright line with its name.
        dots: Whether each value is marked by a dot: for few of them.
    """

    def draw(axes: Axes) -> list[Artist]:
        lines: list[Artist] = []
        colours = itertools.cycle(COLOURS)
        for colour, (name, (positions, values)) in zip(colours, series.items(), strict=False):
            if beneath and name in beneath:
                axes.plot(*beneath[name], color=colour, alpha=0.3, linewidth=0.8)
            lines += axes.plot(positions, values, color=colour, marker="o" if dots else "", markersize=4)
        if limits:
            axes.set_ylim(limits)
        axes.locator_params(axis="x", integer=True)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        _mark(axes, marks or {})
        axes.set(xlabel=visible(across), ylabel=visible(up))
        return lines

    return _chart(draw, alt, [*series])


def histogram(
    series: Mapping[str, Values],
    *,
    alt: str,
    across: str = "",
    marks: Mapping[str, float] | None = None,
    logarithmic: bool = False,
) -> Markup:
    """How many pictures have which value, over common bins; series lie over one another.

    Args:
        series: Finite values by name.
        alt: What the chart shows, in words.
        across: Label of the horizontal axis, with its unit.
        marks: Values that are marked by an upright line with its name, thresholds for instance.
        logarithmic: Whether the values lie on a logarithmic axis; all must be above 0 then.
    """
    import numpy as np

    values = [np.asarray(given, np.float64) for given in series.values()]
    every = np.concatenate([*values, list((marks or {}).values())])
    edges = _edges(every, logarithmic)

    def draw(axes: Axes) -> list[Artist]:
        outlines: list[Artist] = []
        for colour, given in zip(itertools.cycle(COLOURS), values, strict=False):
            counts, _ = np.histogram(given, edges)
            axes.stairs(counts, edges, fill=True, color=colour, alpha=0.35)
            outlines.append(axes.stairs(counts, edges, color=colour, linewidth=1.4))
        if logarithmic:
            axes.set_xscale("log")
            _plain_numbers(axes.xaxis)
        axes.locator_params(axis="y", integer=True)
        _mark(axes, marks or {})
        axes.set(xlabel=visible(across), ylabel="pictures")
        return outlines

    return _chart(draw, alt, [*series])


def _mark(axes: Axes, marks: Mapping[str, float]) -> None:
    """Upright lines; their names stand in two rows by turns, so that neighbours have room."""
    for number, (name, value) in enumerate(sorted(marks.items(), key=lambda mark: mark[1])):
        axes.axvline(value, color=INK, linestyle=(0, (4, 3)), linewidth=1)
        place: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        axes.text(value, 1.01 + 0.08 * (number % 2), visible(name), **place)


def _edges(values: np.ndarray, logarithmic: bool) -> np.ndarray:
    import numpy as np

    low, high = (float(values.min()), float(values.max())) if values.size else (1.0, 2.0)
    if low == high:
        low, high = (low / 2, high * 2) if logarithmic else (low - 0.5, high + 0.5)
    return np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(low, high, BINS + 1)


def _plain_numbers(axis: Axis) -> None:
    """1, 2, 5, 10 ... on a logarithmic axis: powers of ten would be formulas, which are not parsed."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def _chart(draw: Callable[[Axes], Sequence[Artist]], alt: str, names: Sequence[str]) -> Markup:
    """Let `draw` fill the axes of an empty figure; nothing of the user's own settings is used.

    What it drew of each series gets the series' name, if there are several.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its fonts is no news
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's browser has the letters
        matplotlib.rcdefaults()
        # Names inside the SVG hang on its content and `alt`, not on chance.
        matplotlib.rcParams.update(SETTINGS | {"svg.hashsalt": visible(alt)})
        figure = Figure(figsize=INCHES, layout="constrained")
        drawn = draw(figure.add_subplot())
        if len(names) > 1:
            _legend(figure, drawn, [visible(name) for name in names])
        written = io.StringIO()
        FigureCanvasSVG(figure).print_svg(written)
    return render("chart", svg=_inline(written.getvalue()), alt=alt)


def _legend(figure: Figure, drawn: Sequence[Artist], names: Sequence[str]) -> None:
    """As many names a line as have room; of names longer than that their ends, which tell them apart.

    Names are no labels of what is drawn: Matplotlib would leave out those that begin with `_`.
    """
    most = LEGEND - MARK
    names = [name if len(name) <= most else f"…{name[1 - most :]}" for name in names]
    columns = max(1, min(4, LEGEND // (MARK + max(map(len, names)))))
    figure.legend(drawn, names, loc="outside upper center", ncols=columns)


def _inline(document: str) -> Markup:
    """The `<svg>` element alone: without a size, and without names that another chart has too."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r' id="[a-zA-Z0-9.]+_\d+"', "", svg)
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    return Markup(svg.replace(INK, "currentColor"))
