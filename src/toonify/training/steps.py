"""The steps of each phase: a batch in, variables changed, figures out.

Ordinary Keras code for any backend; `Engine` does the rest.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.errors import ToonifyError
from toonify.plugins import blaming
from toonify.training.engines.base import Batch, Engine, Figures, Step
from toonify.training.models import Models
from toonify.training.presets import PairedSettings, Settings

TINY = 1e-6  # a photo without any features must not divide by 0


def make_step(phase: str, settings: Settings, models: Models, engine: Engine) -> Step:
    """The step of a phase; not compiled."""
    makers = {"paired": paired_step, "initialisation": initialisation_step, "adversarial": adversarial_step}
    return makers[phase](settings, models, engine)


def paired_step(settings: Settings, models: Models, engine: Engine) -> Step:
    """The generator's heads learn flat colours and ink from pairs."""
    paired, heads = settings.paired, models.heads
    assert paired and heads
    trained, optimizer = models.generator.trainable_variables, models.generator_optimizer

    def step(batch: Batch) -> Figures:
        photo, colour, ink = split_pairs(batch["paired"], batch["tint"])

        def loss() -> tuple[Any, Figures]:
            figures = head_losses(paired, heads(photo, training=True), colour, ink)
            total = paired.colour * figures["colour"] + paired.gradient * figures["gradient"]
            total = total + paired.ink * figures["ink"]
            return total, {"loss": total, **figures}

        _, figures = _descend(engine, loss, trained, optimizer, paired.learning_rate * batch["rate"])
        return figures

    return step


def initialisation_step(settings: Settings, models: Models, engine: Engine) -> Step:
    """The generator alone learns to keep the content (CartoonGAN, section 3.3)."""
    phase, content, backbone, generator = (
        settings.initialisation,
        settings.content,
        models.backbone,
        models.generator,
    )
    assert phase and content and backbone
    trained, optimizer = generator.trainable_variables, models.generator_optimizer

    def step(batch: Batch) -> Figures:
        photo = tinted(signed(batch["photo"]), batch["tint"])
        wanted = backbone(photo, training=False)

        def loss() -> tuple[Any, Figures]:
            drawn = backbone(generator(photo, training=True), training=False)
            distance = content_loss(drawn, wanted, relative=content.relative)
            total = content.weight * distance
            return total, {"loss": total, "content": distance}

        _, figures = _descend(engine, loss, trained, optimizer, phase.learning_rate * batch["rate"])
        return figures

    return step


def adversarial_step(settings: Settings, models: Models, engine: Engine) -> Step:
    """Generator, then discriminator, on the same generated pictures (CartoonGAN, section 3.2).

    The discriminator learns from three kinds of pictures: cartoons are real; edge-smoothed cartoons
    and generated pictures are fake.
    """
    train_generator = generator_step(settings, models, engine)
    train_discriminator = discriminator_step(settings, models, engine)

    def step(batch: Batch) -> Figures:
        photo = tinted(signed(batch["photo"]), batch["tint"])
        figures, drawn = train_generator(photo, batch["rate"])
        cartoon, smoothed = signed(batch["cartoon"]), signed(batch["smoothed"])
        figures["discriminator"] = train_discriminator(
            cartoon, smoothed, ops.stop_gradient(drawn), batch["epsilon"], batch["rate"]
        )
        return figures

    return step


def generator_step(settings: Settings, models: Models, engine: Engine) -> Any:
    """The generator's half: from photo (N, H, W, 3) in [-1, 1] and rate to figures and drawing."""
    phase, content = settings.adversarial, settings.content
    generator, backbone = models.generator, models.backbone
    critic, adversary = models.discriminator, models.adversary
    assert phase and content and backbone and critic and adversary
    trained, optimizer = generator.trainable_variables, models.generator_optimizer

    def step(photo: Any, rate: Any) -> tuple[Figures, Any]:
        wanted = backbone(photo, training=False)

        def loss() -> tuple[Any, Any]:
            drawn = generator(photo, training=True)
            features = backbone(drawn, training=False)
            distance = content_loss(features, wanted, relative=content.relative)
            with blaming(f"the loss '{phase.loss}'"):
                opinion = adversary.generator(critic(drawn, training=True))
            opinion = one_number(opinion, phase.loss, "generator")
            total = content.weight * distance + phase.weight * opinion
            return total, ({"loss": total, "content": distance, "adversarial": opinion}, drawn)

        _, (figures, drawn) = _descend(engine, loss, trained, optimizer, phase.learning_rate * rate)
        return figures, drawn

    return step


def discriminator_step(settings: Settings, models: Models, engine: Engine) -> Any:
    """The discriminator's half: from cartoon, smoothed, drawing, epsilon and rate to its loss."""
    phase, critic, adversary = settings.adversarial, models.discriminator, models.adversary
    optimizer = models.discriminator_optimizer
    assert phase and critic and adversary and optimizer
    trained = critic.trainable_variables

    def step(cartoon: Any, smoothed: Any, drawn: Any, epsilon: Any, rate: Any) -> Any:
        def loss() -> tuple[Any, None]:
            real, *fakes = (critic(pictures, training=True) for pictures in (cartoon, smoothed, drawn))
            with blaming(f"the loss '{phase.loss}'"):
                game = adversary.discriminator(real, *fakes)
                penalty = adversary.penalty(
                    critic, cartoon, drawn, gradient=engine.input_gradient, epsilon=epsilon
                )
            game = one_number(game, phase.loss, "discriminator")
            return game + one_number(penalty, phase.loss, "penalty"), None

        total, _ = _descend(engine, loss, trained, optimizer, phase.discriminator_learning_rate * rate)
        with blaming(f"the loss '{phase.loss}'"):
            adversary.constrain(critic)
        return total

    return step


def _descend(engine: Engine, loss: Any, trained: Any, optimizer: Any, rate: Any) -> tuple[Any, Any]:
    """One update of the trained variables; gives what `loss` gave: its value, and what comes beside it."""
    given, gradients = engine.value_and_grad(loss, trained)
    optimizer.learning_rate = rate
    engine.apply(optimizer, gradients, trained)
    return given


def content_loss(drawn: Any, wanted: Any, *, relative: bool) -> Any:
    """Mean |features of the drawing - features of the photo| (CartoonGAN, eq. 4, averaged).

    Args:
        drawn: Features of the drawing, (N, h, w, c).
        wanted: Those of the photo.
        relative: Divide by mean |features of the photo|.
    """
    distance = ops.mean(ops.abs(drawn - wanted))
    return distance / (ops.mean(ops.abs(wanted)) + TINY) if relative else distance


def head_losses(paired: PairedSettings, heads: dict[str, Any], colour: Any, ink: Any) -> Figures:
    """How far the heads are from their targets, before the weights of the terms.

    Args:
        paired: For the emphasis on ink.
        heads: `colour`, RGB in [-1, 1], (N, H, W, 3), and `ink`, logits, (N, H, W, 1).
        colour: The flat colours, RGB in [-1, 1].
        ink: The ink mask in [0, 1].

    Returns:
        `colour`: mean |difference|; `gradient`: the same of the differences between neighbours, down
        and across added; `ink`: mean binary cross-entropy, an inked pixel counting 1 + emphasis.
    """
    error = heads["colour"] - colour
    down, across = error[:, 1:] - error[:, :-1], error[:, :, 1:] - error[:, :, :-1]
    entropy = ops.binary_crossentropy(ink, heads["ink"], from_logits=True)
    return {
        "colour": ops.mean(ops.abs(error)),
        "gradient": ops.mean(ops.abs(down)) + ops.mean(ops.abs(across)),
        "ink": ops.mean((1 + paired.ink_emphasis * ink) * entropy),
    }


def one_number(value: Any, loss: str, method: str) -> Any:
    """A plugin's loss as a scalar tensor.

    Raises:
        ToonifyError: if it is an array.
    """
    value = ops.convert_to_tensor(value, dtype="float32")
    if len(value.shape):
        raise ToonifyError(
            f"{method}() of the loss '{loss}' gives an array of shape {tuple(value.shape)}, not one number",
            "Whoever wrote it should average over pictures and patches, as keras.ops.mean does.",
        )
    return value


def signed(picture: Any) -> Any:
    """uint8 as float32 in [-1, 1]."""
    return ops.cast(picture, "float32") / 127.5 - 1


def tinted(picture: Any, tint: Any) -> Any:
    """A picture in [-1, 1] with its channels multiplied, black being 0; what gets too bright is clipped."""
    return ops.minimum((picture + 1) * tint - 1, 1.0)


def split_pairs(pairs: Any, tint: Any) -> tuple[Any, Any, Any]:
    """Photo and flat colours in [-1, 1], tinted alike, and ink in [0, 1]."""
    photo = tinted(signed(pairs[..., :3]), tint)
    colour = tinted(signed(pairs[..., 3:6]), tint)
    return photo, colour, ops.cast(pairs[..., 6:], "float32") / 255
