"""Arrays that may come from anyone: nothing is unpacked before it is known to fit, nothing unpickled."""

from __future__ import annotations

import contextlib
import io
import math
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from toonify.errors import ToonifyError, one_line, refusal
from toonify.storage.names import AnyPath

if TYPE_CHECKING:
    import numpy as np

HEADER_BYTES = 64 * 1024
"""The most that is read of an array's header: NumPy's own have a hundred bytes."""

MOST_ARRAYS = 20_000
"""In an archive: a checkpoint has some thousand variables."""

DIRECTORY_BYTES = 512 * MOST_ARRAYS
"""The most that is read of an archive's table of contents, of which zipfile makes many times as much."""

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy and zipfile raise for files that are damaged, encrypted, pickled, absurd or foreign."""


class Unreadable(ToonifyError):
    """The system does not give the file."""


class Damaged(Unreadable):
    """The file is not what it should be."""


@dataclass(frozen=True)
class StoredArray:
    """An array in an open archive.

    Attributes:
        shape: By its header.
        dtype: Likewise.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    _archive: zipfile.ZipFile
    _entry: zipfile.ZipInfo

    @property
    def size(self) -> int:
        """Bytes that it takes up once it is read."""
        return math.prod(self.shape) * self.dtype.itemsize

    def read(self) -> np.ndarray[Any, Any]:
        """Unpack it: as many bytes as its shape and type say, and not one more.

        Raises:
            ValueError: if there are more or fewer.
        """
        import numpy as np

        with self._archive.open(self._entry) as file:
            shape, fortran, dtype = _read_header(file)
            wanted = math.prod(shape) * dtype.itemsize
            data = file.read(wanted)
            if len(data) != wanted or file.read(1):
                raise ValueError("an array is not as long as its header says")
        array = np.frombuffer(data, dtype)
        return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


@contextlib.contextmanager
def open_arrays(path: AnyPath, data: bytes | None = None) -> Iterator[Mapping[str, StoredArray]]:
    """The arrays of an `.npz` by name, each to be read while the file is open.

    Args:
        path: The file.
        data: What is in it, where it is in memory already; `path` is then only its name in messages.

    Raises:
        Unreadable: if the system does not give the file; `Damaged` if it is no such archive, as it, or
            what is done with it inside, shows.
    """
    path = Path(path)
    with telling_damage(path):
        if data is None:
            need_regular_file(path)
        raw = io.FileIO(path) if data is None else io.BytesIO(data)
        with _Sparing(raw) as file, zipfile.ZipFile(file) as archive:
            file.most = sys.maxsize  # from here on, members are read
            entries = archive.infolist()
            if len(entries) > MOST_ARRAYS:
                raise ValueError(f"it holds {len(entries):,} arrays")
            yield {entry.filename.removesuffix(".npy"): _stored(archive, entry) for entry in entries}


class _Sparing(io.BufferedReader):
    """Refuses to read more at a time than it may: of a zip file that is opened, its table of contents."""

    most = DIRECTORY_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.most:
            raise ValueError(f"its table of contents has {size:,} bytes")
        return super().read(size)


def map_array(path: Path) -> np.ndarray[Any, Any]:
    """The array of an `.npy` file as a view on the file; nothing but its header is read.

    Raises:
        Unreadable: if the system does not give the file; `Damaged` if it holds no array.
    """
    import numpy as np

    with telling_damage(path):
        need_regular_file(path)
        with open(path, "rb") as file:
            shape, fortran, dtype = _read_header(file)
            offset = file.tell()
        return np.memmap(path, dtype, "r", offset, shape, "F" if fortran else "C")


@contextlib.contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """What reading a file raises inside, told in a line.

    Raises:
        Unreadable: if the system does not give the file; `Damaged` if it is not what it should be.
    """
    try:
        yield
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {refusal(error)}") from error
    except _DAMAGE as error:
        raise Damaged(f"{path} is damaged: {one_line(error)}") from error


def need_regular_file(path: Path) -> None:
    """Refuse devices and pipes.

    Raises:
        OSError: if it is not there; `Damaged` if it is no regular file.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe might never end
        raise Damaged(f"{path} is not a regular file")


def _stored(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> StoredArray:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Others unpack more than they are asked for.
        raise ValueError("it is compressed as NumPy does not do it")
    with archive.open(entry) as file:
        shape, _, dtype = _read_header(file)
    return StoredArray(shape, dtype, archive, entry)


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and type (NumPy enhancement proposal 1, versions 1.0 and 2.0)."""
    import numpy as np

    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"its header has version {version}")
    width = 2 if version == (1, 0) else 4
    length = file.read(width)
    if int.from_bytes(length, "little") > HEADER_BYTES:
        raise ValueError("its header is far too long")
    header = io.BytesIO(length + file.read(int.from_bytes(length, "little")))
    read = np.lib.format.read_array_header_1_0 if width == 2 else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(header)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never unpickled")
    if any(type(side) is not int or side < 0 for side in shape):
        raise ValueError(f"its shape is {shape}")
    return shape, fortran, dtype
