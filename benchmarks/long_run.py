"""Two thousand training steps, whole: does memory grow, and how long does a step wait for its data?

    python benchmarks/long_run.py [--engine tensorflow|jax] [--steps 2000] [--generator NAME] [--size 64]

A run of the `cartoongan` preset with random features and random pictures, as `toonify train` does it,
with its checkpoints, samples and tables. Memory is the process' own, once everything has been traced.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
from training_step import write_pictures

from toonify.backend_import import import_keras
from toonify.progress import Progress, Task
from toonify.training import TrainRequest, train

SETTLED = 10  # per cent of the steps, after which memory should no longer grow


class Gauge(Progress):
    """Notes time and memory at every step."""

    def __init__(self) -> None:
        self.memory: list[int] = []
        self.times: list[float] = []
        self._process = psutil.Process()

    @contextmanager
    def watch(self, *arguments: Any, **options: Any) -> Iterator[Task]:
        gauge = self

        class Noting(Task):
            def advance(self, amount: int = 1, /, **figures: float) -> None:
                gauge.times.append(time.perf_counter())
                gauge.memory.append(gauge._process.memory_info().rss)

        yield Noting()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--engine", default="tensorflow")
    parser.add_argument("--generator", default="lite")
    parser.add_argument("--size", type=int, default=64, help="side of the pictures in pixels [64]")
    parser.add_argument("--batch", type=int, default=2, help="pictures in a step [2]")
    parser.add_argument("--steps", type=int, default=2000)
    arguments = parser.parse_args()
    import_keras(arguments.engine)
    waited = time_waiting()
    gauge = Gauge()
    with tempfile.TemporaryDirectory() as folder:
        dataset = write_pictures(Path(folder), arguments.size, 16 * arguments.batch)
        request = TrainRequest(
            dataset,
            Path(folder) / "run",
            engine=arguments.engine,
            generator=arguments.generator,
            backbone="vgg19",
            backbone_weights="none",
            content_layer="block2_conv2",
            batch_size=arguments.batch,
            init_epochs=0,
            epochs=1,
            measure_every=0,
            steps_per_epoch=arguments.steps,
        )
        train(request, gauge)
    show(arguments, gauge, waited)


def time_waiting() -> list[float]:
    """Seconds that the trainer waits for each batch, noted from now on."""
    from toonify.training import batches, trainer

    waited: list[float] = []

    @contextmanager
    def noting(*arguments: Any) -> Iterator[Iterator[Any]]:
        with batches.prefetched(*arguments) as made:
            yield timed(made)

    def timed(made: Iterator[Any]) -> Iterator[Any]:
        while True:
            start = time.perf_counter()
            batch = next(made, None)
            waited.append(time.perf_counter() - start)
            if batch is None:
                return
            yield batch

    patch.object(trainer, "prefetched", noting).start()
    return waited


def show(arguments: argparse.Namespace, gauge: Gauge, waited: list[float]) -> None:
    """Print the table."""
    first = len(gauge.memory) * SETTLED // 100
    early, late = max(gauge.memory[first : 2 * first]), max(gauge.memory[-first:])
    seconds = gauge.times[-1] - gauge.times[first]
    size = f"{arguments.size} x {arguments.size}"
    print(f"{arguments.generator}, {size}, batch {arguments.batch}, {arguments.engine}")
    print(f"{'steps':44}{len(gauge.times):9,}")
    print(f"{'a step':44}{seconds / (len(gauge.times) - first) * 1e3:9.1f} ms")
    print(f"{'of it waiting for data':44}{sum(waited[first:]) / seconds:9.2%}")
    print(f"{'memory, second tenth of the run':44}{early / 1e6:9.0f} MB")
    print(f"{'memory, last tenth':44}{late / 1e6:9.0f} MB  {(late - early) / 1e6:+.0f} MB")


if __name__ == "__main__":
    main()
