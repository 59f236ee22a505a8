"""The manifests of the three artefacts, and how files and folders are written whole or not at all.

Each artefact (dataset, run, style) is a folder with a small JSON file that a person can read.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import stat
import threading
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from toonify.errors import ToonifyError, one_line, refusal

MAX_BYTES = 64 * 1024 * 1024
CHANNELS = {"photo": 3, "cartoon": 3, "smoothed": 3, "paired": 7}  # of a dataset's arrays
DETAILS = range(32, 2**15 + 1)  # what a style's `detail` may be, unless it is 0

M = TypeVar("M", bound="Manifest")


@dataclass
class Manifest:
    """What all manifests share: a file name, a schema version and strict reading."""

    FILE: ClassVar[str]
    KIND: ClassVar[str]
    SCHEMA: ClassVar[int]

    def write(self, folder: Path) -> None:
        """Write into `folder`, whole or not at all."""
        document = {"schema": self.SCHEMA, **dataclasses.asdict(self)}
        write_atomically(folder / self.FILE, (json.dumps(document, indent=2) + "\n").encode())

    @classmethod
    def read(cls: type[M], folder: Path) -> M:
        """Read from `folder`.

        Raises:
            ToonifyError: if it is not there, damaged, or of another schema version.
        """
        path = folder / cls.FILE
        document = read_json(path, f"not a toonify {cls.KIND}")
        schema = document.pop("schema", None)
        if schema != cls.SCHEMA:
            raise ToonifyError(
                f"{path} has schema version {schema!r}; this toonify reads version {cls.SCHEMA}",
                f"Make the {cls.KIND} again, or install the toonify that made it.",
            )
        return cls.from_document(document, path)

    @classmethod
    def from_document(cls: type[M], document: dict[str, Any], path: Path) -> M:
        """Check names and types, then make the manifest; unknown names are left out."""
        values = {}
        for item in dataclasses.fields(cls):
            if item.name in document:
                values[item.name] = document[item.name]
            elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
                raise ToonifyError(f"{path} is damaged: '{item.name}' is missing")
        hints = typing.get_type_hints(cls)
        for name, value in values.items():
            if not _fits(value, hints[name]):
                wanted = cls.__dataclass_fields__[name].type
                raise ToonifyError(f"{path} is damaged: '{name}' is {type(value).__name__}, not {wanted}")
        return cls(**values)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value, and what it holds, is of a type such as `dict[str, int] | None`."""
    outer, inner = typing.get_origin(hint), typing.get_args(hint)
    if outer is types.UnionType:
        return any(_fits(value, choice) for choice in inner)
    if outer is list:
        return isinstance(value, list) and all(_fits(item, inner[0]) for item in value)
    if outer is dict:
        return isinstance(value, dict) and all(_fits(item, inner[1]) for item in value.values())
    return hint is Any or (isinstance(value, hint) and (hint is bool or not isinstance(value, bool)))


@dataclass
class DatasetManifest(Manifest):
    """`dataset.json`: no timestamps, no absolute paths: the same request gives the same bytes.

    Attributes:
        request: What was asked for, after defaults.
        size: Side of the square pictures, in pixels.
        counts: Pictures by split (`train`, `val`) and array (`photo`, `cartoon`, `smoothed`,
            `paired`).
        shards: By split and array, the shards in order: `{"file": relative path, "count": n}`.
        content_hash: SHA-256 over all shards' bytes in order.
        rejected: `{"picture": identity, "domain": ..., "kind": ..., "reason": ...}` for each file that
            is left out: `unusable`, a `duplicate`, or of a flagged kind that the request rejects.
        flags: Files that are kept though they are flagged, by domain and kind (`blurred`, `near` ...).
    """

    FILE: ClassVar[str] = "dataset.json"
    KIND: ClassVar[str] = "dataset"
    SCHEMA: ClassVar[int] = 1

    request: dict[str, Any]
    size: int
    counts: dict[str, dict[str, int]]
    shards: dict[str, dict[str, list[dict[str, Any]]]]
    content_hash: str
    rejected: list[dict[str, str]] = field(default_factory=list)
    flags: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass
class RunManifest(Manifest):
    """`run.json`: everything that resuming a training run needs.

    Attributes:
        request: The complete request after defaults, the preset's values included.
        dataset: Path of the dataset (absolute: the run belongs to this machine).
        dataset_hash: Its `content_hash` when the run began.
        versions: Of toonify and the libraries that made it.
    """

    FILE: ClassVar[str] = "run.json"
    KIND: ClassVar[str] = "run"
    SCHEMA: ClassVar[int] = 1

    request: dict[str, Any]
    dataset: str
    dataset_hash: str
    versions: dict[str, str]


@dataclass
class StyleManifest(Manifest):
    """`style.json`: the card of a style.

    Attributes:
        name: What it is called.
        generator: Name of the architecture.
        generator_options: Its constructor's arguments.
        halo: Pixels around a tile that its result depends on; `None` for the whole picture.
        multiple: Sides must be multiples of this.
        detail: Side in pixels of the square at whose size larger pictures are drawn best; 0 for every
            size.
        licence: SPDX identifier, or words.
        description: A sentence.
        sources: Where the training pictures come from: `{"name", "licence", "url"}`.
        training: How it was trained (preset, backbone, loss, steps, dataset hash ...).
        figures: What was measured.
    """

    FILE: ClassVar[str] = "style.json"
    KIND: ClassVar[str] = "style"
    SCHEMA: ClassVar[int] = 1

    name: str
    generator: str
    generator_options: dict[str, Any]
    halo: int | None
    multiple: int
    detail: int = 0
    licence: str = ""
    description: str = ""
    sources: list[dict[str, str]] = field(default_factory=list)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def read_json(path: Path, otherwise: str) -> dict[str, Any]:
    """A JSON object from a file of reasonable size.

    Args:
        path: The file.
        otherwise: What its folder is when the file is not there ("not a toonify style").

    Raises:
        ToonifyError: if it is missing, unreadable or not a JSON object.
    """
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise ToonifyError(f"{path} is not a regular file")  # reading a pipe might never end
        if status.st_size > MAX_BYTES:
            raise ToonifyError(f"{path} is larger than {MAX_BYTES // 2**20} MB: not one of ours")
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ToonifyError(f"{path.parent} is {otherwise}: it has no {path.name}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ToonifyError(f"{path} cannot be read: {one_line(error)}") from error
    if not isinstance(document, dict):
        raise ToonifyError(f"{path} is damaged: not a JSON object")
    return document


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside `path`, flush to the disk, then rename.

    Raises:
        ToonifyError: if the disk is full or the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise ToonifyError(f"{path} cannot be written: {refusal(error)}") from error
    finally:
        with contextlib.suppress(OSError):  # what kept it from being written is the error to tell
            beside.unlink()


def put_in_place(part: Path, path: Path) -> None:
    """Rename a file or folder over what is at `path`, which is removed last.

    Raises:
        OSError: if the file system does not allow it; what was at `path` is there again then.
    """
    old = path.with_name(f".{path.name}.old")
    remove(old)
    try:
        if path.is_dir():  # a folder cannot be renamed over a full one
            os.replace(path, old)
        os.replace(part, path)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(path):
            os.replace(old, path)
        raise
    remove(old)


def remove(path: Path) -> None:
    """Remove a file, link or folder, as far as the file system allows it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
