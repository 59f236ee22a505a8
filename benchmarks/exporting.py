"""What each format of `toonify export` costs: megabytes, difference from the style, milliseconds.

    python benchmarks/exporting.py [--styles comic drawn] [--formats onnx litert ...] [--drawings 50]

Differences are those of `export.json`: over noise and a photograph at two sizes, in the runtimes that people
will use. Times are of a picture of 256 × 192 pixels on all cores, the quickest of so many drawings; on a
machine that has other things to do they say nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time

import numpy as np

import toonify
from toonify.exporting import Exported
from toonify.plugins import Draw, create

FORMATS = (
    *("onnx", "onnx-float16", "onnx-int8"),
    *("litert", "litert-float16", "litert-int8"),
    *("keras", "saved-model"),
)
PICTURE = np.random.default_rng(0).uniform(-1, 1, (1, 192, 256, 3)).astype(np.float32)


def quickest(draw: Draw, drawings: int) -> float:
    """Milliseconds of the quickest drawing."""
    times = []
    for _ in range(drawings):
        began = time.perf_counter()
        draw(PICTURE)
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def row(exported: Exported, runtime: str, milliseconds: float) -> str:
    """Of one format in one of its runtimes."""
    found = exported.likeness[runtime]
    psnr = "equal" if found.psnr is None else f"{found.psnr:.0f} dB"
    cells = [f"`{exported.format}`", runtime, f"{exported.size / 1e6:.2f} MB"]
    cells += [f"{found.largest:.1g}", f"{found.mean:.1g}", psnr, f"{milliseconds:.1f} ms"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--styles", nargs="+", default=["comic", "drawn"])
    parser.add_argument("--formats", nargs="+", default=FORMATS)
    parser.add_argument("--drawings", type=int, default=50)
    asked = parser.parse_args()
    for style in asked.styles:
        print(f"\n{style}\n\n| format | in | size | largest | mean | PSNR | time |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        with tempfile.TemporaryDirectory() as folder:
            for format_ in asked.formats:
                (exported,) = toonify.export(toonify.ExportRequest(style, folder, format_)).exported
                for runtime, open_ in create("exporters", format_, {}).runtimes().items():
                    print(row(exported, runtime, quickest(open_(exported.path), asked.drawings)), flush=True)


if __name__ == "__main__":
    main()
