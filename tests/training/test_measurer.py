"""`Measurer` on a tiny dataset: which figures, from which pictures, and the same ones again."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from tiny_dataset import write_dataset
from tiny_plugins import Tiny, TinyBackbone

from toonify.losses.lsgan import LSGAN
from toonify.networks import build_discriminator
from toonify.training.dataset import Dataset
from toonify.training.metrics import FIGURES
from toonify.training.metrics.measurer import Measurer

UNPAIRED = ("photo", "cartoon", "smoothed")
LIGHT = ("change", "likeness", "contrast")


@pytest.fixture(scope="module")
def unpaired(tmp_path_factory) -> Dataset:
    return Dataset(write_dataset(tmp_path_factory.mktemp("unpaired"), *UNPAIRED, val=6))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Dataset:
    return Dataset(write_dataset(tmp_path_factory.mktemp("pairs"), "paired", val=5))


@pytest.fixture(scope="module")
def generator() -> keras.Model:
    keras.utils.set_random_seed(1)
    return Tiny().build()


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    keras.utils.set_random_seed(2)
    return TinyBackbone().build("none", "only")


@pytest.fixture(scope="module")
def discriminator() -> keras.Model:
    keras.utils.set_random_seed(3)
    return build_discriminator(1)


def same(pictures, training=False):
    """A generator that changes nothing."""
    assert training is False
    return pictures


def arrays(dataset: Dataset, array: str, split: str = "val") -> np.ndarray:
    shards = dataset.shards(array, split)
    return np.stack([shards[index] for index in range(len(shards))])


def test_every_network_adds_its_figures(unpaired, pairs, generator, backbone, discriminator):
    assert Measurer(unpaired, multiple=2).names == (*LIGHT, "clarity", "flatness")
    everything = Measurer(unpaired, multiple=2, backbone=backbone, discriminator=discriminator)
    assert everything.names == tuple(name for name, figure in FIGURES.items() if "pairs" not in figure.needs)
    figures = everything.measure(generator)
    assert tuple(figures) == everything.names
    assert all(np.isfinite(value) for value in figures.values())
    assert Measurer(pairs, multiple=2).names == LIGHT


def test_a_generator_that_changes_nothing_keeps_all_content(unpaired, backbone):
    figures = Measurer(unpaired, multiple=2, backbone=backbone).measure(same)
    assert figures["content"] == figures["kid_from_photos"] == 0
    assert figures["kid"] == figures["kid_of_photos"]
    assert figures["change"] == pytest.approx(0, abs=1e-4)


@pytest.mark.filterwarnings("error")
def test_what_is_no_number_is_measured_without_a_warning_of_numpy(unpaired, backbone):
    for value in (np.nan, np.inf):
        drawn = Measurer(unpaired, multiple=2, backbone=backbone).measure(
            lambda pictures, training, value=value: pictures * np.float32(value)
        )
        assert np.isnan(drawn["kid"])


def test_content_is_the_relative_distance_over_all_pictures(unpaired, generator, backbone):
    photos = arrays(unpaired, "photo").astype(np.float32) / 127.5 - 1
    wanted, drawn = (np.asarray(backbone(x)) for x in (photos, np.asarray(generator(photos))))
    expected = np.abs(drawn - wanted).mean() / np.abs(wanted).mean()
    content = Measurer(unpaired, multiple=2, backbone=backbone).measure(generator)["content"]
    assert content == pytest.approx(expected, rel=1e-5)


def test_drawings_that_are_the_cartoons_are_as_clear_and_flat(unpaired, generator):
    cartoons = arrays(unpaired, "cartoon").astype(np.float32) / 127.5 - 1

    class Draws:
        """The cartoons, in order."""

        def __init__(self):
            self.next = 0

        def __call__(self, pictures, training):
            chosen = np.arange(self.next, self.next + len(pictures)).clip(0, len(cartoons) - 1)
            self.next += len(pictures)
            return cartoons[chosen]

    figures = Measurer(unpaired, multiple=2).measure(Draws())
    assert figures["clarity"] == figures["flatness"] == 0
    assert Measurer(unpaired, multiple=2).measure(generator)["clarity"] > 0


def test_the_discriminators_opinions_are_counted_from_the_losss_boundary(unpaired):
    def lukewarm(pictures, training):
        return np.full((len(pictures), 2, 2, 1), 0.25, np.float32)

    for loss, rate in ((None, 1.0), (LSGAN(), 0.0)):
        measurer = Measurer(unpaired, multiple=2, discriminator=lukewarm, gan_loss=loss)
        figures = measurer.measure(same)
        assert [figures[name] for name in ("real", "smoothed", "generated")] == [rate] * 3


def test_pairs_are_measured_by_their_targets(pairs):
    class Heads:
        """Colours off by 0.25, logits of 0."""

        def __call__(self, pictures, training):
            return {
                "colour": targets[self.rows(pictures)] + 0.25,
                "ink": np.zeros((*pictures.shape[:3], 1), np.float32),
            }

        def rows(self, pictures):
            return [int(np.argmin(np.abs(photos - picture).sum((1, 2, 3)))) for picture in pictures]

    data = arrays(pairs, "paired").astype(np.float32)
    photos, targets = data[..., :3] / 127.5 - 1, data[..., 3:6] / 127.5 - 1
    figures = Measurer(pairs, multiple=2, heads=Heads()).measure(lambda x, training: np.full_like(x, -1))
    assert figures["colour"] == pytest.approx(0.25, rel=1e-5)
    assert figures["ink"] == pytest.approx(np.log(2))
    # A black drawing differs by the inked target's own brightness.
    inked = data[..., 3:6] * (1 - data[..., 6:] / 255)
    assert figures["target"] == pytest.approx(inked.mean() / 127.5, rel=1e-5)
    assert figures["target_of_photos"] == pytest.approx(
        np.abs(data[..., :3] - inked).mean() / 127.5, rel=1e-5
    )


def test_pairs_give_photos_where_there_are_no_others(pairs, generator, backbone):
    measurer = Measurer(pairs, multiple=2, backbone=backbone)
    assert measurer.names == ("content", *LIGHT)
    assert measurer.measure(generator)["content"] > 0


@pytest.mark.parametrize("size", [1, 3, 6, 10])
def test_every_batch_has_one_shape_and_its_filling_does_not_count(unpaired, backbone, generator, size):
    shapes = set()

    def spy(pictures, training):
        shapes.add(tuple(pictures.shape))
        return generator(pictures, training=training)

    whole = Measurer(unpaired, multiple=2, backbone=backbone, batch_size=6).measure(generator)
    figures = Measurer(unpaired, multiple=2, backbone=backbone, batch_size=size).measure(spy)
    assert shapes == {(size, 32, 32, 3)}
    assert figures == pytest.approx(whole, rel=1e-4)


def test_the_middle_is_measured_where_the_generator_cannot_take_the_whole(unpaired):
    seen = []

    def spy(pictures, training):
        seen.append(pictures)
        return pictures

    Measurer(unpaired, multiple=12, batch_size=6).measure(spy)
    photos = arrays(unpaired, "photo")[:, 4:28, 4:28].astype(np.float32) / 127.5 - 1
    np.testing.assert_array_equal(seen[0], photos)


def test_a_limit_spreads_over_the_split(unpaired):
    seen = []

    def spy(pictures, training):
        seen.append(pictures)
        return pictures

    Measurer(unpaired, multiple=2, limit=4, batch_size=4).measure(spy)
    photos = arrays(unpaired, "photo").astype(np.float32) / 127.5 - 1
    np.testing.assert_array_equal(seen, [photos[[0, 1, 3, 5]]])


def test_where_val_has_too_few_it_measures_by_what_it_learnt_from_and_says_so(tmp_path, unpaired):
    few = Dataset(write_dataset(tmp_path / "few", *UNPAIRED, val=3))
    assert Measurer(few, multiple=2).learnt_from == ("photo", "cartoon")
    assert Measurer(unpaired, multiple=2).learnt_from == ()
    pairs = Dataset(write_dataset(tmp_path / "pairs", "paired", val=3))
    assert Measurer(pairs, multiple=2, heads=same).learnt_from == ("paired",)  # photographs and targets


def test_fewer_than_four_cartoons_are_not_measured_by(tmp_path, backbone):
    folder = write_dataset(tmp_path / "tiny", *UNPAIRED, count=3, val=2)
    assert Measurer(Dataset(folder), multiple=2, backbone=backbone).names == ()


def test_the_cartoons_features_are_computed_once(unpaired, backbone, generator):
    calls = []

    def spy(pictures, training):
        calls.append(len(pictures))
        return backbone(pictures, training=training)

    measurer = Measurer(unpaired, multiple=2, backbone=spy, batch_size=6)
    measurer.measure(generator)
    assert len(calls) == 3  # photos, drawings, cartoons
    measurer.measure(generator)
    assert len(calls) == 5


def test_the_same_weights_give_the_same_figures_bit_for_bit(unpaired, generator, backbone, discriminator):
    def measure():
        networks = {"backbone": backbone, "discriminator": discriminator}
        measurer = Measurer(unpaired, multiple=2, **networks)
        return measurer.measure(generator), measurer.measure(generator)

    assert len({json.dumps(figures) for figures in (*measure(), *measure())}) == 1


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_is_measured_in_float32(unpaired, policy):
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(1)
        networks = {
            "backbone": TinyBackbone().build("none", "only"),
            "discriminator": build_discriminator(1),
        }
        drawn = Tiny().build()
    finally:
        keras.config.set_dtype_policy("float32")
    figures = Measurer(unpaired, multiple=2, **networks).measure(drawn)
    assert all(np.isfinite(value) for value in figures.values())
    assert 0 < figures["content"] < 2
