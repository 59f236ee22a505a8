"""Folders of this machine, or of a file system that machines share."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from toonify.errors import ToonifyError, refusal
from toonify.places.place import Found, Place, is_hidden
from toonify.storage import Occupied, Part, make_folder, put_in_place, sweep

_UNKNOWN_TO_WINDOWS = re.compile(
    r"""(aux|con|nul|prn|conin\$|conout\$|(com|lpt)[\d¹²³])\ *(\.|$)|.*([\x00-\x1f<>:"\\|?*]|[. ]$)""",
    re.IGNORECASE | re.DOTALL,
)
"""Names that mean devices, or what lies elsewhere: hidden in another file, as after a colon, or under a name
without its last dots and spaces."""


@dataclass(frozen=True)
class Folder(Place):
    """A folder of this machine.

    Attributes:
        path: The folder, which need not be there.
    """

    path: Path
    _swept: set[Path] = field(default_factory=set, compare=False, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        """Elsewhere, a path is not looked for where this process was started."""
        return Folder, (self.path.absolute(),)

    @property
    def where(self) -> Path:
        return self.path

    def at(self, name: str) -> Path:
        """As `Place.at`.

        Raises:
            ToonifyError: if the name, which may come from anyone's bucket, leads out of the folder.
        """
        parts = name.split("/")
        strange = os.name == "nt" and any(map(_UNKNOWN_TO_WINDOWS.match, parts))
        if strange or "\0" in name or any(part in ("", ".", "..") for part in parts):
            raise ToonifyError("its name cannot be one of a file here, or leads out of the folder")
        return self.path.joinpath(*parts)

    def kind(self) -> Literal["file", "folder", "nothing"]:
        if self.path.is_dir():
            return "folder"
        return "file" if os.path.lexists(self.path) else "nothing"

    def find(self, *, recursive: bool = True) -> Iterator[Found]:
        """As `Place.find`; links to files are followed, links to folders are not.

        Folders that cannot be listed do not keep those after them from it.
        """
        errors: list[OSError] = []
        for parent, folders, files in os.walk(self.path, onerror=errors.append):
            folders[:] = sorted(name for name in folders if recursive and not is_hidden(name))
            for name in sorted(name for name in files if not is_hidden(name)):
                path = Path(parent, name)
                yield Found(path.relative_to(self.path).as_posix(), _size(path))
        if errors:
            error, more = errors[0], f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise ToonifyError(f"{error.filename} cannot be listed: {refusal(error)}{more}") from error

    def begins(self, name: str, count: int) -> bytes | None:
        path = self.at(name)
        if not os.path.lexists(path):
            return None
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise ToonifyError("not a regular file")
            with open(path, "rb") as file:
                return file.read(count)
        except OSError as error:
            raise ToonifyError(refusal(error)) from error

    def write(self, name: str, data: bytes, *, replace: bool = False) -> bool:
        """As `Place.write`; what was being written when a process was killed is removed."""
        path = self.at(name)
        try:
            make_folder(path.parent)
            if path.parent not in self._swept:
                sweep(path.parent)
                self._swept.add(path.parent)
            with Part(path) as part:
                part.path.write_bytes(data)
                put_in_place(part.path, path, flush=False, over=replace)
        except Occupied:  # since a moment ago
            return False
        except OSError as error:
            raise ToonifyError(f"cannot be written: {refusal(error)}") from error
        return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # whoever reads it says so
        return -1
