"""Where the files of each artefact lie below its folder: their names stand here, once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


def step_name(step: int) -> str:
    """What the files of a step are called; they sort as the steps do."""
    return f"step-{step:07d}"


@dataclass(frozen=True)
class DatasetFolder:
    """What `toonify prepare` writes."""

    path: Path

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def contact_sheet(self) -> Path:
        return self.path / "preview.png"

    @property
    def survey(self) -> Path:
        """A line for every file that was looked at."""
        return self.path / "survey.csv"

    @property
    def files(self) -> tuple[Path, ...]:
        """Those beside the manifest and the shards."""
        return (self.contact_sheet, self.report, self.survey)

    @property
    def journal(self) -> Path:
        """How far a run has come; there while the dataset is being made."""
        return self.path / "progress.json"

    @property
    def scan(self) -> Path:
        """What was seen of each file; there while the dataset is being made."""
        return self.path / "survey.jsonl"

    @property
    def unfinished(self) -> Path:
        """Where it is made if the folder itself cannot be replaced, as a mount point."""
        return self.path / ".unfinished"

    @property
    def lock(self) -> Path:
        """There while somebody makes the dataset."""
        return self.path / ".lock"

    @staticmethod
    def shard(split: str, array: str, number: int) -> str:
        """Relative to the folder, as the manifest lists it."""
        return f"{split}/{array}-{number:05d}.npy"


@dataclass(frozen=True)
class RunFolder:
    """What `toonify train` writes."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def checkpoint(self, step: int) -> Path:
        """The state after a step."""
        return self.checkpoints / f"{step_name(step)}.npz"

    @property
    def steps(self) -> list[int]:
        """Those that there are checkpoints of, in order."""
        found = (
            re.fullmatch(r"step-([0-9]{1,9})", path.stem) for path in self.checkpoints.glob("step-*.npz")
        )
        return sorted(int(name[1]) for name in found if name)

    @property
    def metrics(self) -> Path:
        """A row for each step."""
        return self.path / "metrics.csv"

    @property
    def measures(self) -> Path:
        """A row for each measurement on the validation split."""
        return self.path / "measures.csv"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def samples_now(self) -> Path:
        """Whoever makes this file gets a sample grid after the next step; it is gone then."""
        return self.path / "samples.now"

    @property
    def style(self) -> Path:
        return self.path / "style"

    def style_of(self, step: int) -> Path:
        """The style of a checkpoint, there once somebody has asked for it."""
        return self.path / "styles" / step_name(step)

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def lock(self) -> Path:
        """The system lets go of it when its process dies, however that happens."""
        return self.path / ".lock"


@dataclass(frozen=True)
class StyleFolder:
    """What `toonify convert` and `toonify export` take: a folder, or one file of the same parts."""

    path: Path

    @property
    def generator(self) -> Path:
        return self.path / "generator.onnx"

    @property
    def int8(self) -> Path:
        """The generator in 8 bits."""
        return self.path / "generator.int8.onnx"

    @property
    def weights(self) -> Path:
        return self.path / "generator.npz"

    @property
    def words(self) -> Path:
        """What there is to say about the style, for people."""
        return self.path / "README.md"
