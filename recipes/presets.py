#!/usr/bin/env python3
"""Trains every preset until it can be told what it does, and draws the same photographs with each.

    python recipes/presets.py PHOTOS CARTOONS [OPTION...] --backbone-weights vgg19.npz --layer block3_conv4

PHOTOS are portraits, CARTOONS drawn faces, best of other people: `recipes/faces.sh` makes some. Pictures are
small, networks narrow, steps few: an hour on two cores. On a large GPU it takes minutes to see what each
preset is after, with `--share 10 --size 128 --batch-size 8`. Options that it does not know are those of
`toonify train`, such as `--precision mixed_bfloat16` where processors have AMX. `presets/presets.jpg` shows
what each makes of the samples, and a table says how its losses went; `comic` and `drawn` are the bundled
styles, which these presets trained. Run it again after an interruption, and it goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from toonify.preparing.faces import squares

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"
VIEWS = (SAMPLES / "astronaut.jpg", SAMPLES / "mountains.jpg")
CELL, GAP, LABEL, COLUMNS = 150, 4, 20, 2  # pixels; presets beside each other on the sheet
EPOCHS = 8  # of a phase against cartoons, each of which ends with a measurement
PAIR = 128  # pixels, which whole faces need


@dataclass(frozen=True)
class Course:
    """How a preset is trained here.

    Attributes:
        steps: Of an epoch: an adversary against cartoons has `EPOCHS`, pairs as many as the preset says.
        options: Of `toonify train`, beside what the preset says.
        pairs: Whether it learns from pairs.
        start: The initialisation that it begins with, for the paper's generator begins with noise; others
            begin with the photograph itself, and need none.
        preset: That it is trained by, where that is not the one of its name.
    """

    steps: int
    options: Sequence[str] = ()
    pairs: bool = False
    start: str = ""
    preset: str = ""


COURSES: Mapping[str, Course] = {  # without `diya`, which with VGG19 in place of ResNet101 is `cartoongan`
    # Its own weights and rates take it back to the photograph.
    "animeganv2": Course(75, preset=str(HERE / "animeganv2.toml")),
    "cartoongan": Course(75, start="start"),
    "light": Course(75, ("--learning-rate", "2e-4")),
    "pairs": Course(30, pairs=True),
    "portrait": Course(125, start="start-resized"),
    "whitebox": Course(75),
}
INITIALISED = ("--init-epochs", str(EPOCHS), "--epochs", "0", "--learning-rate", "1e-3")
STARTS: Mapping[str, Course] = {  # as `portrait` begins, which has no transposed convolutions
    "start": Course(88, (*INITIALISED, "--generator-option", "resize=false"), preset="portrait"),
    "start-resized": Course(88, INITIALISED, preset="portrait"),
}
BUNDLED = ("comic", "drawn")  # presets whose styles come with toonify, trained to their end
NARROW = ("width=24", "blocks=4", "leak=0.2")  # of the paper's generator: a tenth of its work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("cartoons", type=Path)
    parser.add_argument("--backbone-weights", default="imagenet", help="of VGG19")
    parser.add_argument("--layer", default="block4_conv4", help="of VGG19")
    parser.add_argument("--size", type=int, default=96, help="of pictures that are no pairs, pixels [96]")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the steps, such as 0.1 to try it out [1]"
    )
    parser.add_argument("--faces", type=Path, nargs="*", default=[], help="photographs to show, too")
    parser.add_argument("--work", type=Path, default=Path("presets"), help="where it works [presets]")
    arguments, options = parser.parse_known_args()
    arguments.options = options
    prepare(arguments)
    for name, course in {**STARTS, **COURSES}.items():
        train(arguments, name, course)
    print_table(arguments.work)
    photos = [*arguments.faces, *VIEWS]
    page = sheet(draw(arguments.work, photos), len(photos))
    page.save(arguments.work / "presets.jpg", quality=86)
    print(f"Look at {arguments.work / 'presets.jpg'}.")


def toonify(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "toonify", *map(str, arguments)], check=True)


def prepare(arguments: argparse.Namespace) -> None:
    kinds: dict[str, tuple[Sequence[object], int]] = {
        "unpaired": ((arguments.cartoons, "--superpixels", "--reject", "faceless,flat"), arguments.size),
        "paired": (("--source", "comic"), PAIR),
    }
    for name, (kind, size) in kinds.items():
        folder = arguments.work / name
        if not (folder / "dataset.json").exists():
            toonify("prepare", arguments.photos, *kind, "-o", folder, "--crop", "face", "--size", size)


def train(arguments: argparse.Namespace, name: str, course: Course) -> None:
    run = arguments.work / name
    if (run / "run.json").exists():
        toonify("train", "--resume", run)
        return
    options: list[object] = ["--preset", course.preset or name, *course.options]
    options += ["--steps-per-epoch", max(1, round(arguments.share * course.steps)), "--batch-size", 4]
    if not course.pairs:
        options += ["--backbone", "vgg19", "--backbone-weights", arguments.backbone_weights]
        options += ["--content-layer", arguments.layer]
        if name not in STARTS:
            options += ["--init-epochs", 0, "--epochs", EPOCHS]
    if name in STARTS or course.start:
        options += [word for option in NARROW for word in ("--generator-option", option)]
    if course.start:
        options += ["--from", arguments.work / course.start]
    dataset = arguments.work / ("paired" if course.pairs else "unpaired")
    toonify("train", dataset, *options, *arguments.options, "-o", run)


def print_table(work: Path) -> None:
    """Each figure of the last phase, early and late."""
    for preset in COURSES:
        rows = list(csv.DictReader((work / preset / "metrics.csv").open(newline="")))
        rows = [row for row in rows if row["phase"] == rows[-1]["phase"]]
        tenth = max(1, len(rows) // 10)
        names = [name for name in rows[-1] if name not in ("step", "phase", "epoch") and rows[-1][name]]
        for name in names:
            early, late = (
                statistics.fmean(float(row[name]) for row in part) for part in (rows[:tenth], rows[-tenth:])
            )
            print(f"{preset:<12} {name:<24} {early:>10.4g} {late:>10.4g}")


def draw(work: Path, photos: Sequence[Path]) -> Mapping[str, Path]:
    """A folder of pictures for each name on the sheet: the photographs', then the presets'."""
    folders = {"photographs": work / "views"}
    folders["photographs"].mkdir(exist_ok=True)
    for number, path in enumerate(photos):
        with Image.open(path) as image:
            photo = image.convert("RGB")
        box = next(iter(squares(photo, CELL)), None)
        view = ImageOps.fit(photo.crop(box) if box else photo, (2 * CELL, 2 * CELL), Image.Resampling.LANCZOS)
        view.save(folders["photographs"] / f"{number}.png")
    for preset in sorted((*COURSES, *BUNDLED)):
        folders[preset] = work / f"{preset}-drawn"
        # Faces about as large as those that were learnt from.
        style = (preset, "--no-painter") if preset in BUNDLED else (work / preset, "--detail", CELL)
        options = ("--style", *style, "--format", "png", "--overwrite")
        toonify("convert", folders["photographs"], folders[preset], *options)
    return folders


def sheet(folders: Mapping[str, Path], count: int) -> Image.Image:
    """Strips of pictures, each below its name, side by side in `COLUMNS`."""
    width, height = count * (CELL + GAP) + 3 * GAP, LABEL + CELL + 2 * GAP
    page = Image.new("RGB", (COLUMNS * width - 4 * GAP, -(-len(folders) // COLUMNS) * height), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for place, (name, folder) in enumerate(folders.items()):
        left, top = place % COLUMNS * width, place // COLUMNS * height
        pen.text((left, top + LABEL // 2), name, "black", font, anchor="lm")
        for column in range(count):
            with Image.open(folder / f"{column}.png") as image:
                picture = image.convert("RGB").resize((CELL, CELL), Image.Resampling.LANCZOS)
            page.paste(picture, (left + column * (CELL + GAP), top + LABEL))
    return page


if __name__ == "__main__":
    main()
