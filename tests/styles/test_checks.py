"""A style's generator is hostile until read."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_style import make_style, model_of, tiny_network

from toonify.errors import ToonifyError
from toonify.styles import load_style, parts


def refusal(folder) -> str:
    with pytest.raises(ToonifyError) as raised:
        load_style(folder).onnx_bytes()
    assert str(folder) in raised.value.message
    return raised.value.message


def external_tensor() -> TensorProto:
    tensor = numpy_helper.from_array(np.zeros(3, np.float32), "secret")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def branch(tensor: TensorProto) -> onnx.GraphProto:
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, [3])
    return helper.make_graph(
        [helper.make_node("Constant", [], ["out"], value=tensor)], "branch", [], [output]
    )


def test_a_sound_generator_passes_unchanged(tmp_path):
    folder = make_style(tmp_path / "mine")
    assert load_style(folder).onnx_bytes() == (folder / "generator.onnx").read_bytes()


def test_the_generator_must_be_there(tmp_path):
    folder = make_style(tmp_path / "mine")
    (folder / "generator.onnx").unlink()
    assert "generator.onnx is missing" in refusal(folder)


@pytest.mark.parametrize("data", [b"", b"not onnx at all", b"\x08\x08" * 1000])
def test_bytes_that_are_no_model_are_refused(tmp_path, data):
    folder = make_style(tmp_path / "mine")
    (folder / "generator.onnx").write_bytes(data)
    assert "generator.onnx" in refusal(folder)


def test_a_model_cut_short_is_refused(tmp_path):
    folder = make_style(tmp_path / "mine")
    generator = folder / "generator.onnx"
    generator.write_bytes(generator.read_bytes()[:-100])
    assert "not an ONNX model" in refusal(folder)


def test_a_file_beyond_the_limit_is_not_even_read(tmp_path, monkeypatch):
    folder = make_style(tmp_path / "mine")
    monkeypatch.setitem(parts.LIMITS, "generator.onnx", 1000)
    assert "larger than" in refusal(folder)


def with_external_initializer(model):
    model.graph.initializer.append(external_tensor())


def with_external_attribute(model):
    model.graph.node.append(helper.make_node("Constant", [], ["k"], value=external_tensor()))


def with_a_branch(model):
    inside = branch(numpy_helper.from_array(np.zeros(3, np.float32), "fine"))
    model.graph.node.append(helper.make_node("If", ["k"], ["l"], then_branch=inside, else_branch=inside))


def with_a_graph_where_none_belongs(model):
    inside = branch(numpy_helper.from_array(np.zeros(3, np.float32), "fine"))
    model.graph.node[1].attribute.append(helper.make_attribute("body", inside))


def with_external_sparse_tensor(model):
    sparse = model.graph.sparse_initializer.add()
    sparse.values.CopyFrom(external_tensor())


def with_location_but_no_flag(model):
    model.graph.initializer[0].external_data.add(key="location", value="../../secret")


def with_foreign_operator(model):
    model.graph.node.append(helper.make_node("Run", ["picture"], ["k"], domain="evil.ops"))


def with_second_input(model):
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def with_a_constant_among_the_inputs(model):
    name = model.graph.initializer[0].name
    model.graph.input.insert(0, helper.make_tensor_value_info(name, TensorProto.FLOAT, None))


def with_another_name(model):
    model.graph.input[0].name = "image"


def with_integers(model):
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8


def with_four_channels(model):
    model.graph.input[0].type.tensor_type.shape.dim[3].dim_value = 4


def with_a_fixed_size(model):
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 256


def with_second_output(model):
    model.graph.output.append(helper.make_tensor_value_info("g", TensorProto.FLOAT, None))


def with_nothing_in_it(model):
    model.graph.ClearField("node")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (with_external_initializer, "keeps data in another file"),
        (with_external_attribute, "keeps data in another file"),
        (with_a_branch, "uses the operator If, which is not among those that draw"),
        (with_a_graph_where_none_belongs, "gives Conv a graph of its own"),
        (with_external_sparse_tensor, "has sparse weights"),
        (with_location_but_no_flag, "keeps data in another file"),
        (with_foreign_operator, "uses the operator Run of 'evil.ops'"),
        (with_second_input, "has the inputs"),
        (with_a_constant_among_the_inputs, "has the inputs"),
        (with_another_name, "has the inputs"),
        (with_integers, "in another shape than float32"),
        (with_four_channels, "in another shape than float32"),
        (with_a_fixed_size, "fixes the height or width"),
        (with_second_output, "has 2 outputs"),
        (with_nothing_in_it, "has no operators"),
    ],
)
def test_a_hostile_or_foreign_model_is_refused(tmp_path, spoil, complaint):
    model = tiny_network()
    spoil(model)
    assert complaint in refusal(make_style(tmp_path / "mine", model=model))


def test_unused_operator_sets_do_no_harm(tmp_path):
    # tf2onnx lists domains that no operator of the graph uses.
    model = model_of(
        list(tiny_network().graph.node), list(tiny_network().graph.initializer), **{"ai.onnx.ml": 3}
    )
    assert load_style(make_style(tmp_path / "mine", model=model)).onnx_bytes()
