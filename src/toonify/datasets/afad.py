"""`--source afad`: the Asian Face Age Dataset, with a choice of ages and of gender.

Niu et al., "Ordinal Regression with Multiple Output CNN for Age Estimation" (CVPR 2016).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from toonify.plugins import DatasetSource, Domain, SourceItem, find_pictures, unknown, usage_error

GENDERS = {"male": "111", "female": "112"}


class Afad(DatasetSource):
    """Photos from `<age>/<111 or 112>/`; the cartoons come from the CARTOONS folder.

    Args:
        age: One, such as 20, or a range, such as 18-25; by default all.
        gender: `male` or `female`; by default both.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo"})

    def __init__(self, age: int | str | None = None, gender: str | None = None) -> None:
        if gender is not None and gender not in GENDERS:
            raise unknown("gender in AFAD called", gender, GENDERS)
        self.ages = None if age is None else _range(str(age))
        self.genders = list(GENDERS.values()) if gender is None else [GENDERS[gender]]

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Pictures by age, then gender; an identity such as `20/112/1-0.jpg`.

        Raises:
            ToonifyError: if `root` is not laid out so, or holds none of the ages asked for.
        """
        folders = {folder for gender in self.genders for folder in root.glob(f"*/{gender}")}
        there = sorted({int(folder.parent.name) for folder in folders if _is_age(folder.parent)})
        if not there:
            raise usage_error(
                f"{root} holds no folder such as 20/{self.genders[0]}",
                "The source 'afad' looks for <age>/<111 (male) or 112 (female)>/*.jpg in PHOTOS.",
            )
        ages = [age for age in there if self.ages is None or age in self.ages]
        if not ages:
            raise usage_error(
                f"{root} holds no pictures of the age that the source 'afad' is asked for",
                f"Ages there: {', '.join(map(str, there))}.",
            )
        for age in ages:
            for gender in self.genders:
                for path in find_pictures(root / str(age) / gender):
                    yield SourceItem(path.relative_to(root).as_posix(), path)


def _is_age(folder: Path) -> bool:
    return re.fullmatch("[1-9][0-9]{0,2}", folder.name) is not None


def _range(text: str) -> range:
    found = re.fullmatch(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3}))?\s*", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise usage_error(
            f"the option age of the source 'afad' should be an age, such as 20, or a range, "
            f"such as 18-25, not '{text}'"
        )
    return range(first, last + 1)
