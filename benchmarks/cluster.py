"""How much faster a folder is converted by several workers of a Ray cluster than by one.

    python benchmarks/cluster.py [--workers 1,3] [--style comic] [--pictures 48] [--share 1]

Needs Ray (`pip install "toonify-gan[ray]"`) and as many idle cores as the most workers: they have one each,
and where they share cores, the figures say how those were shared. Where cores are fewer, `--share 0.1` lets
each worker have a tenth of one: after each picture it rests nine times as long as it computed, so that three
leave the machine idle. What goes from worker to worker is then hidden by rest; so the time that a worker
waits for its next picture is measured by itself, and what that would leave of three at full speed.

The cluster is of this machine alone. The folder holds JPEGs of one megapixel; the time is that between the
first pictures and the last, without Ray's start and the style's. Also how many empty jobs go through the one
process that hands them out, and how many they would be if it had a core to itself: that bounds the cluster.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from startup import sample

from toonify.converting import ConvertRequest, Outcome
from toonify.converting.remote import pipeline
from toonify.converting.remote.drawing import Studio, carry_out
from toonify.converting.remote.jobs import RemoteJob
from toonify.progress import Progress

JOBS = 5_000  # empty ones


def stay_here(folder: Path) -> None:
    """Ray's services listen to this machine alone, and look for no cloud around it."""
    (folder / "ray_bootstrap_config.yaml").write_text("{}")
    os.environ |= {"HOME": str(folder), "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}


@dataclass(frozen=True)
class Paced:
    """Does a job of the studio's, then rests; writes down when it began, computed and ended.

    Attributes:
        rest: Seconds, for each of processor time that the job took.
        notes: A folder, which all workers see; each has a file there.
    """

    rest: float
    notes: Path

    def __call__(self, studio: Studio, job: RemoteJob) -> Outcome | None:
        """As `carry_out`."""
        began, used = time.perf_counter(), time.process_time()
        outcome = carry_out(studio, job)
        used = time.process_time() - used
        time.sleep(self.rest * used)
        with open(self.notes / str(os.getpid()), "a") as file:
            file.write(f"{began} {time.perf_counter()} {used}\n")
        return outcome


@dataclass(frozen=True)
class Pace:
    """Of one run: pictures a second; medians of the processor time of one, and of the wait for the next."""

    rate: float
    picture: float
    waiting: float

    @classmethod
    def of(cls, rate: float, notes: Path) -> Pace:
        """From what the workers wrote down."""
        used, waiting = [], []
        for file in notes.iterdir():
            jobs = [[float(number) for number in line.split()] for line in file.read_text().splitlines()]
            used += [job[2] for job in jobs]
            waiting += [after[0] - before[1] for before, after in itertools.pairwise(jobs)]
        return cls(rate, statistics.median(used), statistics.median(waiting))

    @property
    def kept(self) -> float:
        """How much of a worker's time would be left for drawing if it did not rest."""
        return self.picture / (self.picture + self.waiting)


def paces(
    folder: Path, workers: list[int], style: str, pictures: int, share: float
) -> Iterator[tuple[int, Pace]]:
    """By the number of workers."""
    (folder / "photos").mkdir()
    for number in range(pictures):
        sample(folder / "photos" / f"{number:03}.jpg", 1024 + 8 * (number % 3), 1024 - 8 * (number % 3))
    for number, count in enumerate(workers):
        notes = folder / f"notes-{number}"
        notes.mkdir()
        request = ConvertRequest(
            [folder / "photos"],
            folder / f"cartoons-{number}",
            style,
            runner="ray",
            workers=count,
        )
        finished: list[float] = []

        def note(_: object, finished: list[float] = finished) -> None:
            finished.append(time.perf_counter())

        with patch.object(pipeline, "carry_out", Paced(1 / share - 1, notes)):
            result = pipeline.convert_remote(request, Progress(), note)
        assert result.count("converted") == pictures, result.summary
        # Workers come up one after another: it counts from where each has had its second picture.
        counted = finished[2 * count - 1 :]
        yield count, Pace.of((len(counted) - 1) / (counted[-1] - counted[0]), notes)


def nothing(shared: object, number: int) -> int:
    """An empty job."""
    return number


def same(shared: object) -> object:
    """What it is given."""
    return shared


def handed_out(workers: int) -> tuple[float, float]:
    """Empty jobs a second, by the clock and by this process's processor time."""
    from toonify.runners import RayRunner

    with RayRunner(workers, None, same) as runner:
        found = runner.run(range(JOBS), nothing, ordered=False)
        for _ in range(JOBS // 5):
            next(found)
        started, used = time.perf_counter(), time.process_time()
        count = sum(1 for _ in found)
        return count / (time.perf_counter() - started), count / (time.process_time() - used)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", default="1,3")
    parser.add_argument("--style", default="comic")
    parser.add_argument("--pictures", type=int, default=48)
    parser.add_argument("--share", type=float, default=1.0)
    arguments = parser.parse_args()
    workers = [int(number) for number in arguments.workers.split(",")]
    try:
        import ray
    except ImportError:
        print("left out: Ray is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        stay_here(here)
        ray.init(address="local", num_cpus=max(workers), include_dashboard=False, log_to_driver=False)
        print(f"cores that this process may use: {len(os.sched_getaffinity(0))}")
        first = 0.0
        for count, pace in paces(here, workers, arguments.style, arguments.pictures, arguments.share):
            first = first or pace.rate
            print(
                f"{count:2} workers  {pace.rate:6.2f} pictures/s  {pace.rate / first:.2f} times", flush=True
            )
            told = (
                f"{pace.picture * 1000:.0f} ms of processor a picture, {pace.waiting * 1000:.1f} between two"
            )
            print(f"            {told}: at full speed {100 * pace.kept:.0f} % drawing", flush=True)
        clock, processor = handed_out(max(workers))
        print(f"{clock:6.0f} empty jobs/s are handed out to {max(workers)} workers")
        print(f"{processor:6.0f} by processor time")
        ray.shutdown()


if __name__ == "__main__":
    main()
