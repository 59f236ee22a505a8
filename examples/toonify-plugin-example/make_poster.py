"""Writes the style `poster`, which nobody trained: it evens out, then leaves few tones of each colour."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent / "src" / "toonify_example" / "poster"


def network():
    """From `picture`, RGB in [-1, 1], (N, H, W, 3), to `cartoon`; the control `tones` may be left out."""
    numbers = {"one": 1, "two": 2, "least": -1, "tones": 5}
    size = {"kernel_shape": [5, 5], "pads": [2, 2, 2, 2], "count_include_pad": 0}
    nodes = [
        helper.make_node("Transpose", ["picture"], ["channels"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["channels"], ["even"], **size),
        helper.make_node("Add", ["even", "one"], ["raised"]),
        helper.make_node("Sub", ["tones", "one"], ["steps"]),
        helper.make_node("Mul", ["raised", "steps"], ["doubled"]),
        helper.make_node("Div", ["doubled", "two"], ["scaled"]),
        helper.make_node("Round", ["scaled"], ["rounded"]),
        helper.make_node("Mul", ["rounded", "two"], ["redoubled"]),
        helper.make_node("Div", ["redoubled", "steps"], ["from_zero"]),
        helper.make_node("Sub", ["from_zero", "one"], ["toned"]),
        helper.make_node("Clip", ["toned", "least", "one"], ["clipped"]),
        helper.make_node("Transpose", ["clipped"], ["cartoon"], perm=[0, 2, 3, 1]),
    ]
    picture = ["batch", "height", "width", 3]
    graph = helper.make_graph(
        nodes,
        "poster",
        [
            helper.make_tensor_value_info("picture", TensorProto.FLOAT, picture),
            helper.make_tensor_value_info("tones", TensorProto.FLOAT, []),
        ],
        [helper.make_tensor_value_info("cartoon", TensorProto.FLOAT, picture)],
        [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in numbers.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    onnx.save(network(), FOLDER / "generator.onnx")
