"""Remake the two ONNX models of `toonify prepare --source portrait` from a wheel of MediaPipe.

    pip download mediapipe==0.10.21 --no-deps --python-version 3.11 --only-binary=:all:
    python recipes/face_models.py mediapipe-0.10.21-*.whl src/toonify/datasets/painting/models

The models are TensorFlow Lite's, with operations of MediaPipe's own that no other runtime knows:
`Landmarks2TransformMatrix`, `TransformTensorBilinear` and `TransformLandmarks` look once more, closely,
at lips and eyes. ONNX says the same in its own operations. Weights stay in half precision.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from flatbuffers import flexbuffers
from onnx import TensorProto, helper, numpy_helper
from tensorflow.lite.python import schema_py_generated as schema

MESH = "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"
PERSON = "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite"
BUILTIN = {number: name for name, number in vars(schema.BuiltinOperator).items()}

# Which of the 478 landmarks each of the closer looks gives, in the order of its output, from MediaPipe's
# graph `tensors_to_face_landmarks_with_attention`.
# fmt: off
LIPS = [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95,
    88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415, 76, 77, 90, 180,
    85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408, 62, 96, 89, 179, 86, 15,
    316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
]
LEFT_EYE = [
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110, 24, 23,
    22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233, 244, 113,
    225, 224, 223, 222, 221, 189, 35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
    156, 70, 63, 105, 66, 107, 55, 193,
]
RIGHT_EYE = [
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255, 339, 254,
    253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451, 452, 453,
    464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349,
    350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417,
]
# fmt: on
CLOSER = [
    ("output_lips", LIPS),
    ("output_left_eye", LEFT_EYE),
    ("output_right_eye", RIGHT_EYE),
    ("output_left_iris", list(range(468, 473))),
    ("output_right_iris", list(range(473, 478))),
]


class Graph:
    """An ONNX graph in the making, with pictures as (N, C, H, W)."""

    def __init__(self, tflite: bytes) -> None:
        self.model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(tflite, 0))
        self.source = self.model.subgraphs[0]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.halves: dict[int, int] = {}
        self.counter = 0

    def name(self, index: int) -> str:
        return f"t{index}"

    def index(self, name: str) -> int:
        return next(i for i, tensor in enumerate(self.source.tensors) if tensor.name.decode() == name)

    def shape(self, index: int) -> list[int]:
        """Of a tensor, pictures as (N, C, H, W)."""
        shape = self.source.tensors[index].shape.tolist()
        return [shape[i] for i in (0, 3, 1, 2)] if len(shape) == 4 else shape

    def values(self, index: int) -> np.ndarray:
        """A constant as it stands in the file; one that is only widened, before that."""
        index = self.halves.get(index, index)
        tensor = self.source.tensors[index]
        kind = {0: np.float32, 1: np.float16, 2: np.int32}[tensor.type]
        return np.frombuffer(bytes(self.model.buffers[tensor.buffer].data), kind).reshape(tensor.shape)

    def constant(self, values: np.ndarray) -> str:
        self.counter += 1
        name = f"c{self.counter}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        if values.dtype != np.float16:
            return name
        return self.add("Cast", [name], to=TensorProto.FLOAT)

    def add(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        self.counter += 1
        output = output or f"n{self.counter}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def floats(self, *values: float) -> str:
        return self.constant(np.array(values, np.float32))

    def convert(self) -> None:
        for op in self.source.operators:
            code = self.model.operatorCodes[op.opcodeIndex]
            kind = BUILTIN[max(code.builtinCode, code.deprecatedBuiltinCode)]
            if kind == "DEQUANTIZE":
                self.halves[op.outputs[0]] = op.inputs[0]
                continue
            name = code.customCode.decode() if kind == "CUSTOM" else kind
            OPERATIONS[name](self, op, self.name(op.outputs[0]))


def _convolution(graph: Graph, op: Any, output: str) -> None:
    options, weights = op.builtinOptions, graph.values(op.inputs[1])
    depthwise = isinstance(options, schema.DepthwiseConv2DOptionsT)
    kernel = weights.transpose(3, 0, 1, 2) if depthwise else weights.transpose(0, 3, 1, 2)
    result = graph.add(
        "Conv",
        [graph.name(op.inputs[0]), graph.constant(kernel), graph.constant(graph.values(op.inputs[2]))],
        strides=[options.strideH, options.strideW],
        auto_pad="VALID" if options.padding == schema.Padding.VALID else "SAME_UPPER",
        group=kernel.shape[0] if depthwise else 1,
    )
    _activated(graph, result, options.fusedActivationFunction, output)


def _activated(graph: Graph, result: str, activation: int, output: str) -> None:
    kinds = {
        schema.ActivationFunctionType.NONE: "Identity",
        schema.ActivationFunctionType.RELU: "Relu",
    }
    graph.add(kinds[activation], [result], output)


def _transposed(graph: Graph, op: Any, output: str) -> None:
    weights = graph.values(op.inputs[1])  # (output, height, width, input)
    graph.add(
        "ConvTranspose",
        [
            graph.name(op.inputs[0]),
            graph.constant(weights.transpose(3, 0, 1, 2)),
            graph.constant(graph.values(op.inputs[2])),
        ],
        output,
        strides=[2, 2],
    )


def _prelu(graph: Graph, op: Any, output: str) -> None:
    slope = graph.values(op.inputs[1]).transpose(2, 0, 1)
    graph.add("PRelu", [graph.name(op.inputs[0]), graph.constant(slope)], output)


def _pool(kind: str) -> Callable[[Graph, Any, str], None]:
    def convert(graph: Graph, op: Any, output: str) -> None:
        options = op.builtinOptions
        graph.add(
            kind,
            [graph.name(op.inputs[0])],
            output,
            kernel_shape=[options.filterHeight, options.filterWidth],
            strides=[options.strideH, options.strideW],
            auto_pad="VALID" if options.padding == schema.Padding.VALID else "SAME_UPPER",
        )

    return convert


def _pad(graph: Graph, op: Any, output: str) -> None:
    margins = graph.values(op.inputs[1])[[0, 3, 1, 2]].T.reshape(-1).astype(np.int64)
    graph.add("Pad", [graph.name(op.inputs[0]), graph.constant(margins)], output)


def _reshape(graph: Graph, op: Any, output: str) -> None:
    shape = graph.constant(np.array(graph.shape(op.outputs[0]), np.int64))
    graph.add("Reshape", [graph.name(op.inputs[0]), shape], output)


def _binary(kind: str) -> Callable[[Graph, Any, str], None]:
    def convert(graph: Graph, op: Any, output: str) -> None:
        inputs = [graph.constant(graph.values(i)) if i in graph.halves else graph.name(i) for i in op.inputs]
        _activated(graph, graph.add(kind, inputs), op.builtinOptions.fusedActivationFunction, output)

    return convert


def _unary(kind: str) -> Callable[[Graph, Any, str], None]:
    def convert(graph: Graph, op: Any, output: str) -> None:
        graph.add(kind, [graph.name(op.inputs[0])], output)

    return convert


def _resize(graph: Graph, op: Any, output: str) -> None:
    options = op.builtinOptions
    mode = "align_corners" if options.alignCorners else "asymmetric"
    graph.add(
        "Resize",
        [
            graph.name(op.inputs[0]),
            "",
            "",
            graph.constant(np.array(graph.shape(op.outputs[0]), np.int64)),
        ],
        output,
        mode="linear",
        coordinate_transformation_mode="half_pixel" if options.halfPixelCenters else mode,
    )


def _matrix(graph: Graph, op: Any, output: str) -> None:
    """From a square of 16 pixels to where some landmarks are: turned, and half as large again."""
    options = flexbuffers.Loads(bytes(op.customOptions))
    points = graph.name(op.inputs[0])  # (1, 468, 3)
    plane = graph.add("Slice", [points, *(graph.constant(np.array([n], np.int64)) for n in (0, 2, 2))])
    ends = [
        graph.add("Gather", [plane, graph.constant(np.array([options[key]], np.int64))], axis=1)
        for key in ("left_rotation_idx", "right_rotation_idx")
    ]
    along = graph.add("Sub", [ends[1], ends[0]])  # (1, 1, 2)
    length = graph.add("ReduceL2", [along, graph.constant(np.array([2], np.int64))], keepdims=1)
    axis = graph.add("Div", [along, length])  # cosine and sine of the angle
    turned = graph.add("MatMul", [axis, graph.constant(np.array([[0, 1], [-1, 0]], np.float32))])
    frame = graph.add("Concat", [axis, turned], axis=1)  # rows: along and across
    # The subset is a list of pairs; the flat list in the file holds the same landmarks.
    subset = graph.add(
        "Gather", [plane, graph.constant(np.array(options["subset_idxs"], np.int64).reshape(-1))], axis=1
    )
    seen = graph.add("MatMul", [subset, graph.add("Transpose", [frame], perm=[0, 2, 1])])
    across = graph.constant(np.array([1], np.int64))
    high, low = (graph.add(kind, [seen, across], keepdims=1) for kind in ("ReduceMax", "ReduceMin"))
    middle = graph.add(
        "MatMul", [graph.add("Mul", [graph.add("Add", [high, low]), graph.floats(0.5)]), frame]
    )
    size = options["output_width"]
    scale = graph.add(
        "Mul",
        [graph.add("Sub", [high, low]), graph.floats(options["scale_x"] / size, options["scale_y"] / size)],
    )
    # Columns: what one pixel to the right, and one down, is worth.
    linear = graph.add("Mul", [graph.add("Transpose", [frame], perm=[0, 2, 1]), scale])  # (1, 2, 2)
    half = graph.add("MatMul", [linear, graph.constant(np.full((1, 2, 1), size / 2, np.float32))])
    shift = graph.add("Sub", [graph.add("Transpose", [middle], perm=[0, 2, 1]), half])  # (1, 2, 1)
    nothing = graph.constant(np.zeros((1, 2, 1), np.float32))
    rows = graph.add("Concat", [linear, nothing, shift], axis=2)  # (1, 2, 4)
    rest = graph.constant(np.array([[[0, 0, 1, 0], [0, 0, 0, 1]]], np.float32))
    graph.add("Concat", [rows, rest], output, axis=1)


def _sampled(graph: Graph, op: Any, output: str) -> None:
    """The square that a matrix means, bilinear, of a map; nothing outside."""
    size = flexbuffers.Loads(bytes(op.customOptions))["output_width"]
    _, _, height, width = graph.shape(op.inputs[0])
    y, x = np.mgrid[:size, :size].astype(np.float32) + 0.5  # centres of pixels
    centres = np.stack([x, y, np.zeros_like(x), np.ones_like(x)], -1).reshape(1, -1, 4)
    matrix = graph.add("Transpose", [graph.name(op.inputs[1])], perm=[0, 2, 1])
    places = graph.add("MatMul", [graph.constant(centres), matrix])  # (1, size², 4)
    bounds = (graph.constant(np.array([n], np.int64)) for n in (0, 2, 2))
    places = graph.add("Slice", [places, *bounds])
    places = graph.add("Mul", [places, graph.floats(2 / width, 2 / height)])
    places = graph.add("Sub", [places, graph.floats(1, 1)])
    grid = graph.add("Reshape", [places, graph.constant(np.array([1, size, size, 2], np.int64))])
    graph.add("GridSample", [graph.name(op.inputs[0]), grid], output, mode="linear", align_corners=0)


def _moved(graph: Graph, op: Any, output: str) -> None:
    """Landmarks of a square, (1, n, 2), to where a matrix puts them."""
    matrix = graph.name(op.inputs[1])

    def part(columns: tuple[int, int]) -> str:
        starts, ends = np.array([0, columns[0]], np.int64), np.array([2, columns[1]], np.int64)
        axes = np.array([1, 2], np.int64)
        return graph.add("Slice", [matrix, *map(graph.constant, (starts, ends, axes))])

    linear = graph.add("Transpose", [part((0, 2))], perm=[0, 2, 1])
    shift = graph.add("Transpose", [part((3, 4))], perm=[0, 2, 1])
    graph.add("Add", [graph.add("MatMul", [graph.name(op.inputs[0]), linear]), shift], output)


OPERATIONS: dict[str, Callable[[Graph, Any, str], None]] = {
    "ADD": _binary("Add"),
    "AVERAGE_POOL_2D": _pool("AveragePool"),
    "CONV_2D": _convolution,
    "Convolution2DTransposeBias": _transposed,
    "DEPTHWISE_CONV_2D": _convolution,
    "HARD_SWISH": _unary("HardSwish"),
    "LOGISTIC": _unary("Sigmoid"),
    "Landmarks2TransformMatrix": _matrix,
    "MAX_POOL_2D": _pool("MaxPool"),
    "MUL": _binary("Mul"),
    "PAD": _pad,
    "PRELU": _prelu,
    "RELU": _unary("Relu"),
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize,
    "STRIDED_SLICE": _unary("Identity"),  # the whole of the mesh
    "TransformLandmarks": _moved,
    "TransformTensorBilinear": _sampled,
}


def face_mesh(tflite: bytes) -> onnx.ModelProto:
    """RGB in [0, 1], (1, 3, 192, 192), to 478 `landmarks` in its pixels, (478, 3), and a logit."""
    graph = Graph(tflite)
    graph.convert()
    mesh = _points(graph, "output_mesh_identity", 468, 3)
    bounds = [graph.constant(np.array([n], np.int64)) for n in (0, 2, 3, 1)]
    plane = graph.add("Slice", [mesh, bounds[0], bounds[1], bounds[3]])
    depth = graph.add("Slice", [mesh, bounds[1], bounds[2], bounds[3]])
    parts, place = [plane], np.arange(478)
    held = 468
    for name, landmarks in CLOSER:
        parts.append(_points(graph, name, len(landmarks), 2))
        place[landmarks] = held + np.arange(len(landmarks))
        held += len(landmarks)
    refined = graph.add("Gather", [graph.add("Concat", parts, axis=0), graph.constant(place)], axis=0)
    # An iris lies as deep as the lids around it, on average.
    depths = [depth]
    for eye in (LEFT_EYE, RIGHT_EYE):
        lids = graph.add("Gather", [depth, graph.constant(np.array(eye[:16], np.int64))], axis=0)
        mean = graph.add("ReduceMean", [lids, graph.constant(np.array([0], np.int64))], keepdims=1)
        depths.append(graph.add("Expand", [mean, graph.constant(np.array([5, 1], np.int64))]))
    graph.add("Concat", [refined, graph.add("Concat", depths, axis=0)], "landmarks", axis=1)
    flag = graph.name(graph.index("conv_faceflag"))
    graph.add("Reshape", [flag, graph.constant(np.array([1], np.int64))], "presence")
    return _model(graph, "face_mesh", 192, {"landmarks": [478, 3], "presence": [1]})


def _points(graph: Graph, name: str, count: int, channels: int) -> str:
    shape = graph.constant(np.array([count, channels], np.int64))
    return graph.add("Reshape", [graph.name(graph.index(name)), shape])


def person(tflite: bytes) -> onnx.ModelProto:
    """RGB in [0, 1], (1, 3, 256, 256), to the probability of a person, (1, 1, 256, 256)."""
    graph = Graph(tflite)
    graph.convert()
    graph.add("Identity", [graph.name(graph.source.outputs[0])], "person")
    return _model(graph, "person", 256, {"person": [1, 1, 256, 256]})


def _model(graph: Graph, name: str, size: int, outputs: dict[str, list[int]]) -> onnx.ModelProto:
    graph.nodes.insert(0, helper.make_node("Identity", ["picture"], [graph.name(graph.source.inputs[0])]))
    made = helper.make_graph(
        graph.nodes,
        name,
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in outputs.items()],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], producer_name="toonify")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def main(wheel: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        onnx.save(face_mesh(archive.read(MESH)), folder / "face_mesh.onnx")
        onnx.save(person(archive.read(PERSON)), folder / "person.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
