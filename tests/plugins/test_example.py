"""The example package: found, kept to its contracts, and used from preparing to training."""

from __future__ import annotations

import importlib
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.plugins import create, find_plugins
from toonify.training.objectives import make_objectives
from toonify.training.presets import load_preset

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLE = Path(__file__).parents[2] / "examples" / "toonify-plugin-example"
CODE = sorted((EXAMPLE / "src").rglob("*.py"))


@pytest.fixture
def example(install, monkeypatch) -> None:
    """The example as pip would install it, its modules left in the checkout."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    groups = {group.partition(".")[2]: names for group, names in project["entry-points"].items()}
    install(project["name"], groups, version=project["version"])
    monkeypatch.syspath_prepend(EXAMPLE / "src")
    importlib.invalidate_caches()


def test_it_is_small():
    assert sum(len(path.read_text().splitlines()) for path in CODE) < 170


def test_it_imports_only_what_plugins_may():
    lines = [line.split() for path in CODE for line in path.read_text().splitlines()]
    modules = {words[1] for words in lines if words and words[0] in ("import", "from")}
    assert modules == {"keras", "numpy", "onnxruntime", "toonify.plugins", "zlib"}


def test_its_own_tests_say_that_it_keeps_its_contracts(example, tmp_path):
    code = (EXAMPLE / "tests" / "test_contracts.py").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    exec(code, names)
    names["test_the_contracts_are_kept"]()
    names["test_the_format_holds_the_network"](tmp_path)
    names["test_the_style_leaves_few_tones"]()


def test_it_is_found_beside_the_built_in_ones(example):
    theirs = {(p.group, p.name) for p in find_plugins() if p.distribution == "toonify-plugin-example"}
    assert theirs == {
        ("backbones", "gabor"),
        ("losses", "smoothgan"),
        ("datasets", "listed"),
        ("terms", "vividness"),
        ("generators", "pastel"),
        ("exporters", "packed"),
        ("styles", "poster"),
    }


def test_the_source_takes_what_its_list_names(example, tmp_path, picture_file):
    for name in ("a.png", "sub/b.png", "left-out.png"):
        picture_file(name)
    (tmp_path / "best.txt").write_text("sub/b.png\n\na.png\n")
    items = list(create("datasets", "listed", {"file": "best.txt"}).items("photo", tmp_path))
    assert [item.identity for item in items] == ["sub/b.png", "a.png"]
    assert all(item.path.is_file() for item in items)


def test_the_source_says_which_list_it_misses(example, tmp_path):
    with pytest.raises(ToonifyError, match=r"has no list pictures\.txt") as raised:
        list(create("datasets", "listed", {}).items("photo", tmp_path))
    assert raised.value.hint == "Name it with `source_options`: file=NAME."


def test_the_loss_by_hand(example):
    # At logit 0 everyone is undecided: each term is log 2, however smooth the labels.
    undecided = np.zeros((2, 4, 4, 1), np.float32)
    loss = create("losses", "smoothgan", {"smoothing": "0.2"})
    assert float(loss.discriminator(undecided, undecided, undecided)) == pytest.approx(3 * math.log(2))
    assert float(loss.generator(undecided)) == pytest.approx(math.log(2))
    # At logit log 3, sigmoid is 3/4: -0.8 log 3/4 - 0.2 log 1/4 for a real one, -log 1/4 for a fake.
    sure = np.full((2, 4, 4, 1), math.log(3), np.float32)
    real, fake = -0.8 * math.log(3 / 4) - 0.2 * math.log(1 / 4), -math.log(1 / 4)
    assert float(loss.discriminator(sure, sure)) == pytest.approx(real + fake)
    assert float(loss.generator(sure)) == pytest.approx(-math.log(3 / 4))


def test_the_loss_refuses_labels_below_zero(example):
    with pytest.raises(ToonifyError, match="smoothing of the loss 'smoothgan' should be 0 or more") as raised:
        create("losses", "smoothgan", {"smoothing": "1.5"})
    assert raised.value.exit_code == USAGE


@pytest.mark.parametrize(("layer", "side"), [("fine", 16), ("coarse", 4)])
def test_the_backbone_gives_features_of_any_picture(example, layer, side):
    model = create("backbones", "gabor", {}).build("none", layer)
    features = model(np.zeros((2, 16, 16, 3), np.float32))
    assert tuple(features.shape) == (2, side, side, 15)
    assert not model.trainable_variables


def test_the_backbone_tells_colours_from_edges(example):
    model = create("backbones", "gabor", {}).build("none", "fine")

    def response(picture: np.ndarray) -> np.ndarray:
        """Mean magnitude in the middle: lightness, red-green, yellow-blue; blur, then four waves."""
        features = np.asarray(model(picture[None]))[0, 8:-8, 8:-8]
        return np.abs(features).mean((0, 1)).reshape(3, 5)

    grey = response(np.full((32, 32, 3), 0.5, np.float32))
    assert grey[0, 0] == pytest.approx(0.5, abs=1e-4)
    assert grey.sum() == pytest.approx(0.5, abs=1e-4), "a flat grey picture has lightness and nothing else"
    red = response(np.broadcast_to(np.array([1, 0, 0], np.float32), (32, 32, 3)))
    assert red[:, 0] == pytest.approx([1 / 3] * 3, abs=1e-4)
    edge = np.zeros((32, 32, 3), np.float32)
    edge[:, 16:] = 1
    lightness = response(edge)[0]
    assert lightness[1] > 3 * lightness[3] >= 0, "a vertical edge answers to the wave across it"


def test_the_backbone_refuses_what_it_has_not(example):
    backbone = create("backbones", "gabor", {})
    with pytest.raises(ToonifyError, match="Did you mean 'fine'"):
        backbone.build("none", "fin")
    with pytest.raises(ToonifyError, match="takes no weights"):
        backbone.build("weights.npz", "fine")


def test_the_term_by_hand(example):
    grey, red = np.zeros((1, 2, 2, 3), np.float32), np.full((1, 2, 2, 3), (1, -1, -1), np.float32)
    term = create("terms", "vividness", {})
    assert float(term.loss(SimpleNamespace(generated=red, cartoon=red))) == 0
    # Chroma 0 against 2 in half of the pixels.
    half = np.concatenate([grey, red], axis=1)
    assert float(term.loss(SimpleNamespace(generated=grey, cartoon=half))) == pytest.approx(1)


def test_a_preset_takes_the_term_in(run, example, tmp_path):
    preset = run("presets", "cartoongan").stdout + (EXAMPLE / "vividness.toml").read_text()
    (tmp_path / "vivid.toml").write_text(preset)
    settings = load_preset("vivid.toml")
    assert "vividness" in make_objectives(settings)["adversarial"].terms
    assert settings.phases["adversarial"].terms["vividness"].weight == 2


def test_the_format_is_verified_and_the_style_exported(run, example):
    done = run("export", "poster", "--to", "packed")
    assert done.exit_code == 0, done.stderr
    assert "in ONNX Runtime" in done.stdout
    assert Path("export/poster.onnx.z").stat().st_size > 0


def test_the_style_is_what_its_script_writes(example):
    path = EXAMPLE / "make_poster.py"
    names: dict = {"__name__": "make_poster", "__file__": str(path)}
    exec(path.read_text(encoding="utf-8"), names)
    assert (names["FOLDER"] / "generator.onnx").read_bytes() == names["network"]().SerializeToString()


def test_the_generator_begins_with_the_photograph(example):
    photo = np.random.default_rng(0).uniform(-1, 1, (1, 8, 8, 3)).astype(np.float32)
    assert np.array_equal(create("generators", "pastel", {"width": "4"}).build()(photo), photo)
    with pytest.raises(ToonifyError, match="width should be"):
        create("generators", "pastel", {"width": "0"})


@pytest.fixture
def installed(tmp_path):
    """`toonify` in an environment where pip has installed the example; gives a function to run it."""
    site = tmp_path / "site"
    source = shutil.copytree(EXAMPLE, tmp_path / "example")  # a build leaves folders beside its source
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *options, "--target", site, source]
    subprocess.run(pip, check=True)
    paths = os.pathsep.join([str(site), os.environ["PYTHONPATH"]])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}

    def toonify(*arguments: object) -> str:
        command = [sys.executable, "-m", "toonify", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return toonify


@pytest.mark.slow
def test_installed_it_is_used_from_preparing_to_training(installed, tmp_path, picture_file):
    for folder in ("photos", "cartoons"):
        names = [picture_file(f"{folder}/{seed}.png", (64, 64), seed=seed).name for seed in range(6)]
        (tmp_path / folder / "few.txt").write_text("\n".join(names[:4]))
    assert "toonify-plugin-example" in installed("plugins", "--check")
    installed(
        *("prepare", "photos", "cartoons", "--source", "listed", "--source-option", "file=few.txt"),
        *("--size", 32, "--val-fraction", 0.25, "--workers", 1),
    )
    assert len(np.load(tmp_path / "dataset" / "train" / "photo-00000.npy")) == 3
    preset = installed("presets", "cartoongan") + (EXAMPLE / "vividness.toml").read_text()
    (tmp_path / "vivid.toml").write_text(preset)
    installed(
        *("train", "--preset", "vivid.toml", "--weight", "vividness=5", "--generator", "pastel"),
        *("--backbone", "gabor", "--content-layer", "coarse", "--batch-size", 2, "-o", "vivid"),
        *("--loss", "smoothgan", "--loss-option", "smoothing=0.2"),
        *("--init-epochs", 1, "--epochs", 1, "--steps-per-epoch", 2),
    )
    assert "vividness" in (tmp_path / "vivid" / "metrics.csv").read_text().splitlines()[0].split(",")
    card = (tmp_path / "vivid" / "style" / "style.json").read_text()
    assert "gabor" in card
    assert "smoothgan" in card
