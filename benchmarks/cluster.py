"""How much faster a folder is converted by several workers of a Ray cluster than by one.

    python benchmarks/cluster.py [--workers 1,3] [--style comic] [--pictures 48]

Needs Ray (`pip install 'toonify-gan[ray]'`) and as many idle cores as the most workers: they have one each,
and where they share cores, the figures say how those were shared. The cluster is of this machine alone. The
folder holds JPEGs of one megapixel; the time is that between the first pictures and the last, without Ray's
start and the style's. Also how many empty jobs go through the one process that hands them out, and how many
they would be if it had a core to itself: that bounds the cluster.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from startup import sample

JOBS = 5_000  # empty ones


def stay_here(folder: Path) -> None:
    """Ray's services listen to this machine alone, and look for no cloud around it."""
    (folder / "ray_bootstrap_config.yaml").write_text("{}")
    os.environ |= {"HOME": str(folder), "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}


def rates(folder: Path, workers: list[int], style: str, pictures: int) -> Iterator[tuple[int, float]]:
    """Pictures a second, by the number of workers."""
    from toonify.converting import ConvertRequest
    from toonify.converting.remote import convert_remote

    (folder / "photos").mkdir()
    for number in range(pictures):
        sample(folder / "photos" / f"{number:03}.jpg", 1024 + 8 * (number % 3), 1024 - 8 * (number % 3))
    for number, count in enumerate(workers):
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

        result = convert_remote(request, tell=note)
        assert result.count("converted") == pictures, result.summary
        # Workers come up one after another: it counts from where each has had its second picture.
        counted = finished[2 * count - 1 :]
        yield count, (len(counted) - 1) / (counted[-1] - counted[0])


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
        for count, rate in rates(here, workers, arguments.style, arguments.pictures):
            first = first or rate
            print(f"{count:2} workers  {rate:6.2f} pictures/s  {rate / first:.2f} times", flush=True)
        clock, processor = handed_out(max(workers))
        print(f"{clock:6.0f} empty jobs/s are handed out to {max(workers)} workers")
        print(f"{processor:6.0f} by processor time")
        ray.shutdown()


if __name__ == "__main__":
    main()
