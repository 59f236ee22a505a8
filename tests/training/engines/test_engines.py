"""Both engines take the same steps."""

from __future__ import annotations

import math

import pytest

from toonify.plugins import find_plugins
from toonify.training.presets import load_preset, preset_names

# Adam's first update of a weight is the whole learning rate up or down, even where its gradient is
# nothing but rounding, in which engines differ; so the rate is low, or the steps would tell of chance.
RATE = {"learning_rate": 1e-5}
SMALL = {"backbone": "tiny", "backbone_weights": "none"} | RATE
SHORT = {"steps_per_epoch": 3, "epochs": 1}
THREE = SMALL | SHORT | {"preset": "cartoongan", "init_epochs": 0}
ONE_OF_EACH_KIND = {
    "a penalty": THREE | {"loss": "wgan-gp", "measured": True},
    "pairs": {"preset": "pairs"} | SHORT | RATE,
}
MIRRORED = {"strategy": "mirrored", "sgd": True, "learning_rate": 1e-3}
ON_DEVICES = {"an adversary and an average": THREE | MIRRORED | {"loss": "lsgan", "ema": 0.9}}

TEN = SMALL | {"steps_per_epoch": 5, "init_epochs": 1, "epochs": 1}
STATEFUL = {
    "a constraint, two spectral discriminators and an average": TEN
    | {"preset": "whitebox", "loss": "wgan", "ema": 0.9, "sgd": True}
}
LOSSES = {
    f"cartoongan-{plugin.name}": TEN | {"preset": "cartoongan", "loss": plugin.name}
    for plugin in find_plugins("losses")
}
PRECISIONS = {
    f"{precision}-{loss}": LOSSES[f"cartoongan-{loss}"] | {"precision": precision, "ema": 0.9}
    for precision, loss in {"mixed_bfloat16": "lsgan", "mixed_float16": "wgan-gp"}.items()
}


def preset_case(name: str) -> dict:
    """Ten steps of a preset: of its one phase, or five of either."""
    if len(load_preset(name).phases) > 1:
        return TEN | {"preset": name}
    return RATE | {"preset": name, "steps_per_epoch": 5, "epochs": 2}


# `drawn` asks for a head of regions, which `tiny` has not; `comic` begins with 85 epochs of pairs. With tiny
# networks `cartoongan` and `diya` are the loss `gan`, and `whitebox` is above.
PRESETS = {
    name: preset_case(name)
    for name in preset_names()
    if name not in ("cartoongan", "comic", "diya", "drawn", "whitebox")
}


@pytest.fixture(scope="module")
def both(replayed):
    cases = ONE_OF_EACH_KIND | ON_DEVICES
    return replayed(alone(cases)), replayed(cases, engine="jax", devices=2)


def alone(cases: dict[str, dict]) -> dict[str, dict]:
    return {name: case | {"strategy": "none"} for name, case in cases.items()}


@pytest.fixture(scope="module")
def all_on_both(replayed):
    cases = LOSSES | PRESETS | STATEFUL | PRECISIONS
    return replayed(cases), replayed(cases, engine="jax")


@pytest.mark.parametrize("case", ONE_OF_EACH_KIND)
def test_steps_of_each_kind_from_the_same_weights_agree(both, case):
    agree(*(result[case]["figures"] for result in both), steps=3)


@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
@pytest.mark.parametrize("case", ON_DEVICES)
def test_two_devices_do_what_one_does(both, replayed, engine, case):
    shared = both[1] if engine == "jax" else replayed(ON_DEVICES, devices=2)
    for here, there in zip(shared[case]["figures"], both[0][case]["figures"], strict=True):
        assert here == pytest.approx(there, rel=5e-4, abs=1e-5)
    assert shared[case]["weights"] == pytest.approx(both[0][case]["weights"], rel=1e-4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("case", LOSSES | PRESETS | STATEFUL)
def test_ten_steps_of_every_loss_and_preset_from_the_same_weights_agree(all_on_both, case):
    agree(*(result[case]["figures"] for result in all_on_both), steps=10)


def agree(one, other, *, steps: int) -> None:
    assert len(one) == len(other) == steps
    for here, there in zip(one, other, strict=True):
        assert here == pytest.approx(there, rel=1e-3, abs=1e-4)
    assert one[0] != one[-1]


def test_the_same_weights_are_measured_alike(both):
    here, there = (result["a penalty"]["measured"] for result in both)
    assert {"content", "kid", "clarity", "real", "generated"} <= here.keys()
    assert here == pytest.approx(there, rel=1e-3, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("case", PRECISIONS)
def test_mixed_precision_trains_on_both(all_on_both, case):
    exact = f"cartoongan-{case.partition('-')[2]}"
    first = all_on_both[0][exact]["figures"][0]
    for result in all_on_both:
        figures = result[case]["figures"]
        assert len(figures) == len(result[exact]["figures"])
        assert all(math.isfinite(value) for step in figures for value in step.values())
        assert figures[0]["content"] == pytest.approx(first["content"], rel=0.02)
        assert figures[0] != figures[-1]
