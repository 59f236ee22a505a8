"""Generators, with their halo, heads and controls."""

from __future__ import annotations

from typing import Any

import numpy as np

from toonify.plugins import Generator
from toonify.testing.promises import need, need_finite, need_near, need_network, promised
from toonify.testing.samples import as_numbers, chosen_engine, some_pictures
from toonify.training.promises import flaw_of_numbers, odd_side


def check_generator(generator: Generator) -> None:
    """Pictures in, pictures of the same size out; nothing seen from further away than `halo`."""
    chosen_engine()
    need(isinstance(generator, Generator), "it is a subclass of toonify.plugins.Generator")
    flaw = flaw_of_numbers(generator, type(generator).__name__)
    need(not flaw, flaw)
    multiple, halo = generator.multiple, generator.halo
    model = generator.build()
    need_network(model, "build()")
    paths = [variable.path for variable in model.variables]
    need(len(set(paths)) == len(paths), "no two variables have the same path")
    again = [variable.path for variable in generator.build().variables]
    names = "build() names its variables the same way each time, so that weights can be loaded"
    need(paths == again, f"{names}: give each layer a `name`")
    side = odd_side(multiple, 32)
    for height, width in ((side, side), (side, 2 * side)):
        pictures = some_pictures(2, height, width)
        with promised(f"build()'s model takes {pictures.shape}"):
            made = as_numbers(model(pictures, training=False))
        need(made.shape == pictures.shape, f"{pictures.shape} becomes the same shape, not {made.shape}")
        need_finite(made, "pictures")
        need(float(np.abs(made).max()) <= 1 + 1e-6, "pictures are in [-1, 1]")
        alone = as_numbers(model(pictures[:1], training=False))
        need_near(alone, made[:1], "a picture does not depend on its batch")
    if halo is not None:
        _check_halo(model, halo, multiple)
    if generator.controls:
        _check_controls(generator, model, pictures, made)
    heads = generator.heads(model)
    if heads is not None:
        _check_heads(heads, model, pictures)


def _check_controls(generator: Generator, model: Any, pictures: Any, made: Any) -> None:
    """At their defaults they change nothing; whatever is chosen gives pictures."""
    controlled = generator.controlled(model)
    need_network(controlled, "controlled()", generator.controls)
    _need_shared(controlled, model, "controlled() shares the model's variables")
    usual = {name: control.default for name, control in generator.controls.items()}
    ends = [{name: end} for name, c in generator.controls.items() for end in (c.minimum, c.maximum)]
    for chosen in ({}, *ends):
        numbers = {name: np.float32(number) for name, number in (usual | chosen).items()}
        taken = ", ".join(("picture", *numbers))
        with promised(
            f"controlled()'s model takes {{{taken}}}, each number of shape (): keras.Input(batch_shape=(), …)"
        ):
            drawn = as_numbers(controlled({"picture": pictures, **numbers}, training=False))
        need(drawn.shape == made.shape, f"controls {chosen} leave pictures of {made.shape}")
        need_finite(drawn, f"pictures with the controls {chosen}")
        need(float(np.abs(drawn).max()) <= 1 + 1e-6, f"pictures with the controls {chosen} are in [-1, 1]")
        if not chosen:
            need(bool(np.array_equal(drawn, made)), "with every control at its default nothing changes")


def _check_heads(heads: Any, model: Any, pictures: Any) -> None:
    """As large as the picture, of the same variables."""
    need_network(heads, "heads()")
    given = heads(pictures, training=False)
    need(isinstance(given, dict), "heads() gives a model with a dictionary of heads")
    for name, head in given.items():
        size = as_numbers(head).shape[:3]
        need(size == pictures.shape[:3], f"the head {name} is as large as the picture")
    _need_shared(heads, model, "heads share the model's variables")


def _need_shared(other: Any, model: Any, promise: str) -> None:
    own = {id(variable) for variable in model.variables}
    need(all(id(variable) in own for variable in other.variables), promise)


def _check_halo(model: Any, halo: int, multiple: int) -> None:
    """A picture in tiles must be what the whole is."""
    from toonify.inference.verification import tile_difference

    difference = tile_difference(lambda pictures: as_numbers(model(pictures, training=False)), halo, multiple)
    need(difference <= 1e-4, f"nothing further away than `halo` ({halo}) is seen")
