"""A generator and a backbone that are ready in a moment, as a stranger's plugins, and runs to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from tiny_dataset import write_dataset
from tiny_entry_points import tiny_plugins
from tiny_presets import write_small_preset


@pytest.fixture(autouse=True, scope="module")  # other rooms count what is installed
def _tiny_plugins() -> Iterator[None]:
    with tiny_plugins():
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """`shared("name", make)`: the path that `make` fills, once for all of pytest's processes."""
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent

    def once(name: str, make: Callable[[Path], object]) -> Path:
        path = root / name
        with FileLock(root / f"{name}.lock"):
            if not path.exists():
                make(path)
        return path

    return once


@pytest.fixture(scope="session")
def pairs(shared) -> Path:
    """A dataset of eight pairs, and five to measure by."""
    return shared("pairs", lambda folder: write_dataset(folder, "paired", val=5))


@pytest.fixture(scope="session")
def unpaired(shared) -> Path:
    """A dataset of four photos, cut into superpixels, and four cartoons, too few to measure by."""
    arrays = ("photo", "cartoon", "smoothed", "superpixels")
    return shared("unpaired", lambda folder: write_dataset(folder, *arrays, count=4))


@pytest.fixture(scope="session")
def trained(pairs, shared) -> Path:
    """A run of the preset pairs, 14 steps in 7 epochs, measured at every other; leave it as it is."""
    from toonify.training import TrainRequest, train

    options = {"preset": "pairs", "generator": "tiny", "batch_size": 4, "learning_rate": 0.3}
    with tiny_plugins():  # made before those of the module that asks first
        return shared(
            "straight",
            lambda folder: train(TrainRequest(pairs, folder, **options, epochs=7, measure_every=2)),
        )


@pytest.fixture
def copied(trained, tmp_path) -> Path:
    """The same run, to be gone on with: `run` in the folder at hand."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


@pytest.fixture
def uncompiled(monkeypatch) -> None:
    """Steps that run as they are written: for a few of them, compiling takes far longer."""
    from toonify.training.engines.tensorflow import TensorFlowEngine

    monkeypatch.setattr(TensorFlowEngine, "compile", lambda self, step, variables: step)


@pytest.fixture
def no_report(monkeypatch) -> None:
    """Runs without their page: its charts take longer than the training."""
    monkeypatch.setattr("toonify.training.callbacks.report.write_report", lambda folder: folder)


@pytest.fixture
def packaged(monkeypatch) -> list[int]:
    """Runs without their style, which takes longer than the training: which steps it would be made of."""
    steps: list[int] = []

    def note(run: object, step: int) -> bool:
        steps.append(step)
        return True

    monkeypatch.setattr("toonify.training.packaging.package", note)
    return steps


@pytest.fixture
def small_preset(tmp_path) -> Callable[[str], str]:
    """`small_preset("whitebox")`: a file with the preset, its discriminators as narrow as can be."""
    return lambda name: str(write_small_preset(tmp_path, name))
