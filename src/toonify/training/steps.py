"""The steps of each phase: a batch in, variables changed, figures out.

Ordinary Keras code for any backend; `Engine` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops

from toonify.training.engines.base import Batch, Engine, Figures, Step
from toonify.training.models import Models
from toonify.training.presets import PairedSettings, Settings


def make_step(phase: str, settings: Settings, models: Models, engine: Engine) -> Step:
    """The step of a phase, compiled."""
    makers = {"paired": paired_step}
    return engine.compile(makers[phase](settings, models, engine), models.variables())


def paired_step(settings: Settings, models: Models, engine: Engine) -> Step:
    """The generator's heads learn flat colours and ink from pairs."""
    paired, heads = settings.paired, models.heads
    assert paired is not None and heads is not None
    trained = models.generator.trainable_variables

    def step(batch: Batch) -> Figures:
        photo, colour, ink = split_pairs(batch["paired"], batch["tint"])

        def loss() -> tuple[Any, Figures]:
            figures = head_losses(paired, heads(photo, training=True), colour, ink)
            total = paired.colour * figures["colour"] + paired.gradient * figures["gradient"]
            total = total + paired.ink * figures["ink"]
            return total, {"loss": total, **figures}

        (_, figures), gradients = engine.value_and_grad(loss, trained)
        _update(engine, models.generator_optimizer, paired.learning_rate * batch["rate"], gradients, trained)
        return figures

    return step


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


def _update(engine: Engine, optimizer: Any, rate: Any, gradients: Sequence[Any], variables: Any) -> None:
    optimizer.learning_rate = rate
    engine.apply(optimizer, gradients, variables)
