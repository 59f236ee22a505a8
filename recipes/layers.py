"""Draw photographs in both layers of a style that inks: pairs with which it is trained on, in its own hand.

    python recipes/layers.py STYLE PHOTOS OUTPUT [--wear 0.4]

STYLE is a name, a folder or a file. OUTPUT is a new folder with `photos`, each at the size at which the style
draws it, `colours` and `lines`, for `toonify prepare --source paired`. A share of the photographs, --wear, is
made hazy, soft, noisy or blocky once it is drawn, so that the network goes on to see through that.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from toonify import Converter, ExportRequest, export
from toonify.datasets.degradation import chance_of, degraded
from toonify.datasets.filters import to_bytes
from toonify.errors import ToonifyError
from toonify.plugins import find_pictures, open_rgb
from toonify.styles import Style, load_style


def converters(style: Style) -> dict[str, Converter]:
    """What draws each layer, by its folder."""
    with tempfile.TemporaryDirectory() as folder:
        export(ExportRequest(style, Path(folder), ["lines"]))
        (lines,) = Path(folder).glob("*-lines")
        return {
            "colours": Converter(style, detail=0, controls={"ink": 0}, painter=False),
            "lines": Converter(lines, detail=0, painter=False),
        }


def worn(photo: Image.Image, share: float) -> Image.Image:
    """The photograph, made worse by chance; the same one always alike."""
    pixels = np.asarray(photo)
    chance = chance_of(pixels)
    if chance.random() >= share:
        return photo
    return Image.fromarray(to_bytes(degraded(pixels.astype(np.float32) / 255, chance)))


def draw(style: Style, photos: Path, output: Path, wear: float) -> int:
    """How many photographs were drawn; one that cannot be read is named."""
    drawn, sized, layers = 0, Converter(style, painter=False), converters(style)
    for path in find_pictures(photos):
        try:
            photo = open_rgb(path)
        except ToonifyError as error:
            print(f"left out: {path} {error}")
            continue
        photo = photo.resize(sized.drawing_size(photo.size), Image.Resampling.LANCZOS)
        pictures = {name: converter.convert(photo) for name, converter in layers.items()}
        for name, picture in {"photos": worn(photo, wear), **pictures}.items():
            target = (output / name / path.relative_to(photos)).with_suffix(".png")
            target.parent.mkdir(parents=True, exist_ok=True)
            picture.save(target, compress_level=1)
        drawn += 1
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("style")
    parser.add_argument("photos", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--wear", type=float, default=0.4, metavar="SHARE")
    options = parser.parse_args()
    if options.output.exists():
        parser.error(f"{options.output} is there already: give another OUTPUT")
    try:
        count = draw(load_style(options.style), options.photos, options.output, options.wear)
    except ToonifyError as error:
        parser.exit(1, f"error: {error}\n")
    print(f"{count} photographs and both layers of each are in {options.output}.")


if __name__ == "__main__":
    main()
