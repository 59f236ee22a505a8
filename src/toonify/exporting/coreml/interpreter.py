"""A Core ML program drawn by TensorFlow, where Core ML is not: operator for operator, as Apple has them.

It tells whether a package holds the network: its graph, its attributes and its weights. What Core ML itself
makes of them it cannot tell. Operators as in https://apple.github.io/coremltools/source/
coremltools.converters.mil.mil.ops.defs.html; "same" padding is taken as TensorFlow's, which it is made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from toonify.errors import ToonifyError

CHANNELS_LAST, CHANNELS_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def check_operators(function: Any) -> None:
    """Raise a `ToonifyError` that names those of a program's operators that are not known here."""
    unknown = sorted({each.op_type for each in function.operations} - OPERATORS.keys() - {"const"})
    if unknown:
        raise ToonifyError(
            f"the Core ML package cannot be verified here: its operator {', '.join(unknown)} is not known",
            "Export it on macOS, where Core ML runs it; or to onnx.",
        )


def interpret_program(function: Any, given: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """Run the function of a MIL program. A value is dropped after its last use: there are gigabytes of them.

    Args:
        function: As coremltools loads it.
        given: Its inputs by name.

    Returns:
        Its outputs by name.
    """
    values = {name: tf.constant(value) for name, value in given.items()}

    def value(of: Any) -> Any:
        if isinstance(of, (list, tuple)):
            return [value(one) for one in of]
        return values.get(of.name, of.val)

    operations = [operation for operation in function.operations if operation.op_type != "const"]
    last = {name: index for index, operation in enumerate(operations) for name in _names(operation.inputs)}
    last |= {output.name: len(operations) for output in function.outputs}
    for index, operation in enumerate(operations):
        inputs = {name: value(of) for name, of in operation.inputs.items() if of is not None}
        (output,) = operation.outputs
        values[output.name] = OPERATORS[operation.op_type](**inputs)
        for name in _names(operation.inputs):
            if last[name] == index:
                values.pop(name, None)
    return {output.name: values[output.name] for output in function.outputs}


def _names(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Of the values that an operation takes, those in tuples too."""
    for given in inputs.values():
        for of in given if isinstance(given, (list, tuple)) else [given]:
            if of is not None:
                yield of.name


def _on_channels_last(pixels: Any, function: Callable[[Any], Any]) -> Any:
    """Apply to (N, C, H, W) what TensorFlow only does on (N, H, W, C)."""
    return tf.transpose(function(tf.transpose(pixels, CHANNELS_LAST)), CHANNELS_FIRST)


def _pairs(pad: Any, rank: int) -> list[tuple[int, int]]:
    """Padding before and after each axis, from that of the last axes."""
    pairs = list(zip(map(int, pad[::2]), map(int, pad[1::2]), strict=True))
    return [(0, 0)] * (rank - len(pairs)) + pairs


def _conv(
    x: Any,
    weight: Any,
    strides: Any,
    pad_type: str,
    pad: Any,
    dilations: Any,
    groups: int,
    bias: Any = None,
) -> Any:
    """`weight` is (outputs, inputs of a group, H, W); by it TensorFlow knows the groups."""
    kernel = tf.transpose(weight, (2, 3, 1, 0))
    if pad_type == "custom":
        x, pad_type = tf.pad(x, _pairs(pad, 4)), "valid"
    made = _on_channels_last(
        x,
        lambda pixels: tf.nn.conv2d(pixels, kernel, [*strides], pad_type.upper(), dilations=[*dilations]),
    )
    return made if bias is None else made + tf.reshape(bias, (1, -1, 1, 1))


def _conv_transpose(
    x: Any, weight: Any, strides: Any, pad_type: str, groups: int, bias: Any = None, **_: Any
) -> Any:
    """`weight` is (inputs, outputs, H, W)."""
    if pad_type != "valid" or groups != 1:
        raise ToonifyError("the Core ML package cannot be verified here: its conv_transpose is padded")
    kernel = tf.transpose(weight, (2, 3, 1, 0))
    batch, _channels, *sides = x.shape
    larger = [
        (side - 1) * stride + reach
        for side, stride, reach in zip(sides, strides, kernel.shape[:2], strict=True)
    ]
    shape = (batch, *larger, weight.shape[1])
    made = _on_channels_last(
        x, lambda pixels: tf.nn.conv2d_transpose(pixels, kernel, shape, [*strides], "VALID")
    )
    return made if bias is None else made + tf.reshape(bias, (1, -1, 1, 1))


def _pad(x: Any, pad: Any, mode: str, constant_val: Any = 0) -> Any:
    return tf.pad(x, _pairs(pad, len(x.shape)), mode, constant_val)


def _slice(
    x: Any, begin: Any, end: Any, stride: Any, begin_mask: Any, end_mask: Any, squeeze_mask: Any
) -> Any:
    """`squeeze_mask`: axes of which one index is taken, and that go."""
    places = [
        int(first)
        if squeeze
        else slice(None if from_edge else int(first), None if to_edge else int(last), int(step))
        for first, last, step, from_edge, to_edge, squeeze in zip(
            begin, end, stride, begin_mask, end_mask, squeeze_mask, strict=True
        )
    ]
    return x[tuple(places)]


def _avg_pool(
    x: Any, kernel_sizes: Any, strides: Any, pad_type: str, exclude_padding_from_average: bool, **_: Any
) -> Any:
    if pad_type == "custom" or (pad_type != "valid" and not exclude_padding_from_average):
        raise ToonifyError("the Core ML package cannot be verified here: its avg_pool is padded")
    return _pool(tf.nn.avg_pool2d, x, kernel_sizes, strides, pad_type)


def _max_pool(x: Any, kernel_sizes: Any, strides: Any, pad_type: str, **_: Any) -> Any:
    if pad_type == "custom":
        raise ToonifyError("the Core ML package cannot be verified here: its max_pool is padded")
    return _pool(tf.nn.max_pool2d, x, kernel_sizes, strides, pad_type)


def _pool(function: Callable[..., Any], x: Any, kernel_sizes: Any, strides: Any, pad_type: str) -> Any:
    return _on_channels_last(
        x, lambda pixels: function(pixels, [*kernel_sizes], [*strides], pad_type.upper())
    )


def _concat(values: Any, axis: int, interleave: bool) -> Any:
    """Numbers count as vectors of one: with them the sides of a shape are put together."""
    if interleave:
        raise ToonifyError("the Core ML package cannot be verified here: its concat is interleaved")
    return tf.concat([value if len(value.shape) else tf.reshape(value, (1,)) for value in values], axis)


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "add": tf.add,
    "avg_pool": _avg_pool,
    "concat": _concat,
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "depth_to_space": lambda x, block_size: _on_channels_last(
        x, lambda pixels: tf.nn.depth_to_space(pixels, block_size)
    ),
    "exp": lambda x: tf.exp(x),
    "gather": lambda x, indices, axis, **_: tf.gather(x, indices, axis=int(axis)),
    "matmul": lambda x, y, transpose_x, transpose_y: tf.matmul(x, y, bool(transpose_x), bool(transpose_y)),
    "max_pool": _max_pool,
    "maximum": tf.maximum,
    "minimum": tf.minimum,
    "mul": tf.multiply,
    "pad": _pad,
    "real_div": tf.divide,
    "reduce_mean": lambda x, axes, keep_dims: tf.reduce_mean(x, axes, keep_dims),
    "relu": lambda x: tf.nn.relu(x),
    "reshape": lambda x, shape: tf.reshape(x, shape),
    "rsqrt": lambda x, epsilon: tf.math.rsqrt(x + epsilon),
    "shape": lambda x: tf.shape(x),
    "sigmoid": lambda x: tf.sigmoid(x),
    "slice_by_index": _slice,
    "softmax": lambda x, axis: tf.nn.softmax(x, axis),
    "sqrt": lambda x: tf.sqrt(x),
    "stack": lambda values, axis: tf.stack(values, axis),
    "sub": tf.subtract,
    "tanh": lambda x: tf.tanh(x),
    "transpose": lambda x, perm: tf.transpose(x, perm),
}
