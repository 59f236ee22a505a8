"""What a stranger's plugins promise is looked at before anything is learnt, and told as theirs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
from keras import layers, ops

from toonify.errors import ToonifyError
from toonify.plugins import Control, Generator, LossTerm, PluginInUse
from toonify.training import steps
from toonify.training.loss_context import BatchContext
from toonify.training.objectives import make_objectives
from toonify.training.promises import (
    check_backbone,
    check_exported,
    check_generator,
    check_loss,
    check_numbers,
)
from toonify.training.settings import PhaseSettings, TermSettings

MINE = PluginInUse("the term 'mine'", "")


def network(channels: int = 3, strides: int = 1, sides: int | None = None) -> keras.Model:
    picture = keras.Input((sides, sides, 3))
    return keras.Model(picture, layers.Conv2D(channels, 3, strides=strides, padding="same")(picture))


class Good(Generator):
    halo = 1
    multiple = 2

    def build(self) -> keras.Model:
        return network()


class Glowing(Good):
    controls: ClassVar = {"glow": Control(0, 2, 1, "how much it glows")}

    def controlled(self, model: keras.Model) -> keras.Model:
        picture, glow = keras.Input((None, None, 3), name="picture"), keras.Input(batch_shape=(), name="glow")
        return keras.Model({"picture": picture, "glow": glow}, model(picture) * glow)


def made(base: type, **attributes: Any) -> Any:
    return type("Made", (base,), attributes)()


@pytest.mark.parametrize("plugin", [Good(), Glowing(), made(Good, halo=None)])
def test_what_keeps_its_promises_is_taken(plugin):
    check_numbers(plugin, "mine")
    check_generator(plugin, plugin.build(), "mine")


@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        ({"multiple": 0}, "the `multiple` of the generator 'mine' should be 1 to 256, not 0"),
        ({"multiple": "8"}, "should be 1 to 256, not '8'"),
        ({"halo": -1}, "the `halo` of the generator 'mine' should be 0 to 1024, or None, not -1"),
        (
            {"controls": {"glow": 3}},
            "the `controls` of the generator 'mine' should be a dictionary of Control",
        ),
        ({"controls": ["glow"]}, "should be a dictionary of Control"),
        ({"controls": {"glow-it": Control(0, 2, 1)}}, "'mine' cannot be: 'glow-it' is no name of a control"),
        (
            {"controls": {"glow": Control(0, 2, 1, "x" * 201)}},
            "'mine' cannot be: the control 'glow' has a desc",
        ),
    ],
)
def test_numbers_that_cannot_be(attributes, complaint):
    with pytest.raises(ToonifyError, match=complaint):
        check_numbers(made(Good, **attributes), "mine")


def test_a_generator_without_a_multiple():
    with pytest.raises(
        ToonifyError, match="the `multiple` of the generator 'mine' should be 1 to 256, not 'mis"
    ):
        check_numbers(made(Generator, build=Good.build, halo=1), "mine")


@pytest.mark.parametrize(
    ("plugin", "model", "complaint"),
    [
        (Good(), None, "build() of the generator 'mine' gives NoneType, not a Keras model"),
        (Good(), network(channels=1), "gives a network that makes (1, 66, 132, 1) of (1, 66, 132, 3)"),
        (Good(), network(strides=2), "gives a network that makes (1, 33, 66, 3) of (1, 66, 132, 3)"),
        (Good(), keras.Sequential([layers.Conv2D(3, 3)]), "a model without weights, which Keras makes later"),
        (Good(), network(sides=64), "gives a network that does not take a picture of 66 × 132 pixels"),
        (made(Good, controls=Glowing.controls), network(), "controlled() of the generator 'mine' gives"),
        (made(Glowing, controlled=lambda self, model: 3), network(), "mine' gives int, not a Keras model"),
        (made(Glowing, controlled=lambda self, model: {}["x"]), network(), "'mine' failed: KeyError: 'x'"),
    ],
)  # fmt: skip
def test_networks_that_are_no_generators(plugin, model, complaint):
    with pytest.raises(ToonifyError) as caught:
        check_generator(plugin, model, "mine")
    assert complaint in caught.value.message


class Subclassed(keras.Model):
    """A convolution, or a filter that has no weights at all."""

    def __init__(self, learns: bool) -> None:
        super().__init__()
        self.seen = layers.Conv2D(3, 3, strides=2) if learns else layers.AveragePooling2D(2)

    def call(self, pictures: Any) -> Any:
        return ops.square(self.seen(pictures))


@pytest.mark.parametrize("model", [network(channels=8, strides=2), Subclassed(learns=False)])
def test_backbones_that_keep_their_promises(model):
    check_backbone(model, "mine")


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (None, "build() of the backbone 'mine' gives NoneType, not a Keras model"),
        (Subclassed(learns=True), "a model without weights, which Keras makes later"),
        (network(sides=224), "takes (None, 224, 224, 3), not pictures of any size"),
        (keras.Sequential([network(), layers.GlobalAveragePooling2D()]), "gives (None, 3), not features"),
    ],
)
def test_networks_that_are_no_backbones(model, complaint):
    with pytest.raises(ToonifyError) as caught:
        check_backbone(model, "mine")
    assert complaint in caught.value.message


def test_a_boundary_that_is_no_number():
    for boundary in (None, 0.5, np.float32(0.5), np.int64(0)):
        check_loss(SimpleNamespace(boundary=boundary), "mine")
    with pytest.raises(ToonifyError, match="the `boundary` of the loss 'mine' should be a number or None"):
        check_loss(SimpleNamespace(boundary="high"), "mine")


@pytest.mark.parametrize(("uses", "told"), [("cartoon", "'cartoon'"), (None, "None"), ({1}, "{1}")])
def test_uses_that_are_no_names(monkeypatch, uses, told):
    term = made(LossTerm, uses=uses, loss=lambda self, context: 0.0)
    monkeypatch.setattr("toonify.training.objectives.create", lambda *wanted: term)
    phase = PhaseSettings(1, 1.0, {"soft-edges": TermSettings(1.0)})
    with pytest.raises(ToonifyError) as caught:
        make_objectives(SimpleNamespace(phases={"paired": phase}, backbone=None))
    assert (
        caught.value.message
        == f"the `uses` of the term 'soft-edges' should be a frozenset of names, not {told}"
    )


@pytest.mark.parametrize("asked", ["cartoon", "smoothed", "colour", "ink", "heads"])
def test_what_a_term_does_not_declare_is_named(asked):
    context = BatchContext({"photo": None}, SimpleNamespace(heads=None, backbone=None))
    array = {"colour": "paired", "ink": "paired"}.get(asked, asked)
    with pytest.raises(LookupError, match=f"it asks for {array}, which its `uses` does not name"):
        getattr(context, asked)
    with pytest.raises(LookupError, match="it asks for features, which"):
        context.features(None)
    with pytest.raises(LookupError, match="it asks for depth, which"):
        context.array("depth")


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), ("low", "str"), ([], "list")])
def test_a_loss_that_is_no_number(value, kind):
    assert float(steps.one_number(2, "loss()", MINE)) == 2
    with pytest.raises(ToonifyError, match=rf"^loss\(\) of the term 'mine' gives (an array of shape|{kind})"):
        steps.one_number(value, "loss()", MINE)


@pytest.mark.parametrize(
    ("seen", "given"),
    [(None, "NoneType"), (ops.zeros((1, 8, 8, 1)), r"an array of shape \(1, 8, 8, 1\)"), ([1], "list")],
)
def test_what_no_discriminator_can_look_at(seen, given):
    discriminator = SimpleNamespace(network=network(), forward=lambda pictures: pictures)
    pictures = ops.zeros((1, 8, 8, 3))
    assert steps._logits(discriminator, pictures, "real()", MINE) is pictures
    with pytest.raises(
        ToonifyError, match=rf"^real\(\) of the term 'mine' gives {given}, not \(N, H, W, 3\)$"
    ):
        steps._logits(discriminator, seen, "real()", MINE)


def test_a_backbone_that_fails_in_a_term_is_told_as_the_backbone():
    def fail(pictures, training):
        raise ValueError("too small")

    models = SimpleNamespace(backbone=fail, backbone_name="vgg19")
    with pytest.raises(ToonifyError, match="the backbone 'vgg19' failed: ValueError: too small"):
        BatchContext({}, models).features(None)


def test_fakes_that_are_no_tuple():
    assert steps._several([1], MINE) == [1]
    with pytest.raises(ToonifyError, match=r"^fakes\(\) of the term 'mine' gives NoneType, not a tuple"):
        steps._several(None, MINE)


def test_fake_weights_are_numbers():
    assert steps._fake_weights(SimpleNamespace(fake_weights=(np.float64(0.5), np.int64(1))), 2, MINE) == [
        0.5,
        1.0,
    ]
    with pytest.raises(ToonifyError, match="the fake_weights of the term 'mine' should be 1 of 0 to 1"):
        steps._fake_weights(SimpleNamespace(fake_weights=("half",)), 1, MINE)


def test_controls_that_change_a_drawing_though_nobody_chose(install):
    code = """
        import keras
        from toonify.plugins import Control, Generator
        class Bright(Generator):
            halo = 0
            multiple = 1
            controls = {"glow": Control(0, 2, 1, "how much it glows")}
            def build(self):
                picture = keras.Input((None, None, 3))
                return keras.Model(picture, picture * 0.5)
            def controlled(self, model):
                picture = keras.Input((None, None, 3), name="picture")
                glow = keras.Input(batch_shape=(), name="glow")
                return keras.Model({"picture": picture, "glow": glow}, model(picture) * (glow + 0.5))
    """
    install("acme", {"generators": {"bright": "acme:Bright"}}, acme=code)
    with pytest.raises(ToonifyError, match=r"'bright' of acme 1.0 draws something other than build\(\)"):
        check_exported("bright", {})


@pytest.mark.parametrize(
    ("derivatives", "flat"), [([None, None], 1), ([0, None], 1), ([0, 1e-30], 0), ([0, np.nan], 0)]
)
def test_a_step_tells_whether_there_is_anything_to_learn(derivatives, flat):
    gradients = [None if one is None else ops.full((2, 2), one, "float32") for one in derivatives]
    applied = []
    engine = SimpleNamespace(
        value_and_grad=lambda loss, trained: ("aux", gradients), apply=lambda *args: applied.append(args)
    )
    aux, told = steps.descend(engine, lambda: (0, ()), [1, 2], SimpleNamespace(), 1.0)
    assert (aux, float(told)) == ("aux", flat)
    assert bool(applied) is (derivatives != [None, None])  # Keras would refuse to apply nothing
