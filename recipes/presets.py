#!/usr/bin/env python3
"""Trains every preset for a while and draws the same photographs with each: `docs/images/presets.jpg`.

    python recipes/presets.py PHOTOS CARTOONS --backbone-weights vgg19.npz --layer block3_conv4

Small networks, small pictures, few steps: enough to see that the losses behave and where each preset is
heading, not how good it becomes. Run it again after an interruption, and it goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

SAMPLES = Path(__file__).parents[1] / "samples"
VIEWS = {"astronaut.jpg": (90, 0, 350, 260), "cat.jpg": (90, 0, 390, 300), "coffee.jpg": (120, 20, 500, 400)}
NARROW = ("--generator-option", "width=16", "--learning-rate", "5e-4")
FLAGS: dict[str, Sequence[str]] = {  # what a CPU, few steps and the first layers of VGG19 ask for
    "animeganv2": ("--learning-rate", "2e-4", "--weight", "style=0.5"),
    "cartoongan": NARROW,
    "diya": ("--backbone", "vgg19", *NARROW),
    "light": ("--learning-rate", "2e-4"),
    "pairs": (),
    "portrait": ("--backbone", "vgg19", *NARROW),
    "whitebox": (),
}
SLOW = ("cartoongan", "diya", "portrait")  # begin with noise; the others with the photograph
CELL, GAP, LABEL = 176, 4, 92  # pixels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("cartoons", type=Path)
    parser.add_argument("--backbone-weights", default="imagenet", help="of VGG19")
    parser.add_argument("--layer", default="block4_conv4", help="of VGG19")
    parser.add_argument("--size", type=int, default=64, help="side of the pictures in pixels [64]")
    parser.add_argument("--pictures", type=int, default=1500, help="of each kind [1500]")
    parser.add_argument("--steps", type=int, default=800, help="of the last phase [800]")
    parser.add_argument("--batch", type=int, default=4, help="pictures in a step [4]")
    parser.add_argument("--work", type=Path, default=Path("presets"), help="where it works [presets]")
    arguments = parser.parse_args()
    prepare(arguments)
    for preset, flags in FLAGS.items():
        train(arguments, preset, flags)
    print_table(arguments.work)
    sheet(arguments.work).save(arguments.work / "presets.jpg", quality=86)
    print(f"Look at {arguments.work / 'presets.jpg'}.")


def toonify(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "toonify", *map(str, arguments)], check=True)


def prepare(arguments: argparse.Namespace) -> None:
    options = ("--size", arguments.size, "--count", arguments.pictures)
    kinds = {"unpaired": [arguments.cartoons, "--superpixels"], "paired": ["--source", "comic"]}
    for name, kind in kinds.items():
        folder = arguments.work / name
        if not (folder / "dataset.json").exists():
            toonify("prepare", arguments.photos, *kind, "-o", folder, *options)


def train(arguments: argparse.Namespace, preset: str, flags: Sequence[str]) -> None:
    run = arguments.work / preset
    if (run / "run.json").exists():
        toonify("train", "--resume", run)
        return
    dataset = arguments.work / ("paired" if preset == "pairs" else "unpaired")
    epochs, first = 8, 16 if preset in SLOW else 1
    options = ("--batch-size", arguments.batch, "--steps-per-epoch", arguments.steps // epochs)
    if preset != "pairs":
        weights = ("--backbone-weights", arguments.backbone_weights, "--content-layer", arguments.layer)
        flags = (*flags, *weights, "--init-epochs", str(first))
    toonify("train", dataset, "--preset", preset, *flags, *options, "--epochs", epochs, "-o", run)


def print_table(work: Path) -> None:
    """Each figure of the last phase, early and late."""
    for preset in FLAGS:
        rows = list(csv.DictReader((work / preset / "metrics.csv").open(newline="")))
        rows = [row for row in rows if row["phase"] == rows[-1]["phase"]]
        tenth = max(1, len(rows) // 10)
        names = [name for name in rows[-1] if name not in ("step", "phase", "epoch") and rows[-1][name]]
        for name in names:
            early, late = (
                statistics.fmean(float(row[name]) for row in part) for part in (rows[:tenth], rows[-tenth:])
            )
            print(f"{preset:<12} {name:<24} {early:>10.4g} {late:>10.4g}")


def sheet(work: Path) -> Image.Image:
    """A row for the photographs and one for each preset."""
    photos = work / "views"
    photos.mkdir(exist_ok=True)
    for name, box in VIEWS.items():
        with Image.open(SAMPLES / name) as image:
            view = ImageOps.fit(image.convert("RGB").crop(box), (CELL, CELL), Image.Resampling.LANCZOS)
        view.save(photos / f"{Path(name).stem}.png")
    rows = {"photo": photos}
    for preset in FLAGS:
        rows[preset] = work / f"{preset}-drawn"
        toonify("convert", photos, rows[preset], "--style", work / preset, "--format", "png", "--overwrite")
    step = CELL + GAP
    page = Image.new("RGB", (LABEL + len(VIEWS) * step, len(rows) * step - GAP), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for row, (label, folder) in enumerate(rows.items()):
        pen.text((4, row * step + CELL // 2), label, "black", font, anchor="lm")
        for column, name in enumerate(VIEWS):
            with Image.open(folder / f"{Path(name).stem}.png") as image:
                page.paste(image.convert("RGB"), (LABEL + column * step, row * step))
    return page


if __name__ == "__main__":
    main()
