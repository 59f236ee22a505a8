"""`--backbone hub`: a module of one's own in a run."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

FLAGS = (
    "--generator",
    "tiny",
    "--batch-size",
    "2",
    "--steps-per-epoch",
    "2",
    "--init-epochs",
    "1",
    "--epochs",
    "0",
)


@pytest.fixture(scope="module")
def module(tmp_path_factory) -> Path:
    import keras

    keras.utils.set_random_seed(0)  # some weights see nothing of some pictures
    layers = [keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3, 2), keras.layers.ReLU()]
    path = tmp_path_factory.mktemp("hub") / "module"
    keras.Sequential(layers).export(path, verbose=False)
    return path


def test_a_generator_learns_from_a_modules_features(run, unpaired, module, packaged, no_report):
    result = run("train", unpaired, "--backbone", "hub", "--backbone-weights", module, *FLAGS, "-o", "run")
    assert result.exit_code == 0, result.output
    with open("run/metrics.csv", newline="") as file:
        distances = [float(row["content"]) for row in csv.DictReader(file)]
    assert len(distances) == 2
    assert all(math.isfinite(distance) and distance > 0 for distance in distances)


def test_hub_without_a_module_says_what_to_give(run, unpaired):
    result = run("train", unpaired, "--backbone", "hub", *FLAGS)
    assert result.exit_code == 2
    assert "the backbone 'hub' needs a module" in result.stderr
    assert not Path("runs").exists()


def test_an_output_that_does_not_exist_lists_those_that_do(run, unpaired, module):
    flags = ("--backbone", "hub", "--backbone-weights", module, "--content-layer", "output_1", *FLAGS)
    result = run("train", unpaired, *flags)
    assert result.exit_code == 2
    assert "called 'output_1'. Did you mean 'output_0'?" in " ".join(result.stderr.split())
