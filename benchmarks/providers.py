"""What each provider and precision takes, and how near it draws to float32 on the processor.

    python benchmarks/providers.py [PHOTOS] [--style comic --style drawn] [--network comic=int8.onnx]

PHOTOS is a folder, best of pictures that no style was trained on, such as Kodak's; left out, the samples
are taken. Each picture goes through all ways to draw in turn, on one thread, so that a busy moment hits
all alike; the ratios are medians of those of single pictures, in seconds of processor time, once each size
has come so often that OpenVINO has a session for it ("one size"; it has one for any, too). PSNR and the
largest difference are those of the drawings in 8 bits. Run it once with `onnxruntime` installed and once
with `onnxruntime-openvino` in its place. `--network` adds a file to a style's rows.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from toonify.inference import DEVICES
from toonify.inference.padding import drawn_with_margin
from toonify.inference.runtime import Runtime
from toonify.inference.sizes import WORTH_IT
from toonify.media import find_pictures
from toonify.resources import instructions
from toonify.styles import Style, defaults, load_style
from toonify.styles.checks import read_network
from toonify.styles.network import Network

SAMPLES = Path(__file__).parents[1] / "samples"
TOLD = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_int8",
    "amx_bf16",
    "asimddp",
    "i8mm",
)


@dataclass
class Row:
    """One way to draw, and what was measured of it: a value for each picture."""

    name: str
    runtime: Runtime
    multiple: int
    seconds: list[float] = field(default_factory=list)
    psnr: list[float] = field(default_factory=list)
    sized: bool = False
    largest: int = 0

    def draw(self, photo: np.ndarray) -> np.ndarray:
        """(1, H, W, 3), uint8."""
        pixels = photo.astype(np.float32)[np.newaxis] / 127.5 - 1
        began = time.process_time()
        cartoon = drawn_with_margin(self.runtime.run, pixels, self.multiple)
        self.seconds.append(time.process_time() - began)
        return np.clip(np.rint(cartoon * 127.5 + 127.5), 0, 255)

    def compare(self, made: np.ndarray, expected: np.ndarray) -> None:
        error = float(np.mean((made - expected) ** 2))
        self.psnr.append(10 * math.log10(255**2 / error) if error else math.inf)
        self.largest = max(self.largest, int(np.abs(made - expected).max()))


def rows(style: Style, networks: dict[str, Path]) -> Iterator[Row]:
    """The processor in float32 first; then what else there is."""
    card = style.manifest

    def row(name: str, network: Network, device: str, sized: bool = False, **options: str) -> Row:
        chosen = replace(DEVICES[device], sized=sized)
        chosen = replace(chosen, options={**chosen.options, **options})
        runtime = Runtime(network, threads=1, controls=defaults(card.controls), device=chosen)
        return Row(name, runtime, card.multiple, sized=sized)

    yield row("cpu, float32", style.network(), "cpu")
    if quantised := style.int8_network():
        yield row("cpu, int8", quantised, "cpu")
    for name, path in networks.items():
        network = read_network(path.read_bytes(), path, multiple=card.multiple, controls=card.controls)
        yield row(name, network, "cpu")
    if DEVICES["openvino"].provider in onnxruntime.get_available_providers():
        config = DEVICES["openvino"].options["load_config"]
        for hint in ("f32", "f16", "bf16"):
            told = config.replace('"bf16"', f'"{hint}"')
            yield row(f"openvino, {hint}", style.network(), "openvino", load_config=told)
            yield row(f"openvino, {hint}, one size", style.network(), "openvino", True, load_config=told)


def main() -> None:
    """Measure and print, a table for each style."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?", default=SAMPLES)
    parser.add_argument("--style", action="append", default=[])
    parser.add_argument("--network", action="append", default=[], metavar="STYLE=FILE")
    arguments = parser.parse_args()
    photos = [np.asarray(Image.open(path).convert("RGB")) for path in sorted(find_pictures(arguments.photos))]
    print(f"onnxruntime {onnxruntime.__version__}; {', '.join(sorted(instructions() & set(TOLD)))}")
    for name in arguments.style or ["comic", "drawn", "lines"]:
        networks = dict(text.split("=", 1) for text in arguments.network)
        own = {Path(file).stem: Path(file) for style, file in networks.items() if style == name}
        ways = list(rows(load_style(name), own))
        sizes = {photo.shape: photo for photo in photos}
        for way in ways:
            for photo in [*sizes.values()] * (WORTH_IT if way.sized else 1):
                way.draw(photo)
            way.seconds.clear()
        for photo in photos:
            drawn = [way.draw(photo) for way in ways]
            for way, made in zip(ways, drawn, strict=True):
                way.compare(made, drawn[0])
        print(f"\n{name:26}{'times as fast':>14}{'ms':>8}{'least PSNR':>12}{'median':>8}{'largest':>9}")
        for way in ways:
            ratio = statistics.median(a / b for a, b in zip(ways[0].seconds, way.seconds, strict=True))
            milliseconds = statistics.median(way.seconds) * 1000
            least, typical = min(way.psnr), statistics.median(way.psnr)
            print(f"{way.name:26}{ratio:14.2f}{milliseconds:8.0f}{least:12.1f}{typical:8.1f}{way.largest:9}")


if __name__ == "__main__":
    main()
