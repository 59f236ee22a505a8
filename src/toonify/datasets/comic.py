"""`--source comic`: photographs paired with a comic drawing of themselves.

The drawing is made by classical abstraction (`abstraction.py`), so a folder of photographs is all
that training a clean, outlined style takes: no cartoons, no licences to ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from toonify.datasets.abstraction import even_out, few_tones, flat_areas, ink_lines
from toonify.datasets.degradation import chance_of, degraded
from toonify.datasets.filters import INK, Array, laid, to_bytes, to_lab, to_rgb
from toonify.datasets.folder import pictures_below
from toonify.datasets.likeness import as_known, faces_of, features_of, finer_areas
from toonify.plugins import DatasetSource, Domain, Fraction, SourceItem, Weight

Over = Callable[[Array, Array, Array], tuple[Array, Array]]
"""Colours and ink from colours, ink, and where they are to be finer."""

GREY = 2.0  # mean chroma, in CIELAB units, below which a photograph counts as grey


class Comic(DatasetSource):
    """Pairs made from the photographs below PHOTOS, and a map of their facial features.

    Beside the pairs it derives `facial`: 1 where eyes, noses and mouths are, 0 elsewhere.

    Args:
        tint: Share of grey photographs that are given a warm tone, so that old portraits stand
            in for skin.
        wear: Share of photographs that are made hazy, noisy, soft or blocky, while their drawing
            stays clean: what the network learns to see through.
        chroma: How much more vivid than the photograph the flat colours are.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"paired"})
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"paired": {"facial": 1}}

    def __init__(self, tint: Fraction = 0.7, wear: Fraction = 0.5, chroma: Weight = 1.25) -> None:
        self.tint = tint
        self.wear = wear
        self.chroma = chroma

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Every picture below `root`, by its relative path; large ones hold more to crop."""
        return pictures_below(root, weighted=True)

    def pair(self, photo: Array) -> Array:
        """Photo, flat colours and ink of a crop; the same crop always gives the same pair."""
        chance = chance_of(photo)
        rgb = photo.astype(np.float32) / 255
        lab = to_lab(rgb)
        if np.abs(lab[..., 1:]).mean() < GREY and chance.random() < self.tint:
            lab = _tinted(lab, chance)
            rgb = to_rgb(lab)
        colours, ink = self._drawn(to_rgb(even_out(lab)))
        seen = degraded(rgb, chance) if chance.random() < self.wear else rgb
        return to_bytes(np.concatenate([seen, colours, ink[..., None]], -1))

    def derive(self, domain: Domain, picture: Array) -> Mapping[str, Array]:
        """The map of features of a crop, (S, S, 1)."""
        return features_of(picture)

    def _drawn(self, rgb: Array) -> tuple[Array, Array]:
        """Flat colours and ink, finer in faces, as far as they need it to be known again."""
        areas = flat_areas(rgb)
        lines = ink_lines(rgb, areas)
        over = self._over(rgb)

        def layers(finer: Array) -> tuple[Array, Array]:
            colours = few_tones(finer_areas(rgb, areas, finer), chroma=self.chroma, gently=finer)
            return over(colours, lines * (1 - 0.6 * finer), finer)

        return as_known(faces_of(rgb), rgb.shape, layers, lambda drawn: laid(*drawn, INK))

    def _over(self, rgb: Array) -> Over:
        """What is drawn over a picture's colours and ink: nothing."""
        return lambda colours, ink, finer: (colours, ink)


def _tinted(lab: Array, chance: np.random.Generator) -> Array:
    """A warm tone, strongest in the midtones, as skin has it."""
    strength = np.sin(np.pi * np.clip(lab[..., 0], 0, 100) / 100)
    tinted = lab.copy()
    tinted[..., 1] = chance.uniform(4, 20) * strength
    tinted[..., 2] = chance.uniform(6, 28) * strength
    return tinted
