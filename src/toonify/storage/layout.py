"""Where the files of each artefact lie below its folder: their names stand here, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


def step_name(step: int) -> str:
    """What the files of a step are called; they sort as the steps do, up to ten million."""
    return f"step-{step:07d}"


def steps_in(folder: Path, suffix: str) -> Iterator[tuple[int, Path]]:
    """Step and path of each file of a step, in no order; copies that somebody keeps under other names are
    none of them.
    """
    for path in folder.glob(f"step-*{suffix}"):
        digits = re.fullmatch("step-([0-9]{1,9})", path.stem)
        if digits and path.stem == step_name(int(digits[1])):
            yield int(digits[1]), path


@dataclass(frozen=True)
class Artefact:
    """A folder with files of known names."""

    path: Path


@dataclass(frozen=True)
class Below:
    """An attribute of an artefact: the path of something in its folder."""

    name: str

    def __get__(self, artefact: Artefact, kind: type) -> Path:
        return artefact.path / self.name


class DatasetFolder(Artefact):
    """What `toonify prepare` writes."""

    report = Below("report.html")
    contact_sheet = Below("preview.png")
    survey = Below("survey.csv")  # a line for every file that was looked at

    # There while the dataset is being made:
    journal = Below("progress.json")  # how far a run has come
    scan = Below("survey.jsonl")  # what was seen of each file
    unfinished = Below(".unfinished")  # where it is made if the folder cannot be replaced, as a mount point
    lock = Below(".lock")

    @property
    def files(self) -> tuple[Path, ...]:
        """Those beside the manifest and the shards."""
        return (self.contact_sheet, self.report, self.survey)

    @staticmethod
    def shard(split: str, array: str, number: int) -> str:
        """Relative to the folder, as the manifest lists it."""
        return f"{split}/{array}-{number:05d}.npy"


class RunFolder(Artefact):
    """What `toonify train` writes."""

    checkpoints = Below("checkpoints")
    metrics = Below("metrics.csv")  # a row for each step
    measures = Below("measures.csv")  # a row for each measurement on the validation split
    samples = Below("samples")
    samples_now = Below("samples.now")  # whoever makes this gets a grid after the next step; it is gone then
    style = Below("style")
    report = Below("report.html")
    tensorboard = Below("tensorboard")
    lock = Below(".lock")  # the system lets go of it when its process dies, however that happens

    def checkpoint(self, step: int) -> Path:
        """The state after a step."""
        return self.checkpoints / f"{step_name(step)}.npz"

    @property
    def steps(self) -> list[int]:
        """Those that there are checkpoints of, in order."""
        return sorted(step for step, _ in steps_in(self.checkpoints, ".npz"))

    def grid(self, step: int) -> Path:
        """The sample grid of a step."""
        return self.samples / f"{step_name(step)}.png"

    @property
    def grids(self) -> list[tuple[int, Path]]:
        """Step and file of each sample grid, in order."""
        return sorted(steps_in(self.samples, ".png"))

    def style_of(self, step: int) -> Path:
        """The style of a checkpoint, there once somebody has asked for it."""
        return self.path / "styles" / step_name(step)


class StyleFolder(Artefact):
    """What `toonify convert` and `toonify export` take: a folder, or one file of the same parts."""

    generator = Below("generator.onnx")
    int8 = Below("generator.int8.onnx")  # the generator in 8 bits
    weights = Below("generator.npz")
    words = Below("README.md")  # what there is to say about the style, for people

    @property
    def network(self) -> tuple[Path, ...]:
        """What is another once the network is, whichever of them there are."""
        return (self.generator, self.int8, self.weights)
