"""Steps: losses worked out by hand, and every network's weights provably move."""

from __future__ import annotations

import dataclasses
import math

import keras
import numpy as np
import pytest
from keras import ops
from tiny_plugins import Tiny, TinyBackbone

from toonify.decoding import decode
from toonify.errors import ToonifyError
from toonify.losses.gan import GAN
from toonify.losses.lsgan import LSGAN
from toonify.losses.wgan import WGAN
from toonify.networks import build_discriminator
from toonify.plugins import NOISE_CHANNELS, AdversarialLoss, LossTerm, create
from toonify.training.engines.tensorflow import TensorFlowEngine
from toonify.training.loss_context import BatchContext, signed, tinted
from toonify.training.models import Discriminator, Models
from toonify.training.objectives import Objective, make_objectives
from toonify.training.settings import Settings
from toonify.training.steps import make_step, weighted_loss

SIDE = 16
ENGINE = TensorFlowEngine()


def settings(loss: str = "gan", **terms) -> Settings:
    phase = {"epochs": 1, "learning_rate": 1e-2}
    content = {"content": {"weight": 2.0}}
    pairs = {"colour": {"weight": 2.0}, "gradient": {"weight": 2.0}, "ink": {"weight": 1.0}}
    tables = {
        "description": "",
        "generator": {"name": "lite"},
        "backbone": {"name": "vgg19"},
        "paired": phase | {"terms": pairs},
        "initialisation": phase | {"terms": content},
        "adversarial": phase
        | {"terms": content | {"adversarial": {"weight": 0.5}} | terms}
        | {"loss": loss, "discriminator_learning_rate": 1e-3},
    }
    return decode(Settings, tables, "the test")


@pytest.fixture(scope="module")
def built() -> tuple[Models, list[np.ndarray]]:
    """Networks and optimizers, and the values of their variables at the start."""
    keras.utils.set_random_seed(0)
    plugin = Tiny()
    generator, discriminator = plugin.build(), build_discriminator(4)
    models = Models(
        plugin,
        generator,
        _adam(generator),
        make_objectives(settings()),
        heads=plugin.heads(generator),
        backbone=TinyBackbone().build("none", "only"),
        discriminators={"adversarial": Discriminator(discriminator, _adam(discriminator))},
    )
    return models, [np.array(variable) for variable in models.variables()]


@pytest.fixture
def models(built) -> Models:
    """As they are at the start, and with everything about them that a test may change."""
    models, values = built
    for variable, value in zip(models.variables(), values, strict=True):
        variable.assign(value)
    return dataclasses.replace(
        models, objectives=make_objectives(settings()), discriminators={**models.discriminators}
    )


def _adam(model: keras.Model) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    return optimizer


ARRAYS = {
    "paired": {"paired": 7},
    "initialisation": {"photo": 3},
    "adversarial": {"photo": 3, "cartoon": 3, "smoothed": 3},
}


def batch(phase: str = "adversarial", rate: float = 1.0) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(0)
    made = {name: chance.integers(0, 256, (2, SIDE, SIDE, n), np.uint8) for name, n in ARRAYS[phase].items()}
    made["tint"] = np.ones((2, 1, 1, 3), np.float32)
    made["noise"] = np.full((2, 1, 1, NOISE_CHANNELS), 0.5, np.float32)
    made["epsilon"] = np.full((2, 1, 1, 1), 0.25, np.float32)
    made["rate"] = np.asarray(rate, np.float32)
    made["decay"] = np.asarray(0.75, np.float32)
    return made


def critic(models: Models) -> keras.Model:
    return models.discriminators["adversarial"].network


def moved(model: keras.Model, before: list[np.ndarray]) -> list[str]:
    """Paths of the weights that did."""
    pairs = zip(model.trainable_variables, before, strict=True)
    return [variable.path for variable, old in pairs if not np.array_equal(variable, old)]


def copies(model: keras.Model) -> list[np.ndarray]:
    return [np.array(variable) for variable in model.trainable_variables]


@pytest.mark.parametrize("phase", ["paired", "initialisation", "adversarial"])
def test_every_weight_of_every_network_that_trains_moves(models, phase):
    step = ENGINE.compile(make_step(phase, settings(), models, ENGINE), models.variables())
    generator, discriminator, backbone = (
        copies(model) for model in (models.generator, critic(models), models.backbone)
    )
    for _ in range(3):  # biases behind a ReLU that is still shut may need more than one
        figures = ENGINE.fetch(step(ENGINE.put(batch(phase))))
    assert all(math.isfinite(value) for value in figures.values())
    assert len(moved(models.generator, generator)) == len(generator)
    everything = len(discriminator) if phase == "adversarial" else 0
    assert len(moved(critic(models), discriminator)) == everything
    assert moved(models.backbone, backbone) == []


def test_every_weight_of_a_spectral_discriminator_moves_and_its_vectors_too(models):
    network = build_discriminator(4, norm=False, spectral=True)
    models.discriminators = {"adversarial": Discriminator(network, _adam(network))}
    before = [np.array(variable) for variable in network.variables]
    step = make_step("adversarial", settings(), models, ENGINE)
    for _ in range(3):
        step(batch())
    pairs = zip(network.variables, before, strict=True)
    assert [variable.path for variable, old in pairs if np.array_equal(variable, old)] == []


def test_at_a_rate_of_0_nothing_moves(models):
    step = make_step("adversarial", settings(), models, ENGINE)
    generator, discriminator = copies(models.generator), copies(critic(models))
    step(batch(rate=0.0))
    assert moved(models.generator, generator) == moved(critic(models), discriminator) == []


def test_each_network_has_a_rate_of_its_own(models):
    make_step("adversarial", settings(), models, ENGINE)(batch(rate=0.5))
    assert float(models.generator_optimizer.learning_rate) == pytest.approx(0.5e-2)
    assert float(models.discriminators["adversarial"].optimizer.learning_rate) == pytest.approx(0.5e-3)


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
            np.testing.assert_array_equal(epsilon, batch()["epsilon"])
            mixed = epsilon * real + (1 - epsilon) * fake
            slope = gradient(lambda x: critic(x, training=True), mixed)
            return ops.mean(ops.square(slope))

        def constrain(self, critic):
            seen.append(("constrain", 0))

    models.gan_loss = Spy()
    before = copies(critic(models))
    make_step("adversarial", settings(), models, ENGINE)(batch())
    assert seen == [("generator", 1), ("discriminator", 2), ("constrain", 0)]
    assert moved(critic(models), before)


def test_losses_are_the_weighted_sums_that_the_settings_say(models):
    figures = ENGINE.fetch(make_step("adversarial", settings(), models, ENGINE)(batch()))
    assert figures["loss"] == pytest.approx(2 * figures["content"] + 0.5 * figures["adversarial"])
    figures = ENGINE.fetch(make_step("initialisation", settings(), models, ENGINE)(batch("initialisation")))
    assert figures["loss"] == pytest.approx(2 * figures["content"])
    figures = ENGINE.fetch(make_step("paired", settings(), models, ENGINE)(batch("paired")))
    assert figures["loss"] == pytest.approx(2 * figures["colour"] + 2 * figures["gradient"] + figures["ink"])


@pytest.mark.parametrize("phase", ["initialisation", "adversarial"])
def test_content_is_compared_between_the_photo_and_its_drawing(models, phase):
    photo = signed(batch()["photo"])
    drawn, wanted = (np.asarray(models.backbone(x)) for x in (models.generator(photo), photo))
    expected = np.mean(
        [np.mean(np.abs(d - w)) / np.mean(np.abs(w)) for d, w in zip(drawn, wanted, strict=True)]
    )
    figures = make_step(phase, settings(), models, ENGINE)(batch(phase))
    assert float(figures["content"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("method", ["generator", "discriminator", "penalty"])
def test_a_loss_that_gives_an_array_is_told_so_once_and_clearly(models, method):
    class Vector(AdversarialLoss):
        def discriminator(self, real, *fakes):
            return real if method == "discriminator" else ops.mean(real)

        def generator(self, fake):
            return fake if method == "generator" else ops.mean(fake)

        def penalty(self, critic, real, fake, *, gradient, epsilon):
            return epsilon if method == "penalty" else 0.0

    models.gan_loss = Vector()
    step = make_step("adversarial", settings("acme"), models, ENGINE)
    with pytest.raises(ToonifyError, match=rf"{method}\(\) of the loss 'acme' gives an array of shape \(2, "):
        step(batch())


@pytest.mark.parametrize(
    ("method", "compiled"),
    [("generator", True), ("discriminator", False), ("penalty", False), ("constrain", False)],
)
def test_a_loss_that_fails_is_blamed_by_name(models, method, compiled):
    class Broken(GAN):
        pass

    def fail(*arguments, **options):
        raise KeyError("temperature")

    setattr(Broken, method, fail)
    models.gan_loss = Broken()
    step = make_step("adversarial", settings("acme"), models, ENGINE)
    if compiled:
        step = ENGINE.compile(step, models.variables())
    with pytest.raises(ToonifyError, match="the loss 'acme' failed: KeyError: 'temperature'"):
        step(ENGINE.put(batch()))


def test_a_term_of_a_strangers_gets_the_context_and_its_array_is_refused(models):
    class Odd(LossTerm):
        uses = frozenset({"cartoon"})

        def loss(self, context):
            return ops.mean(context.cartoon, axis=(1, 2, 3)) if self.array else ops.mean(context.cartoon)

    odd, objective = Odd(), models.objectives["adversarial"]
    models.objectives = {
        "adversarial": Objective({**objective.terms, "odd": odd}, {**objective.weights, "odd": 3})
    }
    odd.array = False
    figures = ENGINE.fetch(make_step("adversarial", settings(), models, ENGINE)(batch()))
    assert figures["odd"] == pytest.approx(float(np.mean(signed(batch()["cartoon"]))), rel=1e-5)
    expected = 2 * figures["content"] + 0.5 * figures["adversarial"] + 3 * figures["odd"]
    assert figures["loss"] == pytest.approx(expected, rel=1e-5)
    odd.array = True
    with pytest.raises(ToonifyError, match=r"loss\(\) of the term 'odd' gives an array of shape \(2,\)"):
        make_step("adversarial", settings(), models, ENGINE)(batch())


def test_a_term_that_fails_is_blamed_by_name(models):
    class Broken(LossTerm):
        def loss(self, context):
            raise KeyError("palette")

    models.objectives = {"initialisation": Objective({"acme": Broken()}, {"acme": 1.0})}
    with pytest.raises(ToonifyError, match="the term 'acme' failed: KeyError: 'palette'"):
        make_step("initialisation", settings(), models, ENGINE)(batch("initialisation"))


@pytest.mark.parametrize("weights", [(0.5, 0.5), (1.5,), (math.nan,)])
def test_a_term_whose_weights_do_not_fit_its_fakes_is_told_so(models, weights):
    models.objectives["adversarial"].terms["adversarial"].fake_weights = weights
    with pytest.raises(
        ToonifyError, match=r"the fake_weights of the term 'adversarial' should be 1 of 0 to 1, not \("
    ):
        make_step("adversarial", settings(), models, ENGINE)(batch())


def test_each_adversary_has_a_discriminator_of_its_own(models):
    another = {"second": {"weight": 0.1, "term": "adversarial"}}
    models.objectives = make_objectives(settings(**another))
    network = build_discriminator(4)
    models.discriminators["second"] = Discriminator(network, _adam(network))
    before = copies(critic(models)), copies(network)
    figures = ENGINE.fetch(make_step("adversarial", settings(**another), models, ENGINE)(batch()))
    assert {"adversarial", "second", "adversarial_discriminator", "second_discriminator"} <= figures.keys()
    assert figures["adversarial_discriminator"] != figures["second_discriminator"]
    assert moved(critic(models), before[0]) and moved(network, before[1])
    assert {"second_discriminator", "second_discriminator_optimizer"} <= models.parts().keys()


REAL, GREY, SMOOTHED, DRAWN = (np.full((2, 4, 4, 1), value, np.float32) for value in (2, 3, 4, 5))


@pytest.mark.parametrize(
    ("fake_weights", "expected"),
    [
        ((1.0, 1.0), 1 + 9 + 16 + 25),
        ((1.0, 0.1), 1 + 9 + 1.6 + 25),
        ((0.5, 0.1), 1 + 4.5 + 1.6 + 25),
        ((0.0, 0.25), 1 + 4 + 25),
    ],
)
def test_fakes_count_by_their_weights_where_a_loss_adds_them(fake_weights, expected):
    # Least squares: ½ (real - 1)² + ½ Σ fake².
    logits = [REAL, GREY, SMOOTHED, DRAWN]
    assert float(weighted_loss(LSGAN().discriminator, logits, fake_weights)) == pytest.approx(expected / 2)


def test_a_critic_that_averages_fakes_cannot_be_fooled_by_shifting_every_score():
    logits = [REAL, GREY, SMOOTHED, DRAWN]
    before = weighted_loss(WGAN().discriminator, logits, (1.0, 0.1))
    after = weighted_loss(WGAN().discriminator, [kind + 100 for kind in logits], (1.0, 0.1))
    assert float(after) == pytest.approx(float(before), abs=1e-4)


def test_features_of_a_picture_are_asked_for_once(models):
    asked = []
    backbone = models.backbone

    def count(pictures, training):
        asked.append(pictures)
        return backbone(pictures, training=training)

    models.backbone = count
    context = BatchContext(batch(), models)
    for _ in range(3):
        context.features(context.photo)
        context.features(context.generated)
    assert len(asked) == 2


def test_the_average_follows_the_generator(models):
    models.average = Tiny().build()
    models.average.set_weights(models.generator.get_weights())
    slow = copies(models.average)
    make_step("adversarial", settings(), models, ENGINE)(batch())
    for average, before, now in zip(models.average.variables, slow, models.generator.variables, strict=True):
        np.testing.assert_allclose(average, 0.75 * before + 0.25 * np.asarray(now), atol=1e-6)
    assert models.inference_model is models.average and "average" in models.parts()


def test_pictures_become_numbers_between_minus_1_and_1():
    np.testing.assert_allclose(signed(np.array([0, 127.5, 255])), [-1, 0, 1])


def test_tint_keeps_black_scales_light_and_clips_at_white():
    tint = np.array([0.5, 1.0, 2.0], "float32")
    np.testing.assert_allclose(tinted(-np.ones(3, "float32"), tint), [-1, -1, -1])
    np.testing.assert_allclose(tinted(np.zeros(3, "float32"), tint), [-0.5, 0, 1])
    np.testing.assert_allclose(tinted(np.ones(3, "float32"), tint), [0, 1, 1])


def test_photo_and_flat_colours_are_tinted_alike_and_ink_is_not(models):
    pairs = np.full((1, 2, 2, 7), 100, np.uint8)
    context = BatchContext({"paired": pairs, "tint": np.float32([0.8, 1, 1.2]).reshape(1, 1, 1, 3)}, models)
    np.testing.assert_array_equal(context.photo, context.colour)
    assert not np.allclose(context.photo[..., 0], context.photo[..., 2])
    np.testing.assert_allclose(context.ink, 100 / 255)


def test_a_heads_own_array_of_colours_is_tinted_as_the_photo_is(models):
    flat = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), np.uint8)
    tint = np.float32([0.8, 1, 1.2]).reshape(1, 1, 1, 3)
    context = BatchContext({"photo": flat, "flat": flat, "tone": flat[..., :1], "tint": tint}, models)
    context.heads = {"colour": context.photo, "tone": signed(flat[..., :1])}
    assert not np.allclose(context.photo, signed(flat))
    for options in ({"array": "flat"}, {"array": "tone", "head": "tone"}):  # one channel has no tint
        assert float(create("terms", "colour", options).loss(context)) == pytest.approx(0, abs=1e-6)


def test_an_input_gradient_can_itself_be_differentiated():
    # y = w x², dy/dx = 2 w x; d(sum of dy/dx)/dw = 2 · sum of x
    weight = keras.Variable(3.0)
    x = ops.convert_to_tensor([1.0, 2.0])

    def slope():
        return ops.sum(ENGINE.input_gradient(lambda x: weight * x * x, x)), None

    _, (gradient,) = ENGINE.value_and_grad(slope, [weight])
    assert float(gradient) == pytest.approx(6)
