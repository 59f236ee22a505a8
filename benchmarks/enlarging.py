"""How crisp enlarged drawings are, and what that takes.

    python benchmarks/enlarging.py [PHOTO] [--style comic ...] [--times 2 4 6.4]

A style draws the photograph at its own detail. The drawing is enlarged, sides so many times as long, by
bicubic interpolation alone and as `convert` does it. Border: the width in pixels of the enlarged picture
within which luma crosses a border, that is the contrast within 4 pixels of the drawing by the steepest slope
there; the median over where the contrast is above 64 of 255. Time: processor time for a picture in memory
(`rows`), and for the planes of a JPEG with halved colours (`planes`), least of the repeats.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from toonify.converting import Converter
from toonify.media import LargeImage
from toonify.plugins import open_rgb

SAMPLE = Path(__file__).parents[1] / "samples" / "cat.jpg"
CONTRAST = 64
WITHIN = 4


def border(enlarged: Image.Image, times: float) -> float:
    """The median width of borders, across columns."""
    luma = np.asarray(enlarged.convert("L"), np.float32)[:: max(1, round(times))]
    reach = round(WITHIN * times)
    windows = np.lib.stride_tricks.sliding_window_view(luma, reach, axis=1)[:, :: max(1, round(times))]
    contrast = np.ptp(windows, axis=-1)
    slope = np.abs(np.diff(windows, axis=-1)).max(-1)
    strong = contrast > CONTRAST
    return float(np.median(contrast[strong] / slope[strong]))


def least(work: Callable[[], object], repeats: int) -> float:
    """Milliseconds of processor time."""
    spent = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent) * 1e3


def figures(drawing: Image.Image, times: float, repeats: int) -> Iterator[str]:
    """Of one row."""
    size = round(drawing.width * times), round(drawing.height * times)

    def smooth() -> Image.Image:
        return drawing.resize(size, Image.Resampling.BICUBIC)

    def rows() -> Image.Image:
        return LargeImage(drawing, size).enlarged(0, size[1])

    yield f"{times:g}"
    yield f"{size[0] * size[1] / 1e6:.1f}"
    yield from (f"{border(work(), times):.1f}" for work in (smooth, rows))
    yield from (f"{least(work, repeats):.0f}" for work in (smooth, rows, LargeImage(drawing, size).planes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photo", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--style", nargs="+", default=["comic"])
    parser.add_argument("--times", nargs="+", type=float, default=[2, 4, 6.4])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    photo = open_rgb(arguments.photo)
    print("| style | times | megapixels | border, bicubic | border | ms, bicubic | ms, rows | ms, planes |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for style in arguments.style:
        converter = Converter(style)
        drawing = converter.convert(photo.resize(converter.drawing_size((photo.width * 8, photo.height * 8))))
        for times in arguments.times:
            print(f"| {style} | {' | '.join(figures(drawing, times, arguments.repeats))} |", flush=True)


if __name__ == "__main__":
    main()
