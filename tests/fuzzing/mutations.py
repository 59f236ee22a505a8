"""Sound files, spoilt by chance: the same seed always spoils in the same way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import onnx

WORDS = ("", "a", "\x1b[2J", "line\nbreak", "../../etc/passwd", "=cmd()", "\u202e", "x" * 5000, "none", "NaN")
NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e308, float("nan"), float("inf"))
VALUES = (None, True, False, [], {}, [[]], {"a": {"a": {}}}, *WORDS, *NUMBERS)
BYTES = (b"", b"\0", b"\xff" * 8, b"\x80" * 12, b'"', b"{", b"]", b"[[", b"'''", b"=", b"1e999", b"\n")


def spoil_bytes(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, left out, repeated or put in; or the end cut off."""
    for _ in range(chance.randint(1, 8)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((1, 1, 2, 8, 100)))
        data = data[:start] + chance.choice(_EDITS)(data[start:end], chance) + data[end:]
    return data[: chance.randrange(len(data) + 1)] if chance.random() < 0.1 else data


_EDITS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    lambda old, chance: bytes(byte ^ 1 << chance.randrange(8) for byte in old),
    lambda old, chance: chance.randbytes(len(old)),
    lambda old, chance: b"",
    lambda old, chance: old * chance.choice((2, 3, 50)),
    lambda old, chance: old + chance.choice(BYTES),
)


def spoil_document(document: Any, chance: random.Random) -> Any:
    """Nested tables with a few values replaced, left out, renamed or moved elsewhere."""
    document = json.loads(json.dumps(document))
    for _ in range(chance.randint(1, 3)):
        places = list(_places(document))
        if not places:
            return document
        holder, key = chance.choice(places)
        edit = chance.choice(("replace", "replace", "replace", "drop", "copy", "rename"))
        if edit == "drop":
            del holder[key]
        elif edit == "rename" and isinstance(holder, dict):
            holder[chance.choice(WORDS)] = holder.pop(key)
        elif edit == "copy":
            other, name = chance.choice(places)
            holder[key] = json.loads(json.dumps(other[name])) if _has(other, name) else None
        else:
            holder[key] = chance.choice(VALUES)
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value inside of tables and lists, by what holds it and its name."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(inside):
        yield value, key
        yield from _places(one)


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)


def spoil_network(model: onnx.ModelProto, chance: random.Random) -> bytes:
    """A network that can still be parsed, mostly, with a few of its parts changed."""
    spoilt = onnx.ModelProto.FromString(model.SerializeToString())
    for _ in range(chance.randint(1, 3)):
        if spoilt.graph.node:
            chance.choice(_NETWORK_EDITS)(spoilt.graph, chance)
    return spoilt.SerializeToString()


def _rewire(graph: Any, chance: random.Random) -> None:
    node = chance.choice(graph.node)
    names = ["", "nowhere", *(name for each in graph.node for name in (*each.input, *each.output))]
    names += [tensor.name for tensor in graph.initializer]
    ends = chance.choice([node.input, node.output])
    if ends:
        ends[chance.randrange(len(ends))] = chance.choice(names)


def _rename_operator(graph: Any, chance: random.Random) -> None:
    kinds = sorted({schema.name for schema in onnx.defs.get_all_schemas()})
    chance.choice(graph.node).op_type = chance.choice(kinds)


def _change_attribute(graph: Any, chance: random.Random) -> None:
    node = chance.choice([node for node in graph.node if node.attribute] or graph.node)
    if not node.attribute:
        node.attribute.append(onnx.helper.make_attribute("axis", chance.choice((0, -9, 2**40))))
        return
    item = chance.choice(node.attribute)
    if item.ints:
        item.ints[chance.randrange(len(item.ints))] = chance.choice((0, -1, 1, 2, 7, 1000, 2**31, 2**62))
    elif item.type == onnx.AttributeProto.FLOAT:
        item.f = chance.choice((0.0, -1.0, 1e38, float("nan")))
    elif item.type == onnx.AttributeProto.INT:
        item.i = chance.choice((0, -1, 1, 2, 64, 2**31, -(2**63)))
    else:
        item.s = chance.choice((b"", b"reflect", b"linear", b"\xff", b"x" * 1000))


def _drop_or_repeat_node(graph: Any, chance: random.Random) -> None:
    index = chance.randrange(len(graph.node))
    if chance.random() < 0.5:
        del graph.node[index]
    else:
        graph.node.add().CopyFrom(graph.node[index])


def _change_weights(graph: Any, chance: random.Random) -> None:
    if not graph.initializer:
        return
    tensor = chance.choice(graph.initializer)
    edit = chance.randrange(4)
    if edit == 0 and tensor.dims:
        tensor.dims[chance.randrange(len(tensor.dims))] = chance.choice((0, -1, 1, 5, 2**20, 2**62))
    elif edit == 1:
        tensor.data_type = chance.choice(list(onnx.TensorProto.DataType.values()))
    elif edit == 2:
        tensor.raw_data = chance.randbytes(len(tensor.raw_data))
    else:
        tensor.raw_data = tensor.raw_data[: chance.randrange(len(tensor.raw_data) + 1)]


def _declare(graph: Any, chance: random.Random) -> None:
    name = chance.choice(graph.node).output
    shape = chance.choices((1, 3, 64, 2**31), k=chance.randrange(6))
    made = onnx.helper.make_tensor_value_info(name[0] if name else "a", onnx.TensorProto.FLOAT, shape)
    chance.choice((graph.value_info, graph.input, graph.output)).append(made)


_NETWORK_EDITS = (
    _rewire,
    _rename_operator,
    _change_attribute,
    _change_attribute,
    _drop_or_repeat_node,
    _change_weights,
    _change_weights,
    _declare,
)
