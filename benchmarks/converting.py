"""How fast a folder is converted, how near that is to perfect, and how little memory a huge picture needs.

    python benchmarks/converting.py [--style comic] [--pictures 24] [--megapixels 100] [--device cpu]
    python benchmarks/converting.py --perfect 7

The folder holds JPEGs of one megapixel; the time is that of the whole command, from the shell and
back. The tiled result is compared with the untiled one at a size where both fit into the memory.
Both as users get it, drawn at the style's own detail, and with every pixel drawn (`--detail 0`).

`--perfect` compares the folder with a perfect pipeline, which spends the network's own time on the same
pictures and nothing else: in one process, in turns, so many times, as many pictures at once as the command
works on. The share is the median; that of processor time hangs less on what else the machine does.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from startup import TOONIFY, Cost, cost, sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPARED = (2304, 1731)  # four megapixels, sides that are no multiples of anything

EQUAL = """
import sys, numpy as np
from PIL import Image
from toonify.converting import Converter
from toonify.inference import tiles
photo = Image.open(sys.argv[1]).convert("RGB")
tiled, whole = photo.copy(), photo.copy()
converter = Converter(sys.argv[2], detail=0)
converter.convert(tiled)
tiles.WHOLE = photo.width * photo.height
converter.convert(whole)
assert not np.array_equal(np.asarray(whole), np.asarray(photo))
print(int((np.asarray(tiled) != np.asarray(whole)).sum()))
"""


DETAILS = {"as users get it": [], "every pixel": ["--detail", "0"]}


def convert(source: Path, target: Path, style: str, options: list[str]) -> Cost:
    """Of the whole command."""
    return cost([*TOONIFY, "convert", str(source), str(target), "--style", style, "--overwrite", *options])


def folder_rates(folder: Path, style: str, pictures: int) -> Iterator[str]:
    """Pictures a second."""
    (folder / "photos").mkdir()
    for number in range(pictures):
        sample(folder / "photos" / f"{number:03}.jpg", 1024 + 8 * (number % 3), 1024 - 8 * (number % 3))
    for name, options in DETAILS.items():
        run = convert(folder / "photos", folder / "cartoons", style, options)
        rate, processor = pictures / run.seconds, run.processor / pictures
        yield f"{rate:6.2f} pictures/s  ({processor:.2f} s of processor for each), {name}"


def huge_picture(folder: Path, style: str, megapixels: float) -> Iterator[str]:
    """The most memory that the command takes."""
    width = round(math.sqrt(megapixels * 1.5e6))
    photo, height = folder / "huge.jpg", round(megapixels * 1e6 / width)
    # In a process of its own: a child's peak counts from its parent's size.
    code = "import sys, startup, pathlib; startup.sample(pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:]))"
    command = [sys.executable, "-c", code, str(photo), str(width), str(height)]
    subprocess.run(command, cwd=Path(__file__).parent, check=True)
    for name, options in DETAILS.items():
        run = convert(photo, folder / "huge_cartoon.jpg", style, options)
        yield f"{run.memory / 1e6:6.0f} MB  ({run.seconds:.1f} s, {width} x {height}), {name}"


@dataclass
class Race:
    """A folder and a perfect pipeline, in turns: seconds by the clock and of processors, of each."""

    clock: list[tuple[float, float]] = field(default_factory=list)
    processor: list[tuple[float, float]] = field(default_factory=list)

    def share(self, pairs: list[tuple[float, float]]) -> float:
        """What of the folder's time a perfect pipeline would take."""
        return statistics.median(network / all_of_it for network, all_of_it in pairs)


def perfect(folder: Path, style: str, pictures: int, device: str, rounds: int) -> Iterator[str]:
    """How near the folder comes to the network's own time, both ways of drawing."""
    from toonify.converting import Converter, ConvertRequest, convert_all
    from toonify.converting.detail import drawing_size, reduce
    from toonify.inference.padding import mirror, padded_side
    from toonify.resources import cores
    from toonify.runners import ThreadRunner

    photos = folder / "perfect"
    photos.mkdir()
    made = [sample(photos / f"{number:03}.jpg", 1024, 1024) for number in range(pictures)]
    for name, detail in (("as users get it", None), ("every pixel", 0)):
        converter = Converter(style, threads=1, detail=detail, device=device)
        with Image.open(made[0]) as image:
            drawing = reduce(image.convert("RGB"), drawing_size(image.size, converter.detail))
        sides = [padded_side(side, converter.style.manifest.multiple) for side in reversed(drawing.size)]
        batch = mirror(np.asarray(drawing), *sides)[np.newaxis].astype(np.float32) / 127.5 - 1

        def network(converter: Converter = converter, batch: NDArray[np.float32] = batch) -> None:
            with ThreadRunner(cores(), batch) as runner:
                for _, drawn in runner.run(made, lambda batch, _: converter.runtime.run(batch)):
                    drawn.get()

        def everything(detail: int | None = detail) -> None:
            request = ConvertRequest(
                [photos], folder / "drawn", style=style, detail=detail, device=device, overwrite=True
            )
            assert len(convert_all(request).of("converted")) == pictures

        race = Race()
        for number in range(rounds + 1):
            costs = [_timed(work) for work in (network, everything)]
            if number:  # the first fills caches
                race.clock.append((costs[0][0], costs[1][0]))
                race.processor.append((costs[0][1], costs[1][1]))
        rate = pictures / statistics.median(all_of_it for _, all_of_it in race.clock)
        runtime = converter.runtime
        yield (
            f"{race.share(race.processor):5.0%} of a perfect pipeline ({race.share(race.clock):.0%} by the "
            f"clock, {rate:.1f} pictures/s, {runtime.device}, {runtime.precision}), {name}"
        )


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def differences(folder: Path, style: str) -> str:
    """How many values differ between a picture converted in tiles and the same one converted whole."""
    photo = sample(folder / "compared.jpg", *COMPARED)
    command = [sys.executable, "-c", EQUAL, str(photo), style]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return f"{int(done.stdout):6} values of {COMPARED[0]} x {COMPARED[1]}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--style", default="comic")
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--megapixels", type=float, default=100)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--perfect", type=int, metavar="ROUNDS", default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here, style = Path(folder), arguments.style
        if arguments.perfect:
            for told in perfect(here, style, arguments.pictures, arguments.device, arguments.perfect):
                print(told, flush=True)
            return
        for rate in folder_rates(here, style, arguments.pictures):
            print(f"folder of 1-megapixel JPEGs  {rate}", flush=True)
        print(f"tiles that differ from whole {differences(here, style)}", flush=True)
        for most in huge_picture(here, style, arguments.megapixels):
            print(f"{arguments.megapixels:g} megapixels, at most   {most}", flush=True)


if __name__ == "__main__":
    main()
