"""What is asked of the stage, and what it answers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toonify.errors import unbroken, usage_error

CROPS = ("random", "center")
SIZES = range(16, 4097)
REASONS_SHOWN = 5


@dataclass(frozen=True)
class PrepareRequest:
    """A dataset to be made.

    Attributes:
        photos: The folder of photographs (what a source reads there is its own affair).
        cartoons: The folder of cartoons; may be left out if the source gives its own, or makes pairs.
        output: The dataset's folder.
        source: Name of the `DatasetSource` plugin.
        source_options: Its constructor's arguments.
        size: Side of the square pictures, in pixels.
        crop: `random`: a square somewhere in the picture; `center`: the largest one in its middle.
        count: Pictures wanted of each kind; more than there are files means several crops of a
            file. `None`: one of each file.
        val_fraction: Part of the pictures kept for validation, 0 up to 1.
        workers: Processes; 0 for one per core.
        seed: Same seed, same dataset.
        overwrite: Replace an existing dataset.
    """

    photos: Path
    cartoons: Path | None = None
    output: Path = Path("dataset")
    source: str = "folder"
    source_options: Mapping[str, Any] = field(default_factory=dict)
    size: int = 256
    crop: str = "random"
    count: int | None = None
    val_fraction: float = 0.05
    workers: int = 0
    seed: int = 0
    overwrite: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that pictures are read from."""
        return (self.photos,) if self.cartoons is None else (self.photos, self.cartoons)

    def check(self) -> None:
        """Raise a usage `ToonifyError` for folders that are not there and values that make no sense."""
        for folder in self.folders:
            if not folder.exists():
                raise usage_error(f"{folder}: no such folder")
        if len({os.path.realpath(folder) for folder in self.folders}) < len(self.folders):
            raise usage_error(f"{self.photos} is given as photos and as cartoons", "Give two folders.")
        if self.size not in SIZES:
            raise usage_error(f"--size {self.size}: give {SIZES[0]} to {SIZES[-1]} pixels")
        if self.crop not in CROPS:
            raise usage_error(f"--crop {self.crop}: choose one of {', '.join(CROPS)}")
        if self.count is not None and self.count < 1:
            raise usage_error(f"--count {self.count}: give 1 or more, or leave it out")
        if not 0 <= self.val_fraction < 1:
            raise usage_error(f"--val-fraction {self.val_fraction}: give 0 up to, but not, 1")
        if self.workers < 0:
            raise usage_error(f"--workers {self.workers}: give 1 or more, or 0 for one per core")

    def document(self) -> dict[str, Any]:
        """What decides the dataset's bytes, for the manifest: no absolute paths, no workers."""
        return {
            "photos": self.photos.name,
            "cartoons": self.cartoons.name if self.cartoons else None,
            "source": self.source,
            "source_options": {key: _portable(value) for key, value in sorted(self.source_options.items())},
            "size": self.size,
            "crop": self.crop,
            "count": self.count,
            "val_fraction": self.val_fraction,
            "seed": self.seed,
        }


def _portable(value: Any) -> Any:
    if isinstance(value, (str, Path)):
        return Path(value).name if Path(value).is_absolute() else str(value)
    return value if isinstance(value, (bool, int, float, type(None))) else repr(value)


@dataclass(frozen=True)
class PrepareReport:
    """What came of it.

    Attributes:
        output: The dataset's folder.
        counts: Pictures by split and array.
        rejected: `{"picture", "domain", "reason"}` for each file that could not be used.
        seconds: How long it took.
    """

    output: Path
    counts: dict[str, dict[str, int]]
    rejected: list[dict[str, str]]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0: files that cannot be used are part of the job; a dataset that cannot be is an error."""
        return 0

    @property
    def summary(self) -> str:
        """What a person wants to know, in a few lines."""
        # Pairs alone are what the preset `comic` starts from; the others need cartoons.
        preset = "" if "cartoon" in self.counts["train"] else " --preset comic"
        lines = [f"{self.output} is ready: train with  toonify train {self.output}{preset}"]
        for split, arrays in self.counts.items():
            listed = ", ".join(f"{number} {array}" for array, number in arrays.items())
            lines.append(f"{split:5}  {listed}")
        if self.rejected:
            files = "1 file" if len(self.rejected) == 1 else f"{len(self.rejected)} files"
            lines.append(f"{files} could not be used; dataset.json lists all:")
            reasons = Counter(entry["reason"] for entry in self.rejected).most_common(REASONS_SHOWN)
            examples = {entry["reason"]: entry["picture"] for entry in reversed(self.rejected)}
            lines += [f"{times:5}  {reason}, such as {examples[reason]}" for reason, times in reasons]
        return "\n".join(map(unbroken, lines))

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "output": str(self.output),
            "counts": self.counts,
            "rejected": self.rejected,
            "seconds": round(self.seconds, 3),
        }
