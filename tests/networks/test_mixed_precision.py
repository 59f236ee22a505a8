"""Mixed precision: what must stay float32 does, and what becomes of a network is float32 throughout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
import pytest
from keras import layers, ops
from sketch import Sketch

from toonify.networks import build_discriminator, in_float32, load_weights, save_weights
from toonify.networks.cartoongan import CartoonGAN
from toonify.networks.layers import InstanceNorm
from toonify.networks.lite import Lite

PICTURE = np.random.default_rng(0).uniform(-1, 1, (2, 24, 32, 3)).astype(np.float32)
POLICIES = ["mixed_bfloat16", "mixed_float16"]


@contextmanager
def precision(policy: str) -> Iterator[None]:
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


def of_raw_operations() -> keras.Model:
    """A stranger's generator with two heads that share layers, and operations that are no layers."""
    picture = keras.Input((None, None, 3))
    pixels = layers.Conv2D(4, 3, padding="same", activation="relu", name="pixels")(picture)
    pixels = layers.Conv2D(4, 3, padding="same", name="twice")(pixels)
    colour = picture + layers.Conv2D(3, 3, padding="same", name="change")(pixels)
    ink = ops.sigmoid(layers.Conv2D(1, 3, padding="same", name="ink")(pixels))
    return keras.Model(picture, ops.clip(colour * (1 - ink) - ink, -1, 1))


def of_a_shared_layer() -> keras.Model:
    picture = keras.Input((None, None, 3))
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    return keras.Model(picture, ops.tanh(shared(shared(picture))))


def of_nested_models() -> keras.Model:
    inner = keras.Sequential(
        [layers.Conv2D(4, 3, padding="same", name="a"), layers.LeakyReLU()], name="inner"
    )
    picture = keras.Input((None, None, 3))
    return keras.Model(picture, layers.Conv2D(3, 1, name="b")(inner(picture)))


@keras.saving.register_keras_serializable("tests")
class Block(layers.Layer):
    """A layer made of layers, whose precision nobody hands on to them."""

    def __init__(self, **options):
        super().__init__(**options)
        self.inner = layers.Conv2D(3, 3, padding="same", name="inner")

    def build(self, shape):
        self.inner.build(shape)

    def call(self, pixels):
        return ops.add(pixels, self.inner(pixels))

    def compute_output_shape(self, shape):
        return shape


def of_blocks() -> keras.Model:
    picture = keras.Input((None, None, 3))
    return keras.Model(picture, Block(dtype="float32", name="second")(Block(name="first")(picture)))


def of_batch_norm() -> keras.Model:
    picture = keras.Input((None, None, 3))
    pixels = layers.BatchNormalization(name="norm")(layers.Conv2D(4, 3, padding="same", name="conv")(picture))
    return keras.Model(picture, layers.Conv2D(3, 1, name="out")(pixels))


GENERATORS = {
    "cartoongan": lambda: CartoonGAN(width=2, blocks=1).build(),
    "inked": lambda: Sketch().build(),
    "raw operations": of_raw_operations,
    "shared": of_a_shared_layer,
    "nested": of_nested_models,
    "blocks": of_blocks,
    "batch norm": of_batch_norm,
}


CASES = [
    *(pytest.param((name, "mixed_bfloat16"), id=f"{name} mixed_bfloat16") for name in GENERATORS),
    pytest.param(("cartoongan", "mixed_float16"), id="cartoongan mixed_float16"),
    pytest.param(("inked", "mixed_float16"), id="inked mixed_float16"),
]


@pytest.fixture(params=CASES, scope="module")
def both(request) -> tuple[keras.Model, keras.Model]:
    """The same weights, mixed and in float32."""
    name, policy = request.param
    build = GENERATORS[name]
    keras.utils.set_random_seed(0)
    single = build()
    chance = np.random.default_rng(1)
    for weight in single.weights:
        weight.assign(weight + chance.uniform(0, 0.05, weight.shape))
    with precision(policy):
        mixed = build()
        mixed.set_weights(single.get_weights())
    return mixed, single


def drawn(model: keras.Model) -> np.ndarray:
    return ops.convert_to_numpy(ops.cast(model(PICTURE, training=False), "float32"))


def test_mixed_precision_is_another_computation(both):
    mixed, single = both
    assert not np.array_equal(drawn(mixed), drawn(single))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_in_float32_it_is_the_computation_of_float32_bit_for_bit(both, policy):
    mixed, single = both
    with precision(policy):  # of a run that goes on
        np.testing.assert_array_equal(drawn(in_float32(mixed)), drawn(single))


def test_of_float32_no_copy_is_made(both):
    _, single = both
    assert in_float32(single) is single


def test_the_mixed_model_stays_as_it_is(both):
    mixed, _ = both
    before = drawn(mixed)
    in_float32(mixed)
    np.testing.assert_array_equal(drawn(mixed), before)


def test_its_weights_are_float32_and_fit_a_network_of_float32(both, tmp_path):
    mixed, single = both
    save_weights(mixed, tmp_path / "mixed.npz")
    with np.load(tmp_path / "mixed.npz") as archive:
        assert {archive[name].dtype for name in archive.files} == {np.dtype("float32")}
    expected = drawn(single)
    single.set_weights([weight * 0 for weight in single.get_weights()])
    load_weights(single, tmp_path / "mixed.npz")
    np.testing.assert_array_equal(drawn(single), expected)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "build_ours",
    [
        lambda: CartoonGAN(width=1, blocks=1).build(),
        lambda: Lite(width=1).build(),
        lambda: build_discriminator(1),
    ],
    ids=["cartoongan", "lite", "discriminator"],
)
def test_what_the_losses_see_is_float32(policy, build_ours):
    with precision(policy):
        assert build_ours().outputs[0].dtype == "float32"


@pytest.mark.parametrize("policy", POLICIES)
def test_lites_heads_are_float32(policy):
    with precision(policy):
        plugin = Lite(width=1)
        assert {output.dtype for output in plugin.heads(plugin.build()).outputs} == {"float32"}


def test_tanh_tells_apart_what_float16_would_round_to_1():
    with precision("mixed_float16"):
        model = CartoonGAN(width=1, blocks=1).build()
    last = model.get_layer("deconv03_1")
    last.kernel.assign(ops.zeros_like(last.kernel))
    last.bias.assign([4.5, 4.0, 0.0])  # float16's largest number below 1 is 0.9995
    picture = ops.convert_to_numpy(model(PICTURE))
    assert picture.dtype == np.float32
    assert picture[0, 0, 0, 0] == pytest.approx(np.tanh(4.5), abs=1e-6)


@pytest.mark.parametrize("policy", POLICIES)
def test_instance_norms_statistics_are_float32(policy):
    # Squares of 258 overflow float16; the mean of many 256s and 258s is none of bfloat16's numbers.
    pixels = np.random.default_rng(0).choice([256.0, 258.0], (1, 64, 64, 2)).astype(np.float32)
    made = ops.convert_to_numpy(ops.cast(InstanceNorm(dtype=policy)(pixels), "float32"))
    np.testing.assert_allclose(made, InstanceNorm()(pixels), rtol=2**-8)
