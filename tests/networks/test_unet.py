"""`unet` sees a whole face, tells regions apart, and paints by them."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.networks.blocks import Blur, LogitBlur
from toonify.networks.layers import DepthToSpace, NearestUpsampling
from toonify.networks.palettes import Palette
from toonify.networks.unet import UNet


@pytest.fixture
def shallow(monkeypatch) -> None:
    """As few layers as there can be: for what becomes of their features, their number does not matter."""
    monkeypatch.setattr("toonify.networks.unet.DEPTHS", {4: 1, 8: 1, 16: 1, 32: 1})


@pytest.fixture(scope="module")
def unet() -> UNet:
    return UNet(width=1, regions=3)


@pytest.fixture(scope="module")
def model(unet) -> keras.Model:
    return unet.build()


def colours(model: keras.Model) -> keras.Model:
    """What it lays ink over."""
    return keras.Model(model.input, model.get_layer("colour").output)


def take_weights(model: keras.Model, of: keras.Model) -> None:
    """By path: layers that only one of the two has may change the order."""
    learnt = {variable.path: variable for variable in of.variables}
    for variable in model.variables:
        variable.assign(learnt[variable.path])


@pytest.mark.parametrize("options", [{}, {"paints": 2}, {"paints": 2, "mean_shift": 1.0}])
def test_its_halo_is_the_least_on_its_grid(options):
    """Without biases, and with no weight of 0 or below, all that can be seen is seen, and nothing else is."""
    unet = UNet(width=1, **options)
    model = unet.build()
    for variable in model.trainable_variables:
        variable.assign(np.full(variable.shape, 0.5 if len(variable.shape) > 1 else 0.0))
    colour, side, furthest = colours(model), 1024, 0
    for middle in (side // 2, side // 2 + 15, side // 2 + 16, side // 2 + 31):
        picture = np.zeros((1, 32, side, 3), np.float32)
        picture[:, :, middle] = 1e-3  # so little that palettes stay near each other
        columns = np.flatnonzero(colour(picture).numpy().max((0, 1, 3)))
        furthest = max(furthest, middle - columns[0], columns[-1] - middle)
    assert unet.halo - unet.multiple < furthest <= unet.halo


def test_its_heads_are_colours_ink_and_regions(unet, model):
    picture = np.random.default_rng(0).uniform(-1, 1, (2, 32, 64, 3)).astype(np.float32)
    heads = unet.heads(model)(picture)
    assert {name: head.shape for name, head in heads.items()} == {
        "colour": (2, 32, 64, 3),
        "ink": (2, 32, 64, 1),
        "regions": (2, 32, 64, 3),
    }


def test_without_regions_it_tells_none(shallow):
    plain = UNet(width=1)
    assert set(plain.heads(plain.build()).output) == {"colour", "ink"}


def test_what_it_takes_a_pixel_for_changes_what_it_paints(unet, model):
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    before = model(picture).numpy()
    model.get_layer("regions").bias.assign([9.0, 0.0, 0.0])
    assert np.abs(model(picture).numpy() - before).max() > 0


def test_a_palette_gives_each_pixel_the_paint_that_it_chose():
    red, blue = (1.0, -1.0, -1.0), (-1.0, -1.0, 1.0)
    palette = np.array([*red, *blue], np.float32).reshape(1, 1, 1, 6)
    choice = np.array([9.0, -9.0, 9.0, 0.0, -9.0, 9.0, -9.0, 0.0], np.float32).reshape(1, 1, 1, 8)
    pixels = Palette(2)([choice, palette]).numpy()[0]
    np.testing.assert_allclose(pixels, [[red, blue], [red, (0, -1, 0)]], atol=1e-6)


def test_gain_makes_the_choice_more_decided_and_leaves_what_is_learnt_alone(shallow):
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    soft, crisp = UNet(width=1, paints=4), UNet(width=1, paints=4, paint_gain=50)
    model, decided = soft.build(), crisp.build()
    decided.set_weights(model.get_weights())
    np.testing.assert_allclose(
        crisp.heads(decided)(picture)["colour"], soft.heads(model)(picture)["colour"], atol=1e-6
    )
    assert np.abs(decided(picture).numpy() - model(picture).numpy()).max() > 0.01


def test_squares_in_channels_are_blurred_as_the_picture_that_they_spread_to():
    squares = np.random.default_rng(0).normal(size=(2, 5, 6, 12)).astype(np.float32)
    paints = squares.reshape(2, 5, 6, 3, 4)
    blurred = LogitBlur(2)(squares).numpy().reshape(paints.shape)
    for paint in range(3):
        spread = DepthToSpace()(paints[..., paint, :])
        expected = Blur()(spread)
        np.testing.assert_allclose(DepthToSpace()(blurred[..., paint, :]), expected, atol=1e-6)
        np.testing.assert_allclose(LogitBlur()(spread), expected, atol=1e-6)


def test_mean_shift_flattens_the_drawing_and_leaves_what_is_learnt_alone(shallow):
    noise = np.random.default_rng(0).uniform(-0.2, 0.2, (1, 12, 12, 3)).astype(np.float32)
    picture = noise.repeat(8, axis=1).repeat(8, axis=2)
    loose, agreed = UNet(width=1, paints=1), UNet(width=1, paints=1, mean_shift=1.0)
    model, flat = loose.build(), agreed.build()
    take_weights(flat, model)
    for name, head in agreed.heads(flat)(picture).items():
        np.testing.assert_array_equal(head, loose.heads(model)(picture)[name])
    inner = np.s_[:, 16:-16, 16:-16]  # blurs take in the zeros around the picture
    before, after = (colours(drawn)(picture).numpy()[inner].std((1, 2)) for drawn in (model, flat))
    assert (after < 0.3 * before).all()


@pytest.mark.parametrize("options", [{"paints": 4, "paint_gain": 20}, {"lines": True, "ink_gain": 5}])
def test_a_smooth_drawing_has_even_borders_and_leaves_what_is_learnt_alone(options, shallow):
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    rough, smooth = UNet(width=2, **options), UNet(width=2, smooth=True, **options)
    model, even = rough.build(), smooth.build()
    for variable in model.trainable_variables:  # an untrained one draws next to nothing
        variable.assign(np.random.default_rng(0).normal(0, 0.2, variable.shape))
    take_weights(even, model)
    for name, head in smooth.heads(even)(picture).items():
        np.testing.assert_allclose(head, rough.heads(model)(picture)[name], atol=1e-5)
    before, after = model(picture).numpy(), even(picture).numpy()
    controlled = smooth.controlled(even)
    numbers = {name: np.float32(control.default) for name, control in smooth.controls.items()}
    np.testing.assert_allclose(controlled({"picture": picture, **numbers}), after, atol=1e-6)
    assert np.abs(np.diff(after, axis=2)).mean() < 0.9 * np.abs(np.diff(before, axis=2)).mean()


def test_where_a_picture_is_busy_it_is_drawn_as_it_was_learnt_however_smooth_the_rest(shallow):
    even = {"paints": 3, "mean_shift": 0.3, "smooth": True}
    flat = np.full((1, 64, 64, 3), 0.2, np.float32)
    busy = np.random.default_rng(0).uniform(-1, 1, flat.shape).astype(np.float32)
    learnt, by_calm = UNet(width=1, paints=3), UNet(width=1, calm=0.1, **even)
    model, drawn = learnt.build(), by_calm.build()
    for variable in model.trainable_variables:  # an untrained one draws next to nothing
        variable.assign(np.random.default_rng(0).normal(0, 0.2, variable.shape))
    take_weights(drawn, model)
    for name, head in by_calm.heads(drawn)(busy).items():
        np.testing.assert_array_equal(head, learnt.heads(model)(busy)[name])
    np.testing.assert_array_equal(drawn(busy), model(busy))
    assert np.abs(drawn(flat) - model(flat)).max() > 0.01


def test_lines_are_smooth_where_a_picture_is_calm(shallow):
    smooth, by_calm = UNet(width=1, lines=True, smooth=True), UNet(width=1, lines=True, smooth=True, calm=0.1)
    model, drawn = smooth.build(), by_calm.build()
    for variable in model.trainable_variables:
        variable.assign(np.random.default_rng(0).normal(0, 0.2, variable.shape))
    take_weights(drawn, model)
    grain = np.random.default_rng(0).normal(0, 0.02, (1, 64, 64, 3)).astype(np.float32)
    np.testing.assert_allclose(drawn(grain), model(grain), atol=1e-6)
    assert np.abs(drawn(30 * grain) - model(30 * grain)).max() > 0.01


def test_blurred_repeated_pixels_are_bilinear_ones():
    row = np.array([0, 0, 4, 8, 8, 8], np.float32).reshape(1, 1, -1, 1)
    tall = np.repeat(row, 6, axis=1)
    smooth = Blur()(NearestUpsampling()(tall)).numpy()[0, 5, :, 0]
    np.testing.assert_allclose(smooth[1:-1], [0, 0, 1, 3, 5, 7, 8, 8, 8, 8], rtol=1e-6)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("width", 0),
        ("width", 65),
        ("regions", -1),
        ("regions", 65),
        ("paints", 33),
        ("paint_gain", 0),
        ("mean_shift", -0.1),
        ("calm", 1.1),
        ("saturation", -1),
        ("contrast", 4.5),
        ("ink_strength", 1.5),
    ],
)
def test_networks_that_make_no_sense_are_refused(option, value):
    with pytest.raises(ToonifyError, match=f"the option {option} of the generator 'unet'") as raised:
        UNet(**{option: value})
    assert raised.value.exit_code == USAGE
