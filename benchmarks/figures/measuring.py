"""All figures of a style: each picture is drawn once, and everything is measured on the drawing."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from portrait_painter import flatness as face_flatness
from portrait_painter import kept, yunet

from figures.artefacts import Grid, count_specks, flat_areas
from figures.colours import colour_shift, lab, lightness_change
from figures.features import Features, content_distance, kid
from figures.films import STEPS, flicker
from toonify.faces import Face
from toonify.training.metrics.image_metrics import edge_clarity, flatness, luminance

Draw = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Pictures:
    """What every style is measured on.

    Attributes:
        scenes: RGB, uint8, long side at most 512 pixels.
        faces: Pictures of any size, each with its largest face.
        films: Of how many of the scenes films are made.
    """

    scenes: list[np.ndarray]
    faces: list[tuple[np.ndarray, Face]]
    films: int


@dataclass(frozen=True)
class Seen:
    """How a network sees pictures.

    Attributes:
        features: Of one.
        hand: Those of an artist's drawings, as `figures.features.hand` gives them.
    """

    features: Features
    hand: np.ndarray | None = None


@dataclass
class Flat:
    """What is found in the flat areas of all pictures together."""

    grid: Grid
    photo_grid: Grid
    specks: int = 0
    pixels: int = 0

    def add(self, photo: np.ndarray, drawing: np.ndarray) -> None:
        """Count in a photograph and its drawing, both L*, (H, W)."""
        flat = flat_areas(photo)
        self.grid.add(drawing, flat)
        self.photo_grid.add(photo, flat)
        self.specks += count_specks(drawing, flat)
        self.pixels += int(flat.sum())

    def figures(self) -> dict[str, float]:
        if not self.pixels:
            return {}
        figures = {"specks": self.specks / self.pixels * 1e6}
        if self.grid.period > 1:
            figures |= {"grid": self.grid.strength(), "grid_photo": self.photo_grid.strength()}
        return figures


@dataclass
class Rows:
    """Numbers by figure, one for each picture."""

    numbers: dict[str, list[float]] = field(default_factory=dict)

    def add(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.numbers.setdefault(name, []).append(value)

    def middle(self, average: Callable[[Iterable[float]], float]) -> dict[str, float]:
        return {name: float(average(values)) for name, values in self.numbers.items()}


def measure(pictures: Pictures, draw: Draw, period: int, seen: Seen | None = None) -> dict[str, float]:
    """The figures of what `draw` makes of the pictures, by their names.

    Args:
        pictures: Photographs.
        draw: RGB, uint8, to the same; the identity for the photographs' own figures.
        period: Of the generator's upsampling; 1 for none, and no figures of a grid.
        seen: How a network sees pictures, for the figures of content and hand.
    """
    scenes, faces, films, drawings = Rows(), Rows(), Rows(), []
    flat = Flat(Grid(period), Grid(period))
    for photo in pictures.scenes:
        drawing = draw(photo)
        drawings.append(drawing)
        scenes.add(drawing_figures(photo, drawing))
        if seen:
            scenes.add({"content": content_distance(seen.features, photo, drawing)})
        flat.add(lab(photo)[..., 0], lab(drawing)[..., 0])
    for photo, face in pictures.faces:
        drawing = draw(photo)
        drawings.append(drawing)
        faces.add(face_figures(photo, drawing, face))
        flat.add(lab(photo)[..., 0], lab(drawing)[..., 0])
    for photo in pictures.scenes[: pictures.films]:
        films.add({f"flicker, {name}": flicker(photo, step, draw) for name, step in STEPS.items()})
    return (
        scenes.middle(statistics.median)
        | flat.figures()
        | films.middle(statistics.fmean)
        | faces.middle(statistics.fmean)
        | (kid(seen.features, drawings, seen.hand) if seen and seen.hand is not None else {})
    )


def drawing_figures(photo: np.ndarray, drawing: np.ndarray) -> dict[str, float]:
    """Of a drawing beside its photograph, both RGB, (H, W, 3), uint8."""
    light = luminance(drawing[np.newaxis])
    before, after = lab(photo), lab(drawing)
    return {
        "flat": float(flatness(light)[0]),
        "clarity": float(edge_clarity(light)[0]),
        "colour": colour_shift(before, after),
        "lightness": lightness_change(before, after),
    }


def face_figures(photo: np.ndarray, drawing: np.ndarray, face: Face) -> dict[str, float]:
    """Of a drawing whose photograph, both RGB, uint8, shows a face."""
    flat, flatter = face_flatness(drawing / 255, face)
    found = kept(yunet, photo, drawing / 255, face.width)
    return {"face_flat": flat, "face_flatter": flatter, "kept": float(found)}
