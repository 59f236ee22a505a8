"""What drawing small faces once more does for people in a group, and what it costs.

    python benchmarks/close_ups.py [PORTRAITS] [--style comic] [--columns 8] [--rows 5] [--sheet FILE]

Portraits side by side are a photograph of a group: of so many columns and rows, of half, and of a quarter. Of
each person in it:

- kept: YuNet finds the face again, with its five points within 6 % of the face's width of where they were
  (as `styles.py` measures it), drawn once and with close-ups;
- ms: processor time for each face that is drawn once more, and for looking for faces where there are none.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from figures.measuring import face_figures
from PIL import Image, ImageOps

from toonify.converting import Converter
from toonify.converting.close_ups import small_faces
from toonify.converting.detail import reduce
from toonify.faces import find_faces
from toonify.plugins import find_pictures, open_rgb

SAMPLES = Path(__file__).parents[1] / "samples"
CELL = (225, 275)  # pixels of a portrait


def groups(portraits: list[Image.Image], columns: int, rows: int) -> Iterator[Image.Image]:
    """As many whole ones as there are portraits for; one with some of them again where there are too few."""
    size = columns * rows
    for first in range(0, max(1, len(portraits) - size + 1), size):
        group = Image.new("RGB", (CELL[0] * columns, CELL[1] * rows))
        for place, portrait in enumerate(itertools.islice(itertools.cycle(portraits), first, first + size)):
            group.paste(portrait, (place % columns * CELL[0], place // columns * CELL[1]))
        yield group


def people(group: Image.Image) -> Iterator[np.ndarray]:
    for top in range(0, group.height, CELL[1]):
        for left in range(0, group.width, CELL[0]):
            yield np.asarray(group.crop((left, top, left + CELL[0], top + CELL[1])))


def timed(converter: Converter, photo: Image.Image) -> tuple[Image.Image, float]:
    began = time.process_time()
    return converter.convert(photo), time.process_time() - began


def kept(photo: Image.Image, drawing: Image.Image) -> list[float]:
    """Of each person whose face is found in the photograph."""
    figures = []
    for before, after in zip(people(photo), people(drawing), strict=True):
        if faces := find_faces(Image.fromarray(before)):
            figures.append(face_figures(before, after, faces[0])["kept"])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("portraits", nargs="?", type=Path, default=SAMPLES, help="a folder [samples]")
    parser.add_argument("--style", default="comic")
    parser.add_argument("--columns", type=int, default=8, help="of the largest group")
    parser.add_argument("--rows", type=int, default=5)
    parser.add_argument("--sheet", type=Path, help="where to show the largest group: photograph, once, twice")
    options = parser.parse_args()
    photographs = (ImageOps.fit(open_rgb(path), CELL) for path in find_pictures(options.portraits))
    portraits = [photograph for photograph in photographs if find_faces(photograph)]
    closer = Converter(options.style, threads=1)
    plain = Converter(closer.style, threads=1, painter=False, runtime=closer.runtime)
    print("| people | width of a face as drawn | kept, drawn once | kept, with close-ups | ms for a face |")
    print("| --- | --- | --- | --- | --- |")
    for divisor in (4, 2, 1):
        columns, rows = max(1, options.columns // divisor), max(1, options.rows // divisor)
        before, after, costs, widths = [], [], [], []
        for group in groups(portraits, columns, rows):
            small = small_faces(reduce(group, plain.drawing_size(group.size)), closer.close_up)
            once, seconds = timed(plain, group)
            twice, more = timed(closer, group)
            before += kept(group, once)
            after += kept(group, twice)
            widths += [face.width for face, _ in small]
            costs += [(more - seconds) / len(small) * 1000] if small else []
        width = f"{statistics.median(widths):.0f}" if widths else ""
        cost = f"{statistics.median(costs):.0f}" if costs else ""
        shares = (f"{np.mean(found):.2f}" if found else "" for found in (before, after))
        print("|", columns * rows, "|", width, "|", " | ".join(shares), "|", cost, "|")
        if options.sheet and divisor == 1 and before:
            sheet = np.concatenate([np.asarray(image) for image in (group, once, twice)])
            Image.fromarray(sheet).save(options.sheet)
    empty = Image.new("RGB", plain.drawing_size((1024, 1024)), "grey")
    began = time.process_time()
    small_faces(empty, closer.close_up)
    print(f"looking for faces: {(time.process_time() - began) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
