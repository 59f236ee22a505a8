"""Batches: batch *i* of a run is a pure function of (seed, *i*), so the data's state is the step number."""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from toonify.errors import ToonifyError, usage_error
from toonify.plugins import NOISE_CHANNELS
from toonify.text import counted
from toonify.training.dataset import Dataset
from toonify.training.engines import Engine
from toonify.training.plan import Plan
from toonify.training.runs import Run
from toonify.training.settings import DataSettings, Settings

AHEAD = 3  # batches made before they are asked for
_ORDER, _CHANCE = 0, 1  # which stream of random numbers


@dataclass(frozen=True)
class Crops:
    """What a step takes of the pictures of a domain, one for each place in the batch.

    Attributes:
        indices: Which pictures.
        corners: Rows and columns above and left of the crop, in pixels, (N, 2).
        mirrored: Whether left and right change places.
    """

    indices: list[int]
    corners: np.ndarray
    mirrored: np.ndarray


class Batches:
    """Makes batches of uint8 pictures.

    The arrays of a domain are in step: they have the same pictures in the same places, cropped and
    mirrored alike.

    Args:
        dataset: Where the pictures are.
        plan: Which arrays a step needs.
        settings: How many pictures a batch has, their flips and tints, and the average's decay.
        crop: Side of the crops in pixels, as the generator can take it.
        seed: Of the run.
        part: Which share of each batch this machine makes, and of how many.
    """

    def __init__(
        self,
        dataset: Dataset,
        plan: Plan,
        settings: Settings,
        *,
        crop: int,
        seed: int,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._crop = crop
        self._room = dataset.size - crop
        self._seed = seed
        place, parts = part
        size = settings.batch_size
        self._own = slice(place * size // parts, (place + 1) * size // parts)
        arrays = sorted({array for phase in plan.phases for array in phase.arrays})
        self._shards = {array: dataset.shards(array) for array in arrays}
        self._domains = {array: dataset.manifest.array(array).domain for array in arrays}

    def __getitem__(self, step: int) -> dict[str, np.ndarray]:
        """The batch of a step, or this machine's part of it.

        Returns:
            For each array of the step's phase, uint8 (N, crop, crop, C); `tint`, float32
            (N, 1, 1, 3), the factors of the photos' channels; `noise`, float32 (N, 1, 1,
            `NOISE_CHANNELS`), and `epsilon`, (N, 1, 1, 1), uniform in [0, 1), for terms and for the loss's
            penalty, which must not know each other's; `rate`, float32, the schedule's share of the learning
            rate; `decay`, float32, by which the average of the generator's weights keeps to itself.
        """
        phase = self._plan.phase(step)
        # All that is random is drawn for the whole batch, so that it is the same however it is shared out.
        chance = np.random.default_rng((self._seed, _CHANCE, step))
        crops: dict[str, Crops] = {}
        batch: dict[str, np.ndarray] = {}
        for array in phase.arrays:
            domain = self._domains[array]
            if domain not in crops:
                crops[domain] = self._crops(domain, len(self._shards[array]), step, chance)
            batch[array] = self._pictures(array, crops[domain])
        tint, size = self._settings.data.tint, self._settings.batch_size
        batch["tint"] = chance.uniform(1 - tint, 1 + tint, (size, 1, 1, 3)).astype(np.float32)[self._own]
        batch["noise"] = chance.random((size, 1, 1, NOISE_CHANNELS), np.float32)[self._own]
        batch["epsilon"] = chance.random((size, 1, 1, 1), np.float32)[self._own]
        batch["rate"] = np.asarray(phase.rate(step), np.float32)
        # The average follows quickly at first, or it would remember the random weights it began with.
        batch["decay"] = np.asarray(min(self._settings.ema, (1 + step) / (10 + step)), np.float32)
        return batch

    def _crops(self, domain: str, count: int, step: int, chance: np.random.Generator) -> Crops:
        """Which of a domain's pictures come next, each cropped at random, and perhaps mirrored."""
        size = self._settings.batch_size
        corners = chance.integers(0, self._room + 1, (size, 2))
        mirrored = chance.random(size) < (0.5 if self._settings.data.flip else 0)
        places = range(step * size, (step + 1) * size)
        indices = [_index(self._seed, domain, place, count) for place in places]
        return Crops(indices[self._own], corners[self._own], mirrored[self._own])

    def _pictures(self, array: str, crops: Crops) -> np.ndarray:
        shards, crop = self._shards[array], self._crop
        batch = []
        for index, (top, left), mirrored in zip(crops.indices, crops.corners, crops.mirrored, strict=True):
            picture = shards[index][top : top + crop, left : left + crop]
            batch.append(picture[:, ::-1] if mirrored else picture)
        return np.stack(batch)


def _index(seed: int, domain: str, place: int, length: int) -> int:
    """The picture at a place of the endless sequence: passes over a domain, each reshuffled."""
    return int(_order(seed, domain, place // length, length)[place % length])


@functools.lru_cache(maxsize=16)
def _order(seed: int, domain: str, lap: int, length: int) -> np.ndarray:
    return np.random.default_rng((seed, _ORDER, *domain.encode(), lap)).permutation(length)


def crop_size(settings: DataSettings, size: int, multiple: int) -> int:
    """The side of the crops that a generator learns from, in pixels.

    Args:
        settings: The side that is asked for.
        size: Side of the dataset's pictures, in pixels.
        multiple: Of the generator, which the side is rounded down to.

    Raises:
        ToonifyError: if the pictures, or the crops, are too small.
    """
    crop = min(settings.crop or size, size) // multiple * multiple
    if crop == 0 and size >= multiple:
        raise usage_error(
            f"crops of {settings.crop} pixels are too small: the generator needs {multiple}",
            f"Set 'crop' of the preset's table [data] to a multiple of {multiple}, or 0 for whole pictures.",
        )
    if crop == 0:
        raise ToonifyError(
            f"the dataset's pictures of {size} pixels are too small: the generator needs {multiple}",
            "Prepare it with larger pictures: toonify prepare PHOTOS CARTOONS --size PIXELS.",
        )
    return crop


def make_batches(run: Run, plan: Plan, engine: Engine, multiple: int) -> Batches:
    """This machine's part of a run's batches.

    Args:
        run: Its dataset, settings and seed.
        plan: Which arrays a step needs.
        engine: How a batch is shared out.
        multiple: Of the generator, which the crops' sides are rounded down to.

    Raises:
        ToonifyError: if a batch cannot be shared out evenly, or the pictures are too small.
    """
    settings = run.settings
    if settings.batch_size % engine.replicas:
        raise ToonifyError(
            f"a batch of {counted(settings.batch_size, 'picture')} cannot be shared out evenly "
            f"over {engine.replicas} devices",
            f"Give a `batch_size` that {engine.replicas} divides, or the `strategy` none.",
        )
    return Batches(
        run.dataset,
        plan,
        settings,
        crop=crop_size(settings.data, run.dataset.size, multiple),
        seed=run.seed,
        part=(engine.worker, engine.workers),
    )


@contextmanager
def prefetched(batches: Batches, first: int, end: int) -> Iterator[Iterator[dict[str, np.ndarray]]]:
    """The batches of steps `first` to `end`, made by a thread while the steps run."""
    waiting: queue.Queue[dict[str, np.ndarray] | BaseException] = queue.Queue(AHEAD)
    stop = threading.Event()

    def produce() -> None:
        try:
            for step in range(first, end):
                _put(waiting, batches[step], stop)
                if stop.is_set():
                    return
        except BaseException as error:
            _put(waiting, error, stop)

    def consume() -> Iterator[dict[str, np.ndarray]]:
        for _ in range(first, end):
            made = waiting.get()
            if isinstance(made, BaseException):
                raise made
            yield made

    thread = threading.Thread(target=produce, name="batches", daemon=True)
    thread.start()
    try:
        yield consume()
    finally:
        stop.set()
        thread.join()


def _put(
    waiting: queue.Queue[dict[str, np.ndarray] | BaseException],
    made: dict[str, np.ndarray] | BaseException,
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        with contextlib.suppress(queue.Full):
            waiting.put(made, timeout=0.1)
            break
