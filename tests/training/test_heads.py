"""Heads of any name, supervised by arrays that a source has derived."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_dataset import add_array, write_dataset

from toonify.plugins import create
from toonify.training.loss_context import signed
from toonify.training.objectives import Objective, networks_used

PRESET = """
description = "Depth beside the drawing"
batch_size = 2
generator = { name = "deep" }
measuring = { every = 0 }

[initialisation]
epochs = 1
learning_rate = 1e-3

[initialisation.terms.reconstruction]
weight = 1.0

[initialisation.terms.depth]
weight = 2.0
term = "ink"
options = { head = "depth", array = "depth" }
"""


def test_a_head_learns_from_an_array_that_a_source_derived(run, tmp_path, no_report, packaged, uncompiled):
    folder = write_dataset(tmp_path / "dataset", "photo", "cartoon", count=2, val=4, size=16)
    add_array(folder, "photo", "depth", lambda photo: photo[..., :1])
    Path("deep.toml").write_text(PRESET, encoding="utf-8")
    result = run("train", folder, "--preset", "deep.toml", "-o", "run")
    assert result.exit_code == 0, result.output
    with open("run/metrics.csv", newline="") as file:
        (step,) = csv.DictReader(file)
    assert float(step["loss"]) == pytest.approx(
        float(step["reconstruction"]) + 2 * float(step["depth"]), rel=1e-4
    )
    with open("run/measures.csv", newline="") as file:
        (measured,) = csv.DictReader(file)
    assert math.isfinite(float(measured["clarity"])) and "ink" not in measured


LABELLED = """
description = "Regions beside the drawing"
batch_size = 2
generator = { name = "deep" }

[paired]
epochs = 1
learning_rate = 1e-3
terms = { told = { weight = 1.0, term = "regions", options = { head = "tone" } } }
"""


def test_a_label_that_the_head_has_no_channel_for_is_told_before_anything_is_learnt(run, tmp_path):
    folder = write_dataset(tmp_path / "dataset", "paired", count=2, val=4, size=16)
    add_array(folder, "paired", "regions", lambda pair: np.where(pair[..., 6:] > 0, 4, 0).astype(np.uint8))
    Path("regions.toml").write_text(LABELLED, encoding="utf-8")
    result = run("train", folder, "--preset", "regions.toml", "-o", "run")
    assert result.exit_code == 2, result.output
    assert "the head 'tone' tells the labels 0 to 2 apart, and regions has labels up to 4" in " ".join(
        result.stderr.split()
    )
    assert not Path("run").exists()


def test_by_default_pairs_supervise_colour_and_ink():
    assert [create("terms", name, {}).uses for name in ("colour", "gradient", "ink")] == [
        frozenset({"heads", "paired"})
    ] * 3
    other = create("terms", "gradient", {"head": "tone", "array": "flat"})
    assert other.uses == frozenset({"heads", "flat"})


@pytest.mark.parametrize(("uses", "there"), [({"paired"}, False), ({"heads", "flat"}, True)])
def test_a_generator_needs_heads_where_a_term_names_them(uses, there):
    objective = Objective({"calm": SimpleNamespace(uses=frozenset(uses))}, {"calm": 1.0})
    assert ("heads" in networks_used({"paired": objective})) is there


def test_an_array_is_compared_in_the_unit_of_the_head():
    black_and_white = np.array([0.0, 255.0], np.float32).reshape(1, 1, 2, 1)
    tone = np.array([-1.0, 0.5], np.float32).reshape(1, 1, 2, 1)
    context = SimpleNamespace(
        heads={"tone": tone, "depth": 9 * tone},
        array={"flat": black_and_white}.get,
        colours={"flat": signed(black_and_white)}.get,
    )
    colour = create("terms", "colour", {"head": "tone", "array": "flat"})
    assert float(colour.loss(context)) == pytest.approx(0.25)
    ink = create("terms", "ink", {"head": "depth", "array": "flat", "emphasis": 0.0})
    expected = (math.log1p(math.exp(-9)) + math.log1p(math.exp(-4.5))) / 2
    assert float(ink.loss(context)) == pytest.approx(expected, rel=1e-4)


@pytest.fixture
def labelled() -> SimpleNamespace:
    """Two rows of two pixels: a cheek (label 2) above an eye (label 5)."""
    labels = np.array([[2.0, 2.0], [5.0, 5.0]], np.float32).reshape(1, 2, 2, 1)
    colour = np.array([[1.0, 1.0], [0.5, 1.0]], np.float32).reshape(1, 2, 2, 1).repeat(3, -1)
    return SimpleNamespace(heads={"colour": colour}, colour=np.zeros_like(colour), array={"kind": labels}.get)


BY_KIND = {"labels": "kind", "weights": (1.0, 1.0, 0.5, 1.0, 1.0, 8.0)}


def test_pixels_count_by_what_they_belong_to(labelled):
    assert float(create("terms", "colour", {}).loss(labelled)) == pytest.approx(3.5 / 4)
    term = create("terms", "colour", BY_KIND)
    assert float(term.loss(labelled)) == pytest.approx((0.5 * 2 + 8 * 1.5) / 4)
    assert term.uses == frozenset({"heads", "paired", "kind"})


def test_differences_count_as_the_pixel_that_they_lead_to(labelled):
    plain, weighted = (create("terms", "gradient", options) for options in ({}, BY_KIND))
    assert float(plain.loss(labelled)) == pytest.approx(0.5 / 2 + 0.5 / 2)
    assert float(weighted.loss(labelled)) == pytest.approx(8 * 0.5 / 2 + 8 * 0.5 / 2)


def test_labels_beyond_the_last_weight_count_once(labelled):
    short = create("terms", "colour", {"labels": "kind", "weights": (0.0, 0.0, 0.0)})
    assert float(short.loss(labelled)) == pytest.approx(1.5 / 4)


def test_a_head_may_tell_regions_apart():
    labels = np.array([0.0, 2.0], np.float32).reshape(1, 1, 2, 1)
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]], np.float32)).reshape(1, 1, 2, 3)
    context = SimpleNamespace(heads={"regions": logits}, array={"regions": labels}.get)
    term = create("terms", "regions", {})
    assert float(term.loss(context)) == pytest.approx(-(math.log(0.5) + math.log(0.6)) / 2, rel=1e-5)
    assert term.uses == frozenset({"heads", "paired", "regions"})
