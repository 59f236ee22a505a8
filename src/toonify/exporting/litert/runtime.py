"""LiteRT files in LiteRT's own interpreter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.backend_import import no_standard_error
from toonify.plugins import Draw

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


def open_file(path: Path) -> Draw:
    """A file, drawing batches of whatever size it takes."""
    interpreter = start(path.read_bytes())
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()

    def draw(pictures: NDArray[float32]) -> NDArray[float32]:
        interpreter.resize_tensor_input(given["index"], pictures.shape, strict=True)
        with no_standard_error():  # it tells which of its delegates it takes
            interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], pictures)
        interpreter.invoke()
        cartoons: NDArray[float32] = interpreter.get_tensor(made["index"])
        return cartoons

    return draw


def start(model: bytes) -> Any:
    """LiteRT's interpreter of a file; on all cores."""
    from ai_edge_litert.interpreter import Interpreter

    from toonify.resources import cores

    with no_standard_error():
        return Interpreter(model_content=model, num_threads=cores())
