"""What all formats in 8 bits share: which networks survive it, and what of them stays in float32."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toonify.styles import Style

LEAST_PSNR = 35.0
"""In dB, over all test pictures: how near a network in 8 bits must draw to the style."""

WHOLE_PICTURE = frozenset(
    {"GroupNormalization", "InstanceNormalization", "LayerNormalization", "MeanVarianceNormalization"}
    | {"GlobalAveragePool", "ReduceMean", "ReduceSumSquare"}
)
"""ONNX operators that normalise, or what that is made of."""


@dataclass(frozen=True)
class Operation:
    """A node of a network's graph.

    Attributes:
        name: By which its quantiser knows it.
        inputs: Names or numbers of values that other operations make.
        outputs: Likewise, of those that this one makes.
        convolves: Whether it is a convolution with weights that it has learnt.
    """

    name: str
    inputs: Collection[object]
    outputs: Collection[object]
    convolves: bool


def check_survives(style: Style) -> None:
    """Raise a `ToonifyError` for a network that normalises: 8 bits are too few for its deviations."""
    import onnx

    graph = onnx.load_model_from_string(style.onnx_bytes()).graph
    found = sorted({node.op_type for node in graph.node} & WHOLE_PICTURE)
    if found:
        raise ToonifyError(
            f"the style '{style.manifest.name}' does not survive 8 bits: its network normalises as it draws "
            f"({', '.join(found)}), by deviations that 256 steps are too coarse for",
            "Export it in float16: litert-float16 or onnx-float16.",
        )


def is_fixed(kernel: NDArray[Any]) -> bool:
    """Whether a convolution is not learnt: its taps are (1 2 1) × (1 2 1), anywhere, or these times a gain.

    So networks blur what is enlarged, and logits (`toonify.networks.blocks`). Nothing of it is learnt, nor of
    a matrix of 3 × 3 that makes colours of colours, as for a contrast.
    """
    import numpy as np

    if kernel.size == 9 and len(kernel) == 3:
        return True
    sizes = np.abs(kernel)
    least = sizes.min(initial=math.inf, where=sizes > 0)
    return bool(np.isin(sizes / least, (0, 1, 2, 4)).all())


def input_layers(operations: Iterable[Operation]) -> list[str]:
    """Names of the operations before which no convolution comes: the first convolutions, and all before them.

    Args:
        operations: In an order in which each comes after those whose outputs it takes.
    """
    names, after_convolution = [], set[object]()
    for operation in operations:
        follows = not after_convolution.isdisjoint(operation.inputs)
        if not follows:
            names.append(operation.name)
        if follows or operation.convolves:
            after_convolution.update(operation.outputs)
    return names


def output_layers(operations: Iterable[Operation]) -> list[str]:
    """Names of the operations that no further convolution follows: of the output layers, and all after them.

    A blur does not count: of logits it belongs to what is computed of them.

    They stay in float32. One tensor of an output layer holds what is of different size, such as colours of
    [-1, 1] beside logits of ten times that; and what is computed of these (a sigmoid with a gain, the choice
    among paints) magnifies an error. Both are a small part of the weights.

    Args:
        operations: In an order in which each comes after those whose outputs it takes.
    """
    names, before_convolution = [], set[object]()
    for operation in reversed(list(operations)):
        followed = not before_convolution.isdisjoint(operation.outputs)
        if not followed:
            names.append(operation.name)
        if followed or operation.convolves:
            before_convolution.update(operation.inputs)
    return names[::-1]
