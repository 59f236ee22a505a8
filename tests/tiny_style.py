"""Styles small enough for tests, made without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from toonify.storage import Control, StyleManifest

CONTROLS = {"gain": Control(0, 2, 1, "how strong"), "shift": Control(-1, 1, 0, "how light")}

HALO = 16
MULTIPLE = 8


def make_style(
    folder: Path,
    *,
    halo: int | None = HALO,
    multiple: int = MULTIPLE,
    model: onnx.ModelProto | None = None,
    **card: Any,
) -> Path:
    """A style folder that looks at `HALO` pixels around each, on a grid of `MULTIPLE`."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"name": "tiny", "generator": "tiny", "generator_options": {}, "licence": "CC0-1.0"} | card
    StyleManifest(halo=halo, multiple=multiple, **values).write(folder)
    generator = (model or tiny_network()).SerializeToString()
    (folder / "generator.onnx").write_bytes(generator)
    return folder


def tiny_network(*, instance_norm: bool = False) -> onnx.ModelProto:
    """Down by 8, up by 8, with random weights: NHWC RGB in [-1, 1], any multiple of 8."""
    random = np.random.default_rng(7)
    weights = []

    def conv(source: str, target: str, channels: tuple[int, int]) -> onnx.NodeProto:
        scale = 1.2 / np.sqrt(9 * channels[0])
        kernel = random.normal(0, scale, (channels[1], channels[0], 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"{target}.kernel"))
        # Now at the beginning, now at the end, so that pixels on both sides matter.
        pads = [0, 0, 1, 1] if len(weights) % 2 else [1, 1, 0, 0]
        shape = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": pads}
        return helper.make_node("Conv", [source, f"{target}.kernel"], [target], **shape)

    nodes = [
        helper.make_node("Transpose", ["picture"], ["x"], perm=[0, 3, 1, 2]),
        conv("x", "a", (3, 8)),
        helper.make_node("Relu", ["a"], ["b"]),
        conv("b", "c", (8, 8)),
        conv("c", "d", (8, 64 * 3)),
        helper.make_node("DepthToSpace", ["d"], ["e"], blocksize=8),
        helper.make_node("Add", ["e", "x"], ["f"]),
    ]
    if instance_norm:
        weights += [numpy_helper.from_array(np.ones(3, np.float32), "scale")]
        weights += [numpy_helper.from_array(np.zeros(3, np.float32), "shift")]
        nodes += [helper.make_node("InstanceNormalization", ["f", "scale", "shift"], ["g"])]
    else:
        nodes += [helper.make_node("Identity", ["f"], ["g"])]
    nodes += [
        helper.make_node("Tanh", ["g"], ["h"]),
        helper.make_node("Transpose", ["h"], ["cartoon"], perm=[0, 2, 3, 1]),
    ]
    return model_of(nodes, weights)


def controlled_network(shape: tuple[int, ...] = ()) -> onnx.ModelProto:
    """The tiny network, whose drawing is then multiplied by `gain`, moved by `shift` and clipped."""
    model = tiny_network()
    graph = model.graph
    graph.node[-1].output[0] = "drawing"
    graph.input.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in CONTROLS)
    graph.initializer.append(numpy_helper.from_array(np.array(-1, np.float32), "least"))
    graph.initializer.append(numpy_helper.from_array(np.array(1, np.float32), "most"))
    graph.node.extend(
        [
            helper.make_node("Mul", ["drawing", "gain"], ["stronger"]),
            helper.make_node("Add", ["stronger", "shift"], ["lighter"]),
            helper.make_node("Clip", ["lighter", "least", "most"], ["cartoon"]),
        ]
    )
    return model


def model_of(nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto], **opsets: int) -> onnx.ModelProto:
    """A model from `picture` to `cartoon`."""
    shape = ["batch", "height", "width", 3]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("cartoon", TensorProto.FLOAT, shape)],
        weights,
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in ({"": 17} | opsets).items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)
