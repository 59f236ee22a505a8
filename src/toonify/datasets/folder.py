"""The `folder` source: whatever pictures a folder and its sub-folders hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from toonify.plugins import DatasetSource, Domain, SourceItem, find_pictures, usage_error


class Folder(DatasetSource):
    """Photos from one folder, cartoons from another; an identity is the path inside it."""

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo", "cartoon"})
    one_root: ClassVar[bool] = False

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        if not root.is_dir():
            raise usage_error(f"{root} is not a folder")
        for path in find_pictures(root):
            yield SourceItem(path.relative_to(root).as_posix(), path)
