"""What whoever converts may choose of a drawing's ink and colours; at their defaults nothing changes."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from sketch import Sketch

from toonify.inference import open_onnx
from toonify.networks import in_standard_layers, to_onnx
from toonify.networks.blocks import InkedGenerator
from toonify.networks.inking import INK_COLOUR, KEPT_LUMA, LUMA
from toonify.networks.lite import Lite
from toonify.networks.unet import UNet
from toonify.styles import defaults

PICTURES = np.random.default_rng(0).uniform(-1, 1, (2, 64, 96, 3)).astype("float32")
INK = np.array(INK_COLOUR) * 2 - 1
GENERATORS = {
    "lite": Lite(width=2),
    "unet with paints": UNet(width=1, paints=2),
    "lines of unet with paints": UNet(width=1, paints=2, lines=True),
}


def drawing(generator: InkedGenerator) -> keras.Model:
    """With weights that make colours, and ink in some places."""
    keras.utils.set_random_seed(1)
    model = generator.build()
    random = np.random.default_rng(1)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def draw():
    """`draw(ink=0.5)`: a drawing with a number chosen."""
    sketch = Sketch()
    return numbered(sketch, drawing(sketch))


@pytest.fixture(scope="module")
def draw_lines():
    sketch = Sketch(lines=True)
    return numbered(sketch, drawing(sketch))


def numbered(generator, model):
    controlled = generator.controlled(model)

    def draw(**chosen: float) -> np.ndarray:
        numbers = {name: np.float32(x) for name, x in (defaults(generator.controls) | chosen).items()}
        return controlled({"picture": PICTURES, **numbers}).numpy()

    return draw


@pytest.fixture(scope="module")
def parts():
    return parts_of(Sketch())


def parts_of(generator: InkedGenerator) -> tuple[np.ndarray, np.ndarray]:
    """The colours of a drawing, and how much ink covers them."""
    heads = generator.heads(drawing(generator))(PICTURES)
    colour, logits = np.clip(heads["colour"], -1, 1), np.asarray(heads["ink"])
    return colour, 0.9 / (1 + np.exp(-(1.3 * logits - 0.3)))


def inked(colour: np.ndarray, cover: np.ndarray) -> np.ndarray:
    return colour * (1 - cover) + INK * cover


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)
def test_at_their_defaults_every_pixel_is_the_same(generator):
    model = drawing(generator)
    assert np.array_equal(numbered(generator, model)(), model(PICTURES).numpy())


@pytest.mark.parametrize("lines", [False, True])
def test_so_it_is_in_its_file(lines, tmp_path):
    generator = Sketch(lines=lines)
    model = drawing(generator)
    plain, controlled = tmp_path / "plain.onnx", tmp_path / "controlled.onnx"
    to_onnx(model, plain)
    controls = defaults(generator.controls)
    to_onnx(generator.controlled(model), controlled, controls)
    drawn = open_onnx(controlled, controls=controls).run(PICTURES)
    assert np.array_equal(drawn, open_onnx(plain, controls={}).run(PICTURES))


def test_ink_is_how_much_the_lines_cover(draw, parts):
    colour, cover = parts
    np.testing.assert_allclose(draw(ink=0), colour, atol=1e-6)
    np.testing.assert_allclose(draw(ink=0.5), inked(colour, cover / 2), atol=1e-5)
    np.testing.assert_allclose(draw(ink=2), inked(colour, np.minimum(2 * cover, 1)), atol=1e-5)
    assert (2 * cover > 1).any() and (2 * cover < 1).any()


def test_colour_is_how_far_the_colours_are_from_grey(draw, parts):
    colour, cover = parts
    grey = (colour @ np.array(LUMA))[..., None]
    np.testing.assert_allclose(draw(ink=0, colour=0), np.repeat(grey, 3, axis=-1), atol=1e-5)
    for amount in (0.5, 2):
        vivid = np.clip(grey + amount * (colour - grey), -1, 1)
        np.testing.assert_allclose(draw(colour=amount), inked(vivid, cover), atol=1e-5)


def test_a_network_may_be_more_vivid_than_it_learnt():
    as_learnt, vivid = Sketch(), Sketch(saturation=1.6)
    wanted = numbered(as_learnt, drawing(as_learnt))(colour=1.6)
    model = drawing(vivid)
    np.testing.assert_allclose(model(PICTURES), wanted, atol=1e-6)
    np.testing.assert_allclose(numbered(vivid, model)(), wanted, atol=1e-6)
    np.testing.assert_allclose(in_standard_layers(model)(PICTURES), wanted, atol=1e-6)


def test_contrast_moves_lights_away_from_a_dark_grey():
    generator = Sketch(saturation=1.6, contrast=1.2)
    colour, cover = parts_of(generator)
    grey = (colour @ np.array(LUMA))[..., None]
    lighter = KEPT_LUMA + 1.2 * (grey - KEPT_LUMA)
    wanted = inked(np.clip(lighter + 1.6 * (colour - grey), -1, 1), cover)
    model = drawing(generator)
    np.testing.assert_allclose(model(PICTURES), wanted, atol=1e-5)
    np.testing.assert_allclose(numbered(generator, model)(), wanted, atol=1e-5)
    np.testing.assert_allclose(in_standard_layers(model)(PICTURES), wanted, atol=1e-5)


def test_line_is_the_bias_of_the_ink(draw):
    bold = Sketch(ink_bias=-0.3 + 1.5)
    np.testing.assert_allclose(draw(line=1.5), drawing(bold)(PICTURES), atol=1e-5)


def test_lines_are_the_ink_alone_from_paper_to_ink(draw_lines):
    sketch = Sketch(lines=True)
    logits = sketch.heads(drawing(sketch))(PICTURES)["ink"].numpy()
    mask = 0.9 / (1 + np.exp(-(1.3 * logits - 0.3)))
    np.testing.assert_allclose(draw_lines(), np.repeat(1 - 2 * mask, 3, axis=-1), atol=1e-6)
    chalk = 2 * (0.2 * (1 - mask) + 0.9 * mask) - 1
    np.testing.assert_allclose(draw_lines(paper=0.2, ink=0.9), np.repeat(chalk, 3, axis=-1), atol=1e-6)
    assert np.all(draw_lines(paper=0, ink=0) == -1) and np.all(draw_lines(paper=1, ink=1) == 1)


@pytest.mark.parametrize("generator", [Lite(width=2, lines=True), UNet(width=1, paints=2, lines=True)])
def test_lines_need_no_colours(generator):
    model = generator.build()
    names = {layer.name for layer in model.layers}
    assert "ink" in names and not names & {"colour", "change", "palette"}
    assert set(generator.heads(model).output) == {"ink"}
