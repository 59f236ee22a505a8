"""Steps: losses worked out by hand, and every network's weights provably move."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
from keras import ops
from tiny_plugins import Tiny, TinyBackbone

from toonify.errors import ToonifyError
from toonify.losses.gan import GAN
from toonify.networks import build_discriminator
from toonify.plugins import AdversarialLoss, create
from toonify.training.engines.tensorflow import TensorFlowEngine
from toonify.training.models import Models
from toonify.training.presets import PairedSettings, Settings, read_tables
from toonify.training.steps import content_loss, head_losses, make_step, signed, split_pairs, tinted

SIDE = 16
ENGINE = TensorFlowEngine()


def settings(loss: str = "gan") -> Settings:
    phase = {"epochs": 1, "learning_rate": 1e-2}
    tables = {
        "description": "",
        "generator": {"name": "lite"},
        "content": {"backbone": "vgg19", "weight": 2.0},
        "paired": phase,
        "initialisation": phase,
        "adversarial": phase | {"loss": loss, "weight": 0.5, "discriminator_learning_rate": 1e-3},
    }
    return read_tables(Settings, tables, "the test")


@pytest.fixture
def models() -> Models:
    keras.utils.set_random_seed(0)
    plugin = Tiny()
    generator, discriminator = plugin.build(), build_discriminator(4)
    return Models(
        plugin,
        generator,
        _adam(generator),
        plugin.heads(generator),
        TinyBackbone().build("none", "only"),
        discriminator,
        _adam(discriminator),
        create("losses", "gan", {}),
    )


def _adam(model: keras.Model) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    return optimizer


def batch(rate: float = 1.0) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(0)
    channels = {"photo": 3, "cartoon": 3, "smoothed": 3, "paired": 7}
    made = {name: chance.integers(0, 256, (2, SIDE, SIDE, n), np.uint8) for name, n in channels.items()}
    made["tint"] = np.ones((2, 1, 1, 3), np.float32)
    made["epsilon"] = np.full((2, 1, 1, 1), 0.5, np.float32)
    made["rate"] = np.asarray(rate, np.float32)
    return made


def moved(model: keras.Model, before: list[np.ndarray]) -> list[str]:
    """Paths of the weights that did."""
    pairs = zip(model.trainable_variables, before, strict=True)
    return [variable.path for variable, old in pairs if not np.array_equal(variable, old)]


def copies(model: keras.Model) -> list[np.ndarray]:
    return [np.array(variable) for variable in model.trainable_variables]


@pytest.mark.parametrize("phase", ["paired", "initialisation", "adversarial"])
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_every_weight_of_every_network_that_trains_moves(models, phase, compiled):
    step = make_step(phase, settings(), models, ENGINE)
    if compiled:
        step = ENGINE.compile(step, models.variables())
    generator, discriminator, backbone = (
        copies(model) for model in (models.generator, models.discriminator, models.backbone)
    )
    for _ in range(3):  # biases behind a ReLU that is still shut may need more than one
        figures = ENGINE.reduce(step(ENGINE.put(batch())))
    assert all(math.isfinite(value) for value in figures.values())
    assert len(moved(models.generator, generator)) == len(generator)
    everything = len(discriminator) if phase == "adversarial" else 0
    assert len(moved(models.discriminator, discriminator)) == everything
    assert moved(models.backbone, backbone) == []


def test_at_a_rate_of_0_nothing_moves(models):
    step = make_step("adversarial", settings(), models, ENGINE)
    generator, discriminator = copies(models.generator), copies(models.discriminator)
    step(batch(rate=0.0))
    assert moved(models.generator, generator) == moved(models.discriminator, discriminator) == []


def test_each_network_has_a_rate_of_its_own(models):
    make_step("adversarial", settings(), models, ENGINE)(batch(rate=0.5))
    assert float(models.generator_optimizer.learning_rate) == pytest.approx(0.5e-2)
    assert float(models.discriminator_optimizer.learning_rate) == pytest.approx(0.5e-3)


def test_the_discriminator_sees_three_kinds_of_pictures(models):
    seen: list[tuple[str, int]] = []

    class Spy(AdversarialLoss):
        def discriminator(self, real, *fakes):
            seen.append(("discriminator", len(fakes)))
            return ops.mean(real) + sum(ops.mean(fake) for fake in fakes)

        def generator(self, fake):
            seen.append(("generator", 1))
            return ops.mean(fake)

        def penalty(self, critic, real, fake, *, gradient, epsilon):
            mixed = epsilon * real + (1 - epsilon) * fake
            slope = gradient(lambda x: critic(x, training=True), mixed)
            return ops.mean(ops.square(slope))

        def constrain(self, critic):
            seen.append(("constrain", 0))

    models.adversary = Spy()
    before = copies(models.discriminator)
    make_step("adversarial", settings(), models, ENGINE)(batch())
    assert seen == [("generator", 1), ("discriminator", 2), ("constrain", 0)]
    assert moved(models.discriminator, before)


def test_losses_are_the_weighted_sums_that_the_settings_say(models):
    figures = ENGINE.reduce(make_step("adversarial", settings(), models, ENGINE)(batch()))
    assert figures["loss"] == pytest.approx(2 * figures["content"] + 0.5 * figures["adversarial"])
    figures = ENGINE.reduce(make_step("initialisation", settings(), models, ENGINE)(batch()))
    assert figures["loss"] == pytest.approx(2 * figures["content"])
    figures = ENGINE.reduce(make_step("paired", settings(), models, ENGINE)(batch()))
    assert figures["loss"] == pytest.approx(2 * figures["colour"] + 2 * figures["gradient"] + figures["ink"])


@pytest.mark.parametrize("phase", ["initialisation", "adversarial"])
def test_content_is_compared_between_the_photo_and_its_drawing(models, phase):
    photo = signed(batch()["photo"])
    drawn, wanted = (np.asarray(models.backbone(x)) for x in (models.generator(photo), photo))
    expected = np.mean(np.abs(drawn - wanted)) / np.mean(np.abs(wanted))
    figures = make_step(phase, settings(), models, ENGINE)(batch())
    assert float(figures["content"]) == pytest.approx(expected, rel=1e-5)


def test_relative_content_does_not_hang_on_the_backbones_scale():
    drawn, wanted = np.array([1.0, 4.0], "float32"), np.array([2.0, 2.0], "float32")
    assert float(content_loss(drawn, wanted, relative=False)) == pytest.approx(1.5)
    for scale in (1, 1000):
        distance = content_loss(scale * drawn, scale * wanted, relative=True)
        assert float(distance) == pytest.approx(0.75, rel=1e-5)


@pytest.mark.parametrize("method", ["generator", "discriminator", "penalty"])
def test_a_loss_that_gives_an_array_is_told_so_once_and_clearly(models, method):
    class Vector(AdversarialLoss):
        def discriminator(self, real, *fakes):
            return real if method == "discriminator" else ops.mean(real)

        def generator(self, fake):
            return fake if method == "generator" else ops.mean(fake)

        def penalty(self, critic, real, fake, *, gradient, epsilon):
            return epsilon if method == "penalty" else 0.0

    models.adversary = Vector()
    step = ENGINE.compile(make_step("adversarial", settings("acme"), models, ENGINE), models.variables())
    with pytest.raises(ToonifyError, match=rf"{method}\(\) of the loss 'acme' gives an array of shape \(2, "):
        step(ENGINE.put(batch()))


@pytest.mark.parametrize("method", ["generator", "discriminator", "penalty", "constrain"])
def test_a_loss_that_fails_is_blamed_by_name(models, method):
    class Broken(GAN):
        pass

    def fail(*arguments, **options):
        raise KeyError("temperature")

    setattr(Broken, method, fail)
    models.adversary = Broken()
    step = ENGINE.compile(make_step("adversarial", settings("acme"), models, ENGINE), models.variables())
    with pytest.raises(ToonifyError, match="the loss 'acme' failed: KeyError: 'temperature'"):
        step(ENGINE.put(batch()))


def test_colour_and_gradient_by_hand():
    # Errors 0, 0.5 / 0, 1 in one channel; the other two are right.
    error = np.zeros((1, 2, 2, 3), "float32")
    error[0, :, :, 0] = [[0, 0.5], [0, 1]]
    heads = {"colour": error + 0.25, "ink": np.zeros((1, 2, 2, 1), "float32")}
    figures = head_losses(
        PairedSettings(epochs=1, learning_rate=1.0),
        heads,
        np.full_like(error, 0.25),
        np.zeros((1, 2, 2, 1), "float32"),
    )
    assert float(figures["colour"]) == pytest.approx(1.5 / 12)
    # Down: 0, 0.5 over 6 numbers; across: 0.5, 1 over 6.
    assert float(figures["gradient"]) == pytest.approx(0.5 / 6 + 1.5 / 6)


def test_ink_counts_more_where_there_is_some():
    logits = np.array([0.0, 2.0], "float32").reshape(1, 1, 2, 1)
    ink = np.array([0.0, 1.0], "float32").reshape(1, 1, 2, 1)
    heads = {"colour": np.zeros((1, 1, 2, 3), "float32"), "ink": logits}
    settings = PairedSettings(epochs=1, learning_rate=1.0, ink_emphasis=6.0)
    figures = head_losses(settings, heads, heads["colour"], ink)
    expected = (math.log(2) + 7 * math.log(1 + math.exp(-2))) / 2
    assert float(figures["ink"]) == pytest.approx(expected, rel=1e-5)


def test_pictures_become_numbers_between_minus_1_and_1():
    np.testing.assert_allclose(signed(np.array([0, 127.5, 255])), [-1, 0, 1])


def test_tint_keeps_black_scales_light_and_clips_at_white():
    tint = np.array([0.5, 1.0, 2.0], "float32")
    np.testing.assert_allclose(tinted(-np.ones(3, "float32"), tint), [-1, -1, -1])
    np.testing.assert_allclose(tinted(np.zeros(3, "float32"), tint), [-0.5, 0, 1])
    np.testing.assert_allclose(tinted(np.ones(3, "float32"), tint), [0, 1, 1])


def test_photo_and_flat_colours_are_tinted_alike_and_ink_is_not():
    pairs = np.full((1, 2, 2, 7), 100, np.uint8)
    photo, colour, ink = split_pairs(pairs, np.array([0.8, 1, 1.2], "float32").reshape(1, 1, 1, 3))
    np.testing.assert_array_equal(photo, colour)
    assert not np.allclose(photo[..., 0], photo[..., 2])
    np.testing.assert_allclose(ink, 100 / 255)


def test_an_input_gradient_can_itself_be_differentiated():
    # y = w x², dy/dx = 2 w x; d(sum of dy/dx)/dw = 2 · sum of x
    weight = keras.Variable(3.0)
    x = ops.convert_to_tensor([1.0, 2.0])

    def slope():
        return ops.sum(ENGINE.input_gradient(lambda x: weight * x * x, x)), None

    (value, _), (gradient,) = ENGINE.value_and_grad(slope, [weight])
    assert float(value) == pytest.approx(18)
    assert float(gradient) == pytest.approx(6)
