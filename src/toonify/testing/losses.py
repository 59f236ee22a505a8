"""Adversarial losses."""

from __future__ import annotations

from numbers import Real
from typing import Any

from toonify.plugins import AdversarialLoss
from toonify.testing.promises import need, need_finite, need_scalar, promised
from toonify.testing.samples import (
    as_numbers,
    as_tensor,
    chosen_engine,
    compiled,
    some_logits,
    some_noise,
    some_pictures,
)


def check_loss(loss: AdversarialLoss) -> None:
    """Finite numbers, smaller for whoever is right, with any number of kinds of fakes; also when compiled."""
    engine = chosen_engine()
    need(isinstance(loss, AdversarialLoss), "it is a subclass of toonify.plugins.AdversarialLoss")
    numeric = loss.boundary is None or isinstance(loss.boundary, Real)
    need(numeric, f"`boundary` is a number or None, not {loss.boundary!r}")
    middle = 0.0 if loss.boundary is None else loss.boundary
    high, low = some_logits(middle + 0.4), some_logits(middle - 0.4)
    for fakes in (1, 2, 3):
        right = need_scalar(loss.discriminator(high, *[low] * fakes), f"discriminator() with {fakes} fakes")
        wrong = need_scalar(loss.discriminator(low, *[high] * fakes), f"discriminator() with {fakes} fakes")
        need(right < wrong, "the discriminator's loss is smaller when real logits are above the fakes'")
    fooled = need_scalar(loss.generator(high), "generator()")
    need(fooled < need_scalar(loss.generator(low), "generator()"), "the generator's falls as its logits rise")
    _check_compiled(loss, low, high)
    critic = _critic()
    penalty = loss.penalty(
        critic,
        as_tensor(some_pictures(2)),
        as_tensor(some_pictures(2, seed=1)),
        gradient=engine.input_gradient,
        epsilon=as_tensor(some_noise()[..., :1]),
    )
    need_scalar(penalty, "penalty()")
    loss.constrain(critic)
    for variable in critic.variables:
        need_finite(as_numbers(variable), "the discriminator's weights after constrain()")


def _check_compiled(loss: AdversarialLoss, low: Any, high: Any) -> None:
    """Both sides can learn from it in a step that is compiled, here where they are wrong."""
    engine = chosen_engine()

    def step(batch: Any) -> dict[str, Any]:
        return {
            "discriminator()": engine.input_gradient(
                lambda x: loss.discriminator(x, batch["high"]), batch["low"]
            ),
            "generator()": engine.input_gradient(loss.generator, batch["low"]),
        }

    with promised("it is computed by keras.ops alone, for the step is compiled"):
        slopes = compiled(engine, step, low=low, high=high)
    for giver, slope in slopes.items():
        need(slope is not None and bool(as_numbers(slope).any()), f"{giver} has a derivative by the logits")


def _critic() -> Any:
    import keras

    pictures = keras.Input((None, None, 3))
    return keras.Model(pictures, keras.layers.Conv2D(1, 3, strides=4)(pictures))
