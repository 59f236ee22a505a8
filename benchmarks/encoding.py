"""What it costs to write a drawing: time and size, by format, as toonify writes it and by default.

    python benchmarks/encoding.py [--style comic --style lines] [--photos FOLDER]

The photographs, the samples unless you name others, are drawn, each as an image of 1024 x 1024. Each way to
write them is a row: seconds of processor time, and bytes, for all of them; least of three.
"""

from __future__ import annotations

import argparse
import io
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.ExifTags import Base as Tag

from toonify.converting import Converter
from toonify.media.compression import LEVEL, PREDICTOR, WEBP_METHOD, png_options
from toonify.plugins import find_pictures, open_rgb

SAMPLES = Path(__file__).parents[1] / "samples"
SIZE = (1024, 1024)
ROUNDS = 3

Options = Callable[[Image.Image], Mapping[str, Any]]

WAYS: dict[str, tuple[str, Options]] = {
    "PNG, Pillow's own": ("PNG", lambda image: {}),
    f"PNG, level {LEVEL} (huge, or of 16 bits)": ("PNG", lambda image: {"compress_level": LEVEL}),
    "PNG, runs alone": ("PNG", lambda image: {"compress_type": zlib.Z_RLE}),
    "PNG, as toonify": ("PNG", png_options),
    "WebP, Pillow's own": ("WEBP", lambda image: {"quality": 95}),
    "WebP, as toonify": ("WEBP", lambda image: {"quality": 95, "method": WEBP_METHOD}),
    "TIFF, LZW": ("TIFF", lambda image: {"compression": "tiff_lzw"}),
    "TIFF, as toonify": ("TIFF", lambda image: _tiff("tiff_lzw")),
    "TIFF, deflated": ("TIFF", lambda image: _tiff("tiff_adobe_deflate")),
}
"""By name: the format, and Pillow's options for an image."""


def _tiff(compression: str) -> Mapping[str, Any]:
    return {"compression": compression, "tiffinfo": {int(Tag.Predictor): PREDICTOR}}


def written(image: Image.Image, file_format: str, options: Options) -> tuple[float, int]:
    """Seconds of processor time, the least of several, and bytes."""
    least, size = float("inf"), 0
    for _ in range(ROUNDS):
        file = io.BytesIO()
        began = time.process_time()
        image.save(file, file_format, **options(image))
        least, size = min(least, time.process_time() - began), file.tell()
    return least, size


def drawings(style: str, photos: Path) -> Iterator[Image.Image]:
    """What the style makes of the photographs."""
    converter = Converter(style)
    for path in find_pictures(photos):
        yield converter.convert(open_rgb(path).resize(SIZE, Image.Resampling.BICUBIC))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--style", action="append", help="may be repeated [comic, lines]")
    parser.add_argument("--photos", type=Path, default=SAMPLES, help="a folder [samples]")
    arguments = parser.parse_args()
    for style in arguments.style or ["comic", "lines"]:
        images = list(drawings(style, arguments.photos))
        print(f"\n{style}, {len(images)} megapixels\n")
        for name, (file_format, options) in WAYS.items():
            costs = [written(image, file_format, options) for image in images]
            seconds, size = map(sum, zip(*costs, strict=True))
            print(f"{name:36} {seconds:6.2f} s  {size / 1e6:6.2f} MB", flush=True)


if __name__ == "__main__":
    main()
