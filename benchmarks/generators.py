"""How long the generators take for one picture in ONNX Runtime, untrained, side by side.

One that has controls runs as it is trained, and once more with them.

    python benchmarks/generators.py lite lite:width=16 cartoongan --size 1024 --repeats 9

Each repeat runs every generator once, so that a busy moment of the machine hits all alike.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np

from toonify.inference import Runtime, open_onnx
from toonify.networks import to_onnx
from toonify.plugins import Generator, create, parse_options
from toonify.styles import defaults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("generators", nargs="*", default=["lite"], help="NAME or NAME:OPTION=VALUE,...")
    parser.add_argument("--size", type=int, default=1024, help="side of the picture in pixels [1024]")
    parser.add_argument("--threads", type=int, default=2, help="of ONNX Runtime [2]")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()

    picture = np.random.default_rng(0).uniform(-1, 1, (1, arguments.size, arguments.size, 3))
    picture = picture.astype(np.float32)
    models = {
        label: model for text in arguments.generators for label, model in prepare(text, arguments.threads)
    }
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


def prepare(text: str, threads: int) -> Iterator[tuple[str, tuple[Runtime, int]]]:
    """`NAME:OPTION=VALUE,...`, ready to draw, and how many parameters it has; with its controls, too."""
    name, _, options = text.partition(":")
    pairs = options.split(",") if options else []
    generator: Generator = create("generators", name, parse_options(pairs, "option"))
    model = generator.build()
    yield text, (start(model, {}, threads), model.count_params())
    if generator.controls:
        controlled = start(generator.controlled(model), defaults(generator.controls), threads)
        yield f"{text} + controls", (controlled, model.count_params())


def start(model: keras.Model, controls: dict[str, float], threads: int) -> Runtime:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "generator.onnx")
        to_onnx(model, path, controls)
        return open_onnx(path, threads=threads, controls=controls)


if __name__ == "__main__":
    main()
