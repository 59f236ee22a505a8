"""The presets that come with toonify: what their papers and repositories say, and that each trains."""

from __future__ import annotations

import csv
import importlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from tiny_dataset import add_array, write_dataset

from toonify.datasets.comic import Comic
from toonify.datasets.painting.painter import LABELS
from toonify.training.presets import load_preset, preset_names
from toonify.training.settings import Settings

UNPAIRED = [name for name in preset_names() if not load_preset(name).paired]


RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_those_of_recipes_can_be_trained_by(path):
    assert load_preset(str(path)).phases


def test_the_recipe_of_the_grid_shows_each_that_its_backbone_tells_apart(monkeypatch):
    monkeypatch.syspath_prepend(RECIPES)
    recipe = importlib.import_module("presets")
    assert sorted((*recipe.COURSES, *recipe.BUNDLED, "diya")) == preset_names()


def weights(preset: Settings, phase: str = "adversarial") -> dict[str, float]:
    return {name: term.weight for name, term in preset.phases[phase].terms.items()}


def rates(preset: Settings) -> tuple[float, float, float]:
    """Of the initialisation, the generator and the discriminators."""
    assert preset.initialisation and preset.adversarial
    adversarial = preset.adversarial
    return (
        preset.initialisation.learning_rate,
        adversarial.learning_rate,
        adversarial.discriminator_learning_rate,
    )


def epochs(preset: Settings) -> list[int]:
    return [phase.epochs for phase in preset.phases.values()]


def backbone(preset: Settings) -> tuple[str, str, str]:
    assert preset.backbone
    return preset.backbone.name, preset.backbone.layer, preset.backbone.weights


def betas(preset: Settings) -> tuple[float, float]:
    return preset.optimizer.beta_1, preset.optimizer.beta_2


def game(preset: Settings) -> str:
    assert preset.adversarial
    return preset.adversarial.loss


def test_cartoongan_is_what_the_paper_says():
    preset = load_preset("cartoongan")
    assert (preset.generator.name, preset.generator.options, preset.batch_size) == ("cartoongan", {}, 8)
    assert backbone(preset) == ("vgg19", "block4_conv4", "imagenet")
    assert weights(preset, "initialisation") == {"content": 10}
    assert weights(preset) == {"content": 10, "adversarial": 1}
    assert epochs(preset) == [10, 200] and game(preset) == "gan"


def test_portrait_is_the_configuration_that_toonify_started_from():
    preset = load_preset("portrait")
    assert preset.generator.name == "cartoongan" and preset.generator.options["leak"] > 0
    assert backbone(preset) == ("resnet101", "conv4_block4_out", "imagenet")
    assert game(preset) == "lsgan"
    assert weights(preset, "initialisation")["content"] == 10
    assert (epochs(preset)[-1], preset.batch_size) == (200, 8)


def test_portrait_lets_its_adversary_win_against_the_photograph():
    preset = load_preset("portrait")
    # A true drawing is about 0.7 from its photograph, and least squares are worth half a unit at most.
    games = weights(preset)["adversarial"] + weights(preset)["feature_adversarial"]
    assert 0.7 * weights(preset)["content"] < 0.5 * games
    assert not preset.discriminator.spectral and not preset.discriminator.norm
    _, generator, discriminator = rates(preset)
    assert generator < discriminator


def test_diya_is_its_modified_model():
    preset = load_preset("diya")
    assert (preset.generator.name, preset.generator.options) == ("cartoongan", {"leak": 0.01})
    assert backbone(preset) == ("resnet101", "conv3_block4_out", "imagenet")
    assert weights(preset) == {"content": 10, "adversarial": 1}
    assert rates(preset) == (2e-4, 2e-4, 2e-4) and betas(preset) == (0.5, 0.999)
    assert (epochs(preset), preset.batch_size, game(preset)) == ([10, 100], 8, "gan")


def test_light_is_what_its_readme_found_effective():
    preset = load_preset("light")
    # 0.4 and 25 of raw features, which are about 15 and 0.43; 8 of squares that are not halved.
    assert weights(preset, "initialisation") == {"content": pytest.approx(0.4 * 15, rel=0.05)}
    assert weights(preset) == {
        "content": pytest.approx(0.4 * 15, rel=0.05),
        "style": pytest.approx(25 * 0.43, rel=0.05),
        "adversarial": 2 * 8,
    }
    assert preset.adversarial and preset.adversarial.terms["style"].options["grey"] is False
    assert rates(preset) == (2e-4, 8e-5, 3e-5) and betas(preset) == (0.5, 0.999)
    assert (epochs(preset)[0], preset.batch_size, game(preset)) == (1, 8, "lsgan")


def test_animeganv2_has_the_papers_weights_and_the_repositorys_rates():
    preset = load_preset("animeganv2")
    assert weights(preset, "initialisation") == {"content": 1.5}
    # Squares are halved here and not there, but for the total variation's, which are there and not here.
    assert weights(preset) == {
        "content": 1.5,
        "style": 3,
        "reconstruction": 10,
        "variation": 1 / 2,
        "adversarial": 2 * 300,
    }
    assert preset.adversarial
    terms = preset.adversarial.terms
    assert terms["style"].options == {"grey": True, "relative": False}
    assert (terms["adversarial"].term, terms["adversarial"].options) == (
        "grey_adversarial",
        {"smoothed": 0.1},
    )
    assert rates(preset) == (2e-4, 2e-5, 4e-5) and betas(preset) == (0.5, 0.999)
    assert (epochs(preset), preset.batch_size, game(preset)) == ([10, 101 - 10], 12, "lsgan")
    assert preset.discriminator.spectral and backbone(preset)[1] == "block4_conv4"


def test_whitebox_has_the_effective_weights_of_its_code():
    preset = load_preset("whitebox")
    content = pytest.approx(200 / (32 * 32 * 512), rel=0.01)
    assert weights(preset, "initialisation") == {"content": content}
    assert weights(preset) == {
        "content": content,
        "structure": content,
        "variation": pytest.approx(1e4 / (3 * 256 * 256), rel=0.01),
        "surface": 2 * 0.1,
        "texture": 2 * 1,
    }
    assert preset.adversarial
    assert preset.adversarial.terms["surface"].options == {"radius": 5, "epsilon": 0.2}
    assert preset.adversarial.terms["structure"].options == {"power": 1.2, "relative": False}
    assert rates(preset) == (2e-4, 2e-4, 2e-4) and betas(preset) == (0.5, 0.99)
    assert (preset.batch_size, game(preset)) == (16, "lsgan")
    assert preset.discriminator.spectral and not preset.discriminator.norm


def test_pairs_learns_from_pairs_alone():
    preset = load_preset("pairs")
    paired = preset.paired
    assert paired is not None and preset.backbone is None and preset.adversarial is None
    assert (preset.generator.name, preset.data.crop, preset.batch_size) == ("lite", 160, 8)
    assert (paired.learning_rate, paired.schedule) == (2e-3, "cosine")
    assert paired.terms["ink"].options == {"emphasis": 6.0}


@pytest.mark.parametrize(("name", "batch_size"), [("comic", 16), ("drawn", 8)])
def test_comic_and_drawn_learn_from_pairs_and_from_their_drawings(name, batch_size):
    preset = load_preset(name)
    paired = preset.paired
    assert paired is not None and preset.backbone is None and preset.adversarial is not None
    assert set(preset.adversarial.terms) == {*paired.terms, "paired_adversarial"}
    assert (preset.generator.name, preset.data.crop, preset.batch_size) == ("unet", 192, batch_size)
    assert preset.style_weights == "float16"


@pytest.mark.parametrize("phase", ["paired", "adversarial"])
@pytest.mark.parametrize("name", ["colour", "gradient"])
def test_comic_minds_faces_most(phase, name):
    options = load_preset("comic").phases[phase].terms[name].options
    elsewhere, facial = options["weights"]
    assert options["labels"] in Comic.arrays["paired"]
    assert facial > elsewhere  # few pixels, and who somebody is


@pytest.mark.parametrize("name", ["colour", "gradient"])
def test_drawn_minds_eyes_before_brows_and_these_before_skin(name):
    preset = load_preset("drawn")
    weights = preset.phases["paired"].terms[name].options["weights"]
    assert preset.generator.options["regions"] == len(weights) == len(LABELS)
    assert weights[LABELS["irises"]] > weights[LABELS["brows"]] > weights[LABELS["skin"]]


@pytest.mark.slow
def test_it_trains_and_makes_a_style_of_half_the_size(run, tmp_path, no_report):
    folder = write_dataset(tmp_path / "pairs", "paired", count=2, val=1, size=32)
    add_array(folder, "paired", "regions", lambda pairs: pairs[..., :1] % len(LABELS))
    flags = ("--preset", "drawn", "--batch-size", "2", "--epochs", "1", "-o", "run")
    done = run("train", folder, *flags, "--generator-option", "width=1")
    assert done.exit_code == 0, done.output
    with open("run/metrics.csv", newline="") as file:
        steps = list(csv.DictReader(file))
    assert {step["phase"] for step in steps} == {"paired", "adversarial"}
    terms = ("colour", "gradient", "ink", "regions")
    assert all(math.isfinite(float(step[term])) for step in steps for term in terms)
    with np.load("run/style/generator.npz") as archive:
        assert {archive[name].dtype for name in archive.files} == {np.dtype(np.float16)}


FLAGS = ("--generator", "tiny", "--batch-size", "2", "--steps-per-epoch", "2", "--epochs", "1", "-o", "run")


@pytest.mark.parametrize(
    "name",
    [name if name == "light" else pytest.param(name, marks=pytest.mark.slow) for name in UNPAIRED],
)
def test_every_preset_trains_both_phases_with_finite_losses(
    run, unpaired, name, packaged, no_report, uncompiled, small_preset
):
    # Printed, changed a little, and given back as a file of one's own.
    flags = ("--preset", small_preset(name), "--backbone", "tiny", *FLAGS, "--init-epochs", "1")
    done = run("train", unpaired, *flags)
    assert done.exit_code == 0, done.output
    with open("run/metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["phase"] for row in rows] == ["initialisation"] * 2 + ["adversarial"] * 2
    preset = load_preset(name)
    known = ("adversarial", "feature_adversarial", "surface", "texture")
    adversaries = [term for term in weights(preset) if term in known]
    critics = [f"{term}_discriminator" for term in adversaries] if len(adversaries) > 1 else ["discriminator"]
    figures = ["loss", *weights(preset), *critics]
    assert all(math.isfinite(float(rows[-1][figure])) for figure in figures)
    recorded = json.loads(Path("run/run.json").read_text())["request"]["settings"]
    assert recorded["discriminator"]["width"] == 1
