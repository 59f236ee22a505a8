"""Styles with tiny networks and random weights."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from cartoon_page import READY
from chromium import Chromium, running

from toonify.exporting import Exported, ExportRequest, export_style
from toonify.inference import open_onnx
from toonify.storage import StyleManifest
from toonify.styles import defaults

OPTIONS = {"lite": {"width": 1}, "cartoongan": {"width": 1, "blocks": 1}}


@pytest.fixture(scope="session")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`styles("lite", width=16)`: a style folder for each generator, made once; not to be changed."""

    @functools.cache
    def find(name: str, **options: int) -> Path:
        return make_style(name, tmp_path_factory.mktemp("styles") / name, **options)

    return find


def make_style(name: str, folder: Path, **options: int) -> Path:
    """A style folder of a generator with random weights, tiny unless `options` say otherwise."""
    import keras

    from toonify.networks import save_weights, to_onnx
    from toonify.plugins import create

    keras.utils.set_random_seed(0)
    options = OPTIONS[name] | options
    generator = create("generators", name, options)
    model = generator.build()
    random = np.random.default_rng(0)
    noise = 0.1 / options["width"]
    model.set_weights([w + random.normal(0, noise, w.shape) for w in model.get_weights()])
    folder.mkdir()
    save_weights(model, folder / "generator.npz")
    to_onnx(generator.controlled(model), folder / "generator.onnx", defaults(generator.controls))
    StyleManifest(
        name=f"tiny {name}",
        generator=name,
        generator_options=options,
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


def exported(style: Path, output: Path, format_: str) -> Exported:
    (made,) = export_style(ExportRequest(style, output, format_)).exported
    return made


@pytest.fixture(scope="session")
def saved_model(styles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The tiny `lite` as a SavedModel; not to be changed."""
    return exported(styles("lite"), tmp_path_factory.mktemp("out"), "saved-model")


@pytest.fixture(scope="session")
def litert(styles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The tiny `lite` as a LiteRT file; not to be changed."""
    pytest.importorskip("ai_edge_litert")
    return exported(styles("lite"), tmp_path_factory.mktemp("out"), "litert")


@pytest.fixture(scope="session")
def keras_file(styles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The tiny `lite` as a Keras file; not to be changed."""
    return exported(styles("lite"), tmp_path_factory.mktemp("out"), "keras")


@pytest.fixture(scope="module")
def browser(chromium_program, tmp_path_factory) -> Iterator[Chromium]:
    flags = ("--use-fake-device-for-media-stream",)
    with running(chromium_program, tmp_path_factory.mktemp("profile"), *flags) as chromium:
        yield chromium


@pytest.fixture
def page(browser, address) -> Iterator[Chromium]:
    """The page at a module's `address`, loaded anew; it must complain of nothing, and ask nobody else."""
    browser.events.clear()
    browser.resize(1280, 900)
    browser.open(address)
    browser.until(READY)
    yield browser
    content(browser, address)
    browser.open("about:blank")  # it may be left in any state


@pytest.fixture
def used_page(browser, address) -> Iterator[Chromium]:
    """The page, as the last of these tests left it: for what any picture and style may precede.

    To load it anew takes longer than most tests.
    """
    browser.events.clear()
    browser.resize(1280, 900)
    if browser.run("location.href") != address:
        browser.open(address)
        browser.until(READY)
    browser.run("document.getElementById('alert').hidden = true")
    yield browser
    content(browser, address)


@pytest.fixture
def scripts(browser, address) -> Iterator[Chromium]:
    """Beside the page, where its modules can be imported: it takes ten times as long to load."""
    browser.events.clear()
    beside = f"{address}page.json"
    if browser.run("location.href") != beside:
        browser.open(beside)
    yield browser
    content(browser, address)


def content(browser: Chromium, address: str) -> None:
    # Where no page names an icon, the browser looks for one by itself.
    assert [told for told in browser.complaints() if not told.endswith("/favicon.ico")] == []
    assert [asked for asked in browser.requests() if not asked.startswith((address, "blob:", "data:"))] == []
