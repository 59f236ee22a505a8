"""A request is checked when it is made, and its errors speak of fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.training import TrainRequest
from toonify.training.presets import preset_text
from toonify.training.runs import resumed_run


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"seed": 2**32}, "`seed` should be 0 to 4294967295, not 4294967296"),
        ({"epochs": -1}, "`epochs` should be 0 or more, not -1"),
        ({"steps_per_epoch": 0}, "`steps_per_epoch` should be 1 or more, not 0"),
        ({"batch_size": 0}, "`batch_size` should be 1 or more, not 0"),
        ({"learning_rate": 0}, "`learning_rate` should be above 0, not 0"),
        ({"ema": 1.0}, "`ema` should be 0 or more and less than 1, not 1.0"),
        ({"keep": "two"}, "`keep` should be a whole number or none, not 'two'"),
        (
            {"term_weights": {"content": -1.0}},
            "`term_weights` content should be 0 or more, not -1.0",
        ),
        (
            {"precision": "mixed_float8"},
            "choice for `precision` called 'mixed_float8'. Did you mean 'mixed_float16'",
        ),
        ({"engine": "torch"}, "choice for `engine` called 'torch'"),
        ({"start_from": "comic", "resume": "runs/mine"}, "`start_from` begins a run, `resume` goes on with"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_makes_no_sense_is_refused_at_once(fields, complaint):
    with pytest.raises(ToonifyError) as caught:
        TrainRequest(**fields)
    assert complaint in caught.value.message
    assert caught.value.exit_code == USAGE


def test_paths_and_numbers_may_be_text():
    request = TrainRequest("pairs", "runs/mine", epochs="3", learning_rate="2e-4")
    assert (request.dataset, request.output) == (Path("pairs"), Path("runs/mine"))
    assert (request.epochs, request.learning_rate) == (3, 2e-4)


def test_a_part_that_the_preset_lacks_is_named_with_the_fields_about_it():
    with pytest.raises(ToonifyError, match="so `loss` and `loss_options` cannot be given"):
        TrainRequest(preset="pairs", loss="lsgan").settings()


HUB = """
[backbone]
name = "hub"
options = { scale = "bytes", signature = "features" }
layer = "block4"
"""


@pytest.fixture
def hub(tmp_path) -> str:
    """A preset with options of a backbone and of a loss."""
    path = tmp_path / "hub.toml"
    published = preset_text("cartoongan").replace('"gan"', '"wgan"\noptions = { clip = 0.1 }')
    path.write_text(published.partition("[backbone]")[0] + published.partition('block4_conv4"\n')[2] + HUB)
    return str(path)


def test_a_presets_options_stay_beside_those_that_are_given(hub):
    options = {"backbone_options": {"scale": "unit"}, "loss": "wgan", "generator_options": {"width": 8}}
    settings = TrainRequest(preset=hub, **options).settings()
    assert settings.backbone.options == {"scale": "unit", "signature": "features"}
    assert settings.backbone.layer == "block4"
    assert settings.adversarial.options == {"clip": 0.1}
    assert settings.generator.options == {"width": 8}


def test_another_plugin_leaves_the_presets_options_out(hub):
    settings = TrainRequest(preset=hub, backbone="vgg19", loss="gan", generator="lite").settings()
    assert (settings.backbone.name, settings.backbone.options, settings.backbone.layer) == ("vgg19", {}, "")
    assert (settings.adversarial.loss, settings.adversarial.options) == ("gan", {})
    assert (settings.generator.name, settings.generator.options) == ("lite", {})


def test_what_cannot_change_when_a_run_goes_on_is_named():
    with pytest.raises(ToonifyError, match="`resume` goes on as the run began: `batch_size` cannot change"):
        resumed_run(TrainRequest(resume="runs/mine", batch_size=3))


def test_paths_among_options_become_text_that_a_run_can_hold():
    request = TrainRequest(preset="light", generator_options={"table": Path("a/b.csv"), "width": 8})
    assert request.settings().generator.options == {"table": str(Path("a/b.csv")), "width": 8}
