"""Styles with tiny networks and random weights."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toonify.storage import StyleManifest

OPTIONS = {"lite": {"width": 2}, "cartoongan": {"width": 2, "blocks": 1}}


@pytest.fixture(scope="session")
def styles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A style folder for each generator; not to be changed."""
    import keras

    from toonify.networks import save_weights, to_onnx
    from toonify.plugins import create

    folders = {}
    for name, options in OPTIONS.items():
        keras.utils.set_random_seed(0)
        generator = create("generators", name, options)
        model = generator.build()
        random = np.random.default_rng(0)
        model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
        folder = folders[name] = tmp_path_factory.mktemp("styles") / name
        folder.mkdir()
        save_weights(model, folder / "generator.npz")
        to_onnx(model, folder / "generator.onnx")
        StyleManifest(
            name=f"tiny {name}",
            generator=name,
            generator_options=options,
            halo=generator.halo,
            multiple=generator.multiple,
            licence="CC0-1.0",
        ).write(folder)
    return folders


@pytest.fixture
def style(styles: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """`style("lite")`: a style folder that the test may change."""

    def copy(name: str = "lite") -> Path:
        return Path(shutil.copytree(styles[name], tmp_path / "styles" / name))

    return copy


@pytest.fixture
def draw() -> Callable[[Path, np.ndarray], np.ndarray]:
    """What an ONNX file makes of pictures."""
    import onnxruntime

    def run(path: Path, pixels: np.ndarray) -> np.ndarray:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        return session.run(["cartoon"], {"picture": pixels})[0]

    return run
