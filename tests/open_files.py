"""Windows' rule on Linux: nothing that is open is renamed or removed, and no folder renamed that holds it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


def keep_open_files_in_place(patch: pytest.MonkeyPatch) -> None:
    """Let `os.replace` and `os.unlink` refuse what this process has open or mapped, as Linux tells."""

    def refusing(function: Callable[..., None], count: int) -> Callable[..., None]:
        def refuse(*paths: Any, **options: Any) -> None:
            for path in paths[:count]:
                _refuse_open(Path(os.path.realpath(os.fspath(path))))
            function(*paths, **options)

        return refuse

    for name, count in (("replace", 2), ("unlink", 1)):
        patch.setattr(os, name, refusing(getattr(os, name), count))


def _refuse_open(path: Path) -> None:
    if any(open_.is_relative_to(path) for open_ in _open_files()):
        raise PermissionError(errno.EACCES, "Access is denied", str(path))


def _open_files() -> Iterator[Path]:
    for descriptor in [*Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            yield descriptor.readlink()
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        yield from (Path(part) for part in line.split(maxsplit=5)[5:])
