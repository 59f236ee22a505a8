"""Files that are what they were when they were published: their SHA-256 stand in a list beside them.

The list is what `sha256sum` writes, `SHA256SUMS`; `make hashes` writes those of the models and styles that
come with toonify. A folder without one is taken as it is.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from toonify.errors import ToonifyError, refusal
from toonify.storage.names import AnyPath

LIST = "SHA256SUMS"
LONGEST_LIST = 64 * 1024  # bytes
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")


def read_checked(path: AnyPath) -> bytes:
    """What a file holds.

    Raises:
        ToonifyError: if it cannot be read, or is not what the list beside it says.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ToonifyError(f"{path} cannot be read: {refusal(error)}") from error
    check_sum(path, data)
    return data


def check_sum(path: Path, data: bytes) -> None:
    """Whether a file that may be stored in another form (compressed, say) holds what the list beside it says.

    Args:
        path: As the list names it.
        data: What is in it.

    Raises:
        ToonifyError: if not.
    """
    list_ = path.with_name(LIST)
    if list_.exists():
        check_listed(path, data, _read_list(list_))


def check_listed(path: Path, data: bytes, list_: bytes) -> None:
    """As `check_sum`, by a list that was read before, from beside the file.

    Raises:
        ToonifyError: if the data is not what the list says, or the list is none.
    """
    wanted = _sums(list_, path.with_name(LIST)).get(path.name)
    if wanted is not None and hashlib.sha256(data).hexdigest() != wanted:
        raise ToonifyError(
            f"{path} is damaged or was changed: its SHA-256 is not that of {LIST} beside it",
            f"Install its package again. If you changed it yourself, remove {LIST}.",
        )


def _read_list(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > LONGEST_LIST:
        raise ToonifyError(f"{path} is no list of SHA-256")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ToonifyError(f"{path} cannot be read: {refusal(error)}") from error


def _sums(list_: bytes, path: Path) -> dict[str, str]:
    """By name."""
    try:
        lines = list_.decode("utf-8").splitlines()
    except ValueError as error:
        raise ToonifyError(f"{path} cannot be read as a list of SHA-256") from error
    found = [_LINE.fullmatch(line) for line in lines]
    if not all(found):
        raise ToonifyError(f"{path} is damaged: not a list of SHA-256 as sha256sum writes it")
    return {match[2]: match[1] for match in found if match}
