"""Checks of what plugins give, before training starts: they may be anyone's code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from numbers import Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.errors import ToonifyError
from toonify.inference.verification import TOLERANCE
from toonify.plugins import AdversarialLoss, Control, Generator, PluginInUse, create, plugin_in_use
from toonify.styles import defaults
from toonify.styles.controls import flaw_of
from toonify.styles.style import MAX_HALO, MAX_MULTIPLE

if TYPE_CHECKING:
    from toonify.styles.network import Network

SIDE = 64  # of the pictures that networks are asked about, in pixels, at least
RULES = "What the network of a style may do is told in docs/styles.md, under 'Styles from strangers'."
LOOK = "`toonify.testing.check_generator` tells whoever wrote it more."


def check_numbers(plugin: Generator, name: str) -> None:
    """What a generator says of itself, before it is built.

    Args:
        plugin: The generator.
        name: What it is called.

    Raises:
        ToonifyError: if its `multiple`, `halo` or `controls` cannot be.
    """
    label = plugin_in_use("generators", name)
    if flaw := flaw_of_numbers(plugin, str(label)):
        raise label.error(flaw, LOOK)


def flaw_of_numbers(plugin: Generator, called: str) -> str:
    """Why a generator's `multiple`, `halo` or `controls` cannot be; empty where they can.

    Args:
        plugin: The generator.
        called: What it is called there.
    """
    halo, multiple = getattr(plugin, "halo", "missing"), getattr(plugin, "multiple", "missing")
    if type(multiple) is not int or not 1 <= multiple <= MAX_MULTIPLE:
        return f"the `multiple` of {called} should be 1 to {MAX_MULTIPLE}, not {multiple!r}"
    if halo is not None and (type(halo) is not int or not 0 <= halo <= MAX_HALO):
        return f"the `halo` of {called} should be 0 to {MAX_HALO}, or None, not {halo!r}"
    controls = plugin.controls
    if not isinstance(controls, Mapping) or not all(isinstance(one, Control) for one in controls.values()):
        return f"the `controls` of {called} should be a dictionary of Control, not {controls}"
    flaw = flaw_of(controls)  # no style with such a card could be read
    return f"the `controls` of {called} cannot be: {flaw}" if flaw else ""


def check_generator(plugin: Generator, model: Any, name: str) -> None:
    """A network, pictures in and pictures of the same size out, also with its controls.

    Raises:
        ToonifyError: if it is none.
    """
    import keras

    label = plugin_in_use("generators", name)
    side = odd_side(plugin.multiple)
    pictures = keras.KerasTensor((1, side, 2 * side, 3))
    _need_same(model, pictures, pictures, label, "build()")
    if plugin.controls:
        with label.errors():
            controlled = plugin.controlled(model)
        numbers = {control: keras.KerasTensor(()) for control in plugin.controls}
        _need_same(controlled, {"picture": pictures, **numbers}, pictures, label, "controlled()")


def check_exported(name: str, options: Mapping[str, Any]) -> None:
    """Look whether toonify will run what a stranger's generator becomes, which shows in a new network, too.

    It takes seconds, and those of toonify itself are known to pass. Where Keras runs on something else than
    TensorFlow, nothing is looked at.

    Args:
        name: What the generator is called.
        options: Arguments of its constructor.

    Raises:
        ToonifyError: if it is none, or not one that toonify will run.
    """
    import keras

    label = plugin_in_use("generators", name)
    if not label.foreign or keras.backend.backend() != "tensorflow":
        return
    from toonify.networks import to_onnx

    plugin: Generator = create("generators", name, options)
    with label.errors():
        model = plugin.build()
    check_generator(plugin, model, name)
    with TemporaryDirectory(prefix="toonify-") as folder, label.errors():
        controlled = plugin.controlled(model)
        _need_no_change(plugin, model, controlled, label)
        path = Path(folder, "generator.onnx")
        to_onnx(controlled, path, defaults(plugin.controls))
        read_exported(plugin, path, name)


def read_exported(plugin: Generator, path: Path, name: str) -> Network:
    """The ONNX file that a generator has become, checked.

    Args:
        plugin: The generator.
        path: The file, which messages do not name.
        name: What the generator is called.

    Raises:
        ToonifyError: if it is not one that toonify will run.
    """
    from toonify.styles.checks import read_network

    label, controls = plugin_in_use("generators", name), defaults(plugin.controls)
    try:
        return read_network(path.read_bytes(), label.label, multiple=plugin.multiple, controls=controls)
    except ToonifyError as error:
        raise label.error(error.message, RULES) from error


def check_backbone(model: Any, name: str) -> None:
    """A network from pictures of any size to features.

    Raises:
        ToonifyError: if it is none.
    """
    label = plugin_in_use("backbones", name)
    need_network(model, label, "build()")
    given, made = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if given is not None and given != (None, None, None, 3):
        raise label.error(
            f"build() of {label} gives a network that takes {given}, not pictures of any size, (N, H, W, 3)"
        )
    if made is not None and not (isinstance(made, tuple) and len(made) == 4):
        raise label.error(f"build() of {label} gives a network that gives {made}, not features, (N, h, w, c)")


def check_loss(loss: AdversarialLoss, name: str) -> None:
    """The logit above which a patch counts as real.

    Raises:
        ToonifyError: if it is none.
    """
    label, boundary = plugin_in_use("losses", name), getattr(loss, "boundary", None)
    if not isinstance(boundary, Real | None):
        raise label.error(f"the `boundary` of {label} should be a number or None, not {boundary!r}")


def need_network(model: Any, plugin: PluginInUse, giver: str, controls: Collection[str] = ()) -> None:
    """Raise a `ToonifyError` unless a plugin's method gave a Keras model that has its weights.

    Args:
        model: What it gave.
        plugin: Whose method.
        giver: The method.
        controls: What it takes beside a picture.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise plugin.error(f"{giver} of {plugin} gives {type(model).__name__}, not a Keras model")
    if makes_weights_late(model, controls):
        raise plugin.error(
            f"{giver} of {plugin} gives a model without weights, which Keras makes later",
            "Whoever wrote it should begin it with keras.Input((None, None, 3)), or call its build().",
        )


def makes_weights_late(model: Any, controls: Collection[str] = ()) -> bool:
    """Whether a Keras model makes weights only as it is first called, so that none could be loaded before.

    One that is not built yet is called to see: it may have all its weights, or need none.

    Args:
        model: The model, of pictures.
        controls: What it takes beside a picture.
    """
    import keras

    if model.built:
        return False
    picture = keras.KerasTensor((None, None, None, 3))
    given = {"picture": picture, **{name: keras.KerasTensor(()) for name in controls}}
    there = len(model.variables)
    with suppress(Exception):  # whatever is wrong with a stranger's network shows where it is used
        model(given if controls else picture, training=False)
    return len(model.variables) > there


def _need_no_change(plugin: Generator, model: Any, controlled: Any, label: PluginInUse) -> None:
    """Raise a `ToonifyError` if controls change what a network draws though each is at its default."""
    if not plugin.controls:
        return
    side = odd_side(plugin.multiple)
    pictures = np.random.default_rng(0).uniform(-1, 1, (1, side, side, 3)).astype(np.float32)
    numbers = {name: np.float32(number) for name, number in defaults(plugin.controls).items()}
    drawn = np.asarray(controlled({"picture": pictures, **numbers}, training=False))
    difference = float(np.abs(drawn - np.asarray(model(pictures, training=False))).max())
    if not difference <= TOLERANCE:
        raise label.error(
            f"controlled() of {label} draws something other than build(), with every control at its default: "
            f"the difference is {difference:.2g} of 2",
            LOOK,
        )


def odd_side(multiple: int, least: int = SIDE) -> int:
    """So many pixels or more: an odd multiple, which no larger one divides."""
    return (-(-least // multiple) | 1) * multiple


def _need_same(model: Any, given: Any, pictures: Any, plugin: PluginInUse, giver: str) -> None:
    """Raise a `ToonifyError` unless a network gives pictures of the size of those that it takes."""
    need_network(model, plugin, giver, given.keys() - {"picture"} if isinstance(given, Mapping) else ())
    try:
        made = model.compute_output_spec(given)
    except Exception as error:  # whatever Keras makes of a stranger's network
        what = " and ".join(given) if isinstance(given, Mapping) else "a picture"
        size = f"{pictures.shape[1]} × {pictures.shape[2]} pixels"
        raise plugin.error(
            f"{giver} of {plugin} gives a network that does not take {what} of {size}", LOOK
        ) from error
    shape = getattr(made, "shape", type(made).__name__)
    if shape != pictures.shape:
        raise plugin.error(
            f"{giver} of {plugin} gives a network that makes {shape} of {pictures.shape}", LOOK
        )
