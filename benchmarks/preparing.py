"""How fast photographs and cartoons become a dataset, and whether memory grows with their number.

    python benchmarks/preparing.py [--pictures 400] [--size 256] [--rounds 2] [--many 5000 20000]

Speed: JPEGs of one megapixel, half of them taken as photos and half as cartoons, through the whole
command from the shell: survey, crops, edge smoothing, shards, report. Beside it, in turns and on as
many processes, what Pillow needs to decode the same files once and do nothing else: the limit.
Memory: the peaks of the command's own process and of its largest worker, for two numbers of small
pictures.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from startup import TOONIFY

SAMPLE = Path(__file__).parents[1] / "samples" / "mountains.jpg"
KINDS = ("photos", "cartoons")
MEGAPIXEL = (1152, 864)
SMALL = (48, 48)
MOMENT = 0.05  # seconds between looks at the memory


@dataclass(frozen=True)
class Run:
    """Of the whole command: seconds by the clock and of processors, peaks of memory in bytes."""

    seconds: float
    processor: float
    parent: int
    worker: int


def draw(folder: Path, number: int, size: tuple[int, int]) -> None:
    """Half of `number` JPEGs for each kind, no two of them alike, cut out of one photograph."""
    chance = random.Random(0)
    with Image.open(SAMPLE) as image:
        whole = image.convert("RGB")
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for index in range(number // 2):
            width = chance.randint(whole.width // 8, whole.width)
            height = width * whole.height // whole.width
            left, top = chance.randint(0, whole.width - width), chance.randint(0, whole.height - height)
            cut = whole.resize(size, Image.Resampling.BILINEAR, (left, top, left + width, top + height))
            if kind == "cartoons":  # or they would be photographs, too
                cut = cut.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            cut.save(folder / kind / f"{index:06}.jpg", quality=90)


def prepare(folder: Path, *options: str) -> Run:
    """Run the command, which must succeed."""
    output = folder / "dataset"
    arguments = [*(str(folder / kind) for kind in KINDS), "-o", str(output), "--overwrite", *options]
    began = time.perf_counter()
    process = subprocess.Popen([*TOONIFY, "prepare", *arguments], stdout=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    while True:
        peaks |= {pid: peak for pid in family(process.pid) if (peak := memory_peak(pid))}
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        time.sleep(MOMENT)
        if done:
            break
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("toonify prepare failed")
    own = peaks.pop(process.pid)
    return Run(seconds, usage.ru_utime + usage.ru_stime, own, max(peaks.values()))


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except OSError:
        return [pid]


def memory_peak(pid: int) -> int:
    """The most memory that a process has had, in bytes; what `wait4` tells of a child counts its parent's."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:  # gone in between
        return 0
    return int(found[1]) * 1024 if found else 0


def decode(path: Path) -> float:
    """What nobody can do without; seconds of processor."""
    began = time.process_time()
    with Image.open(path) as image:
        image.load()
    return time.process_time() - began


def decoding(paths: Iterable[Path]) -> tuple[float, float]:
    """Seconds for all of them on all cores, by the clock and of processors."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(abs, range(100)))  # until the processes are there
        began = time.perf_counter()
        processor = sum(pool.map(decode, paths, chunksize=16))
        return time.perf_counter() - began, processor


def speed(folder: Path, number: int, size: int, rounds: int) -> None:
    """Measure and print pictures a second."""
    draw(folder, number, MEGAPIXEL)
    paths = sorted(folder.rglob("*.jpg"))
    weight = sum(path.stat().st_size for path in paths) / len(paths)
    print(
        f"{number} JPEGs of {MEGAPIXEL[0]} x {MEGAPIXEL[1]}, {weight / 1e3:.0f} kB each, at {size} x {size}"
    )
    for _ in range(rounds):
        run, limit = prepare(folder, "--size", str(size)), decoding(paths)
        for name, seconds, processor in (
            ("toonify prepare", run.seconds, run.processor),
            ("decoding alone", *limit),
        ):
            used = f"{processor / number * 1e3:.1f} ms of processor for each"
            print(f"  {name:15} {number / seconds:6.1f} pictures/s  ({used})", flush=True)


def memory(folder: Path, numbers: list[int]) -> None:
    """Measure and print peaks."""
    print(f"peak memory, pictures of {SMALL[0]} x {SMALL[1]}")
    for number in numbers:
        draw(folder / str(number), number, SMALL)
        run = prepare(folder / str(number), "--size", "32")
        print(
            f"  {number:7} pictures: {run.parent / 1e6:4.0f} MB, workers {run.worker / 1e6:4.0f} MB"
            f"  ({number / run.seconds:.0f} pictures/s)",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--many", type=int, nargs="*", default=[5_000, 20_000])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed(Path(folder), arguments.pictures, arguments.size, arguments.rounds)
        memory(Path(folder), arguments.many)


if __name__ == "__main__":
    main()
