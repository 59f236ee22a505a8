"""Controls: numbers that a style's card declares and its network takes; hostile until read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from onnx import TensorProto, helper
from tiny_style import CONTROLS, controlled_network, make_style, tiny_network

from toonify.errors import USAGE, ToonifyError
from toonify.inference import open_runtime
from toonify.storage import StyleManifest
from toonify.styles import choose, load_style

PICTURES = np.random.default_rng(0).uniform(-1, 1, (1, 32, 40, 3)).astype(np.float32)
GOOD = {"minimum": 0, "maximum": 2, "default": 1}


@pytest.fixture
def folder(tmp_path):
    return make_style(tmp_path / "mine", model=controlled_network(), controls=CONTROLS)


@pytest.fixture
def card(folder) -> StyleManifest:
    return load_style(folder).manifest


# The card


def test_a_card_says_what_may_be_chosen(card):
    assert card.controls == CONTROLS
    assert card.controls["gain"].description == "how strong"


def test_a_card_need_not_speak_of_controls(tmp_path):
    path = make_style(tmp_path / "plain") / "style.json"
    document = json.loads(path.read_text())
    del document["controls"]
    path.write_text(json.dumps(document))
    assert load_style(tmp_path / "plain").manifest.controls == {}


@pytest.mark.parametrize(
    ("controls", "named"),
    [
        ({"picture": GOOD}, "'picture' is no name of a control"),
        ({"cartoon": GOOD}, "'cartoon' is no name"),  # which ONNX files give to the drawing
        ({"self": GOOD}, "nor one of picture, cartoon, self"),  # which TensorFlow takes out of signatures
        ({"Ink": GOOD}, "'Ink' is no name"),
        ({"": GOOD}, "'' is no name"),
        ({"a b": GOOD}, "'a b' is no name"),
        ({"ink=1": GOOD}, "is no name"),
        ({"\x1b[2J": GOOD}, "is no name"),
        ({"lambda": GOOD}, "'lambda' is no name"),
        ({"x" * 33: GOOD}, "is no name"),
        ({f"a{number}": GOOD for number in range(17)}, "it has 17 'controls', more than 16"),
        ({"ink": GOOD | {"description": "\x1b[2J"}}, "the control 'ink' has a description"),
        ({"ink": GOOD | {"description": "two\nlines"}}, "the control 'ink' has a description"),
        ({"ink": GOOD | {"description": "x" * 201}}, "the control 'ink' has a description"),
        ({"ink": GOOD | {"default": 3}}, "controls: ink: a control goes from a minimum to a larger maximum"),
        ({"ink": {"minimum": 1, "maximum": 1, "default": 1}}, "controls: ink: a control goes from"),
        ({"ink": {"minimum": 2, "maximum": 0, "default": 1}}, "controls: ink: a control goes from"),
        ({"ink": {"minimum": 0, "maximum": 2}}, "controls: ink: 'default' is missing"),
        ({"ink": GOOD | {"maximum": float("nan")}}, "maximum should be a finite number"),
        ({"ink": GOOD | {"maximum": float("inf")}}, "maximum should be a finite number"),
        ({"ink": GOOD | {"maximum": "2"}}, "maximum should be a number"),
        ({"ink": 1}, "ink should be a table"),
        ([GOOD], "controls should be a table"),
    ],
)
def test_a_card_that_cannot_be_true_is_refused(folder, controls, named):
    path = folder / "style.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"controls": controls}))
    with pytest.raises(ToonifyError) as raised:
        load_style(folder)
    assert named in raised.value.message
    assert str(path) in raised.value.message
    assert raised.value.message.isprintable()


# Card and network


def refusal(folder) -> str:
    with pytest.raises(ToonifyError) as raised:
        load_style(folder).onnx_bytes()
    return raised.value.message


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_number_may_be_of_either_shape(tmp_path, shape):
    folder = make_style(tmp_path / "mine", model=controlled_network(shape), controls=CONTROLS)
    runtime = open_runtime(load_style(folder))
    drawn = runtime.run(PICTURES)
    assert np.array_equal(drawn, open_runtime(load_style(make_style(tmp_path / "plain"))).run(PICTURES))
    np.testing.assert_allclose(runtime.run(PICTURES, {"gain": 0.5}), drawn / 2, atol=1e-6)
    np.testing.assert_allclose(
        runtime.run(PICTURES, {"gain": 0.5, "shift": 0.25}), drawn / 2 + 0.25, atol=1e-6
    )


def test_the_card_says_what_a_number_is_when_nobody_chooses(folder, card):
    expected = open_runtime(load_style(folder)).run(PICTURES, {"gain": 0.5})
    path = folder / "style.json"
    document = json.loads(path.read_text())
    document["controls"]["gain"]["default"] = 0.5
    path.write_text(json.dumps(document))
    assert np.array_equal(open_runtime(load_style(folder)).run(PICTURES), expected)


def test_a_network_must_take_what_its_card_declares(tmp_path):
    message = refusal(make_style(tmp_path / "mine", controls=CONTROLS))
    assert "has the inputs ['picture'], not 'picture' and the card's controls ['gain', 'shift']" in message


def test_a_card_must_declare_what_its_network_takes(tmp_path):
    message = refusal(make_style(tmp_path / "mine", model=controlled_network()))
    assert "has the inputs ['picture', 'gain', 'shift'], not just 'picture'" in message
    message = refusal(
        make_style(tmp_path / "mine", model=controlled_network(), controls={"gain": CONTROLS["gain"]})
    )
    assert "not 'picture' and the card's controls ['gain']" in message


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (TensorProto.FLOAT, (2,)),
        (TensorProto.FLOAT, ("n",)),
        (TensorProto.FLOAT, (1, 1)),
        (TensorProto.FLOAT, None),
        (TensorProto.INT64, ()),
        (TensorProto.FLOAT16, ()),
    ],
)
def test_a_control_is_one_number_of_float32(tmp_path, kind, shape):
    model = tiny_network()
    model.graph.input.append(helper.make_tensor_value_info("gain", kind, shape))
    folder = make_style(tmp_path / "mine", model=model, controls={"gain": CONTROLS["gain"]})
    assert "has the control 'gain' in another shape than a float32 number, () or (1,)" in refusal(folder)


def test_the_picture_comes_first(tmp_path):
    model = controlled_network()
    inputs = list(model.graph.input)
    del model.graph.input[:]
    model.graph.input.extend([*inputs[1:], inputs[0]])
    assert "has the inputs" in refusal(make_style(tmp_path / "mine", model=model, controls=CONTROLS))


# Choosing


def test_what_is_not_chosen_is_at_its_default(card):
    assert choose(card, {}) == {"gain": 1.0, "shift": 0.0}
    assert choose(card, {"shift": 1, "gain": np.float32(0.5)}) == {"gain": 0.5, "shift": 1.0}


def chosen_badly(card, chosen) -> ToonifyError:
    with pytest.raises(ToonifyError) as raised:
        choose(card, chosen)
    assert raised.value.exit_code == USAGE
    return raised.value


def test_an_unknown_name_offers_the_nearest_and_all(card):
    error = chosen_badly(card, {"gian": 1})
    assert error.message == "there is no control of the style 'tiny' called 'gian'. Did you mean 'gain'?"
    assert error.hint == "Choices: gain, shift."


@pytest.mark.parametrize("value", [-0.1, 2.01, float("nan"), float("inf")])
def test_a_value_out_of_range_names_the_range(card, value):
    message = chosen_badly(card, {"gain": value}).message
    assert message == f"the control gain of the style 'tiny' should be 0 to 2, not {value}"


@pytest.mark.parametrize("value", ["much", None])
def test_what_is_no_number_is_told_by_the_name_of_the_control(card, value):
    assert chosen_badly(card, {"gain": value}).message == f"`controls` gain should be a number, not {value!r}"


def test_a_style_without_controls_says_so(tmp_path):
    error = chosen_badly(load_style(make_style(tmp_path / "plain")).manifest, {"ink": 0.5})
    assert error.message == "the style 'tiny' has no controls: `controls` cannot choose ink"
    assert "toonify styles NAME" in error.hint
