"""Terms of the loss, adversaries among them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from numbers import Real
from typing import Any

from toonify.plugins import AdversarialTerm, LossTerm, Term
from toonify.testing.promises import need, need_finite, need_scalar, promised
from toonify.testing.samples import (
    as_numbers,
    as_tensor,
    chosen_engine,
    compiled,
    some_noise,
    some_pictures,
)

HEADS = {"colour": 3, "ink": 1}
ARRAYS = {"photo": 3, "superpixels": 1, "cartoon": 3, "smoothed": 3, "paired": 7}
"""Channels of the arrays that a term may look at, by name, whatever the source was."""

COMPILED = "it is computed by keras.ops alone, for the step is compiled"


def check_term(
    term: Term, *, arrays: Mapping[str, int] | None = None, heads: Mapping[str, int] | None = None
) -> None:
    """A finite scalar of the drawing or its heads that a step can learn from when it is compiled, and that
    looks only at what `uses` names; or, for an adversary, pictures of one shape, also when it is compiled,
    that a step can learn from.

    Args:
        term: To be checked.
        arrays: Channels of the dataset's arrays that it looks at, by name, beside the built-in ones.
        heads: Channels of the generator's heads; by default those of `lite`.
    """
    known = {**ARRAYS, **(arrays or {})}
    uses: object = term.uses
    need(
        isinstance(uses, Collection) and not isinstance(uses, str), f"`uses` is a set of names, not {uses!r}"
    )
    for name in term.uses:
        there = name in known or name in ("features", "heads")
        need(there, f"check_term(…, arrays=…) names the array {name} that the term looks at")
    context = _Context(frozenset(term.uses), known, heads or HEADS)
    if isinstance(term, LossTerm):
        _check_loss(term, context)
    else:
        need(isinstance(term, AdversarialTerm), "it is a LossTerm or an AdversarialTerm of toonify.plugins")
        assert isinstance(term, AdversarialTerm)
        _check_adversary(term, context)


def _check_loss(term: LossTerm, context: _Context) -> None:
    found = need_scalar(term.loss(context), "loss()")
    again = need_scalar(term.loss(context), "loss()")
    same = math.isclose(found, again, rel_tol=1e-4, abs_tol=1e-6)  # sums on a GPU come in any order
    need(same, "the same pictures and the same `context.noise` give the same loss()")
    engine = chosen_engine()
    drawn = context.drawn

    def slope(name: str, given: Any) -> Any:
        return engine.input_gradient(lambda x: term.loss(context.with_drawn(name, x)), given)

    def step(batch: Any) -> dict[str, Any]:
        return {name: slope(name, batch[name]) for name in drawn}

    with promised(COMPILED):
        slopes = compiled(engine, step, **drawn)
    numbers = {name: as_numbers(slope) for name, slope in slopes.items() if slope is not None}
    for name, number in numbers.items():
        need_finite(number, f"the derivative of loss() by {name}")
    # A loss of 0 is as small as it gets, of random pictures, too: it may be flat there.
    steep = bool(numbers) and (found == 0 or any(slope.any() for slope in numbers.values()))
    need(steep, "loss() has a derivative by what the generator draws")


def _check_adversary(term: AdversarialTerm, context: _Context) -> None:
    real, fakes = _seen(term.real(context), "real()"), term.fakes(context)
    wide = "c" if term.judges_features else 3
    fits = real.ndim == 4 and wide in ("c", real.shape[-1])
    need(fits, f"real() gives (N, h, w, {wide}), not {real.shape}")
    need(isinstance(fakes, tuple | list), f"fakes() gives a tuple, not {type(fakes).__name__}")
    measured = _seen(term.generated(context.bare()), "generated()")
    for name, seen in (("generated()", measured), *(("fakes()", _seen(fake, "fakes()")) for fake in fakes)):
        need(seen.shape == real.shape, f"{name} has the shape of real(), {real.shape}, not {seen.shape}")
        need_finite(seen, name)
    weights: object = term.fake_weights
    numeric = isinstance(weights, tuple | list) and all(isinstance(one, Real) for one in weights)
    need(numeric, f"`fake_weights` is a tuple of numbers, not {weights!r}")
    count = len(term.fake_weights)
    need(not count or count == len(fakes), f"`fake_weights` has {len(fakes)} weights, one for each")
    need(all(0 <= weight <= 1 for weight in term.fake_weights), "`fake_weights` are 0 to 1")
    _check_adversary_compiled(term, context, real.shape)


def _check_adversary_compiled(term: AdversarialTerm, context: _Context, shape: tuple[int, ...]) -> None:
    engine = chosen_engine()
    count, height, width, channels = shape
    # Weighted at random: the sum of what was normalised does not change.
    weights = some_pictures(count, height, width, seed=8, channels=channels)

    def weighed(drawn: Any) -> Any:
        return term.generated(context.with_drawn("generated", drawn).bare()) * weights

    def step(batch: Any) -> dict[str, Any]:
        slope = engine.input_gradient(weighed, batch["generated"])
        return {"slope": slope, "real()": term.real(context), "fakes()": [*term.fakes(context)]}

    with promised(COMPILED):
        slope = compiled(engine, step, generated=context.generated)["slope"]
    steep = slope is not None and bool(as_numbers(slope).any())
    need(steep, "generated() has a derivative by what the generator draws")


def _seen(pictures: Any, giver: str) -> Any:
    with promised(f"{giver} gives pictures, or features, not {type(pictures).__name__}"):
        return as_numbers(pictures)


class _Bare:
    """As much of a `LossContext` as there is when a run is measured."""

    def __init__(self, generated: Any) -> None:
        self.generated = generated
        self.noise = as_tensor(some_noise())
        self.features = _features

    def __getattr__(self, name: str) -> Any:
        promise = f"generated() looks at `generated`, `features` and `noise` alone, not at `{name}`"
        raise AssertionError(f"a promise of the contract is not kept: {promise}")


class _Context:
    """A `LossContext` of random pictures, and of what `uses` names alone."""

    def __init__(self, uses: frozenset[str], arrays: Mapping[str, int], heads: Mapping[str, int]) -> None:
        self.drawn = {"generated": as_tensor(some_pictures(2))}
        self._uses, self._arrays = uses, arrays
        if "heads" in uses:
            self.drawn |= {
                f"the head {name}": as_tensor(some_pictures(2, seed=5, channels=wide))
                for name, wide in heads.items()
            }

    def bare(self) -> Any:
        return _Bare(self.generated)

    def with_drawn(self, name: str, drawn: Any) -> Any:
        other = object.__new__(_Context)
        vars(other).update(vars(self) | {"drawn": self.drawn | {name: drawn}})
        return other

    # Made when they are asked for: while a step is compiled, without values, as in training.
    @property
    def photo(self) -> Any:
        return as_tensor(some_pictures(2, seed=1))

    @property
    def noise(self) -> Any:
        return as_tensor(some_noise())

    @property
    def generated(self) -> Any:
        return self.drawn["generated"]

    @property
    def heads(self) -> Mapping[str, Any]:
        self._need("heads")
        return {
            name.removeprefix("the head "): head for name, head in self.drawn.items() if name != "generated"
        }

    @property
    def cartoon(self) -> Any:
        return self._picture("cartoon", 2)

    @property
    def smoothed(self) -> Any:
        return self._picture("smoothed", 3)

    @property
    def colour(self) -> Any:
        return self._picture("paired", 4)

    @property
    def ink(self) -> Any:
        return (self._picture("paired", 1)[..., :1] + 1) / 2

    @property
    def drawing(self) -> Any:
        return self.colour * (1 - self.ink) - self.ink

    def array(self, name: str) -> Any:
        need(name in self._arrays, f"check_term(…, arrays=…) names the array {name} that the term looks at")
        if name != "photo":
            self._need(name)
        return (as_tensor(some_pictures(2, seed=6, channels=self._arrays[name])) + 1) * 127.5

    def colours(self, name: str) -> Any:
        return self.array(name) / 127.5 - 1

    def features(self, pictures: Any) -> Any:
        self._need("features")
        return _features(pictures)

    def _picture(self, name: str, seed: int) -> Any:
        self._need(name)
        return as_tensor(some_pictures(2, seed=seed))

    def _need(self, name: str) -> None:
        need(name in self._uses, f"`uses` names {name}, which the term asks for")


def _features(pictures: Any) -> Any:
    from keras import ops

    return ops.average_pool(pictures, 4, strides=4)
