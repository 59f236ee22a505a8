"""Runs made to fail, each in its own way, and one that does not: whether the verdict names the way.

    python benchmarks/verdicts.py [--only WAY]

Small networks learn, for a few hundred steps, to make drawings of made-up pictures: landscapes with noise as
photographs, flat ones with outlines as cartoons. Each run spoils one thing. Ends with 1 if one is misjudged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from toonify.storage import DatasetManifest
from toonify.training import TrainRequest, train

SIDE, COUNT, VAL = 48, 64, 32
RATE, DISCRIMINATOR_RATE = "1e-3", "5e-4"
PRESET = """
description = "A small game, of which a run spoils one thing"
batch_size = 8
steps_per_epoch = 50
checkpoint_every = 10000
sample_every = 10000

[generator]
name = "lite"
options = {{ width = 6 }}

[discriminator]
width = 4

[measuring]
every = 2

[backbone]
name = "vgg19"
weights = "none"
layer = "block1_conv2"

[adversarial]
loss = "{loss}"
epochs = {epochs}
learning_rate = {rate}
discriminator_learning_rate = {discriminator_rate}

[adversarial.terms]
content = {{ weight = {content} }}
style = {{ weight = {style} }}
adversarial = {{ weight = {adversarial} }}
variation = {{ weight = {variation} }}
"""
USUAL: dict[str, Any] = {
    "epochs": 8,
    "loss": "gan",
    "rate": RATE,
    "discriminator_rate": DISCRIMINATOR_RATE,
    "content": 0.3,
    "adversarial": 1.0,
    "style": 0.0,
    "variation": 0.0,
}


@dataclass(frozen=True)
class Case:
    """A run.

    Attributes:
        way: What the verdict should call it.
        spoilt: What differs from the usual.
    """

    way: str
    spoilt: dict[str, Any] = field(default_factory=dict)


CASES = (
    Case("learnt", {"style": 2.0, "content": 1.0, "adversarial": 0.02}),
    Case("learning rate too low", {"rate": "1e-9"}),
    Case("learning rate too high", {"rate": "0.3"}),
    Case("nothing asks for cartoons", {"adversarial": 0.0}),
    Case("held too fast", {"content": 1e4}),
    Case("discriminator wins", {"rate": "2e-5", "discriminator_rate": "1e-2", "loss": "lsgan"}),
    Case("discriminator gives up", {"discriminator_rate": "1e-9"}),
    Case("one colour", {"variation": 1e4}),
    Case("unlike the photographs", {"content": 0.0}),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=[case.way for case in CASES], help="that run alone")
    only = parser.parse_args().only
    cases = [case for case in CASES if only in (None, case.way)]
    with tempfile.TemporaryDirectory() as folder:
        right = sum(named(case, Path(folder) / str(number)) for number, case in enumerate(cases))
    print(f"{right} of {len(cases)} verdicts name the way")
    sys.exit(right < len(cases))


def named(case: Case, folder: Path) -> bool:
    """Whether the verdict on a run names its way; prints it."""
    folder.mkdir()
    preset = folder / "preset.toml"
    preset.write_text(PRESET.format(**USUAL | case.spoilt), encoding="utf-8")
    write_dataset(folder / "dataset")
    start = time.process_time()
    verdict = train(TrainRequest(folder / "dataset", folder / "run", preset=str(preset))).verdict
    assert verdict
    right = verdict.way == case.way
    seconds = time.process_time() - start
    print(f"{'right' if right else 'WRONG'}  {case.way:26} {seconds:5.0f} s of processor\n       {verdict}\n")
    return right


def write_dataset(folder: Path) -> None:
    """As `toonify prepare` would."""
    chance = np.random.default_rng(0)
    shards: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for split, count in (("train", COUNT), ("val", VAL)):
        arrays = {
            "cartoon": np.stack([landscape(chance, drawn=True) for _ in range(count)]),
            "photo": np.stack([landscape(chance, drawn=False) for _ in range(count)]),
        }
        arrays["smoothed"] = blurred(arrays["cartoon"])
        (folder / split).mkdir(parents=True)
        shards[split] = {}
        for name, pictures in arrays.items():
            np.save(folder / split / f"{name}-00000.npy", pictures)
            shards[split][name] = [{"file": f"{split}/{name}-00000.npy", "count": count}]
    counts = {"train": dict.fromkeys(shards["train"], COUNT), "val": dict.fromkeys(shards["val"], VAL)}
    DatasetManifest(request={}, size=SIDE, counts=counts, shards=shards, content_hash="made up").write(folder)


def landscape(chance: np.random.Generator, *, drawn: bool) -> np.ndarray:
    """Light above, dark below, and a few discs: uint8 (SIDE, SIDE, 3)."""
    down, across = np.mgrid[:SIDE, :SIDE]
    horizon = chance.uniform(0.35, 0.65) * SIDE
    picture = np.where(down[..., None] < horizon, chance.integers(170, 230, 3), chance.integers(40, 90, 3))
    outline = np.abs(down - horizon) < 1
    for _ in range(4):
        distance = np.hypot(down - chance.uniform(0, SIDE), across - chance.uniform(0, SIDE))
        radius = chance.uniform(4, 10)
        picture = np.where(distance[..., None] < radius, chance.integers(60, 200, 3), picture)
        outline = np.where(distance < radius, False, outline) | (np.abs(distance - radius) < 1)
    if drawn:
        grey = picture.mean(axis=2, keepdims=True)
        picture = np.where(outline[..., None], 0, grey + 1.6 * (picture - grey) + 25)
    else:
        picture = picture + 12 * (down / SIDE)[..., None] + chance.normal(0, 12, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def blurred(pictures: np.ndarray) -> np.ndarray:
    """Means of 3 × 3 pixels."""
    padded = np.pad(pictures.astype(np.float32), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    near = [padded[:, i : i + SIDE, j : j + SIDE] for i in range(3) for j in range(3)]
    return np.mean(near, axis=0).astype(np.uint8)


if __name__ == "__main__":
    main()
