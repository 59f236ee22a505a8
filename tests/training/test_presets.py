"""Presets are data, checked strictly, and what is asked for goes over them."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
import re

import pytest

from toonify.decoding import decode
from toonify.errors import ToonifyError
from toonify.training import TrainRequest
from toonify.training.objectives import make_objectives
from toonify.training.packaging import fitting_detail
from toonify.training.presets import load_preset, preset_names, preset_text
from toonify.training.settings import Settings

PHASE = {"epochs": 1, "learning_rate": 1e-3, "terms": {"colour": {"weight": 1.0}}}
SMALL = {"description": "", "generator": {"name": "lite"}, "paired": PHASE}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_sound_and_survives_json(name):
    settings = load_preset(name)
    document = json.loads(json.dumps(dataclasses.asdict(settings)))
    assert decode(Settings, document, "run.json") == settings


def test_an_unknown_preset_offers_the_nearest():
    with pytest.raises(ToonifyError, match=r"no preset 'comix'\. Did you mean 'comic'\?"):
        load_preset("comix")


def test_a_file_of_ones_own_is_a_preset_too(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'description = ""\ngenerator = {name = "lite"}\npaired = {epochs = 3, learning_rate = 1e-3, '
        "terms = {ink = {weight = 1}}}\n"
    )
    paired = TrainRequest(preset="mine.toml", learning_rate=0.5).settings().paired
    assert paired is not None and (paired.epochs, paired.learning_rate) == (3, 0.5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", preset_names())
def test_a_copy_is_read_whatever_a_shell_or_an_editor_of_windows_made_of_it(tmp_path, name, encoding):
    (tmp_path / "mine.toml").write_text(preset_text(name), encoding=encoding, newline="\r\n")
    assert TrainRequest(preset="mine.toml").settings() == TrainRequest(preset=name).settings()


def test_a_preset_that_is_no_small_file_is_not_read(tmp_path):
    (tmp_path / "large.toml").write_text("#" * 2**20 + "\n")
    (tmp_path / "folder.toml").mkdir()
    for name in ("large.toml", "folder.toml"):
        with pytest.raises(ToonifyError, match=rf"{name} is no file of at most 1 MB"):
            load_preset(str(tmp_path / name))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_place_of_a_preset_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(ToonifyError, match=r"pipe\.toml is no file"):
        load_preset(str(tmp_path / "pipe.toml"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a = = b", "cannot be read"),
        ("a = " + "[" * 100_000, "cannot be read"),
        ("batch = 3", "called 'batch'"),
    ],
    ids=["no TOML", "deep", "unknown key"],
)
def test_a_file_that_is_no_preset_is_named(tmp_path, text, complaint):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ToonifyError, match=rf"mine\.toml.*{complaint}"):
        load_preset("mine.toml")
    with pytest.raises(
        ToonifyError, match=r"the preset gone\.toml cannot be read: no such file or directory$"
    ):
        load_preset("gone.toml")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"paird": {}}, "no key of x called 'paird'. Did you mean 'paired'?"),
        ({"paired": {"epoch": 1, "learning_rate": 1.0}}, "no key of x: paired called 'epoch'"),
        ({"paired": {"epochs": 1}}, "x: paired: 'learning_rate' is missing"),
        ({"paired": PHASE | {"epochs": "1"}}, "x: paired: epochs should be a whole number, not '1'"),
        ({"paired": PHASE | {"epochs": True}}, "x: paired: epochs should be a whole number, not True"),
        ({"paired": PHASE | {"terms": 3}}, "x: paired: terms should be a table, not 3"),
        ({"paired": PHASE | {"terms": {}}}, "x: paired: terms should name what the generator minimises"),
        ({"paired": PHASE | {"terms": {"ink": 3}}}, "x: paired: terms: ink should be a table, not 3"),
        ({"paired": PHASE | {"terms": {"ink": {}}}}, "x: paired: terms: ink: 'weight' is missing"),
        ({"paired": 3}, "x: paired should be a table, not 3"),
        (
            {"generator": {"name": "lite", "options": []}},
            r"x: generator: options should be a table, not \[\]",
        ),
        (
            {"paired": PHASE | {"schedule": "cosin"}},
            "'cosin'. Did you mean 'cosine'?",
        ),
        ({"paired": None}, "there is no phase to train"),
    ],
)
def test_a_mistake_is_named_with_its_place(change, complaint):
    with pytest.raises(ToonifyError, match=complaint):
        decode(Settings, SMALL | change, "x")


@pytest.mark.parametrize(
    ("part", "key", "value", "words"),
    [
        ("", "batch_size", 0, "1 or more"),
        ("", "checkpoint_every", 0, "1 or more"),
        ("", "sample_every", -1, "0 or more"),
        ("", "steps_per_epoch", -1, "0 or more"),
        ("", "detail", -1, "0, or 32 to 32768"),
        ("", "detail", 31, "0, or 32 to 32768"),
        ("", "detail", 32769, "0, or 32 to 32768"),
        ("data", "crop", -16, "0 or more"),
        ("data", "tint", 1.0, "0 or more and less than 1"),
        ("data", "tint", -0.1, "0 or more and less than 1"),
        ("optimizer", "beta_1", 1.0, "0 or more and less than 1"),
        ("optimizer", "beta_2", -0.5, "0 or more and less than 1"),
        ("paired", "epochs", -1, "0 or more"),
        ("paired", "warmup_steps", -1, "0 or more"),
        ("paired", "learning_rate", 0.0, "above 0"),
        ("paired", "learning_rate", math.nan, "a finite number"),
        ("paired", "learning_rate", math.inf, "a finite number"),
        ("paired.terms.colour", "weight", -1.0, "0 or more"),
        ("adversarial.terms.content", "weight", math.nan, "a finite number"),
        ("discriminator", "width", 0, "1 or more"),
        ("measuring", "every", -1, "0 or more"),
        ("", "keep", 0, "1 or more"),
        ("", "ema", 1.0, "0 or more and less than 1"),
        ("adversarial", "discriminator_learning_rate", -1.0, "above 0"),
    ],
)
def test_a_number_outside_its_range_is_named_with_what_is_right(part, key, value, words):
    tables = json.loads(json.dumps(dataclasses.asdict(load_preset("cartoongan")) | SMALL))
    parts = part.split(".") if part else []
    functools.reduce(dict.__getitem__, parts, tables)[key] = value
    place = ": ".join(["x", *parts, key])
    with pytest.raises(ToonifyError) as caught:
        decode(Settings, tables, "x")
    assert caught.value.message == f"{place} should be {words}, not {value}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("change", [{"detail": 0}, {"detail": 32}, {"detail": 32768}, {"data": {"tint": 0}}])
def test_the_ends_of_a_range_belong_to_it(change):
    assert decode(Settings, SMALL | change, "x").generator.name == "lite"


def test_a_whole_number_beyond_every_float_is_refused():
    paired = PHASE | {"learning_rate": 10**400}
    with pytest.raises(ToonifyError, match="x: paired: learning_rate should be a number, not 1000"):
        decode(Settings, SMALL | {"paired": paired}, "x")


def test_whole_numbers_will_do_where_fractions_are_meant():
    settings = decode(Settings, SMALL | {"paired": PHASE | {"learning_rate": 1}}, "x")
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
    initialisation, adversarial, backbone = settings.initialisation, settings.adversarial, settings.backbone
    assert initialisation is not None and adversarial is not None and backbone is not None
    assert (settings.generator.name, settings.generator.options) == ("lite", {"width": "8"})
    assert (backbone.name, backbone.weights) == ("resnet101", "none")
    assert (adversarial.loss, adversarial.epochs, initialisation.epochs) == ("lsgan", 3, 2)
    assert (settings.steps_per_epoch, settings.batch_size) == (7, 2)
    assert {
        initialisation.learning_rate,
        adversarial.learning_rate,
        adversarial.discriminator_learning_rate,
    } == {1e-5}


def test_a_layer_of_one_backbone_is_not_asked_of_another():
    backbone = TrainRequest(backbone="resnet101").settings().backbone
    assert backbone is not None and backbone.layer == ""


def test_weights_are_found_again_from_another_folder(tmp_path):
    for weights, found in {"w.npz": str(tmp_path / "w.npz"), "https://a.b/c": "https://a.b/c"}.items():
        backbone = TrainRequest(backbone_weights=weights).settings().backbone
        assert backbone is not None and backbone.weights == found


def test_weights_of_terms_are_set_in_every_phase_that_has_them():
    settings = TrainRequest(term_weights={"content": 0.5}).settings()
    assert settings.initialisation is not None and settings.adversarial is not None
    assert settings.initialisation.terms["content"].weight == 0.5
    assert [term.weight for term in settings.adversarial.terms.values()] == [0.5, 1.0]
    with pytest.raises(
        ToonifyError, match=r"no term of the preset called 'contents'\. Did you mean 'content'"
    ):
        TrainRequest(term_weights={"contents": 0.5}).settings()


def test_terms_may_have_hyphens_as_plugins_have():
    terms = {"soft-edges": {"weight": 1.0, "term": "colour"}}
    settings = decode(Settings, SMALL | {"paired": PHASE | {"terms": terms}}, "x")
    assert list(make_objectives(settings)["paired"].terms) == ["soft-edges"]


@pytest.mark.parametrize(
    ("term", "complaint"),
    [
        ({"contents": {"weight": 1.0}}, r"no term 'contents'\. Did you mean 'content'"),
        ({"colour": {"weight": 1.0, "options": {"relativ": True}}}, "no option of the term 'colour'"),
        ({"loss": {"weight": 1.0, "term": "colour"}}, "a term of the paired phase cannot be called 'loss'"),
        ({"a,b": {"weight": 1.0, "term": "colour"}}, "a term of the paired phase cannot be called 'a,b'"),
        ({"-a": {"weight": 1.0, "term": "colour"}}, "a term of the paired phase cannot be called '-a'"),
        (
            {"content": {"weight": 1.0}},
            "term 'content' of the paired phase compares features, and there is no",
        ),
        ({"adversarial": {"weight": 1.0}}, "term 'adversarial' has a discriminator, which the paired phase"),
    ],
)
def test_terms_that_a_phase_cannot_have_are_refused(term, complaint):
    settings = decode(Settings, SMALL | {"paired": PHASE | {"terms": term}}, "x")
    with pytest.raises(ToonifyError, match=complaint) as caught:
        make_objectives(settings)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ({"loss": "lsgan"}, "adversarial"),
        ({"backbone": "vgg19"}, "backbone"),
        ({"init_epochs": 1}, "initialisation"),
    ],
)
def test_an_option_about_what_the_preset_lacks_is_refused(option, part):
    with pytest.raises(ToonifyError, match=f"the preset 'pairs' has no {part} part"):
        TrainRequest(preset="pairs", **option).settings()


@pytest.mark.parametrize(
    ("detail", "size", "fitting"),
    [(700, 256, 700), (700, 64, 175), (700, 512, 1400), (0, 256, 0), (0, 512, 0), (0, 64, 175), (700, 4, 32)],
)
def test_detail_fits_the_size_of_the_pictures_learnt_from(detail, size, fitting):
    assert fitting_detail(detail, size) == fitting


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sources": ["; CC0"]}, "`sources` should be NAME; LICENCE; URL, not '; CC0'"),
        ({"sources": ["a; b; c; d"]}, "`sources` should be NAME; LICENCE; URL"),
        ({"name": "a\nb"}, "`name` should hold no control characters"),
    ],
)
def test_a_card_that_cannot_be_is_refused(fields, said):
    with pytest.raises(ToonifyError, match=re.escape(said)):
        TrainRequest(**fields).settings()
