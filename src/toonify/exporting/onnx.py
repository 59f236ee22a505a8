"""ONNX: the style's own generator with its card inside, for any ONNX runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError, one_line
from toonify.storage import write_bytes
from toonify.styles import Style

if TYPE_CHECKING:
    import numpy as np

    from toonify.exporting.formats import Draw


def check(style: Style, path: Path) -> None:
    """Nothing but a file may be replaced."""
    if path.is_dir():
        raise ToonifyError(f"{path} is a folder: it is not replaced by a file", "Choose another --output.")


def write(style: Style, path: Path) -> None:
    """The generator with name, licence, halo and multiple as metadata of the model."""
    import onnx

    model = onnx.load_model_from_string(style.onnx_bytes())
    card = style.manifest
    facts = {
        "name": card.name,
        "licence": card.licence,
        "range": "RGB in [-1, 1]",
        "multiple": str(card.multiple),
        "halo": "whole picture" if card.halo is None else str(card.halo),
    }
    onnx.helper.set_model_props(model, {f"toonify.{key}": value for key, value in facts.items()})
    write_bytes(path, model.SerializeToString())


def open_file(path: Path) -> Draw:
    """An ONNX file in ONNX Runtime."""
    return open_bytes(path.read_bytes(), path)


def open_bytes(model: bytes, path: Path) -> Draw:
    """A model in ONNX Runtime.

    Args:
        model: It, serialised.
        path: Where it comes from, for the message.

    Raises:
        ToonifyError: if the runtime refuses it; so does drawing with it.
    """
    from toonify.styles.running import start_session

    def draw(picture: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        try:
            return session.run(None, {"picture": picture})[0]
        except Exception as error:  # the runtime's errors have no common base
            raise _unfit(path, error) from error

    try:
        session = start_session(model)
    except Exception as error:
        raise _unfit(path, error) from error
    return draw


def _unfit(path: Path, error: Exception) -> ToonifyError:
    return ToonifyError(f"ONNX Runtime cannot run {path}: {one_line(error)}")
