"""Long work that survives a kill: its finished pieces are kept in a hidden folder beside the target."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toonify.errors import ToonifyError
from toonify.storage.files import remove, sweep, write_bytes
from toonify.storage.locks import held
from toonify.storage.manifests import read_json

_PREFIX, _SUFFIX = ".toonify-", ".unfinished"
_LOCK, _MADE_OF = ".lock", "made_of.json"


@contextmanager
def unfinished(path: Path, made_of: Mapping[str, Any]) -> Iterator[Path]:
    """A hidden folder beside a path, for the finished pieces of what is to be there in the end.

    It is held by this process alone, and has the pieces of an earlier one that was stopped, if that was
    making the very same; those of anything else are removed. What is in it after the block stays, for the
    next one: whoever is finished removes it (`clear`).

    Args:
        path: The file that is being made.
        made_of: All that it hangs on, as JSON has it: what it is made of, how, and by which version.

    Raises:
        ToonifyError: if another process is making the same file, or the folder cannot be made.
    """
    folder = path.with_name(f"{_PREFIX}{hashlib.sha256(path.name.encode()).hexdigest()[:16]}{_SUFFIX}")
    busy = ToonifyError(f"{path} is being made by another process", "Wait until that is finished.")
    with held(folder, folder / _LOCK, busy):
        sweep(folder)
        told = json.loads(json.dumps(made_of))
        if _read(folder) != told:
            clear(folder)
            write_bytes(folder / _MADE_OF, json.dumps(told, indent=2).encode())
        try:
            yield folder
        finally:
            if not pieces(folder):
                clear(folder)
    with contextlib.suppress(OSError):
        folder.rmdir()  # if nothing is left in it


def pieces(folder: Path) -> list[Path]:
    """The finished pieces, in the order of their names."""
    return sorted(
        path for path in folder.iterdir() if path.name != _MADE_OF and not path.name.startswith(".")
    )


def clear(folder: Path) -> None:
    """Remove all pieces, once the result is in place or not wanted."""
    for path in folder.iterdir():
        if path.name != _LOCK:
            remove(path)


def _read(folder: Path) -> dict[str, Any] | None:
    """What the existing pieces are made of; `None` if there is nothing readable."""
    with contextlib.suppress(ToonifyError):
        return read_json(folder / _MADE_OF, "not begun")
    return None
