"""Terms of the loss, adversaries among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toonify.plugins import AdversarialTerm, LossTerm, Term
from toonify.testing.promises import need, need_finite, need_scalar
from toonify.testing.samples import as_numbers, as_tensor, chosen_engine, some_noise, some_pictures

HEADS = {"colour": 3, "ink": 1}


def check_term(
    term: Term, *, arrays: Mapping[str, int] | None = None, heads: Mapping[str, int] | None = None
) -> None:
    """A finite scalar with a finite derivative; or, for an adversary, pictures of one shape.

    Args:
        term: To be checked.
        arrays: Channels of the dataset's arrays that it looks at, by name, beside the built-in ones.
        heads: Channels of the generator's heads; by default those of `lite`.
    """
    engine = chosen_engine()
    context = _Context(arrays or {}, heads or HEADS)
    if isinstance(term, LossTerm):
        need_scalar(term.loss(context), "loss()")
        slope = engine.input_gradient(lambda x: term.loss(context.with_generated(x)), context.generated)
        if slope is not None:  # a term of heads does not look at the picture
            need_finite(as_numbers(slope), "the derivative of loss() by the generated pictures")
        return
    need(isinstance(term, AdversarialTerm), "it is a LossTerm or an AdversarialTerm of toonify.plugins")
    assert isinstance(term, AdversarialTerm)
    real, fakes = as_numbers(term.real(context)), [as_numbers(fake) for fake in term.fakes(context)]
    measured = as_numbers(term.generated(context.bare()))
    for name, seen in (("generated()", measured), *(("fakes()", fake) for fake in fakes)):
        need(seen.shape == real.shape, f"{name} has the shape of real(), {real.shape}, not {seen.shape}")
        need_finite(seen, name)
    weights = term.fake_weights
    need(not weights or len(weights) == len(fakes), f"`fake_weights` has {len(fakes)} weights, one for each")
    need(all(0 <= weight <= 1 for weight in weights), "`fake_weights` are 0 to 1")


class _Bare:
    """As much of a `LossContext` as there is when a run is measured."""

    def __init__(self, generated: Any) -> None:
        self.generated = generated
        self.noise = as_tensor(some_noise(2))
        self.features = _features

    def __getattr__(self, name: str) -> Any:
        promise = f"generated() looks at `generated`, `features` and `noise` alone, not at `{name}`"
        raise AssertionError(f"a promise of the contract is not kept: {promise}")


class _Context:
    """A `LossContext` of random pictures."""

    def __init__(self, arrays: Mapping[str, int], heads: Mapping[str, int]) -> None:
        self.generated, self.noise = as_tensor(some_pictures(2)), as_tensor(some_noise(2))
        self.photo, self.cartoon, self.smoothed, self.colour = (
            as_tensor(some_pictures(2, seed=seed)) for seed in (1, 2, 3, 4)
        )
        self.ink = (self.photo[..., :1] + 1) / 2
        self.drawing = self.colour * (1 - self.ink) - self.ink
        self.heads = {
            name: as_tensor(some_pictures(2, seed=5, channels=wide)) for name, wide in heads.items()
        }
        self._arrays = {"photo": 3, "superpixels": 1, "cartoon": 3, "smoothed": 3, "paired": 7, **arrays}

    def bare(self) -> Any:
        return _Bare(self.generated)

    def with_generated(self, generated: Any) -> Any:
        other = object.__new__(_Context)
        vars(other).update(vars(self) | {"generated": generated})
        return other

    def array(self, name: str) -> Any:
        need(name in self._arrays, f"check_term(…, arrays=…) names the array {name} that the term looks at")
        return (as_tensor(some_pictures(2, seed=6, channels=self._arrays[name])) + 1) * 127.5

    def features(self, pictures: Any) -> Any:
        return _features(pictures)


def _features(pictures: Any) -> Any:
    from keras import ops

    return ops.average_pool(pictures, 4, strides=4)
