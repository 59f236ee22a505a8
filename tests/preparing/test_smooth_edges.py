"""Edge smoothing is what CartoonGAN published, pixel by pixel."""

from __future__ import annotations

import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from prepared import drawing

from toonify.preparing.edges import smooth_edges

ROOT = Path(__file__).parents[2]
BENCHMARK = ROOT / "benchmarks" / "edge_smoothing.py"
published = runpy.run_path(str(BENCHMARK))["published"]


def sample(name: str, *box: int) -> np.ndarray:
    with Image.open(ROOT / "samples" / name) as picture:
        return np.asarray(picture.crop(box))


PICTURES = {
    "discs": np.asarray(drawing("discs", 64, 64)),
    "cat": sample("cat.jpg", 100, 40, 230, 140),
    "cup": sample("coffee.jpg", 200, 100, 280, 180),
    "noise": np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8),
    "black and white": np.indices((48, 48)).sum(0)[..., None].repeat(3, -1).astype(np.uint8) // 8 % 2 * 255,
}


@pytest.mark.parametrize("name", PICTURES)
def test_equals_the_published_loop(name: str) -> None:
    picture = PICTURES[name]
    smoothed = smooth_edges(picture)
    assert (smoothed != picture).any()
    np.testing.assert_array_equal(smoothed, published(picture))


def test_leaves_everything_away_from_edges_alone() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:] = (250, 120, 30)
    changed = np.nonzero((smooth_edges(picture) != picture).any(axis=(0, 2)))[0]
    assert {31, 32} <= set(changed) <= set(range(28, 36))


def test_leaves_a_flat_picture_and_its_argument_alone() -> None:
    picture = np.full((32, 32, 3), 77, np.uint8)
    np.testing.assert_array_equal(smooth_edges(picture), picture)
    cat = PICTURES["cat"].copy()
    smooth_edges(cat)
    np.testing.assert_array_equal(cat, PICTURES["cat"])


def test_the_weights_are_opencvs_gaussian_of_that_size() -> None:
    from toonify.preparing.edges import _BINOMIAL

    np.testing.assert_array_equal(cv2.getGaussianKernel(5, 0)[:, 0] * 16, _BINOMIAL)
