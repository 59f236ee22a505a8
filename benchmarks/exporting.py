"""What each format of `toonify export` costs: megabytes, difference from the style, milliseconds.

    python benchmarks/exporting.py [--styles comic drawn] [--formats onnx litert ...] [--repeats 5]

As in `export.json`: over noise and a photograph at two sizes, in the runtimes that people will use; the time is of
a photograph of 256 × 192 pixels, the median of so many exports. Each is verified, as always.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict

import toonify
from toonify.exporting import Exported

FORMATS = (
    *("onnx", "onnx-float16", "onnx-int8"),
    *("litert", "litert-float16", "litert-int8"),
    *("keras", "saved-model"),
)


def row(exports: list[Exported], runtime: str) -> str:
    """Of one format in one of its runtimes."""
    found = exports[0].likeness[runtime]
    time = statistics.median(export.likeness[runtime].milliseconds for export in exports)
    psnr = "equal" if found.psnr is None else f"{found.psnr:.0f} dB"
    cells = [f"`{exports[0].format}`", runtime, f"{exports[0].size / 1e6:.2f} MB"]
    cells += [f"{found.largest:.1g}", f"{found.mean:.1g}", psnr, f"{time:.0f} ms"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--styles", nargs="+", default=["comic", "drawn"])
    parser.add_argument("--formats", nargs="+", default=FORMATS)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    for style in asked.styles:
        print(f"\n{style}\n\n| format | in | size | largest | mean | PSNR | time |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        exports = defaultdict(list)
        for _ in range(asked.repeats):
            with tempfile.TemporaryDirectory() as folder:
                request = toonify.ExportRequest(style, folder, asked.formats)
                for exported in toonify.export(request).exported:
                    exports[exported.format].append(exported)
        for found in exports.values():
            for runtime in found[0].likeness:
                print(row(found, runtime), flush=True)


if __name__ == "__main__":
    main()
