"""`cartoongan` is the authors' published network, and takes their arrays."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from published import forward, random_arrays

from toonify.errors import USAGE, ToonifyError
from toonify.networks import import_weights
from toonify.networks.cartoongan import CartoonGAN

WIDTH, BLOCKS = 4, 1


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return random_arrays(WIDTH, BLOCKS)


def test_the_published_shape_has_11_13_million_parameters():
    parameters = CartoonGAN().build().count_params()
    assert parameters == sum(array.size for array in random_arrays(64, 8).values())
    assert round(parameters / 1e6, 2) == 11.13


@pytest.mark.parametrize("sides", [(32, 40), (33, 31), (30, 37), (29, 34)])
def test_imported_arrays_give_the_published_pictures(arrays, sides):
    picture = np.random.default_rng(2).uniform(-1, 1, (3, *sides)).astype("float32")
    expected = forward(arrays, picture, BLOCKS)
    result = import_weights(arrays)(picture.transpose(1, 2, 0)[None]).numpy()[0].transpose(2, 0, 1)
    assert result.shape == expected.shape
    assert np.abs(result - expected).max() < 1e-4
    assert expected.std() > 0.1  # not all grey, where anything would agree


def test_sides_that_are_no_multiples_of_4_come_out_longer(arrays):
    assert import_weights(arrays)(np.zeros((1, 65, 64, 3), "float32")).shape == (1, 68, 64, 3)


def test_sides_that_are_multiples_of_4_keep_their_size():
    assert CartoonGAN.multiple == 4
    for resize in (False, True):
        model = CartoonGAN(width=2, blocks=1, resize=resize).build()
        assert model(np.zeros((2, 20, 28, 3), "float32")).shape == (2, 20, 28, 3)


def test_the_whole_picture_matters():
    keras.utils.set_random_seed(0)
    model = CartoonGAN(width=4, blocks=1).build()
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 160, 16, 3)).astype("float32")
    other = picture.copy()
    other[:, 96:] /= 4
    far = [model(one).numpy()[:, :32] for one in (picture, other)]  # from where the two are different
    assert np.abs(far[0] - far[1]).max() > 0.01
    assert CartoonGAN.halo is None


def test_width_and_blocks_are_read_from_the_arrays():
    model = import_weights(random_arrays(3, 1))
    assert model.get_layer("conv01_1").filters == 3
    assert [layer.name for layer in model.layers if layer.name.startswith("add")] == ["add04"]


def test_a_missing_array_is_named(arrays):
    without = {name: array for name, array in arrays.items() if name != "in03_1.shift"}
    with pytest.raises(ToonifyError, match=r"lacks in03_1\.shift"):
        import_weights(without)


def test_an_array_too_many_is_named(arrays):
    with pytest.raises(ToonifyError, match=r"no place for fc\.weight"):
        import_weights({**arrays, "fc.weight": np.zeros((2, 2))})


def test_a_misshapen_array_is_named_with_the_shape_it_should_have(arrays):
    turned = arrays["deconv01_1.weight"].transpose(1, 0, 2, 3)
    with pytest.raises(ToonifyError, match=r"deconv01_1\.weight .* \(16, 8, 3, 3\), not \(8, 16, 3, 3\)"):
        import_weights({**arrays, "deconv01_1.weight": turned})


def test_arrays_of_something_else_are_refused():
    with pytest.raises(ToonifyError, match=r"no 4-dimensional conv01_1\.weight"):
        import_weights({"conv1.weight": np.zeros((3, 3, 3, 3))})


@pytest.mark.parametrize("options", [{"width": 0}, {"width": 10**9}, {"blocks": 0}, {"blocks": 10**9}])
def test_options_out_of_range_are_refused_by_name(options):
    with pytest.raises(ToonifyError, match=next(iter(options))) as caught:
        CartoonGAN(**options)
    assert caught.value.exit_code == USAGE


def grid(model) -> float:
    """How far the means of pixels by their place in a square of 4 × 4 lie apart, of an even slope."""
    slope = np.linspace(-0.5, 0.5, 96, dtype="float32")
    picture = np.broadcast_to(slope[None, :, None, None] + slope[None, None, :, None], (1, 96, 96, 3)) / 2
    middle = model(picture).numpy()[0, 16:80, 16:80]
    places = middle.reshape(16, 4, 16, 4, 3).mean((0, 2))
    return float(places.std((0, 1)).mean() / middle.std())


def test_resized_instead_of_transposed_it_leaves_no_grid():
    grids = {}
    for resize in (False, True):
        keras.utils.set_random_seed(0)
        grids[resize] = grid(CartoonGAN(width=8, blocks=1, resize=resize).build())
    assert grids[True] < grids[False] / 3
