"""What plugins promise of their networks, looked at before anything is learnt: they may be anyone's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toonify.errors import ToonifyError
from toonify.plugins import AdversarialLoss, Control, Generator, plugin_errors
from toonify.styles.style import MAX_HALO, MAX_MULTIPLE

SIDE = 64  # of the pictures that networks are asked about, in pixels, at least
LOOK = "`toonify.testing.check_generator` tells whoever wrote it more."


def check_numbers(plugin: Generator, name: str) -> None:
    """What a generator says of itself, before it is built.

    Args:
        plugin: The generator.
        name: What it is called.

    Raises:
        ToonifyError: if its `multiple`, `halo` or `controls` cannot be.
    """
    label = f"the generator '{name}'"
    halo, multiple = getattr(plugin, "halo", "missing"), getattr(plugin, "multiple", "missing")
    if type(multiple) is not int or not 1 <= multiple <= MAX_MULTIPLE:
        raise ToonifyError(f"the `multiple` of {label} should be 1 to {MAX_MULTIPLE}, not {multiple!r}", LOOK)
    if halo is not None and (type(halo) is not int or not 0 <= halo <= MAX_HALO):
        raise ToonifyError(f"the `halo` of {label} should be 0 to {MAX_HALO}, or None, not {halo!r}", LOOK)
    controls = plugin.controls
    if not isinstance(controls, Mapping) or not all(isinstance(one, Control) for one in controls.values()):
        raise ToonifyError(
            f"the `controls` of {label} should be a dictionary of Control, not {controls}", LOOK
        )


def check_generator(plugin: Generator, model: Any, name: str) -> None:
    """A network, pictures in and pictures of the same size out, also with its controls.

    Raises:
        ToonifyError: if it is none.
    """
    import keras

    label = f"the generator '{name}'"
    side = -(-SIDE // plugin.multiple) * plugin.multiple
    pictures = keras.KerasTensor((1, side, 2 * side, 3))
    _need_same(model, pictures, pictures, f"build() of {label}")
    if plugin.controls:
        with plugin_errors(label):
            controlled = plugin.controlled(model)
        numbers = {control: keras.KerasTensor(()) for control in plugin.controls}
        _need_same(controlled, {"picture": pictures, **numbers}, pictures, f"controlled() of {label}")


def check_backbone(model: Any, name: str) -> None:
    """A network from pictures of any size to features.

    Raises:
        ToonifyError: if it is none.
    """
    label = f"build() of the backbone '{name}'"
    _need_network(model, label)
    given, made = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if given is not None and given != (None, None, None, 3):
        raise ToonifyError(
            f"{label} gives a network that takes {given}, not pictures of any size, (N, H, W, 3)"
        )
    if made is not None and not (isinstance(made, tuple) and len(made) == 4):
        raise ToonifyError(f"{label} gives a network that gives {made}, not features, (N, h, w, c)")


def check_loss(loss: AdversarialLoss, name: str) -> None:
    """The logit above which a patch counts as real.

    Raises:
        ToonifyError: if it is none.
    """
    if not (loss.boundary is None or isinstance(loss.boundary, (int, float))):
        raise ToonifyError(
            f"the `boundary` of the loss '{name}' should be a number or None, not {loss.boundary!r}"
        )


def _need_network(model: Any, label: str) -> None:
    import keras

    if not isinstance(model, keras.Model):
        raise ToonifyError(f"{label} gives {type(model).__name__}, not a Keras model")


def _need_same(model: Any, given: Any, pictures: Any, label: str) -> None:
    """Raise a `ToonifyError` unless a network gives pictures of the size of those that it takes."""
    _need_network(model, label)
    try:
        made = model.compute_output_spec(given)
    except Exception as error:  # whatever Keras makes of a stranger's network
        what = " and ".join(given) if isinstance(given, Mapping) else "a picture"
        size = f"{pictures.shape[1]} × {pictures.shape[2]} pixels"
        raise ToonifyError(f"{label} gives a network that does not take {what} of {size}", LOOK) from error
    shape = getattr(made, "shape", type(made).__name__)
    if shape != pictures.shape:
        raise ToonifyError(f"{label} gives a network that makes {shape} of {pictures.shape}", LOOK)
