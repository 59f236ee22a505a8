"""Keras models as ONNX files."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from toonify.backend_import import no_standard_error
from toonify.networks.onnx_graph import number_values, optimise, put_in_order, store_in_half
from toonify.networks.onnx_layers import in_planes
from toonify.plugins import ToonifyError
from toonify.storage import write_bytes

if TYPE_CHECKING:
    from onnx import GraphProto

OPSET = 17
AXES = ("batch", "height", "width")


def to_onnx(model: keras.Model, path: Path, controls: Mapping[str, float] | None = None) -> None:
    """Write a generator as one ONNX file: `picture` in, `cartoon` out.

    Both are float32 RGB in [-1, 1], (batch, height, width, 3), the first three free. A model of
    mixed precision is written in float32. Weights that float16 holds exactly are stored so.

    Args:
        model: From pictures; or, with `controls`, from `{"picture": pictures, **numbers}`.
        path: Where to.
        controls: Numbers of shape () that the model takes beside its pictures, by name, with the values
            that they have where nobody gives any: further inputs of the file, which may be left out.

    Raises:
        ToonifyError: if Keras does not run on TensorFlow, or the file cannot be written.
    """
    if keras.backend.backend() != "tensorflow":
        raise ToonifyError(
            f"ONNX export needs TensorFlow, and Keras runs on {keras.backend.backend()}",
            "Set KERAS_BACKEND=tensorflow.",
        )
    import tensorflow as tf

    single = in_planes(in_float32(model))
    controls = controls or {}
    signature = [tf.TensorSpec((None, None, None, 3), tf.float32, name="picture")]
    signature += [tf.TensorSpec((), tf.float32, name=name) for name in controls]

    def draw(picture: Any, *numbers: Any) -> dict[str, Any]:
        given = {"picture": picture, **dict(zip(controls, numbers, strict=True))}
        return {"cartoon": single(given if controls else picture)}

    function = tf.function(draw, input_signature=signature)
    with _quiet():
        import tf2onnx

        proto, _ = tf2onnx.convert.from_function(
            function,
            input_signature=signature,
            opset=OPSET,
            custom_op_handlers={"Erfc": (_erfc, [])},
            custom_rewriter=[_give_added_numbers_an_axis],
        )
    optimise(proto.graph)
    _name_axes(proto.graph)
    put_in_order(proto.graph)
    store_in_half(proto.graph)
    number_values(proto.graph)
    _set_defaults(proto.graph, controls)
    write_bytes(path, proto.SerializeToString())


def in_float32(model: keras.Model) -> keras.Model:
    """The model itself, or its copy in float32 when some layer, however deep inside, computes in less."""
    inner = model._flatten_layers(include_self=False)
    if all(layer.compute_dtype == "float32" for layer in inner):
        return model

    def rebuild(operation: Any) -> Any:
        if not isinstance(operation, keras.layers.Layer):
            return operation  # such as `keras.ops.clip`: computes in the precision of what it gets
        return type(operation).from_config(_single(operation.get_config()))

    with _new_layers_in_float32():
        single = keras.models.clone_model(model, clone_function=rebuild)
    single.set_weights(model.get_weights())
    return single


def _single(config: Any) -> Any:
    """A layer's configuration with float32 for every precision in it, also of layers that it wraps."""
    if isinstance(config, dict):
        return {key: "float32" if key == "dtype" else _single(value) for key, value in config.items()}
    return [_single(value) for value in config] if isinstance(config, list | tuple) else config


@contextlib.contextmanager
def _new_layers_in_float32() -> Iterator[None]:
    """For layers that make layers of their own, without handing their precision on to them."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def _give_added_numbers_an_axis(graph: Any, nodes: list[Any]) -> list[Any]:
    """Constants that are added to something with axes get one of their own.

    tf2onnx stumbles over one that is added to a convolution without a bias, and then leaves all of the
    network's transpositions where they are, without a word.
    """
    for node in (node for node in nodes if node.type in ("Add", "AddV2")):
        for place, given in enumerate(node.inputs):
            if given.is_const() and graph.get_rank(node.input[1 - place]):
                number = given.get_tensor_value(as_list=False)
                if number.shape == ():
                    one = graph.make_const(f"{node.name}/{place}", number.reshape(1))
                    graph.replace_input(node, node.input[place], one.output[0], place)
    return nodes


def _erfc(graph: Any, node: Any, name: str, _: object) -> None:
    """1 - erf, of which GELU is made: ONNX has no erfc, and tf2onnx would write one all the same."""
    node.type = "Erf"
    (erf,) = node.output
    one = graph.make_const(f"{name}/one", np.ones((), np.float32)).output[0]
    graph.insert_new_node_on_output("Sub", erf, name=f"{name}/complement", inputs=[one, erf])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the converter's remarks off the terminal, and TensorFlow's; what goes wrong they raise.

    TensorFlow 2.20 prints some whatever `TF_CPP_MIN_LOG_LEVEL` says.
    """
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with no_standard_error():
            yield
    finally:
        logging.disable(level)


def _set_defaults(graph: GraphProto, controls: Mapping[str, float]) -> None:
    from onnx import numpy_helper

    defaults = {name: np.array(number, np.float32) for name, number in controls.items()}
    graph.initializer.extend(numpy_helper.from_array(number, name) for name, number in defaults.items())


def _name_axes(graph: GraphProto) -> None:
    for value in (graph.input[0], graph.output[0]):
        dimensions = value.type.tensor_type.shape.dim
        for dimension, name in zip(dimensions, AXES, strict=False):
            dimension.dim_param = name
        dimensions[3].dim_value = 3
