"""Batches: batch *i* of a run is a pure function of (seed, *i*), so the data's state is the step number."""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from toonify.plugins import NOISE_CHANNELS
from toonify.training.dataset import Dataset
from toonify.training.plan import Plan
from toonify.training.presets import DataSettings

AHEAD = 3  # batches made before they are asked for
_ORDER, _CHANCE = 0, 1  # which stream of random numbers


class Batches:
    """Makes batches of uint8 pictures.

    Args:
        dataset: Where the pictures are.
        plan: Which arrays a step needs.
        settings: Crop, flip and tint.
        crop: Side of the crops in pixels, as the generator can take it.
        batch_size: Pictures in a batch.
        seed: Of the run.
        ema: Decay of the average of the generator's weights, once it is under way.
        part: Which share of each batch this machine makes, and of how many.
    """

    def __init__(
        self,
        dataset: Dataset,
        plan: Plan,
        settings: DataSettings,
        *,
        crop: int,
        batch_size: int,
        seed: int,
        ema: float = 0.0,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._crop = crop
        self._batch_size = batch_size
        self._seed = seed
        self._ema = ema
        place, parts = part
        self._own = slice(place * batch_size // parts, (place + 1) * batch_size // parts)
        arrays = {array for phase in plan.phases for array in phase.arrays}
        self._shards = {array: dataset.shards(array) for array in sorted(arrays)}

    def __getitem__(self, step: int) -> dict[str, np.ndarray]:
        """The batch of a step, or this machine's part of it.

        Returns:
            For each array of the step's phase, uint8 (N, crop, crop, C); `tint`, float32
            (N, 1, 1, 3), the factors of the photos' channels; `noise`, float32 (N, 1, 1,
            `NOISE_CHANNELS`), uniform in [0, 1); `rate`, float32, the schedule's share of the learning
            rate; `decay`, float32, by which the average of the generator's weights keeps to itself.
        """
        phase = self._plan.phase(step)
        # All that is random is drawn for the whole batch, so that it is the same however it is shared out.
        chance = np.random.default_rng((self._seed, _CHANCE, step))
        batch = {array: self._pictures(array, step, chance) for array in phase.arrays}
        tint = self._settings.tint
        size = self._batch_size
        batch["tint"] = chance.uniform(1 - tint, 1 + tint, (size, 1, 1, 3)).astype(np.float32)[self._own]
        batch["noise"] = chance.random((size, 1, 1, NOISE_CHANNELS), np.float32)[self._own]
        batch["rate"] = np.asarray(phase.rate(step), np.float32)
        # The average follows quickly at first, or it would remember the random weights it began with.
        batch["decay"] = np.asarray(min(self._ema, (1 + step) / (10 + step)), np.float32)
        return batch

    def _pictures(self, array: str, step: int, chance: np.random.Generator) -> np.ndarray:
        """Each picture cropped at random, and perhaps mirrored."""
        shards = self._shards[array]
        size, crop = self._batch_size, self._crop
        room = shards.size - crop
        corners = chance.integers(0, room + 1, (size, 2))
        mirrored = chance.random(size) < (0.5 if self._settings.flip else 0)
        batch = []
        for place in range(size)[self._own]:
            top, left = corners[place]
            picture = shards[self._index(array, step * size + place)]
            picture = picture[top : top + crop, left : left + crop]
            batch.append(picture[:, ::-1] if mirrored[place] else picture)
        return np.stack(batch)

    def _index(self, array: str, position: int) -> int:
        """Endless reshuffled passes over an array, each array in an order of its own."""
        length = len(self._shards[array])
        order = _order(self._seed, array, position // length, length)
        return int(order[position % length])


@functools.lru_cache(maxsize=16)
def _order(seed: int, array: str, lap: int, length: int) -> np.ndarray:
    return np.random.default_rng((seed, _ORDER, *array.encode(), lap)).permutation(length)


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
