"""The photographs that a style draws worst, on one sheet.

    python benchmarks/worst.py [PHOTOS ...] [--style NAME] [--by FIGURE ...] [--count 10] [--drawings-only]

PHOTOS are folders, best of pictures that the style never saw in training; without any, the samples. Each is
drawn at a long side of 512 pixels, as users get it, and measured as `styles.py` measures:

- features: how far that point of the largest face went that went farthest, in widths of the face;
- colour: the median colour shift, CIEDE2000;
- specks: dots of under 12 pixels in areas that are flat in the photograph, a megapixel of the picture.

The sheet has the worst by each in turn, each picture once: photograph and drawing, and below them the figure
that brought it there. A table says the same, with the figures' medians over all photographs.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures.artefacts import count_specks, flat_areas
from figures.colours import colour_shift, lab
from PIL import Image, ImageDraw, ImageFont
from portrait_painter import moved, yunet

from toonify.converting import Converter
from toonify.errors import ToonifyError
from toonify.faces import find_faces
from toonify.plugins import find_pictures, open_rgb
from toonify.styles import load_style

SAMPLES = Path(__file__).parents[1] / "samples"
LONG_SIDE = 512  # pixels
HEIGHT, LINE, GAP = 240, 20, 6  # pixels: of a picture on the sheet, of the text below it, between two
COLUMNS = 5
FIGURES = {
    "features": "features moved by {:.0%}",
    "colour": "colours shifted by {:.1f}",
    "specks": "{:.0f} specks a megapixel",
}
"""By name: what is said of them below a picture."""


@dataclass(frozen=True)
class Drawn:
    """A photograph and its drawing.

    Attributes:
        path: Of the photograph.
        photo: RGB, uint8.
        drawing: Likewise.
        figures: By the names of `FIGURES`; `features` only if the photograph shows a face.
    """

    path: Path
    photo: np.ndarray
    drawing: np.ndarray
    figures: Mapping[str, float]


def draw(converter: Converter, path: Path) -> Drawn:
    image = open_rgb(path)
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    photo, faces = np.asarray(image), find_faces(image)
    drawing = np.asarray(converter.convert(image))
    before, after = lab(photo), lab(drawing)
    specks = count_specks(after[..., 0], flat_areas(before[..., 0]))
    figures = {"colour": colour_shift(before, after), "specks": specks / before[..., 0].size * 1e6}
    if faces:
        figures["features"] = moved(yunet, photo, drawing / 255, faces[0].width)
    return Drawn(path, photo, drawing, figures)


def worst(rows: Sequence[Mapping[str, float]], names: Sequence[str], count: int) -> list[tuple[int, str]]:
    """The worst by each figure in turn, no row twice.

    Args:
        rows: Figures by name, the more the worse; what a row lacks, or is 0, cannot make it bad.
        names: Figures to go by.
        count: How many at most.

    Returns:
        Places in `rows`, each with the figure that it is there for.
    """
    queues = {
        name: iter(sorted((i for i, row in enumerate(rows) if row.get(name)), key=lambda i: -rows[i][name]))
        for name in names
    }
    chosen: dict[int, str] = {}
    while queues and len(chosen) < count:
        for name, queue in list(queues.items()):
            place = next((place for place in queue if place not in chosen), None)
            if place is None:
                del queues[name]
            elif len(chosen) < count:
                chosen[place] = name
    return list(chosen.items())


def said(name: str, value: float) -> str:
    return "no face found again" if value == float("inf") else FIGURES[name].format(value)


def cells(chosen: Sequence[tuple[Drawn, str]], drawings_only: bool) -> Iterator[Image.Image]:
    """Each photograph beside its drawing, numbered, with the figure below."""
    font = ImageFont.load_default(12)
    for number, (drawn, name) in enumerate(chosen, 1):
        pictures = [drawn.drawing] if drawings_only else [drawn.photo, drawn.drawing]
        images = [Image.fromarray(picture) for picture in pictures]
        width = max(1, round(images[0].width * HEIGHT / images[0].height))
        cell = Image.new("RGB", (len(images) * width, HEIGHT + LINE), "white")
        for place, image in enumerate(images):
            cell.paste(image.resize((width, HEIGHT), Image.Resampling.LANCZOS), (place * width, 0))
        text = f"{number}  {said(name, drawn.figures[name])}"
        ImageDraw.Draw(cell).text((0, HEIGHT + LINE // 2), text, "black", font, anchor="lm")
        yield cell


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """Rows of `COLUMNS` cells, all as wide as the widest."""
    width, height = (max(side) + GAP for side in zip(*(cell.size for cell in pictures), strict=True))
    columns = min(COLUMNS, len(pictures))
    page = Image.new("RGB", (columns * width - GAP, -(-len(pictures) // columns) * height), "white")
    for place, cell in enumerate(pictures):
        page.paste(cell, (place % columns * width, place // columns * height))
    return page


def table(everything: Sequence[Drawn], chosen: Sequence[tuple[Drawn, str]], names: Sequence[str]) -> str:
    """The chosen, numbered as on the sheet, and the medians of everything, in Markdown."""
    rows = [
        [str(number), drawn.path.name, name, *written(drawn.figures, names)]
        for number, (drawn, name) in enumerate(chosen, 1)
    ]
    known = {name: [drawn.figures[name] for drawn in everything if name in drawn.figures] for name in names}
    medians = {name: statistics.median(values) for name, values in known.items() if values}
    rows.append(["", "median of all", "", *written(medians, names)])
    head = ["", "photograph", "for its", *names]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def written(figures: Mapping[str, float], names: Sequence[str]) -> list[str]:
    return [f"{figures[name]:.3g}" if name in figures else "" for name in names]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", nargs="*", type=Path, default=[SAMPLES], help="folders [samples]")
    parser.add_argument("--style", default="comic", help="name, folder or file [comic]")
    parser.add_argument("--by", nargs="+", choices=list(FIGURES), default=list(FIGURES), help="figures [all]")
    parser.add_argument("--count", type=int, default=10, help="pictures on the sheet [10]")
    parser.add_argument("--drawings-only", action="store_true", help="leave the photographs off the sheet")
    parser.add_argument("-o", "--output", type=Path, help="the sheet, a JPEG [build/worst-STYLE.jpg]")
    options = parser.parse_args(arguments)
    try:
        converter = Converter(load_style(options.style))
        drawn = [draw(converter, path) for folder in options.photos for path in find_pictures(folder)]
        if not drawn:
            raise ToonifyError(f"there are no pictures in {', '.join(map(str, options.photos))}")
    except ToonifyError as error:
        parser.exit(1, f"error: {error}\n")
    chosen = [(drawn[i], name) for i, name in worst([d.figures for d in drawn], options.by, options.count)]
    print(f"{converter.style.manifest.name}: {len(drawn)} photographs\n\n{table(drawn, chosen, options.by)}")
    output = options.output or Path("build", f"worst-{converter.style.manifest.name}.jpg")
    output.parent.mkdir(parents=True, exist_ok=True)
    sheet(list(cells(chosen, options.drawings_only))).save(output, quality=82, optimize=True)
    print(f"\nsee {output}")


if __name__ == "__main__":
    main()
