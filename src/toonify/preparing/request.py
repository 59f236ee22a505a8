"""What is asked of the stage, and what it answers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from toonify.errors import unbroken, unknown, usage_error
from toonify.preparing.kinds import KINDS, NONE, UNUSABLE

CROPS = ("random", "center", "face")
TONES = ("none", "auto")
SIZES = range(16, 4097)
REASONS_SHOWN = 5
ALIKE = {"duplicate": "the same as another", "near": "nearly the same as another"}
"""What is said in place of reasons that name the other file."""


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
        crop: `random`: a square somewhere in the picture; `center`: the largest one in its middle;
            `face`: one around each face, without any as `center`.
        tone: `auto`: lift the shadows of photos in which a face lies in deep shadow; `none`: leave
            all as they are.
        count: Pictures wanted of each kind; more than there are files means several crops of a
            file. `None`: one of each file.
        val_fraction: Part of the pictures kept for validation, 0 up to 1.
        reject: Which of the flagged kinds (`KINDS`) are left out.
        workers: Processes; 0 for one per core.
        seed: Same seed, same dataset.
        overwrite: Replace an existing dataset.
        dry_run: Look at the pictures and report, without writing anything.
    """

    photos: Path
    cartoons: Path | None = None
    output: Path = Path("dataset")
    source: str = "folder"
    source_options: Mapping[str, Any] = field(default_factory=dict)
    size: int = 256
    crop: str = "random"
    tone: str = "none"
    count: int | None = None
    val_fraction: float = 0.05
    reject: tuple[str, ...] = UNUSABLE
    workers: int = 0
    seed: int = 0
    overwrite: bool = False
    dry_run: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that pictures are read from."""
        return (self.photos,) if self.cartoons is None else (self.photos, self.cartoons)

    def check(self) -> None:
        """Raise a usage `ToonifyError` for folders that are not there and values that make no sense."""
        for folder in self.folders:
            if not folder.exists():
                raise usage_error(f"{folder}: no such file or folder")
        if len({os.path.realpath(folder) for folder in self.folders}) < len(self.folders):
            raise usage_error(f"{self.photos} is given as photos and as cartoons", "Give two folders.")
        if self.size not in SIZES:
            raise usage_error(f"--size {self.size}: give {SIZES[0]} to {SIZES[-1]} pixels")
        if self.crop not in CROPS:
            raise usage_error(f"--crop {self.crop}: choose one of {', '.join(CROPS)}")
        if self.tone not in TONES:
            raise usage_error(f"--tone {self.tone}: choose one of {', '.join(TONES)}")
        if self.count is not None and self.count < 1:
            raise usage_error(f"--count {self.count}: give 1 or more, or leave it out")
        if not 0 <= self.val_fraction < 1:
            raise usage_error(f"--val-fraction {self.val_fraction}: give 0 up to, but not, 1")
        for kind in self.reject:
            if kind not in KINDS:
                raise unknown("kind to --reject", kind, [*KINDS, NONE])
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
            "tone": self.tone,
            "count": self.count,
            "val_fraction": self.val_fraction,
            "reject": [kind for kind in KINDS if kind in self.reject],
            "seed": self.seed,
        }


def _portable(value: Any) -> Any:
    if isinstance(value, (str, Path)):
        return Path(value).name if Path(value).is_absolute() else str(value)
    return value if isinstance(value, (bool, int, float, type(None))) else repr(value)


@dataclass(frozen=True)
class PrepareResult:
    """What came of it.

    Attributes:
        output: The dataset's folder.
        counts: Pictures by split and array.
        files: Files by domain: how many were `found`, how many of those were `left out`, and how
            many of the rest are `flagged`.
        flags: Flagged files that are kept all the same, by domain and kind.
        rejected: `{"picture", "domain", "kind", "reason"}` for each file that is left out.
        dry_run: Whether nothing was written; `counts` is what would have been made then.
        seconds: How long it took.
        faces: With `--crop face`, by domain how many pictures had `none`, `one` or `more`.
    """

    output: Path
    counts: dict[str, dict[str, int]]
    files: dict[str, dict[str, int]]
    flags: dict[str, dict[str, int]]
    rejected: list[dict[str, str]]
    dry_run: bool
    seconds: float
    faces: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0: files that cannot be used are part of the job; a dataset that cannot be is an error."""
        return 0

    @property
    def table(self) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
        """Columns and rows: files and pictures of each domain."""
        columns = ("", *next(iter(self.files.values())), *self.counts)
        return columns, [
            (domain, *files.values(), *(arrays[domain] for arrays in self.counts.values()))
            for domain, files in self.files.items()
        ]

    @property
    def reasons(self) -> list[tuple[str, int, str]]:
        """Why files are left out, how many, and an example; the most frequent first."""
        said = [(ALIKE.get(entry["kind"], entry["reason"]), entry["picture"]) for entry in self.rejected]
        examples = dict(reversed(said))
        times = Counter(reason for reason, _ in said).most_common()
        return [(reason, number, examples[reason]) for reason, number in times]

    @property
    def summary(self) -> str:
        """What a person wants to know, in a few lines."""
        # Pairs alone are what the preset `comic` starts from; the others need cartoons.
        preset = "" if "cartoon" in self.counts["train"] else " --preset comic"
        lines = [f"{self.output} is ready: train with  toonify train {self.output}{preset}"]
        if self.dry_run:
            lines = ["nothing was written (--dry-run)"]
        where = "" if self.dry_run else f"; {self.output}/report.html shows them, survey.csv lists all"
        for domain, found in self.faces.items():
            lines.append(
                f"{domain}: files with one face {found['one']}, with more {found['more']}, "
                f"without {found['none']} (cropped in the middle)"
            )
        if self.rejected:
            lines.append(f"{_files(len(self.rejected))} left out{where}:")
            lines += [
                f"{number:5}  {reason}, such as {example}"
                for reason, number, example in self.reasons[:REASONS_SHOWN]
            ]
        flagged = Counter[str]()
        for kinds in self.flags.values():
            flagged.update(kinds)
        if flagged:
            lines.append(f"{_files(sum(files['flagged'] for files in self.files.values()))} flagged{where}:")
            lines += [f"{number:5}  {kind}: {KINDS[kind]}" for kind, number in flagged.items() if number]
        return "\n".join(map(unbroken, lines))

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"output": str(self.output), "seconds": round(self.seconds, 3)}


def _files(number: int) -> str:
    return "1 file was" if number == 1 else f"{number} files were"
