"""What the stage answers, and how files are counted for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from toonify.media import tell_left_aside
from toonify.plugins import Domain
from toonify.preparing.filtering import FilteredFiles
from toonify.preparing.request import FLAGS
from toonify.storage import ARRAYS
from toonify.text import for_shell, visible

REASONS_SHOWN = 5
DRAWN = (
    "Drawn faces are found less often than photographed ones, those of anime seldom: give cartoons that are "
    "faces already without cropping, or leave those without a face out: `reject` faceless"
)
ALIKE = {"duplicate": "the same as another", "near": "nearly the same as another"}
"""What is said in place of reasons that name the other file."""


@dataclass(frozen=True)
class PrepareResult:
    """What came of a request.

    Attributes:
        output: The dataset's folder.
        counts: Pictures by split and array.
        files: Files by domain: how many were `found`, how many of those were `left out`, and how
            many of the rest are `flagged`.
        flags: Flagged files that are kept all the same, by domain and kind.
        rejected: `{"picture", "domain", "kind", "reason"}` for each file that is left out.
        dry_run: Whether nothing was written; `counts` is what would have been made then.
        seconds: How long it took.
        left_aside: What else lies in the folders, counted by kind: `{".psd": 1, "hidden": 2}`.
        faces: When cropped to faces, by domain how many pictures had `none`, `one` or `more`.
    """

    output: Path
    counts: dict[str, dict[str, int]]
    files: dict[str, dict[str, int]]
    flags: dict[str, dict[str, int]]
    rejected: list[dict[str, str]]
    dry_run: bool
    seconds: float
    left_aside: dict[str, int] = field(default_factory=dict)
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
        dataset = for_shell(str(self.output))
        command = f"toonify train {dataset}"
        if "cartoon" not in self.counts["train"]:  # pairs alone, from which few presets learn
            preset = "drawn" if "regions" in self.counts["train"] else "pairs"
            command = f"toonify train {dataset} --preset {preset}"
        lines = [f"{self.output} is ready: train with  {command}"]
        if self.dry_run:
            lines = ["nothing was written (a dry run)"]
        where = "" if self.dry_run else f"; {self.output}/report.html shows them, survey.csv lists all"
        for domain, found in self.faces.items():
            lines.append(
                f"{domain}: files with one face {found['one']}, with more {found['more']}, "
                f"without {found['none']} (cropped in the middle)"
            )
        if self.faces.get("cartoon", {}).get("none"):
            lines.append(DRAWN)
        if self.rejected:
            lines.append(f"{_files(len(self.rejected))} left out{where}:")
            lines += [
                f"{number:5}  {reason}, such as {example}"
                for reason, number, example in self.reasons[:REASONS_SHOWN]
            ]
        lines += [tell_left_aside(self.left_aside)] if self.left_aside else []
        flagged = Counter[str]()
        for kinds in self.flags.values():
            flagged.update(kinds)
        if flagged:
            lines.append(f"{_files(sum(files['flagged'] for files in self.files.values()))} flagged{where}:")
            lines += [f"{number:5}  {kind}: {FLAGS[kind]}" for kind, number in flagged.items() if number]
        return "\n".join(map(visible, lines))

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"output": str(self.output), "seconds": round(self.seconds, 3)}


def _files(number: int) -> str:
    return "1 file was" if number == 1 else f"{number} files were"


def count_files(files: Mapping[Domain, FilteredFiles]) -> dict[str, dict[str, int]]:
    """By domain: how many were found, how many are left out, and how many of the rest are flagged."""
    return {
        domain: {
            "found": len(each.scan.items),
            "left out": len(each.rejected),
            "flagged": len({int(index) for kind in FLAGS for index in each.flagged(kind)}),
        }
        for domain, each in files.items()
    }


def count_flags(files: Mapping[Domain, FilteredFiles]) -> dict[str, dict[str, int]]:
    """By domain and kind: how many files are flagged and kept all the same."""
    return {
        domain: {kind: len(flagged) for kind in FLAGS if len(flagged := each.flagged(kind))}
        for domain, each in files.items()
    }


def list_rejected(files: Mapping[Domain, FilteredFiles]) -> list[dict[str, str]]:
    """Every file that is left out, by domain and name, as the manifest lists it."""
    entries = [
        {"picture": each.name(index), "domain": domain, "kind": why.kind, "reason": why.reason}
        for domain, each in files.items()
        for index, why in each.rejected.items()
    ]
    order = {array.domain: place for place, array in enumerate(ARRAYS.values())}
    return sorted(entries, key=lambda entry: (order[entry["domain"]], entry["picture"]))
