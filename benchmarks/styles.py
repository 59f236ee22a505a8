"""What styles make of photographs, in figures, side by side.

    python benchmarks/styles.py [PHOTOS] [--style NAME ...] [--faces FOLDER] [--json]
        [--vgg19 FILE] [--layer NAME] [--drawings FOLDER]

PHOTOS is a folder, best of pictures that no style was trained on; without it, the samples. Every style draws
them, reduced to a long side of 512 pixels, as users get it; the first column is the photographs themselves.

- flat patches, edge clarity: as `train` measures them (`training/metrics/image_metrics.py`); colour shift,
  lightness: `figures/colours.py`; content distance: `figures/features.py`, once --vgg19 gives its weights.
  Medians over the photographs.
- KID: of all that was drawn to an artist's --drawings, by VGG19's features (`figures/features.py`).
- grid, specks: `figures/artefacts.py`, over all flat areas of the photographs and of the faces' pictures.
- flicker: `figures/films.py`; the mean over films of the first photographs.
- flat face, flatter, features kept: `portrait_painter.py`, for the largest face of each picture in --faces,
  drawn at its own size, or of PHOTOS. Means over the pictures in which YuNet finds one.
- time: a picture of 1024 x 1024 as users get it, in turns with the style that --against names; least of the
  repeats. Size: of the network as ONNX.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from figures.features import LAYER, hand, vgg19
from figures.films import STEPS
from figures.measuring import Draw, Pictures, Seen, measure
from PIL import Image

from toonify.converting import Converter
from toonify.errors import ToonifyError
from toonify.faces import find_faces
from toonify.plugins import find_pictures, find_plugins, open_rgb
from toonify.styles import load_style

SAMPLES = Path(__file__).parents[1] / "samples"
LONG_SIDE = 512  # pixels
TIMED = 1024  # pixels, a side
FIGURES = {
    "flat": ("flat patches, share", ".3f"),
    "clarity": ("edge clarity, levels a pixel", ".1f"),
    "content": ("content distance", ".3f"),
    "kid": ("KID to the drawings", ".2f"),
    "kid_error": ("its standard error", ".2f"),
    "colour": ("colour shift, CIEDE2000", ".1f"),
    "lightness": ("lightness, L*", "+.1f"),
    "grid": ("grid of a period of the upsampling, L*", ".3f"),
    "grid_photo": ("the photographs' own, same periods", ".3f"),
    "specks": ("specks a megapixel of flat areas", ".0f"),
    **{f"flicker, {name}": (f"flicker, {name}, levels", ".2f") for name in STEPS},
    "face_flat": ("flat face, share", ".3f"),
    "face_flatter": ("flatter, share", ".3f"),
    "kept": ("features kept, share of faces", ".3f"),
    "milliseconds": ("milliseconds a megapixel", ".0f"),
    "times": ("times that of {against}", ".2f"),
    "megabytes": ("size, MB", ".2f"),
}
"""By name: what the table calls it, and how it is written."""


def drawing_with(converter: Converter) -> Draw:
    def draw(photo: np.ndarray) -> np.ndarray:
        return np.asarray(converter.convert(Image.fromarray(photo)))

    return draw


def read_pictures(photos: Path, faces: Path | None, films: int) -> Pictures:
    """Everything that is measured on, in the memory."""
    scenes = []
    for path in find_pictures(photos):
        image = open_rgb(path)
        image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        scenes.append(np.asarray(image))
    looked_at = [open_rgb(path) for path in find_pictures(faces)] if faces else map(Image.fromarray, scenes)
    found = [(np.asarray(image), seen[0]) for image in looked_at if (seen := find_faces(image))]
    return Pictures(scenes, found, films)


def milliseconds(converters: dict[str, Converter], photo: np.ndarray, repeats: int) -> dict[str, float]:
    """Least time by style for the photograph at 1024 x 1024; in turns, so that a busy moment hits all."""
    picture = Image.fromarray(photo).resize((TIMED, TIMED), Image.Resampling.BICUBIC)
    least = dict.fromkeys(converters, float("inf"))
    for _ in range(repeats + 1):  # the first time is never the fastest
        for name, converter in converters.items():
            image = picture.copy()
            began = time.perf_counter()
            converter.convert(image, in_place=True)
            least[name] = min(least[name], time.perf_counter() - began)
    return {name: seconds * 1e3 / (TIMED * TIMED / 1e6) for name, seconds in least.items()}


def table(columns: dict[str, dict[str, float]], against: str) -> str:
    """All figures that anyone has, in Markdown."""
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for figure, (title, form) in FIGURES.items():
        values = [column.get(figure) for column in columns.values()]
        if any(value is not None for value in values):
            cells = ["" if value is None else format(value, form) for value in values]
            lines.append(f"| {title.format(against=against)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", nargs="?", type=Path, default=SAMPLES, help="a folder [samples]")
    parser.add_argument(
        "--style", action="append", help="name, folder or file; may be repeated [all by name]"
    )
    parser.add_argument("--faces", type=Path, help="a folder of portraits [faces in PHOTOS]")
    parser.add_argument("--vgg19", type=Path, metavar="FILE", help="weights, for content and KID")
    parser.add_argument("--layer", default=LAYER, help=f"of VGG19, for both [{LAYER}]")
    parser.add_argument("--drawings", type=Path, metavar="FOLDER", help="an artist's, for KID")
    parser.add_argument("--films", type=int, default=6, help="of how many photographs [6]")
    parser.add_argument("--against", default="comic", help="the style that times are compared with [comic]")
    parser.add_argument("--repeats", type=int, default=5, help="of each timing [5]")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    names = options.style or [plugin.name for plugin in find_plugins("styles")]
    try:
        report = compare(names, options)
    except ToonifyError as error:
        parser.exit(1, f"error: {error}\n")
    if options.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{report['photographs']} photographs, {report['faces']} faces\n")
    print(table(report["figures"], options.against))
    if not options.vgg19:
        print("\nno content distance, no KID: give VGG19's weights (--vgg19)")


def seen_by_vgg19(options: argparse.Namespace) -> Seen:
    features = vgg19(options.vgg19, options.layer)
    if not options.drawings:
        return Seen(features)
    drawings = (np.asarray(open_rgb(path)) for path in find_pictures(options.drawings))
    return Seen(features, hand(features, drawings))


def compare(names: Sequence[str], options: argparse.Namespace) -> dict[str, Any]:
    """Counts of pictures, and the figures by column and name."""
    pictures = read_pictures(options.photos, options.faces, options.films)
    if not pictures.scenes:
        raise ToonifyError(f"there are no pictures in {options.photos}")
    seen = seen_by_vgg19(options) if options.vgg19 else None
    converters = {name: Converter(load_style(name)) for name in dict.fromkeys([*names, options.against])}
    times = milliseconds(converters, pictures.scenes[0], options.repeats)
    columns = {"photographs": measure(pictures, lambda photo: photo, 1, seen)}
    for name in names:
        converter = converters[name]
        columns[name] = measure(
            pictures, drawing_with(converter), converter.style.manifest.multiple, seen
        ) | {
            "milliseconds": times[name],
            "times": times[name] / times[options.against],
            "megabytes": converter.style.size / 1e6,
        }
    return {"photographs": len(pictures.scenes), "faces": len(pictures.faces), "figures": columns}


if __name__ == "__main__":
    main()
