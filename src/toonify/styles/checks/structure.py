"""What a generator's graph must be like: self-contained, of known operators, one picture in and one out.

Beside the picture it may take the numbers that the style's card calls its controls.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterator

import onnx

from toonify.styles.checks.operators import COSTS
from toonify.styles.checks.shapes import TYPES
from toonify.styles.controls import PICTURE

STANDARD_DOMAINS = ("", "ai.onnx")

MOST_OPERATORS = 4_000
"""`cartoongan` has 333. ONNX Runtime's optimiser takes half a minute for 200,000."""

MOST_CONNECTIONS = 16_000
"""Inputs and outputs of all operators; as many weights, and whatever else is listed by name."""

MOST_BESIDE_WEIGHTS = 16 * 2**20
"""Bytes of a model that are no weights."""

LARGEST_ATTRIBUTE = 2**31
"""Of whole numbers: sizes that are computed of larger ones could overflow."""


def complaint_about(model: onnx.ModelProto, size: int, controls: Collection[str] | None) -> str:
    """Why a model is no generator, after "it"; empty for one that is.

    Args:
        model: As it was parsed.
        size: Of the file, in bytes.
        controls: Names of the numbers that it should take beside the picture; `None` for those that it has
            defaults of.
    """
    if controls is None:
        controls = {value.name for value in model.graph.input[1:]} & set(_stored(model.graph))
    complaints = (_graph_complaints(model, size), _signature_complaints(model.graph, controls))
    return next(itertools.chain(*complaints), "")


def opset(model: onnx.ModelProto) -> int:
    """Which version of ONNX's operators is used."""
    return next(each.version for each in model.opset_import if each.domain in STANDARD_DOMAINS)


def numbers(graph: onnx.GraphProto) -> dict[str, tuple[int, ...]]:
    """Name and shape of each input beside the picture."""
    return {value.name: tuple(_sides(value)) for value in graph.input[1:]}


def weights(graph: onnx.GraphProto) -> Iterator[tuple[str, onnx.TensorProto]]:
    """Name and tensor of everything that is stored."""
    yield from ((tensor.name, tensor) for tensor in graph.initializer)
    for node in graph.node:
        if node.op_type == "Constant":
            yield node.output[0], constant(node)


def constant(node: onnx.NodeProto) -> onnx.TensorProto:
    """What a `Constant` holds, as a tensor."""
    (attribute,) = node.attribute
    if attribute.name == "value":
        return attribute.t
    kinds = {"float": onnx.TensorProto.FLOAT, "int": onnx.TensorProto.INT64}
    stored = onnx.helper.get_attribute_value(attribute)
    return onnx.helper.make_tensor(
        node.output[0],
        kinds[attribute.name.removeprefix("value_").removesuffix("s")],
        [len(stored)] if attribute.name.endswith("s") else [],
        stored if attribute.name.endswith("s") else [stored],
    )


def _graph_complaints(model: onnx.ModelProto, size: int) -> Iterator[str]:
    graph = model.graph
    if not graph.node:
        yield "has no operators"
    if model.functions or model.training_info:
        yield "brings functions or training steps of its own"
    if len(graph.node) > MOST_OPERATORS:
        yield f"has {len(graph.node):,} operators, and {MOST_OPERATORS:,} are allowed"
    if sum(len(node.input) + len(node.output) for node in graph.node) > MOST_CONNECTIONS:
        yield f"has more than {MOST_CONNECTIONS:,} connections between its operators"
    for table in (
        graph.initializer,
        graph.value_info,
        graph.output,
        model.opset_import,
        model.metadata_props,
    ):
        if len(table) > MOST_CONNECTIONS:
            yield f"has a table of {len(table):,} names, and {MOST_CONNECTIONS:,} are allowed"
    yield from _version_complaints(model)
    for node in graph.node:
        yield from _operator_complaints(node)
    for name, tensor in weights(graph):
        yield from _tensor_complaints(name, tensor)
    in_weights = sum(math.prod(tensor.dims) * TYPES[tensor.data_type] for _, tensor in weights(graph))
    if size - in_weights > MOST_BESIDE_WEIGHTS:
        yield f"holds more than {MOST_BESIDE_WEIGHTS // 2**20} MB beside its weights"
    for node in graph.node:
        yield from _attribute_complaints(node)
    if graph.sparse_initializer:
        yield "has sparse weights"
    yield from _name_complaints(graph)


def _name_complaints(graph: onnx.GraphProto) -> Iterator[str]:
    made = [name for node in graph.node for name in node.output if name]
    given = {value.name for value in graph.input} - {PICTURE}
    stored = list(_stored(graph))
    others = [name for name in stored if name not in given]  # what is given may have a default, too
    counts = Counter([PICTURE, *given, *made, *others]) | Counter(stored)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        yield f"makes '{twice[0]}' twice"


def _version_complaints(model: onnx.ModelProto) -> Iterator[str]:
    versions = [each.version for each in model.opset_import if each.domain in STANDARD_DOMAINS]
    if len(versions) != 1:
        yield "does not say which version of ONNX's operators it uses"
    elif versions[0] > onnx.defs.onnx_opset_version():
        newest = onnx.defs.onnx_opset_version()
        yield f"uses version {versions[0]} of ONNX's operators, and {newest} is the newest known here"


def _stored(graph: onnx.GraphProto) -> Iterator[str]:
    return (tensor.name for tensor in graph.initializer)


def _operator_complaints(node: onnx.NodeProto) -> Iterator[str]:
    if node.domain not in STANDARD_DOMAINS:
        yield f"uses the operator {node.op_type} of '{node.domain}', beyond the ONNX standard"
    if node.op_type not in COSTS:
        yield f"uses the operator {node.op_type}, which is not among those that draw"
    names = [item.name for item in node.attribute]
    if len(names) > len(set(names)):
        yield f"gives {node.op_type} an attribute twice"
    if node.op_type == "Constant" and (len(names) != 1 or names[0] not in _CONSTANTS or not node.output):
        yield "has a Constant that is no array of numbers"
    if node.op_type == "Einsum" and len(node.input) > 2:  # in what order these are multiplied is not told
        yield "has Einsum multiply more than two"


def _attribute_complaints(node: onnx.NodeProto) -> Iterator[str]:
    for item in node.attribute:
        if item.ref_attr_name or item.HasField("g") or item.graphs or item.HasField("tp") or item.type_protos:
            yield f"gives {node.op_type} a graph of its own"
        if item.HasField("sparse_tensor") or item.sparse_tensors or item.tensors:
            yield f"gives {node.op_type} sparse weights"
        if item.HasField("t"):
            yield from _tensor_complaints(node.op_type, item.t)
        largest = max(map(abs, (item.i, *item.ints)), default=0)
        if largest > LARGEST_ATTRIBUTE and node.op_type not in ("Constant", "Slice"):
            yield f"has {node.op_type} with the absurd attribute {item.name}"


_CONSTANTS = ("value", "value_float", "value_floats", "value_int", "value_ints")


def _tensor_complaints(name: str, tensor: onnx.TensorProto) -> Iterator[str]:
    if tensor.external_data or tensor.data_location != onnx.TensorProto.DEFAULT:
        yield "keeps data in another file"
    if tensor.data_type not in TYPES:
        yield f"has '{name}' of a type that no picture needs"
    elif min(tensor.dims, default=0) < 0 or math.prod(tensor.dims) != _count(tensor):
        yield f"says that '{name}' is {tuple(tensor.dims)}, and holds something else"


def _count(tensor: onnx.TensorProto) -> float:
    """How many numbers a tensor holds, whatever it says."""
    if tensor.raw_data:
        return len(tensor.raw_data) / TYPES[tensor.data_type]
    fields = (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data, tensor.uint64_data)
    return max(map(len, fields))


def _signature_complaints(graph: onnx.GraphProto, controls: Collection[str]) -> Iterator[str]:
    names = [value.name for value in graph.input]
    if names[:1] != [PICTURE] or sorted(names[1:]) != sorted(controls):
        wanted = f"'{PICTURE}' and the card's controls {list(controls)}" if controls else f"just '{PICTURE}'"
        yield f"has the inputs {names}, not {wanted}"
    defaults = {tensor.name: tensor for tensor in graph.initializer}
    for value in graph.input[1:]:
        if not _is_a_number(value):
            yield f"has the control '{value.name}' in another shape than a float32 number, () or (1,)"
        default = defaults.get(value.name)
        if default and (default.data_type, list(default.dims)) != (onnx.TensorProto.FLOAT, _sides(value)):
            yield f"has a default of the control '{value.name}' in another shape than the control"
    if len(graph.output) != 1:
        yield f"has {len(graph.output)} outputs, not one"
    for value in (graph.input[0], graph.output[0]):
        tensor = value.type.tensor_type
        sides = _sides(value)
        if tensor.elem_type != onnx.TensorProto.FLOAT or len(sides) != 4 or sides[3] not in (0, 3):
            yield f"has '{value.name}' in another shape than float32 (batch, height, width, 3)"
        if sides[1] or sides[2]:
            yield f"fixes the height or width of '{value.name}'"
    if graph.input[0].type.tensor_type.shape.dim[3].dim_value != 3:
        yield f"does not say that '{PICTURE}' has 3 channels"


def _is_a_number(value: onnx.ValueInfoProto) -> bool:
    tensor = value.type.tensor_type
    shaped = tensor.elem_type == onnx.TensorProto.FLOAT and tensor.HasField("shape")
    return shaped and _sides(value) in ([], [1])


def _sides(value: onnx.ValueInfoProto) -> list[int]:
    return [side.dim_value for side in value.type.tensor_type.shape.dim]
