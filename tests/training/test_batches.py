"""Batch i is a pure function of (seed, i), and what belongs together stays together."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter

import numpy as np
import pytest
from tiny_dataset import add_array, write_dataset

from toonify.training import TrainRequest
from toonify.training.batches import Batches, prefetched
from toonify.training.dataset import Dataset
from toonify.training.objectives import make_objectives
from toonify.training.plan import Phase, Plan, make_plan
from toonify.training.settings import DataSettings, PhaseSettings, TermSettings

PHASE = PhaseSettings(1, 1e-3, {"variation": TermSettings(1.0)})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("pictures")
    return Dataset(write_dataset(folder, "photo", "cartoon", "smoothed", "paired", count=7))


def batches(
    dataset: Dataset,
    *,
    preset: str = "cartoongan",
    crop: int = 32,
    seed: int = 0,
    part: tuple[int, int] = (0, 1),
    **data,
) -> Batches:
    settings = TrainRequest(preset=preset, batch_size=3, epochs=20, **_init(preset)).settings()
    plan = make_plan(settings, make_objectives(settings), dataset)
    settings = dataclasses.replace(settings, data=DataSettings(**data), ema=0.9)
    return Batches(dataset, plan, settings, crop=crop, seed=seed, part=part)


def _init(preset: str) -> dict[str, int]:
    return {"init_epochs": 0} if preset == "cartoongan" else {}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def numbered(dataset: Dataset, array: str) -> dict[bytes, int]:
    shards = dataset.shards(array)
    return {np.array(shards[index]).tobytes(): index for index in range(len(shards))}


def test_a_batch_depends_on_seed_and_step_alone(dataset):
    made = batches(dataset, tint=0.1, crop=16)
    for step in (5, 0, 17):
        assert same(made[step], batches(dataset, tint=0.1, crop=16)[step])
    assert not same(made[5], made[6])
    assert not same(made[5], batches(dataset, tint=0.1, crop=16, seed=1)[5])


def test_pictures_stay_uint8_until_the_step(dataset):
    batch = batches(dataset, crop=24)[0]
    for array in ("photo", "cartoon", "smoothed"):
        assert batch[array].shape == (3, 24, 24, 3)
        assert batch[array].dtype == np.uint8


def test_every_picture_comes_once_before_any_comes_again(dataset):
    numbers = numbered(dataset, "photo")
    made = batches(dataset, flip=False)
    seen = [numbers[picture.tobytes()] for step in range(7) for picture in made[step]["photo"]]
    for lap in (seen[:7], seen[7:14], seen[14:]):
        assert sorted(lap) == list(range(7))
    assert seen[:7] != seen[7:14]


def test_photos_never_meet_the_same_cartoons_again(dataset):
    photos, cartoons = numbered(dataset, "photo"), numbered(dataset, "cartoon")
    made = batches(dataset, flip=False)
    meetings = Counter(
        (photos[photo.tobytes()], cartoons[cartoon.tobytes()])
        for step in range(14)
        for photo, cartoon in zip(made[step]["photo"], made[step]["cartoon"], strict=True)
    )
    assert len(meetings) > 14  # 42 meetings of 7 by 7 pictures; in fixed orders there would be 7


def test_the_arrays_of_a_domain_show_the_same_pixels(tmp_path):
    """Smoothed cartoons are those beside them; what a source derives corresponds to its pictures."""
    folder = write_dataset(tmp_path / "dataset", "paired", count=7)
    for array in ("photo", "cartoon"):  # noise, which shows whether it is mirrored
        add_array(folder, "paired", array, lambda pair: pair[..., :3])
    add_array(folder, "cartoon", "smoothed", lambda cartoon: 255 - cartoon)
    add_array(folder, "cartoon", "edges", lambda cartoon: cartoon[..., :1] // 2)
    add_array(folder, "photo", "depth", lambda photo: photo[..., 1:2])
    dataset = Dataset(folder)
    phase = Phase("adversarial", PHASE, ("photo", "cartoon", "depth", "edges", "smoothed"), 0, 5)
    made = Batches(dataset, Plan((phase,)), TrainRequest(batch_size=3).settings(), crop=16, seed=0)
    for step in range(5):
        batch = made[step]
        np.testing.assert_array_equal(batch["smoothed"], 255 - batch["cartoon"])
        np.testing.assert_array_equal(batch["edges"], batch["cartoon"][..., :1] // 2)
        np.testing.assert_array_equal(batch["depth"], batch["photo"][..., 1:2])


def test_a_pair_is_cropped_and_flipped_as_one(dataset):
    made = batches(dataset, preset="pairs", crop=16)
    whole = dataset.shards("paired")
    windows = [np.array(whole[index]) for index in range(len(whole))]
    for picture in made[3]["paired"]:
        assert any(_contains(window, picture) or _contains(window[:, ::-1], picture) for window in windows)


def _contains(whole: np.ndarray, part: np.ndarray) -> bool:
    side = part.shape[0]
    room = range(whole.shape[0] - side + 1)
    return any(np.array_equal(whole[y : y + side, x : x + side], part) for y in room for x in room)


def test_half_of_the_pictures_are_mirrored(dataset):
    numbers = numbered(dataset, "paired")
    made = batches(dataset, preset="pairs")
    upright = [picture.tobytes() in numbers for step in range(30) for picture in made[step]["paired"]]
    assert 25 < sum(upright) < 65


def test_tint_stays_in_its_bounds_and_is_1_by_default(dataset):
    assert np.all(batches(dataset)[0]["tint"] == 1)
    made = batches(dataset, tint=0.2)
    tints = np.concatenate([made[step]["tint"] for step in range(30)])
    assert tints.shape == (90, 1, 1, 3)
    assert 0.8 <= tints.min() < 0.85
    assert 1.15 < tints.max() <= 1.2


@pytest.mark.parametrize("parts", [2, 3])
def test_machines_make_their_parts_of_the_same_batch(dataset, parts):
    whole = batches(dataset, tint=0.2, crop=16)[4]
    shares = [batches(dataset, tint=0.2, crop=16, part=(place, parts))[4] for place in range(parts)]
    for name, array in whole.items():
        joined = np.concatenate([share[name] for share in shares]) if array.ndim else shares[-1][name]
        np.testing.assert_array_equal(joined, array)


def test_the_average_follows_quickly_at_first(dataset):
    made = batches(dataset)
    assert [float(made[step]["decay"]) for step in (0, 10, 39)] == pytest.approx([0.1, 0.55, 40 / 49])
    assert float(made[39]["decay"]) < 0.9


def test_a_thread_makes_the_same_batches_ahead(dataset):
    made = batches(dataset)
    with prefetched(made, 4, 9) as ahead:
        for step, batch in zip(range(4, 9), ahead, strict=True):
            assert same(batch, made[step])


def test_leaving_early_ends_the_thread(dataset):
    def running() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "batches"]

    with prefetched(batches(dataset), 0, 40) as ahead:
        next(ahead)
        assert len(running()) == 1
    assert running() == []


def test_what_goes_wrong_in_the_thread_is_raised_here(dataset, monkeypatch):
    made = batches(dataset)

    def fail(*arguments):
        raise OSError("the disk is gone")

    monkeypatch.setattr(Batches, "_pictures", fail)
    with prefetched(made, 0, 9) as ahead, pytest.raises(OSError, match="the disk is gone"):
        next(ahead)


def test_the_penaltys_random_numbers_are_none_of_the_terms(dataset):
    batch = batches(dataset)[4]
    assert batch["epsilon"].shape == (3, 1, 1, 1)
    assert not np.isin(batch["epsilon"], batch["noise"]).any()
