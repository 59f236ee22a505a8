"""A style's network for the page: large weights in 8 bits where that is invisible, all others as float16."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from toonify.exporting.base import draw_original
from toonify.exporting.float16 import half_weights
from toonify.inference import Runtime
from toonify.inference.verification import compare
from toonify.styles import defaults
from toonify.styles.checks import read_network

if TYPE_CHECKING:
    from numpy import float32, int8
    from numpy.typing import NDArray

    from toonify.styles import Style

MANY = 8192
"""Numbers of a tensor from which on it is stored in 8 bits. Of `unet` these are four fifths of all weights,
and work on small pictures deep inside: with them alone in 8 bits a drawing stays 64 dB near. With the others
as well, which draw every pixel, it was 45 dB."""

ENOUGH = 50.0
"""PSNR in dB that 8 bits must keep: 5 more than the page promises, for what browsers round."""

STEPS = 127


def small_network(style: Style) -> bytes:
    """The network that a page holds: in 8 bits and float16, or in float16 alone where 8 bits would show.

    Raises:
        ToonifyError: if the style's own network does not run.
    """
    half = half_weights(style.onnx_bytes())
    small = eight_bits(half)
    return small if how_near(style, small) >= ENOUGH else half


def eight_bits(model: bytes) -> bytes:
    """A network whose large tensors of weights are whole numbers of 8 bits, and a scale for each channel.

    They become float32 by a `Cast` and a `Mul`, which ONNX Runtime folds as it loads the file. It would keep
    a `DequantizeLinear`, compute it for every picture, and join no convolution with what follows it.

    Args:
        model: An ONNX file with weights as float16, as `half_weights` writes it.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    proto = onnx.load_model_from_string(model)
    graph, nodes = proto.graph, []
    uses = Counter(name for node in graph.node for name in node.input)
    large = {
        weight.name: weight
        for weight in graph.initializer
        if weight.data_type == TensorProto.FLOAT16
        and math.prod(weight.dims) > MANY
        and uses[weight.name] == 1
    }
    for node in graph.node:
        weight = large.get(node.input[0]) if node.op_type == "Cast" else None
        if weight is None:
            nodes.append(node)
            continue
        name, whole, scale = weight.name, f"{weight.name} (whole)", f"{weight.name} (scale)"
        numbers, scales = quantised(numpy_helper.to_array(weight).astype(np.float32))
        weight.CopyFrom(numpy_helper.from_array(numbers, name))
        graph.initializer.append(numpy_helper.from_array(scales, scale))
        nodes.append(helper.make_node("Cast", [name], [whole], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [whole, scale], [node.output[0]]))
    del graph.node[:]
    graph.node.extend(nodes)
    return proto.SerializeToString()


def quantised(weights: NDArray[float32]) -> tuple[NDArray[int8], NDArray[float32]]:
    """Whole numbers of [-127, 127], and what to multiply them by, for each index of the first axis one."""
    largest = np.abs(weights).max(axis=tuple(range(1, weights.ndim)), keepdims=True)
    scales = np.where(largest > 0, largest, 1) / np.float32(STEPS)
    return np.rint(weights / scales).astype(np.int8), scales.astype(np.float32)


def how_near(style: Style, model: bytes) -> float:
    """PSNR in dB of a style's network in another form against the style; infinite where nothing differs."""
    card, controls = style.manifest, style.manifest.controls
    network = read_network(model, style.files.generator, multiple=card.multiple, controls=controls)
    draw = Runtime(network, controls=defaults(controls)).run
    probes = [probe for probe in draw_original(style) if not probe.odd]
    psnr = compare(draw, probes, f"the style '{card.name}' in 8 bits", tolerance=math.inf).psnr
    return math.inf if psnr is None else psnr
