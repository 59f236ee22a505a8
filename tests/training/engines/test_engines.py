"""Both engines take the same steps."""

from __future__ import annotations

import math

import pytest

from toonify.plugins import find_plugins
from toonify.training.presets import load_preset, preset_names

# Adam's first update of a weight is the whole learning rate up or down, even where its gradient is
# nothing but rounding, in which engines differ; so the rate is low, or ten steps would tell of chance.
RATE = {"learning_rate": 1e-5}
SMALL = {"backbone": "tiny", "backbone_weights": "none"} | RATE
LOSSES = {
    f"cartoongan-{plugin.name}": {"preset": "cartoongan", "loss": plugin.name, "init_epochs": 1, "epochs": 1}
    | SMALL
    for plugin in find_plugins("losses")
}


def preset_case(name: str) -> dict:
    """Ten steps of a preset: of its one phase, or five of either."""
    settings = load_preset(name)
    phases = {"init_epochs": 1, "epochs": 1} if len(settings.phases) > 1 else {"epochs": 2}
    return {"preset": name, **phases, **(SMALL if settings.backbone else RATE)}


PRESETS = {name: preset_case(name) for name in preset_names()}
PRECISIONS = {
    f"{precision}-{loss}": LOSSES[f"cartoongan-{loss}"] | {"precision": precision, "ema": 0.9}
    for precision in ("mixed_bfloat16", "mixed_float16")
    for loss in ("lsgan", "wgan-gp")
}


@pytest.fixture(scope="module")
def both(replayed):
    cases = LOSSES | PRECISIONS
    return replayed(cases), replayed(cases, engine="jax")


@pytest.fixture(scope="module")
def presets_on_both(replayed):
    return replayed(PRESETS), replayed(PRESETS, engine="jax")


@pytest.mark.parametrize("case", LOSSES)
def test_ten_steps_of_every_loss_from_the_same_weights_agree(both, case):
    agree(*(result[case]["figures"] for result in both))


@pytest.mark.parametrize("case", PRESETS)
def test_ten_steps_of_every_preset_from_the_same_weights_agree(presets_on_both, case):
    agree(*(result[case]["figures"] for result in presets_on_both))


def agree(one, other) -> None:
    assert len(one) == len(other) == 10
    for here, there in zip(one, other, strict=True):
        assert here == pytest.approx(there, rel=1e-3, abs=1e-4)
    assert one[0] != one[9]


@pytest.mark.parametrize("case", PRECISIONS)
def test_mixed_precision_trains_on_both(both, case):
    for result in both:
        figures = result[case]["figures"]
        assert len(figures) == 10
        assert all(math.isfinite(value) for step in figures for value in step.values())
        exact = both[0][f"cartoongan-{case.partition('-')[2]}"]["figures"]
        assert figures[0]["content"] == pytest.approx(exact[0]["content"], rel=0.02)
        assert figures[0] != figures[4]
