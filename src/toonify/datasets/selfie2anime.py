"""`--source selfie2anime`: selfies and anime faces, laid out as for U-GAT-IT and CycleGAN.

Kim et al., "U-GAT-IT" (ICLR 2020); any other collection in the same four folders does as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from toonify.plugins import DatasetSource, Domain, SourceItem, find_pictures, usage_error

SIDES = {"photo": "A", "cartoon": "B"}


class Selfie2Anime(DatasetSource):
    """Photos from `trainA` and `testA`, anime from `trainB` and `testB`; the tests validate."""

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo", "cartoon"})

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        train, test = root / f"train{SIDES[domain]}", root / f"test{SIDES[domain]}"
        if not train.is_dir():
            raise usage_error(
                f"{root} holds no folder {train.name}",
                "The source 'selfie2anime' looks for trainA and testA (photos), trainB and testB (anime).",
            )
        for path in find_pictures(train):
            yield SourceItem(path.relative_to(root).as_posix(), path, split="train")
        for path in find_pictures(test):
            yield SourceItem(path.relative_to(root).as_posix(), path, split="val")
