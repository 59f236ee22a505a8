"""Styles with tiny networks and random weights."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toonify.exporting import Exported, ExportRequest, export_style
from toonify.inference import open_onnx
from toonify.storage import StyleManifest
from toonify.styles import defaults

OPTIONS = {"lite": {"width": 1}, "cartoongan": {"width": 1, "blocks": 1}}


@pytest.fixture(scope="session")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`styles("lite")`: a style folder for each generator, made once; not to be changed."""
    folders: dict[str, Path] = {}

    def find(name: str) -> Path:
        if name not in folders:
            folders[name] = make_style(name, tmp_path_factory.mktemp("styles") / name)
        return folders[name]

    return find


def make_style(name: str, folder: Path) -> Path:
    import keras

    from toonify.networks import save_weights, to_onnx
    from toonify.plugins import create

    keras.utils.set_random_seed(0)
    generator = create("generators", name, OPTIONS[name])
    model = generator.build()
    random = np.random.default_rng(0)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    folder.mkdir()
    save_weights(model, folder / "generator.npz")
    to_onnx(generator.controlled(model), folder / "generator.onnx", defaults(generator.controls))
    StyleManifest(
        name=f"tiny {name}",
        generator=name,
        generator_options=OPTIONS[name],
        halo=generator.halo,
        multiple=generator.multiple,
        controls=dict(generator.controls),
        licence="CC0-1.0",
    ).write(folder)
    return folder


@pytest.fixture
def style(styles: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """`style("lite")`: a style folder that the test may change."""

    def copy(name: str = "lite") -> Path:
        return Path(shutil.copytree(styles(name), tmp_path / "styles" / name))

    return copy


@pytest.fixture
def draw() -> Callable[[Path, np.ndarray], np.ndarray]:
    """What an ONNX file makes of pictures."""
    return lambda path, pictures: open_onnx(path).run(pictures)


@pytest.fixture(scope="session")
def saved_model(styles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The tiny `lite` as a SavedModel; not to be changed."""
    request = ExportRequest(styles("lite"), tmp_path_factory.mktemp("out"), "saved-model")
    (exported,) = export_style(request).exported
    return exported


@pytest.fixture(scope="session")
def litert(styles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The tiny `lite` as a LiteRT file; not to be changed."""
    pytest.importorskip("ai_edge_litert")
    request = ExportRequest(styles("lite"), tmp_path_factory.mktemp("out"), "litert")
    (exported,) = export_style(request).exported
    return exported


@pytest.fixture(scope="session")
def keras_file(styles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The tiny `lite` as a Keras file; not to be changed."""
    request = ExportRequest(styles("lite"), tmp_path_factory.mktemp("out"), "keras")
    (exported,) = export_style(request).exported
    return exported
