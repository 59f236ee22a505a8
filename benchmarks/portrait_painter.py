"""What `toonify prepare --source portrait` makes of faces: how flat, how true, how fast.

    python benchmarks/portrait_painter.py [PHOTOS ...] [--most 100]

PHOTOS are files or folders; without any, the sample with a face. For each photograph's largest face:

- flat, flatter: a face scaled to a width of 200 pixels, the share of its 8 x 8 patches whose L* deviates by
  less than 1.0, and 0.5, in the photograph, in the flat colours, and in the drawing with its ink;
- kept: YuNet finds the face in the drawing again, its five points no farther than 6 % of the face's width
  from where they are in the photograph;
- seconds, wall time and processor's, to paint a photograph, at the size it has.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from toonify.datasets.painting import Painting, paint
from toonify.plugins import find_pictures, open_rgb
from toonify.preparing.faces import Face, find

SAMPLES = Path(__file__).parents[1] / "samples"
INK = np.array([0.06, 0.04, 0.07], np.float32)
WIDTH, PATCH = 200, 8  # pixels
NEAR = 0.06  # of a face's width


def composed(painting: Painting) -> np.ndarray:
    """The drawing, RGB, (H, W, 3), in [0, 1]."""
    ink = painting.ink[..., None]
    return painting.colours * (1 - ink) + INK * ink


def flatness(rgb: np.ndarray, face: Face) -> tuple[float, float]:
    """Shares of a face's patches that are flat, and flatter, of RGB in [0, 1]."""
    left, top = max(0, round(face.left)), max(0, round(face.top))
    part = rgb[top : round(face.top + face.height), left : round(face.left + face.width)]
    size = WIDTH, max(PATCH, round(WIDTH * part.shape[0] / part.shape[1]))
    how = cv2.INTER_AREA if part.shape[1] > WIDTH else cv2.INTER_LINEAR
    lightness = cv2.cvtColor(cv2.resize(part.astype(np.float32), size, interpolation=how), cv2.COLOR_RGB2LAB)[
        ..., 0
    ]
    rows, columns = lightness.shape[0] // PATCH, lightness.shape[1] // PATCH
    patches = lightness[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns, PATCH)
    deviation = patches.std((1, 3))
    return float((deviation < 1).mean()), float((deviation < 0.5).mean())


def kept(rgb: np.ndarray, face: Face) -> bool:
    """Whether a face is found again where it was."""
    drawing = Image.fromarray(np.rint(rgb * 255).astype(np.uint8))
    return any(
        np.linalg.norm(other.points - face.points, axis=1).max() < NEAR * face.width
        for other in find(drawing)
    )


def files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from find_pictures(path) if path.is_dir() else [path]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", nargs="*", type=Path, default=[SAMPLES / "astronaut.jpg"])
    parser.add_argument("--most", type=int, default=100, help="photographs, spread over all there are")
    options = parser.parse_args()
    found = list(files(options.photos))
    chosen = found[:: max(1, len(found) // options.most)][: options.most]
    cv2.setNumThreads(1)
    rows, lost, without, wall, busy, pixels = [], [], [], 0.0, 0.0, 0
    for path in chosen:
        image = open_rgb(path)
        photo, faces = np.asarray(image), find(image)
        if not faces:
            without.append(path.name)
            continue
        began, worked = time.perf_counter(), time.process_time()
        painting = paint(photo)
        wall, busy = wall + time.perf_counter() - began, busy + time.process_time() - worked
        pixels += photo.shape[0] * photo.shape[1]
        drawing = composed(painting)
        rows.append([flatness(rgb, faces[0]) for rgb in (photo / 255, painting.colours, drawing)])
        if not kept(drawing, faces[0]):
            lost.append(path.name)
    if not rows:
        print(f"no face in {len(chosen)} photographs")
        return
    print(f"{len(rows)} photographs with a face, {len(without)} without\n")
    print("| face | flat | flatter |\n| --- | --- | --- |")
    for name, (flat, flatter) in zip(
        ("photograph", "flat colours", "drawing"), np.mean(rows, 0), strict=True
    ):
        print(f"| {name} | {flat:.2f} | {flatter:.2f} |")
    print(f"\nfeatures kept in {len(rows) - len(lost)} of {len(rows)}; lost in {', '.join(lost) or 'none'}")
    print(
        f"{wall / len(rows):.2f} s a photograph ({busy / len(rows):.2f} s of processor), "
        f"{wall / pixels * 1e6:.1f} s a megapixel"
    )


if __name__ == "__main__":
    main()
