"""What share of converting a film is the network's own time.

    python benchmarks/films.py [--style comic] [--frames 50] [--repeats 3]

The network alone draws frames of 1280 x 720 on all cores; then a film of as many, a pan over the mountains of
the samples, is converted, as it is drawn and steadied. In turns, in one process; the least of the repeats, by
the clock and in seconds of processor, which say more on a busy machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from figures.films import moved
from PIL import Image

import toonify
from toonify.converting import Converter
from toonify.inference.tiles import windows
from toonify.resources import cores
from toonify.runners import ThreadRunner

SAMPLE = Path(__file__).parents[1] / "samples" / "mountains.jpg"
SIZE = (1280, 720)


def pan(path: Path, frames: int) -> Path:
    width, height = SIZE
    with Image.open(SAMPLE) as image:
        wide = np.asarray(image.convert("RGB").resize((width + 2 * frames, height + frames)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast"})
        stream.width, stream.height = SIZE
        for number in range(frames):
            picture = np.ascontiguousarray(moved(wide, (1.3 * number, 0.4 * number))[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    return path


def network_alone(converter: Converter, frames: int) -> None:
    card = converter.style.manifest
    rows, columns = windows(converter.drawing_size(SIZE), card.halo, card.multiple)
    picture = np.zeros((1, rows[0].length, columns[0].length, 3), np.float32)
    with ThreadRunner(cores(), picture) as runner:
        for _, outcome in runner.run(range(frames), lambda given, _: converter.runtime.run(given)):
            outcome.get()


def cost(work: Callable[[], object]) -> np.ndarray:
    began = np.array([time.perf_counter(), time.process_time()])
    work()
    return np.array([time.perf_counter(), time.process_time()]) - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--style", default="comic")
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    converter = Converter(options.style, threads=1)
    with tempfile.TemporaryDirectory() as folder:
        source, target = pan(Path(folder, "pan.mp4"), options.frames), Path(folder, "drawn.mp4")
        ways: dict[str, Callable[[], object]] = {
            "network alone": lambda: network_alone(converter, options.frames),
            "drawn": lambda: toonify.convert_film(
                source, target, options.style, steady=False, overwrite=True
            ),
            "steadied": lambda: toonify.convert_film(
                source, target, options.style, steady=True, overwrite=True
            ),
        }
        runs = {name: [] for name in ways}
        for _ in range(options.repeats):
            for name, work in ways.items():
                runs[name].append(cost(work))
    least = {name: np.min(costs, axis=0) / options.frames for name, costs in runs.items()}
    for name, (clock, processor) in least.items():
        shares = least["network alone"] / (clock, processor)
        told = f"{clock * 1e3:5.0f} ms a frame ({shares[0]:.0%})"
        print(f"{name:14} {told}, {processor * 1e3:5.0f} of processor ({shares[1]:.0%})")


if __name__ == "__main__":
    main()
