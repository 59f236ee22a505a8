"""How long the generators take for one picture in ONNX Runtime, untrained, side by side.

One that has controls runs as it is trained, and once more with them. `--style` adds rows for a style: with
every pixel drawn, and as users get it, drawn at its own detail; in 8 bits, too, if it comes so.

    python benchmarks/generators.py lite lite:width=16 cartoongan --size 1024 --repeats 9
    python benchmarks/generators.py cartoongan --style comic --threads 1 --repeats 3

Each repeat runs every generator once, so that a busy moment of the machine hits all alike; the last column
is how many times as fast as the first row each is, in seconds of processor time, the median of the repeats.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np

from toonify.inference import Runtime, open_onnx
from toonify.inference.padding import round_up
from toonify.networks import to_onnx
from toonify.plugins import Generator, create, parse_options
from toonify.styles import defaults, load_style


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("generators", nargs="*", default=["lite"], help="NAME or NAME:OPTION=VALUE,...")
    parser.add_argument("--style", action="append", default=[], help="a style's name or folder")
    parser.add_argument("--size", type=int, default=1024, help="side of the picture in pixels [1024]")
    parser.add_argument("--threads", type=int, default=2, help="of ONNX Runtime [2]")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()

    noise = np.random.default_rng(0).uniform(-1, 1, (1, arguments.size, arguments.size, 3))
    picture = noise.astype(np.float32)
    models = {
        label: (*model, arguments.size)
        for text in arguments.generators
        for label, model in prepare(text, arguments.threads)
    }
    for name in arguments.style:
        models |= dict(drawn_by(name, arguments.threads, arguments.size))
    seconds: dict[str, list[float]] = {text: [] for text in models}
    processor: dict[str, list[float]] = {text: [] for text in models}
    for number in range(arguments.repeats + 1):
        for text, (runtime, _, side) in models.items():
            start, used = time.perf_counter(), time.process_time()
            runtime.run(picture[:, :side, :side])
            if number:  # the first warms up
                seconds[text].append(time.perf_counter() - start)
                processor[text].append(time.process_time() - used)

    print(f"{arguments.size} x {arguments.size}, {arguments.threads} threads, {arguments.repeats} repeats")
    print(f"{'generator':32}{'parameters':>12}{'median s':>10}{'least s':>10}{'times':>8}")
    first = processor[next(iter(models))]
    for text, (_, parameters, _) in models.items():
        median, least = statistics.median(seconds[text]), min(seconds[text])
        times = statistics.median(a / b for a, b in zip(first, processor[text], strict=True))
        print(f"{text:32}{parameters:12,}{median:10.3f}{least:10.3f}{times:8.1f}")


def drawn_by(name: str, threads: int, size: int) -> Iterator[tuple[str, tuple[Runtime, int, int]]]:
    """A style's network in each precision, how many parameters it has, and at what side it draws."""
    style = load_style(name)
    card = style.manifest
    detail = round_up(min(card.detail or size, size), card.multiple)
    with np.load(io.BytesIO(style.weights_bytes() or b"")) as weights:
        parameters = sum(array.size for array in weights.values())
    for precision, network in (("float32", style.network()), ("int8", style.int8_network())):
        if network is None:
            continue
        for side in (size, detail):
            runtime = Runtime(network, threads=threads, controls=defaults(card.controls))
            yield f"{name}, {precision}, {side} x {side}", (runtime, parameters, side)


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
