"""What `toonify prepare --source portrait` makes of faces: how flat, how true, how fast.

    python benchmarks/portrait_painter.py [PHOTOS ...] [--most 100]

PHOTOS are files or folders; without any, the sample with a face. For each photograph's largest face:

- flat, flatter: a face scaled to a width of 200 pixels, the share of its 8 x 8 patches whose L* deviates by
  less than 1.0, and 0.5, in the photograph, in the flat colours, and in the drawing with its ink;
- kept: YuNet, or the face mesh, finds the face in the drawing again, pupils, tip of the nose and corners of
  the mouth no farther than 6 % of the face's width from where it saw them in the photograph;
- seconds, wall time and processor's, to paint a photograph, and its faces over a drawing, as `convert` does.

Drawings are the source's, reduced to the photograph's size.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from toonify.datasets.filters import INK, at_most
from toonify.datasets.likeness import moved as points_moved
from toonify.datasets.painting.finding import find_faces
from toonify.datasets.painting.over import Faces
from toonify.datasets.portrait import Portrait
from toonify.faces import Face
from toonify.faces import find_faces as boxed_faces
from toonify.plugins import find_pictures, open_rgb

SAMPLES = Path(__file__).parents[1] / "samples"
WIDTH, PATCH = 200, 8  # pixels
NEAR = 0.06  # of a face's width
FIVE = [468, 473, 1, 61, 291]  # landmarks: pupils, tip of the nose, corners of the mouth


def drawn(pair: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Flat colours and the drawing with its ink, RGB in [0, 1], at a width and height."""
    values = cv2.resize(pair[..., 3:], size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    colours, ink = values[..., :3], values[..., 3:]
    return colours, colours * (1 - ink) + INK * ink


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


def yunet(rgb: np.ndarray) -> list[np.ndarray]:
    """Five points, (5, 2), of each face of RGB, uint8."""
    return [face.points for face in boxed_faces(Image.fromarray(rgb))]


def mesh(rgb: np.ndarray) -> list[np.ndarray]:
    """As `yunet`."""
    return [face.points[FIVE] for face in find_faces(rgb)]


def kept(
    look: Callable[[np.ndarray], list[np.ndarray]], photo: np.ndarray, drawing: np.ndarray, width: float
) -> bool:
    """Whether the largest face, of a width, is found again where it was."""
    return moved(look, photo, drawing, width) < NEAR


def moved(
    look: Callable[[np.ndarray], list[np.ndarray]], photo: np.ndarray, drawing: np.ndarray, width: float
) -> float:
    """How far that point of the largest face, of a width, went which went farthest, in widths of the face;
    infinite if there is no face in one of the two.
    """
    before, after = look(photo), look(np.rint(drawing * 255).astype(np.uint8))
    return points_moved(before[0], after, width) if before else math.inf


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
    source, looks = Portrait(), {"YuNet": yunet, "the mesh": mesh}
    lost: dict[str, list[str]] = {name: [] for name in looks}
    rows, without, wall, busy, over, pixels = [], 0, 0.0, 0.0, 0.0, 0
    for path in chosen:
        image = open_rgb(path)
        photo, faces = np.asarray(image), boxed_faces(image)
        if not faces:
            without += 1
            continue
        began, worked = time.perf_counter(), time.process_time()
        pair = source.pair(at_most(photo, source.longest))
        wall, busy = wall + time.perf_counter() - began, busy + time.process_time() - worked
        worked = time.process_time()
        Faces().paint(photo, photo, {})
        over += time.process_time() - worked
        pixels += pair.shape[0] * pair.shape[1]
        colours, drawing = drawn(pair, image.size)
        rows.append([flatness(rgb, faces[0]) for rgb in (photo / 255, colours, drawing)])
        for name, look in looks.items():
            if not kept(look, photo, drawing, faces[0].width):
                lost[name].append(path.name)
    if not rows:
        print(f"no face in {len(chosen)} photographs")
        return
    print(f"{len(rows)} photographs with a face, {without} without\n")
    print("| face | flat | flatter |\n| --- | --- | --- |")
    for name, (flat, flatter) in zip(
        ("photograph", "flat colours", "drawing"), np.mean(rows, 0), strict=True
    ):
        print(f"| {name} | {flat:.2f} | {flatter:.2f} |")
    for name, losses in lost.items():
        print(f"\nfeatures kept, by {name}: {len(rows) - len(losses)} of {len(rows)}")
        print("lost in", ", ".join(losses) or "none")
    print(
        f"\n{wall / len(rows):.2f} s a photograph ({busy / len(rows):.2f} s of processor), "
        f"{wall / pixels * 1e6:.1f} s for each megapixel painted\n"
        f"{over / len(rows):.2f} s of processor for its faces over a drawing"
    )


if __name__ == "__main__":
    main()
