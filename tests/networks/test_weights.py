"""Weights come back bit for bit, and nothing else is loaded in their place."""

from __future__ import annotations

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.networks import build_discriminator, load_weights, round_to_half, save_weights
from toonify.networks.cartoongan import CartoonGAN
from toonify.networks.lite import Lite


@pytest.fixture(scope="module")
def model():
    return Lite(width=1).build()


@pytest.fixture
def saved(model, tmp_path):
    save_weights(model, tmp_path / "generator.npz")
    return model, tmp_path / "generator.npz"


def rewrite(path, change) -> None:
    with np.load(path) as archive:
        arrays = dict(archive)
    change(arrays)
    np.savez(path, **arrays)


def test_weights_come_back_bit_for_bit(saved):
    model, path = saved
    other = Lite(width=1).build()
    load_weights(other, path)
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_that_float16_holds_take_half_of_the_room(saved, tmp_path):
    model, path = saved
    other = Lite(width=1).build()
    load_weights(other, path)
    round_to_half(other)
    save_weights(other, tmp_path / "half.npz")
    with np.load(tmp_path / "half.npz") as archive:
        assert {archive[name].dtype for name in archive.files} == {np.dtype(np.float16)}
    again = Lite(width=1).build()
    load_weights(again, tmp_path / "half.npz")
    for rounded, back, exact in zip(
        other.get_weights(), again.get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(rounded, back)
        np.testing.assert_allclose(rounded, exact, rtol=2**-10, atol=1e-7)


def test_the_same_weights_are_the_same_bytes(saved, tmp_path):
    model, path = saved
    save_weights(model, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_paths_do_not_depend_on_what_was_built_before():
    def paths() -> list[str]:
        built = [build_discriminator(1), CartoonGAN(1, 1).build(), Lite(width=1).build()]
        return [weight.path for model in built for weight in model.weights]

    assert paths() == paths()


def test_a_missing_file_is_named(model, tmp_path):
    with pytest.raises(ToonifyError, match=r"no weights at .*nowhere\.npz"):
        load_weights(model, tmp_path / "nowhere.npz")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda a: a.pop("head/bias"), "has no head/bias", id="one too few"),
        pytest.param(lambda a: a.update(extra=np.zeros(1)), "also has extra", id="one too many"),
        pytest.param(lambda a: a.update({"head/bias": np.zeros(3)}), r"head/bias is .*\(3,\)", id="shape"),
        pytest.param(lambda a: a.update({"head/bias": np.arange(16)}), "head/bias is int64", id="kind"),
        pytest.param(lambda a: a.update({"head/bias": np.zeros(9999)}), r"is .*\(9999,\)", id="size"),
    ],
)
def test_another_networks_weights_are_refused_and_change_nothing(saved, change, reason):
    model, path = saved
    rewrite(path, change)
    before = [weight + 1 for weight in model.get_weights()]
    model.set_weights(before)
    with pytest.raises(ToonifyError, match=f"belongs to another network: .*{reason}"):
        load_weights(model, path)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_pickles_are_never_opened(saved):
    model, path = saved
    rewrite(path, lambda arrays: arrays.update({"head/bias": np.array([{}] * 16, object)}))
    with pytest.raises(ToonifyError, match="damaged"):
        load_weights(model, path)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_damaged_files_are_refused(model, tmp_path, content):
    (tmp_path / "generator.npz").write_bytes(content)
    with pytest.raises(ToonifyError, match=r"generator\.npz is damaged"):
        load_weights(model, tmp_path / "generator.npz")


def test_a_single_array_is_no_file_of_weights(model, tmp_path):
    with open(tmp_path / "generator.npz", "wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ToonifyError, match=r"generator\.npz is damaged"):
        load_weights(model, tmp_path / "generator.npz")
