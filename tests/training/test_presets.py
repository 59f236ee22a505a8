"""Presets are data, checked strictly, and what is asked for goes over them."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from toonify.errors import ToonifyError
from toonify.training import TrainRequest
from toonify.training.presets import Settings, load_preset, preset_names, read_tables

SMALL = {
    "description": "",
    "generator": {"name": "lite"},
    "paired": {"epochs": 1, "learning_rate": 1e-3},
}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_sound_and_survives_json(name):
    settings = load_preset(name)
    document = json.loads(json.dumps(dataclasses.asdict(settings)))
    assert read_tables(Settings, document, "run.json") == settings


def test_cartoongan_is_what_the_paper_says():
    settings = load_preset("cartoongan")
    assert settings.content is not None and settings.adversarial is not None
    assert settings.initialisation is not None and settings.paired is None
    assert (settings.generator.name, settings.adversarial.loss) == ("cartoongan", "gan")
    assert (settings.content.backbone, settings.content.layer) == ("vgg19", "block4_conv4")
    assert (settings.content.weight, settings.initialisation.epochs) == (10, 10)


def test_comic_learns_from_pairs_alone():
    settings = load_preset("comic")
    paired = settings.paired
    assert paired is not None and settings.content is None and settings.adversarial is None
    assert (settings.generator.name, settings.data.crop, settings.batch_size) == ("lite", 160, 8)
    assert (paired.learning_rate, paired.schedule, paired.ink_emphasis) == (2e-3, "cosine", 6)


def test_an_unknown_preset_offers_the_nearest():
    with pytest.raises(ToonifyError, match=r"no preset 'comix'\. Did you mean 'comic'\?"):
        load_preset("comix")


def test_a_file_of_ones_own_is_a_preset_too(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'description = ""\ngenerator = {name = "lite"}\npaired = {epochs = 3, learning_rate = 1e-3}\n'
    )
    paired = TrainRequest(preset="mine.toml", learning_rate=0.5).settings().paired
    assert paired is not None and (paired.epochs, paired.learning_rate) == (3, 0.5)


@pytest.mark.parametrize(
    ("text", "complaint"), [("a = = b", "cannot be read"), ("batch = 3", "called 'batch'")]
)
def test_a_file_that_is_no_preset_is_named(tmp_path, text, complaint):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ToonifyError, match=rf"mine\.toml.*{complaint}"):
        load_preset("mine.toml")
    with pytest.raises(
        ToonifyError, match=r"the preset gone\.toml cannot be read: no such file or directory$"
    ):
        load_preset("gone.toml")


def test_a_file_nested_beyond_reason_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_text("a = " + "[" * 100_000)
    with pytest.raises(ToonifyError, match=r"the preset mine\.toml cannot be read"):
        load_preset("mine.toml")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"paird": {}}, "no key of x called 'paird'. Did you mean 'paired'?"),
        ({"paired": {"epoch": 1, "learning_rate": 1.0}}, "no key of x: paired called 'epoch'"),
        ({"paired": {"epochs": 1}}, "x: paired lacks the key 'learning_rate'"),
        ({"paired": {"epochs": "1", "learning_rate": 1.0}}, "x: paired: epochs should be int, not '1'"),
        ({"paired": {"epochs": True, "learning_rate": 1.0}}, "x: paired: epochs should be int, not True"),
        ({"paired": 3}, "x: paired should be a table, not 3"),
        ({"generator": {"name": "lite", "options": []}}, r"x: generator: options should be dict, not \[\]"),
        (
            {"paired": {"epochs": 1, "learning_rate": 1.0, "schedule": "cosin"}},
            "'cosin'. Did you mean 'cosine'?",
        ),
        ({"paired": None}, "there is no phase to train"),
        (
            {"initialisation": {"epochs": 1, "learning_rate": 1.0}},
            "the initialisation and adversarial phases need a content loss",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(change, complaint):
    with pytest.raises(ToonifyError, match=complaint):
        read_tables(Settings, SMALL | change, "x")


@pytest.mark.parametrize(
    ("part", "key", "value", "words"),
    [
        ("", "batch_size", 0, "1 or more"),
        ("", "checkpoint_every", 0, "1 or more"),
        ("", "sample_every", -1, "1 or more"),
        ("", "steps_per_epoch", -1, "0 or more"),
        ("", "detail", -1, "0, or 32 to 32768"),
        ("", "detail", 31, "0, or 32 to 32768"),
        ("", "detail", 32769, "0, or 32 to 32768"),
        ("data", "crop", -16, "0 or more"),
        ("data", "tint", 1.0, "0 or more and less than 1"),
        ("data", "tint", -0.1, "0 or more and less than 1"),
        ("optimizer", "beta_1", 1.0, "0 or more and less than 1"),
        ("optimizer", "beta_2", -0.5, "0 or more and less than 1"),
        ("content", "weight", -1.0, "a number of 0 or more"),
        ("paired", "epochs", -1, "0 or more"),
        ("paired", "warmup_steps", -1, "0 or more"),
        ("paired", "learning_rate", 0.0, "a number above 0"),
        ("paired", "learning_rate", math.nan, "a number above 0"),
        ("paired", "learning_rate", math.inf, "a number above 0"),
        ("paired", "colour", -1.0, "a number of 0 or more"),
        ("paired", "ink_emphasis", math.inf, "a number of 0 or more"),
        ("adversarial", "weight", math.nan, "a number of 0 or more"),
        ("adversarial", "discriminator_learning_rate", -1.0, "a number above 0"),
    ],
)
def test_a_number_outside_its_range_is_named_with_what_is_right(part, key, value, words):
    tables = json.loads(json.dumps(dataclasses.asdict(load_preset("cartoongan")) | SMALL))
    (tables[part] if part else tables)[key] = value
    place = f"x: {part}: {key}" if part else f"x: {key}"
    with pytest.raises(ToonifyError) as caught:
        read_tables(Settings, tables, "x")
    assert caught.value.message == f"{place} should be {words}, not {value}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("change", [{"detail": 0}, {"detail": 32}, {"detail": 32768}, {"data": {"tint": 0}}])
def test_the_ends_of_a_range_belong_to_it(change):
    assert read_tables(Settings, SMALL | change, "x").generator.name == "lite"


def test_a_whole_number_beyond_every_float_is_refused():
    paired = {"epochs": 1, "learning_rate": 10**400}
    with pytest.raises(ToonifyError, match="x: paired: learning_rate is too large a number"):
        read_tables(Settings, SMALL | {"paired": paired}, "x")


def test_whole_numbers_will_do_where_fractions_are_meant():
    settings = read_tables(Settings, SMALL | {"paired": {"epochs": 1, "learning_rate": 1}}, "x")
    assert settings.paired is not None
    assert isinstance(settings.paired.learning_rate, float)


def test_what_is_asked_for_goes_over_the_preset():
    settings = TrainRequest(
        generator="lite",
        generator_options={"width": "8"},
        backbone="resnet101",
        backbone_weights="none",
        loss="lsgan",
        epochs=3,
        init_epochs=2,
        steps_per_epoch=7,
        batch_size=2,
        learning_rate=1e-5,
    ).settings()
    initialisation, adversarial, content = settings.initialisation, settings.adversarial, settings.content
    assert initialisation is not None and adversarial is not None and content is not None
    assert (settings.generator.name, settings.generator.options) == ("lite", {"width": "8"})
    assert (content.backbone, content.weights, content.weight) == ("resnet101", "none", 10)
    assert (adversarial.loss, adversarial.epochs, initialisation.epochs) == ("lsgan", 3, 2)
    assert (settings.steps_per_epoch, settings.batch_size) == (7, 2)
    assert {
        initialisation.learning_rate,
        adversarial.learning_rate,
        adversarial.discriminator_learning_rate,
    } == {1e-5}


def test_a_layer_of_one_backbone_is_not_asked_of_another():
    content = TrainRequest(backbone="resnet101").settings().content
    assert content is not None and content.layer == ""


def test_weights_are_found_again_from_another_folder(tmp_path):
    content = TrainRequest(backbone_weights="w.npz").settings().content
    assert content is not None and content.weights == str(tmp_path / "w.npz")


def test_epochs_are_those_of_the_last_phase():
    settings = TrainRequest(preset="comic", epochs=3).settings()
    assert settings.paired is not None and settings.paired.epochs == 3


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ({"loss": "lsgan"}, "adversarial"),
        ({"backbone": "vgg19"}, "content"),
        ({"init_epochs": 1}, "initialisation"),
    ],
)
def test_an_option_about_what_the_preset_lacks_is_refused(option, part):
    with pytest.raises(ToonifyError, match=f"the preset 'comic' has no {part} part"):
        TrainRequest(preset="comic", **option).settings()
