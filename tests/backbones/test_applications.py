"""Backbones: cut at a layer, preprocessing inside, frozen, weights from files."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from toonify.backbones.applications import FromSigned
from toonify.backbones.resnet101 import ResNet101
from toonify.backbones.vgg19 import VGG19
from toonify.plugins import ToonifyError

EARLY = "block2_conv1"


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (2, 40, 56, 3)).astype("float32")


@pytest.fixture(scope="module")
def vgg() -> keras.Model:
    """All of VGG19's convolutions, with biases that are not 0."""
    model = keras.applications.VGG19(include_top=False, weights=None)
    for layer in model.layers:
        if layer.weights:
            layer.bias.assign(np.linspace(-1, 1, layer.bias.shape[0]))
    return model


@pytest.fixture(scope="module")
def whole_resnet() -> keras.Model:
    return ResNet101().application()(include_top=False, weights=None)


@pytest.fixture
def resnet(whole_resnet, monkeypatch) -> ResNet101:
    """Cuts one network for all tests, since building it takes a second."""
    monkeypatch.setattr(ResNet101, "application", lambda self: lambda **options: whole_resnet)
    return ResNet101()


@pytest.fixture(scope="module")
def whole_vgg() -> keras.Model:
    return VGG19().application()(include_top=False, weights=None)


@pytest.fixture
def spare_vgg(whole_vgg, monkeypatch) -> VGG19:
    """Cuts one network for all tests of files, where its own weights do not matter."""
    monkeypatch.setattr(VGG19, "application", lambda self: lambda **options: whole_vgg)
    return VGG19()


def cut(model: keras.Model, layer: str) -> keras.Model:
    return keras.Model(model.input, model.get_layer(layer).output)


def as_npz(model: keras.Model, path: Path) -> Path:
    np.savez(
        path, **{f"{layer.name}/{w.name}": np.asarray(w) for layer in model.layers for w in layer.weights}
    )
    return path


def as_old_h5(model: keras.Model, path: Path) -> Path:
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return path


def as_new_h5(model: keras.Model, path: Path) -> Path:
    model.save_weights(path)
    return path


def weights_of(backbone: keras.Model) -> dict[str, np.ndarray]:
    return {weight.path: np.asarray(weight) for weight in backbone.weights}


def test_preprocessing_is_that_of_keras_applications():
    pictures = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3)).astype("float32")
    expected = keras.applications.vgg19.preprocess_input(pictures.copy())
    np.testing.assert_allclose(FromSigned()(pictures / 127.5 - 1), expected, atol=1e-4)
    assert np.array_equal(
        keras.applications.resnet.preprocess_input(pictures.copy()), expected
    )  # the same for both backbones


def test_features_are_those_of_the_network_on_preprocessed_pictures(vgg, pictures, tmp_path):
    backbone = VGG19().build(str(as_npz(vgg, tmp_path / "vgg.npz")), "block1_pool")
    expected = cut(vgg, "block1_pool")(keras.applications.vgg19.preprocess_input((pictures + 1) * 127.5))
    np.testing.assert_allclose(backbone(pictures), expected, rtol=1e-4, atol=1e-3)


def test_a_convolution_gives_what_comes_before_the_relu(pictures):
    keras.utils.set_random_seed(0)
    features = np.asarray(VGG19().build("none", "block1_conv2")(pictures))
    assert features.min() < 0 < features.max()
    keras.utils.set_random_seed(0)
    pooled = np.asarray(VGG19().build("none", "block1_pool")(pictures))
    assert pooled.min() == 0


def test_vgg19s_default_layer_takes_pictures_of_any_size(pictures):
    model = VGG19().build("none", VGG19.default_layer)
    assert model(pictures).shape == (2, 5, 7, 512)
    assert model.trainable_variables == []


def test_resnet101s_default_layer_takes_pictures_of_any_size(resnet, pictures):
    model = resnet.build("none", resnet.default_layer)
    assert model(pictures).shape == (2, 3, 4, 1024)
    assert model.trainable_variables == []


def test_resnet101_normalises_with_what_it_learnt_even_while_training(resnet, pictures):
    model = resnet.build("none", "conv2_block1_out")
    before = weights_of(model)
    np.testing.assert_allclose(
        model(pictures, training=True), model(pictures, training=False), rtol=1e-5, atol=1e-5
    )
    for path, weight in weights_of(model).items():
        np.testing.assert_array_equal(weight, before[path])


@pytest.mark.parametrize("write", [as_npz, as_old_h5, as_new_h5])
@pytest.mark.parametrize("reach", ["block5_conv4", EARLY], ids=["whole", "partial"])
def test_weights_come_from_whole_and_partial_files(vgg, spare_vgg, whole_vgg, write, reach, tmp_path):
    path = write(
        cut(vgg, reach), tmp_path / {as_npz: "w.npz", as_old_h5: "w.h5", as_new_h5: "w.weights.h5"}[write]
    )
    for weight in cut(whole_vgg, EARLY).weights:
        weight.assign(weight * 0)
    loaded = [np.asarray(weight) for weight in spare_vgg.build(str(path), EARLY).weights]
    expected = [np.asarray(weight) for weight in cut(vgg, EARLY).weights]
    assert len(loaded) == 6
    for array, wanted in zip(loaded, expected, strict=True):
        np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize("write", [as_npz, as_old_h5, as_new_h5])
def test_batch_norms_statistics_come_from_files_too(resnet, whole_resnet, write, tmp_path):
    model = cut(whole_resnet, "conv2_block1_out")
    chance = np.random.default_rng(0)
    wanted = [chance.uniform(0.5, 1.5, weight.shape).astype("float32") for weight in model.weights]
    model.set_weights(wanted)
    path = write(model, tmp_path / {as_npz: "w.npz", as_old_h5: "w.h5", as_new_h5: "w.weights.h5"}[write])
    model.set_weights([array * 0 for array in wanted])
    loaded = resnet.build(str(path), "conv2_block1_out").get_weights()
    for array, expected in zip(loaded, wanted, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_a_file_that_does_not_reach_the_layer_is_refused(vgg, spare_vgg, tmp_path):
    path = as_npz(cut(vgg, EARLY), tmp_path / "early.npz")
    with pytest.raises(ToonifyError, match=r"early\.npz has no block2_conv2/kernel for vgg19") as caught:
        spare_vgg.build(str(path), "block2_conv2")
    assert "`content_layer`" in caught.value.hint


def test_weights_of_another_shape_are_refused(spare_vgg, tmp_path):
    path = tmp_path / "odd.npz"
    np.savez(path, **{"block1_conv1/kernel": np.zeros((3, 3, 3, 8)), "block1_conv1/bias": np.zeros(8)})
    with pytest.raises(
        ToonifyError, match=r"odd\.npz does not fit vgg19: block1_conv1/kernel is \(3, 3, 3, 8\)"
    ):
        spare_vgg.build(str(path), "block1_conv1")


@pytest.mark.parametrize("odd", [np.nan, np.inf, "word", 1j])
def test_weights_that_are_no_finite_numbers_are_refused(spare_vgg, odd, tmp_path):
    bias = np.full(64, odd)
    np.savez(
        tmp_path / "odd.npz", **{"block1_conv1/kernel": np.zeros((3, 3, 3, 64)), "block1_conv1/bias": bias}
    )
    with pytest.raises(ToonifyError, match="block1_conv1/bias holds more than finite numbers"):
        spare_vgg.build(str(tmp_path / "odd.npz"), "block1_conv1")


@pytest.mark.parametrize("name", ["broken.npz", "broken.h5", "broken.weights.h5"])
def test_a_file_that_is_no_weights_is_refused(spare_vgg, name, tmp_path):
    (tmp_path / name).write_bytes(b"these are no weights" * 50)
    with pytest.raises(ToonifyError, match=f"{name} cannot be read as weights"):
        spare_vgg.build(str(tmp_path / name), EARLY)


def test_an_array_that_is_no_archive_is_refused(spare_vgg, tmp_path):
    with open(tmp_path / "single.npz", "wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ToonifyError, match=r"single\.npz cannot be read as weights"):
        spare_vgg.build(str(tmp_path / "single.npz"), EARLY)


def test_a_huge_array_is_not_even_unpacked(spare_vgg, tmp_path):
    path = tmp_path / "bomb.npz"
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (2**40,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("block1_conv1/kernel.npy", header.getvalue())
    with pytest.raises(ToonifyError, match=r"block1_conv1/kernel is \(1099511627776,\), not"):
        spare_vgg.build(str(path), EARLY)


def test_a_huge_dataset_is_not_even_read(spare_vgg, tmp_path):
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights/block1_conv1")
        group.create_dataset("block1_conv1/kernel:0", (2**40,), "<f4", chunks=(2**10,))
        group.attrs["weight_names"] = [b"block1_conv1/kernel:0"]
    with pytest.raises(ToonifyError, match=r"block1_conv1/kernel is \(1099511627776,\), not"):
        spare_vgg.build(str(path), EARLY)


def test_a_missing_file_names_the_field(spare_vgg, tmp_path):
    with pytest.raises(ToonifyError, match=r"`backbone_weights`: there is no file .*gone\.npz"):
        spare_vgg.build(str(tmp_path / "gone.npz"), EARLY)


def test_an_unknown_layer_offers_the_nearest_and_lists_all(spare_vgg):
    with pytest.raises(ToonifyError, match=r"vgg19 has no layer 'block4_con4'\. Did you mean") as caught:
        spare_vgg.build("none", "block4_con4")
    assert "'block4_conv4'" in caught.value.message
    listed = caught.value.hint.partition(".")[0].removeprefix("`content_layer`: ").split(", ")
    assert len(listed) == 21
    assert (listed[0], listed[-1]) == ("block1_conv1", "block5_pool")


def test_of_resnet101_the_ends_of_blocks_are_listed_and_others_can_be_taken(resnet):
    with pytest.raises(ToonifyError, match=r"Did you mean 'conv4_block4_2_relu'\?") as caught:
        resnet.build("none", "conv4_block4_2_rel")
    listed = caught.value.hint.partition(".")[0].removeprefix("`content_layer`: ").split(", ")
    assert len(listed) == 3 + 4 + 23 + 3
    assert (listed[0], listed[-1]) == ("conv2_block1_out", "conv5_block3_out")
    assert resnet.build("none", "conv2_block1_2_relu").output_shape[-1] == 64


@pytest.mark.parametrize(("layer", "wanted"), [("block4_con4", [None]), ("block4_conv4", ["imagenet"])])
def test_a_wrong_layer_is_told_before_weights_are_downloaded(whole_vgg, monkeypatch, layer, wanted):
    asked: list[str | None] = []

    def application(include_top: bool, weights: str | None) -> keras.Model:
        asked.append(weights)
        return whole_vgg

    monkeypatch.setattr(VGG19, "application", lambda self: application)
    with pytest.raises(ToonifyError, match="no layer") if wanted == [None] else contextlib.nullcontext():
        VGG19().build("imagenet", layer)
    assert asked == wanted


def test_another_backbones_layer_is_not_likened_to_any(resnet):
    with pytest.raises(ToonifyError) as caught:
        resnet.build("none", "block3_conv4")
    assert caught.value.message == "resnet101 has no layer 'block3_conv4'"
    assert caught.value.hint.endswith("The usual one is conv4_block4_out.")


def test_no_network_names_the_field_that_takes_a_file(monkeypatch):
    def fail(*arguments, **options):
        raise Exception("URL fetch failure on https://example.org: None -- [Errno -2]")

    monkeypatch.setattr(keras.applications, "VGG19", fail)
    with pytest.raises(ToonifyError, match="ImageNet weights of vgg19 could not be downloaded") as caught:
        VGG19().build("imagenet", VGG19.default_layer)
    assert "Give a file as `backbone_weights`" in caught.value.hint


def test_the_same_seed_draws_the_same_random_weights():
    models = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        models.append(VGG19().build("none", "block1_conv2"))
    for one, other in zip(models[0].weights, models[1].weights, strict=True):
        np.testing.assert_array_equal(one, other)
