"""`hub`: modules made on the spot, and everything that is no use as a backbone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from toonify.backbones.hub import Hub
from toonify.plugins import ToonifyError, create

PICTURES = np.random.default_rng(0).uniform(-1, 1, (2, 24, 40, 3)).astype(np.float32)
ANY = (None, None, None, 3)


def save(folder: Path, *, shape=ANY, dtype=tf.float32, **signatures) -> str:
    """A module with a signature for each function from pictures to a dictionary of outputs."""
    module = tf.Module()
    module.kernel = tf.Variable(np.random.default_rng(1).normal(size=(3, 3, 3, 4)).astype(np.float32))
    spec = tf.TensorSpec(shape, dtype, name="image")
    made = {
        name: tf.function(lambda image, give=give: give(image, module.kernel), input_signature=[spec])
        for name, give in signatures.items()
    }
    tf.saved_model.save(module, str(folder), signatures=made)
    return str(folder)


def convolved(image, kernel):
    return {"maps": tf.nn.conv2d(image, kernel, 2, "SAME")}


def kernel_of(folder: str) -> np.ndarray:
    return tf.saved_model.load(folder).kernel.numpy()


@pytest.fixture(scope="module")
def module(tmp_path_factory) -> str:
    return save(tmp_path_factory.mktemp("hub") / "module", serving_default=convolved)


@pytest.mark.parametrize(
    ("scale", "wanted"), [("signed", (-1, 1)), ("unit", (0, 1)), ("bytes", (0, 255))], ids=lambda x: str(x)
)
def test_features_are_the_modules_on_pictures_of_its_scale(module, scale, wanted):
    model = create("backbones", "hub", {"scale": scale}).build(module, "")
    low, high = wanted
    scaled = (PICTURES + 1) / 2 * (high - low) + low
    # The module's kernel is a variable: it is the one that was saved.
    expected = tf.nn.conv2d(scaled.astype(np.float32), kernel_of(module), 2, "SAME")
    assert expected.shape == (2, 12, 20, 4)
    np.testing.assert_allclose(model(PICTURES), expected, rtol=1e-4, atol=1e-3)


def test_a_module_takes_pictures_between_0_and_1_unless_told_otherwise(module):
    np.testing.assert_array_equal(
        Hub().build(module, "")(PICTURES), Hub(scale="unit").build(module, "maps")(PICTURES)
    )


def test_it_is_frozen(module):
    assert Hub().build(module, "").trainable_variables == []


@pytest.mark.parametrize("pooling", [None, "avg"], ids=["maps", "vectors"])
def test_keras_exports_are_modules_too(pooling, tmp_path):
    layers = [keras.Input((None, None, 3)), keras.layers.Conv2D(5, 3, 2)]
    layers += [keras.layers.GlobalAveragePooling2D()] if pooling else []
    network = keras.Sequential(layers)
    network.export(tmp_path / "exported", verbose=False)
    features = np.asarray(Hub(scale="signed").build(str(tmp_path / "exported"), "")(PICTURES))
    expected = np.asarray(network(PICTURES))
    assert features.shape == ((2, 1, 1, 5) if pooling else (2, 11, 19, 5))
    np.testing.assert_allclose(features, expected.reshape(features.shape), rtol=1e-4, atol=1e-5)


def test_pictures_are_resized_for_a_module_of_one_size(tmp_path):
    folder = save(tmp_path / "fixed", shape=(None, 16, 16, 3), serving_default=convolved)
    assert Hub().build(folder, "")(PICTURES).shape == (2, 8, 8, 4)


def test_content_layer_names_an_output_and_an_option_the_signature(tmp_path):
    def two(image, kernel):
        maps = convolved(image, kernel)["maps"]
        return {"low": maps, "high": maps[:, ::2, ::2], "classes": tf.argmax(maps[:, 0, 0], -1)}

    folder = save(tmp_path / "many", features=two, other=convolved)
    with pytest.raises(ToonifyError, match="has several signatures") as caught:
        Hub().build(folder, "")
    assert "`backbone_options` signature=NAME: features, other." in caught.value.hint
    with pytest.raises(ToonifyError, match=r"signature of .* called 'featurs'. Did you mean 'features'?"):
        Hub(signature="featurs").build(folder, "")
    with pytest.raises(ToonifyError, match="gives several features") as caught:
        Hub(signature="features").build(folder, "")
    assert caught.value.hint == "Choose them with `content_layer`: high, low."
    with pytest.raises(ToonifyError, match=r"output of .* called 'hihg'. Did you mean 'high'?"):
        Hub(signature="features").build(folder, "hihg")
    with pytest.raises(ToonifyError, match="gives no features as 'classes'") as caught:
        Hub(signature="features").build(folder, "classes")
    assert r"classes: int64 (None,)" in caught.value.hint
    assert Hub(signature="features").build(folder, "high")(PICTURES).shape == (2, 6, 10, 4)


def test_gradients_reach_what_draws_the_pictures(module):
    backbone = Hub().build(module, "")
    generator = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(3, 3, padding="same")])

    @tf.function
    def gradients():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(backbone(generator(PICTURES)) - backbone(PICTURES)))
        return tape.gradient(loss, [weight.value for weight in generator.trainable_variables])

    assert all(np.any(np.asarray(gradient) != 0) for gradient in gradients())


def test_it_can_be_called_in_a_step_on_several_devices_and_outside(module):
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        backbone = Hub().build(module, "")
    outside = np.asarray(backbone(PICTURES))
    inside = tf.function(lambda: strategy.run(backbone, (PICTURES,)))()
    np.testing.assert_allclose(inside, outside, rtol=1e-6)


def rounded(image, kernel):
    return {"maps": tf.round(convolved(image, kernel)["maps"])}


def detached(image, kernel):
    return {"maps": tf.stop_gradient(convolved(image, kernel)["maps"])}


def quantised(image, kernel):
    maps = tf.quantization.quantize(convolved(image, kernel)["maps"], -50.0, 50.0, tf.qint8)
    return {"maps": tf.quantization.dequantize(maps.output, -50.0, 50.0)}


@pytest.mark.parametrize("give", [rounded, detached, quantised])
def test_a_module_that_nothing_can_be_learnt_from_is_refused(give, tmp_path):
    folder = save(tmp_path / "frozen", serving_default=give)
    with pytest.raises(ToonifyError, match=r"no gradient flows through .*frozen to the picture"):
        Hub().build(folder, "")


def test_features_that_add_up_to_1_are_no_reason_to_refuse(tmp_path):
    folder = save(
        tmp_path / "softmax", serving_default=lambda x, k: {"p": tf.nn.softmax(convolved(x, k)["maps"])}
    )
    assert Hub().build(folder, "")(PICTURES).shape == (2, 12, 20, 4)


@pytest.mark.parametrize(
    ("options", "takes"),
    [
        ({"dtype": tf.uint8, "shape": ANY}, r"uint8 \(None, None, None, 3\)"),
        ({"shape": (None, 10)}, r"float32 \(None, 10\)"),
        ({"shape": (1, 16, 16, 3)}, r"float32 \(1, 16, 16, 3\)"),
        ({"shape": (None, 16, 16, 1)}, r"float32 \(None, 16, 16, 1\)"),
    ],
)
def test_a_module_that_takes_no_pictures_is_refused(options, takes, tmp_path):
    folder = save(
        tmp_path / "odd",
        **options,
        serving_default=lambda x, k: {"out": tf.cast(x, tf.float32) + k[0, 0, 0, 0]},
    )
    with pytest.raises(ToonifyError, match=f"odd takes {takes}, not any number of float32 pictures"):
        Hub().build(folder, "")


def test_a_module_without_features_is_refused(tmp_path):
    def classes(image, kernel):
        return {"classes": tf.argmax(convolved(image, kernel)["maps"][:, 0, 0], -1)}

    folder = save(tmp_path / "labels", serving_default=classes)
    with pytest.raises(ToonifyError, match="labels gives no features: float") as caught:
        Hub().build(folder, "")
    assert caught.value.hint == "It gives classes: int64 (None,)."


def test_a_module_that_fails_on_pictures_says_how(tmp_path):
    def picky(image, kernel):
        tf.debugging.assert_equal(tf.shape(image)[1], 1000, "only the tall")
        return convolved(image, kernel)

    folder = save(tmp_path / "picky", serving_default=picky)
    with pytest.raises(ToonifyError, match=r"picky fails on a picture of 64 × 64 pixels: .*only the tall"):
        Hub().build(folder, "")


def test_a_module_without_a_signature_is_refused(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "mute"))
    with pytest.raises(ToonifyError, match="mute has no signature") as caught:
        Hub().build(str(tmp_path / "mute"), "")
    assert "model.export(path)" in caught.value.hint


def test_what_is_no_saved_model_is_refused(tmp_path):
    with pytest.raises(ToonifyError, match=r"empty is not the folder of a SavedModel"):
        Hub().build(str(tmp_path / "empty"), "")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "saved_model.pb").write_bytes(b"no protocol buffer")
    with pytest.raises(ToonifyError, match=r"bad does not load as a SavedModel"):
        Hub().build(str(tmp_path / "bad"), "")


@pytest.mark.parametrize("weights", ["imagenet", "none"])
def test_a_module_must_be_named(weights):
    with pytest.raises(ToonifyError, match="the backbone 'hub' needs a module") as caught:
        Hub().build(weights, "")
    assert "`backbone_weights`" in caught.value.hint


def test_a_handle_stands_for_what_was_downloaded(module, monkeypatch):
    monkeypatch.setattr("tensorflow_hub.resolve", {"https://example.org/features/1": module}.__getitem__)
    assert Hub().build("https://example.org/features/1", "")(PICTURES).shape == (2, 12, 20, 4)


def test_downloads_lie_in_the_users_own_cache(monkeypatch, tmp_path):
    # Not in /tmp, where another user may have put a module before.
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    handle = "https://example.org/features/1"
    module = tmp_path / "cache" / "tfhub_modules" / hashlib.sha1(handle.encode()).hexdigest()
    save(module, serving_default=convolved)
    module.with_suffix(".descriptor.txt").touch()  # as TensorFlow Hub leaves it
    assert Hub().build(handle, "")(PICTURES).shape == (2, 12, 20, 4)


def test_a_handle_that_cannot_be_downloaded_names_the_way_out(monkeypatch):
    def fail(handle):
        raise OSError("<urlopen error [Errno -2] Name or service not known>\nand a trace")

    monkeypatch.setattr("tensorflow_hub.resolve", fail)
    with pytest.raises(ToonifyError, match="features/1 could not be downloaded: <urlopen error") as caught:
        Hub().build("https://example.org/features/1", "")
    assert "folder of a SavedModel as `backbone_weights`" in caught.value.hint
    assert "trace" not in caught.value.message


def test_another_engine_is_told_so_in_a_line(module, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(
        ToonifyError, match="the backbone 'hub' runs on TensorFlow only, and Keras runs on jax"
    ):
        Hub().build(module, "")


def test_an_unknown_scale_offers_the_nearest():
    with pytest.raises(ToonifyError, match=r"called 'units'. Did you mean 'unit'?"):
        create("backbones", "hub", {"scale": "units"})
