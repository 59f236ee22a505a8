"""How long the generators take for one picture in ONNX Runtime, untrained, side by side.

    python benchmarks/generators.py lite lite:width=16 cartoongan --size 1024 --repeats 9

Each repeat runs every generator once, so that a busy moment of the machine hits all alike.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from toonify.inference import Runtime, open_onnx
from toonify.networks import to_onnx
from toonify.plugins import create, parse_options


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("generators", nargs="*", default=["lite"], help="NAME or NAME:OPTION=VALUE,...")
    parser.add_argument("--size", type=int, default=1024, help="side of the picture in pixels [1024]")
    parser.add_argument("--threads", type=int, default=2, help="of ONNX Runtime [2]")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()

    picture = np.random.default_rng(0).uniform(-1, 1, (1, arguments.size, arguments.size, 3))
    picture = picture.astype(np.float32)
    models = {text: prepare(text, arguments.threads) for text in arguments.generators}
    seconds: dict[str, list[float]] = {text: [] for text in models}
    for runtime, _ in models.values():
        runtime.run(picture)
    for _ in range(arguments.repeats):
        for text, (runtime, _) in models.items():
            start = time.perf_counter()
            runtime.run(picture)
            seconds[text].append(time.perf_counter() - start)

    print(f"{arguments.size} x {arguments.size}, {arguments.threads} threads, {arguments.repeats} repeats")
    print(f"{'generator':32}{'parameters':>12}{'median s':>10}{'least s':>10}")
    for text, (_, parameters) in models.items():
        median, least = statistics.median(seconds[text]), min(seconds[text])
        print(f"{text:32}{parameters:12,}{median:10.3f}{least:10.3f}")


def prepare(text: str, threads: int) -> tuple[Runtime, int]:
    """`NAME:OPTION=VALUE,...`, ready to draw, and how many parameters it has."""
    name, _, options = text.partition(":")
    pairs = options.split(",") if options else []
    model = create("generators", name, parse_options(pairs, "option")).build()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "generator.onnx")
        to_onnx(model, path)
        runtime = open_onnx(path, threads=threads)
    return runtime, model.count_params()


if __name__ == "__main__":
    main()
