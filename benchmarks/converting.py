"""How fast a folder is converted, and how little memory a huge picture needs.

    python benchmarks/converting.py [--style comic] [--pictures 24] [--megapixels 100] [--many 10000]
    python benchmarks/converting.py --megapixels 400 --huge jpeg,progressive,png,tiff

The folder holds JPEGs of one megapixel, or other --files; the time is that of the whole command, from the
shell and back. The tiled result is compared with the untiled one at a size where both fit into the memory.
Both as users get it, drawn at the style's own detail, and with every pixel drawn (`--detail 0`).
`--megapixels 0` leaves the huge picture out; `--huge` measures it alone, as users get it, in each of these
formats; `--many` alone measures what memory a folder of so many tiny pictures takes, beside one of a tenth
of them: when they are converted, and when they are there already.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from startup import TOONIFY, Cost, cost, sample

COMPARED = (2304, 1731)  # four megapixels, sides that are no multiples of anything

EQUAL = """
import sys, numpy as np
from PIL import Image
from toonify.converting import Converter
from toonify.inference import tiles
photo = Image.open(sys.argv[1]).convert("RGB")
converter = Converter(sys.argv[2], detail=0)
tiled = converter.convert(photo)
tiles.WHOLE = photo.width * photo.height
whole = converter.convert(photo)
assert not np.array_equal(np.asarray(whole), np.asarray(photo))
print(int((np.asarray(tiled) != np.asarray(whole)).sum()))
"""


Details = Mapping[str, list[str]]
AS_USERS_GET_IT: Details = {"as users get it": []}
DETAILS: Details = {**AS_USERS_GET_IT, "every pixel": ["--detail", "0"]}


def convert(source: Path, target: Path, style: str, options: list[str]) -> Cost:
    """Of the whole command."""
    return cost([*TOONIFY, "convert", str(source), str(target), "--style", style, "--overwrite", *options])


def folder_rates(folder: Path, style: str, pictures: int, suffix: str) -> Iterator[str]:
    """Pictures a second."""
    (folder / "photos").mkdir()
    for number in range(pictures):
        sample(folder / "photos" / f"{number:03}.{suffix}", 1024 + 8 * (number % 3), 1024 - 8 * (number % 3))
    for name, options in DETAILS.items():
        run = convert(folder / "photos", folder / "cartoons", style, options)
        rate, processor = pictures / run.seconds, run.processor / pictures
        yield f"{rate:6.2f} pictures/s  ({processor:.2f} s of processor for each), {name}"


FORMATS = {
    "jpeg": "huge.jpg",
    "progressive": "progressive.jpg",
    "png": "huge.png",
    "tiff": "huge.tif",
}


def huge_picture(
    folder: Path, style: str, megapixels: float, details: Details, kinds: list[str]
) -> Iterator[str]:
    """The most memory that the command takes, of each kind of file."""
    width = round(math.sqrt(megapixels * 1.5e6))
    height = round(megapixels * 1e6 / width)
    # In a process of its own: a child's peak counts from its parent's size.
    code = "import sys, startup, pathlib; startup.sample(pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:]))"
    for kind in kinds:
        photo = folder / FORMATS[kind]
        command = [sys.executable, "-c", code, str(photo), str(width), str(height)]
        subprocess.run(command, cwd=Path(__file__).parent, check=True)
        for name, options in details.items():
            run = convert(photo, photo.with_stem("cartoon"), style, options)
            yield f"{run.memory / 1e6:6.0f} MB  ({run.seconds:.1f} s, {width} x {height}), {kind}, {name}"
        photo.unlink()


def many_pictures(folder: Path, style: str, most: int) -> Iterator[str]:
    """The most memory that the command takes for folders of tiny pictures."""
    picture = sample(folder / "tiny.jpg", 16, 16)
    for count in (most // 10, most):
        photos = folder / f"{count} photos"
        photos.mkdir()
        for number in range(count):
            os.link(picture, photos / f"{number:08}.jpg")
        command = [*TOONIFY, "convert", str(photos), str(folder / f"{count} cartoons"), "--style", style]
        for what in ("converted", "there already"):
            run = cost(command)
            memory, spent = f"{run.memory / 1e6:6.0f} MB", f"({run.processor:.1f} s of processor)"
            yield f"{count:7} pictures {what:13} {memory}  {spent}"


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
    parser.add_argument("--files", default="jpg", choices=["jpg", "png", "tif"], help="in the folder")
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--huge", default="", metavar=",".join(FORMATS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here, style = Path(folder), arguments.style
        if arguments.many:
            for memory in many_pictures(here, style, arguments.many):
                print(memory, flush=True)
            return
        huge = arguments.huge.split(",") if arguments.huge else ["jpeg"]
        details = AS_USERS_GET_IT if arguments.huge else DETAILS
        if arguments.megapixels:
            for most in huge_picture(here, style, arguments.megapixels, details, huge):
                print(f"{arguments.megapixels:g} megapixels, at most   {most}", flush=True)
        if arguments.huge:
            return
        for rate in folder_rates(here, style, arguments.pictures, arguments.files):
            print(f"folder of 1 megapixel, {arguments.files}   {rate}", flush=True)
        print(f"tiles that differ from whole {differences(here, style)}", flush=True)


if __name__ == "__main__":
    main()
