"""Conformance checks: a plugin's own test calls the one for its kind, and knows that it keeps its contract.

    from toonify.testing import check_loss

    def test_it_keeps_the_contract():
        check_loss(MyLoss(margin=0.5))

Each raises an `AssertionError` that says what was promised and what was found. Keras runs on whichever
backend is chosen by then, TensorFlow if none is.
"""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.plugins import (
    NOISE_CHANNELS,
    AdversarialLoss,
    AdversarialTerm,
    Backbone,
    DatasetSource,
    Generator,
    LossTerm,
    Term,
)

if TYPE_CHECKING:
    import numpy as np

    from toonify.training.engines import Engine

ITEMS = 4  # of a source that are opened
HEADS = {"colour": 3, "ink": 1}


def check_backbone(backbone: Backbone, *, weights: str = "none", layer: str = "", side: int = 64) -> None:
    """Features of pictures of any size, frozen, picture by picture, with a way back for gradients.

    Args:
        backbone: To be checked.
        weights: As of `Backbone.build`.
        layer: Likewise; empty for its `default_layer`.
        side: Of the pictures it is tried on, in pixels.
    """
    _need(isinstance(backbone, Backbone), "it is a subclass of toonify.plugins.Backbone")
    _need(bool(backbone.licence), "`licence` says under what terms its weights may be used")
    engine = _engine()
    model = backbone.build(weights, layer or backbone.default_layer)
    _need(not model.trainable_variables, "it is frozen: no variable can be trained")
    for height, width in ((side, side), (side, 2 * side)):
        pictures = _pictures(2, height, width)
        features = _numbers(model(pictures, training=False))
        _need(features.ndim == 4 and len(features) == 2, f"features are (N, h, w, c), not {features.shape}")
        _need_finite(features, "features")
        alone = _numbers(model(pictures[:1], training=False))
        _need_near(alone, features[:1], "a picture's features do not depend on its batch")
    slope = engine.input_gradient(lambda x: model(x, training=False), _tensor(pictures))
    flows = slope is not None and bool((_numbers(slope) != 0).any())
    _need(flows, "a gradient flows back to the pictures")


def check_loss(loss: AdversarialLoss) -> None:
    """Finite numbers, smaller for whoever is right, with any number of kinds of fakes."""
    engine = _engine()
    _need(isinstance(loss, AdversarialLoss), "it is a subclass of toonify.plugins.AdversarialLoss")
    middle = 0.0 if loss.boundary is None else loss.boundary
    high, low = _logits(middle + 0.4), _logits(middle - 0.4)
    for fakes in (1, 2, 3):
        right = _scalar(loss.discriminator(high, *[low] * fakes), f"discriminator() with {fakes} fakes")
        wrong = _scalar(loss.discriminator(low, *[high] * fakes), f"discriminator() with {fakes} fakes")
        _need(right < wrong, "the discriminator's loss is smaller when real logits are above the fakes'")
    fooled = _scalar(loss.generator(high), "generator()")
    _need(fooled < _scalar(loss.generator(low), "generator()"), "the generator's falls as its logits rise")
    critic = _critic()
    penalty = loss.penalty(
        critic,
        _tensor(_pictures(2)),
        _tensor(_pictures(2, seed=1)),
        gradient=engine.input_gradient,
        epsilon=_tensor(_noise(2)[..., :1]),
    )
    _scalar(penalty, "penalty()")
    loss.constrain(critic)
    for variable in critic.variables:
        _need_finite(_numbers(variable), "the discriminator's weights after constrain()")


def check_dataset(source: DatasetSource, root: Path) -> None:
    """The same items again and again, that open as RGB, in this process and in others.

    Args:
        source: To be checked.
        root: A folder laid out as it expects, with a few pictures.
    """
    import numpy as np

    _need(isinstance(source, DatasetSource), "it is a subclass of toonify.plugins.DatasetSource")
    source = pickle.loads(pickle.dumps(source))  # as worker processes get it
    for domain in sorted(source.domains):
        items = list(source.items(domain, root))
        _need(bool(items), f"{root} holds {domain} pictures")
        _need(items == list(source.items(domain, root)), "items come in an order that does not change")
        _need(len({item.identity for item in items}) == len(items), "no two items have the same identity")
        _need(all(item.weight > 0 for item in items), "weights are above 0")
        for item in itertools.islice(items, ITEMS):
            image = source.open(item)
            _need(image.mode == "RGB", f"pictures are of mode RGB, not {image.mode}")
            crop = np.asarray(image.resize((32, 32)))
            if domain == "paired":
                _need_array(source.pair(crop), 7, "pair()")
            wanted = source.arrays.get(domain, {})
            derived = source.derive(domain, crop) if wanted else {}
            _need(derived.keys() == wanted.keys(), f"derive() gives {sorted(wanted)}, not {sorted(derived)}")
            for name, channels in wanted.items():
                _need_array(derived[name], channels, f"derive()'s {name}")


def check_generator(generator: Generator) -> None:
    """Pictures in, pictures of the same size out; nothing seen from further away than `halo`."""
    import numpy as np

    _engine()
    _need(isinstance(generator, Generator), "it is a subclass of toonify.plugins.Generator")
    multiple, halo = generator.multiple, generator.halo
    model = generator.build()
    paths = [variable.path for variable in model.variables]
    _need(len(set(paths)) == len(paths), "no two variables have the same path")
    again = [variable.path for variable in generator.build().variables]
    _need(paths == again, "build() names its variables the same way each time, so that weights can be loaded")
    side = -(-32 // multiple) * multiple
    for height, width in ((side, side), (side, 2 * side)):
        pictures = _pictures(2, height, width)
        made = _numbers(model(pictures, training=False))
        _need(made.shape == pictures.shape, f"{pictures.shape} becomes the same shape, not {made.shape}")
        _need_finite(made, "pictures")
        _need(float(np.abs(made).max()) <= 1 + 1e-6, "pictures are in [-1, 1]")
        alone = _numbers(model(pictures[:1], training=False))
        _need_near(alone, made[:1], "a picture does not depend on its batch")
    if halo is not None:
        _check_halo(model, halo, multiple)
    if generator.controls:
        _check_controls(generator, model, pictures, made)
    heads = generator.heads(model)
    if heads is not None:
        given = heads(pictures, training=False)
        _need(isinstance(given, dict), "heads() gives a model with a dictionary of heads")
        for name, head in given.items():
            _need(
                _numbers(head).shape[:3] == pictures.shape[:3], f"the head {name} is as large as the picture"
            )
        own = {id(variable) for variable in model.variables}
        _need(all(id(variable) in own for variable in heads.variables), "heads share the model's variables")


def _check_controls(generator: Generator, model: Any, pictures: Any, made: Any) -> None:
    """At their defaults they change nothing; whatever is chosen gives pictures."""
    import numpy as np

    controlled = generator.controlled(model)
    own = {id(variable) for variable in model.variables}
    shared = all(id(variable) in own for variable in controlled.variables)
    _need(shared, "controlled() shares the model's variables")
    usual = {name: control.default for name, control in generator.controls.items()}
    ends = [{name: end} for name, c in generator.controls.items() for end in (c.minimum, c.maximum)]
    for chosen in ({}, *ends):
        numbers = {name: np.float32(number) for name, number in (usual | chosen).items()}
        drawn = _numbers(controlled({"picture": pictures, **numbers}, training=False))
        _need(drawn.shape == made.shape, f"controls {chosen} leave pictures of {made.shape}")
        _need_finite(drawn, f"pictures with the controls {chosen}")
        _need(float(np.abs(drawn).max()) <= 1 + 1e-6, f"pictures with the controls {chosen} are in [-1, 1]")
        if not chosen:
            _need(bool(np.array_equal(drawn, made)), "with every control at its default nothing changes")


def _check_halo(model: Any, halo: int, multiple: int) -> None:
    """A picture in tiles must be what the whole is."""
    from toonify.inference.verification import tile_difference

    difference = tile_difference(lambda pictures: _numbers(model(pictures, training=False)), halo, multiple)
    _need(difference <= 1e-4, f"nothing further away than `halo` ({halo}) is seen")


def check_term(
    term: Term, *, arrays: Mapping[str, int] | None = None, heads: Mapping[str, int] | None = None
) -> None:
    """A finite scalar with a finite derivative; or, for an adversary, pictures of one shape.

    Args:
        term: To be checked.
        arrays: Channels of the dataset's arrays that it looks at, by name, beside the built-in ones.
        heads: Channels of the generator's heads; by default those of `lite`.
    """
    engine = _engine()
    context = _Context(arrays or {}, heads or HEADS)
    if isinstance(term, LossTerm):
        _scalar(term.loss(context), "loss()")
        slope = engine.input_gradient(lambda x: term.loss(context.with_generated(x)), context.generated)
        if slope is not None:  # a term of heads does not look at the picture
            _need_finite(_numbers(slope), "the derivative of loss() by the generated pictures")
        return
    _need(isinstance(term, AdversarialTerm), "it is a LossTerm or an AdversarialTerm of toonify.plugins")
    assert isinstance(term, AdversarialTerm)
    real, fakes = _numbers(term.real(context)), [_numbers(fake) for fake in term.fakes(context)]
    measured = _numbers(term.generated(context.bare()))
    for name, seen in (("generated()", measured), *(("fakes()", fake) for fake in fakes)):
        _need(seen.shape == real.shape, f"{name} has the shape of real(), {real.shape}, not {seen.shape}")
        _need_finite(seen, name)
    weights = term.fake_weights
    _need(not weights or len(weights) == len(fakes), f"`fake_weights` has {len(fakes)} weights, one for each")
    _need(all(0 <= weight <= 1 for weight in weights), "`fake_weights` are 0 to 1")


class _Bare:
    """As much of a `LossContext` as there is when a run is measured."""

    def __init__(self, generated: Any) -> None:
        self.generated = generated
        self.noise = _tensor(_noise(2))

    def __getattr__(self, name: str) -> Any:
        promise = f"generated() looks at `generated` and `noise` alone, not at `{name}`"
        raise AssertionError(f"a promise of the contract is not kept: {promise}")


class _Context:
    """A `LossContext` of random pictures."""

    def __init__(self, arrays: Mapping[str, int], heads: Mapping[str, int]) -> None:
        self.generated, self.noise = _tensor(_pictures(2)), _tensor(_noise(2))
        self.photo, self.cartoon, self.smoothed, self.colour = (
            _tensor(_pictures(2, seed=seed)) for seed in (1, 2, 3, 4)
        )
        self.ink = (self.photo[..., :1] + 1) / 2
        self.drawing = self.colour * (1 - self.ink) - self.ink
        self.heads = {name: _tensor(_pictures(2, seed=5, channels=wide)) for name, wide in heads.items()}
        self._arrays = {"photo": 3, "cartoon": 3, "smoothed": 3, "paired": 7, **arrays}

    def bare(self) -> Any:
        return _Bare(self.generated)

    def with_generated(self, generated: Any) -> Any:
        other = object.__new__(_Context)
        vars(other).update(vars(self) | {"generated": generated})
        return other

    def array(self, name: str) -> Any:
        _need(name in self._arrays, f"check_term(…, arrays=…) names the array {name} that the term looks at")
        return (_tensor(_pictures(2, seed=6, channels=self._arrays[name])) + 1) * 127.5

    def features(self, pictures: Any) -> Any:
        from keras import ops

        return ops.average_pool(pictures, 4, strides=4)


def _engine() -> Engine:
    import os

    from toonify.training.engines import choose_backend, make_engine

    name = os.environ.get("KERAS_BACKEND", "tensorflow")
    choose_backend(name)
    return make_engine(name, "none")


def _critic() -> Any:
    import keras

    pictures = keras.Input((None, None, 3))
    return keras.Model(pictures, keras.layers.Conv2D(1, 3, strides=4)(pictures))


def _pictures(
    count: int, height: int = 32, width: int = 32, *, seed: int = 0, channels: int = 3
) -> np.ndarray[Any, Any]:
    import numpy as np

    chance = np.random.default_rng(seed)
    return chance.uniform(-1, 1, (count, height, width, channels)).astype(np.float32)


def _noise(count: int) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.random.default_rng(7).random((count, 1, 1, NOISE_CHANNELS), np.float32)


def _logits(around: float) -> Any:
    return _tensor(_pictures(2, 4, 4, channels=1) / 10 + around)


def _tensor(array: Any) -> Any:
    from keras import ops

    return ops.convert_to_tensor(array, "float32")


def _numbers(tensor: Any) -> np.ndarray[Any, Any]:
    import numpy as np
    from keras import ops

    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float32")))


def _scalar(value: Any, giver: str) -> float:
    number = _numbers(value)
    _need(number.ndim == 0, f"{giver} gives one number, not an array of shape {number.shape}")
    _need_finite(number, giver)
    return float(number)


def _need_array(array: Any, channels: int, giver: str) -> None:
    wanted = (32, 32, channels)
    found = (getattr(array, "dtype", type(array)), getattr(array, "shape", ()))
    _need(found == ("uint8", wanted), f"{giver} gives uint8 {wanted}, not {found[0]} {found[1]}")


def _need_finite(numbers: np.ndarray[Any, Any], what: str) -> None:
    import numpy as np

    _need(bool(np.isfinite(numbers).all()), f"{what}: finite numbers")


def _need_near(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], promise: str) -> None:
    import numpy as np

    difference = float(np.abs(found - wanted).max(initial=0.0))
    _need(difference <= 1e-4 * max(1.0, float(np.abs(wanted).max(initial=0.0))), promise)


def _need(kept: bool, promise: str) -> None:
    if not kept:
        raise AssertionError(f"a promise of the contract is not kept: {promise}")
