"""The manifests of the three artefacts: small JSON files that a person can read."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from toonify.decoding import CloseUp, Count, Decodable, Detail, Enlargement, Natural, decode
from toonify.errors import ToonifyError, one_line, refusal, unknown, usage_error
from toonify.storage.checksums import read_checked
from toonify.storage.files import write_bytes

MAX_BYTES = 64 * 1024 * 1024

M = TypeVar("M", bound="Manifest")


@dataclass
class Manifest(Decodable):
    """What all manifests share: a file name, a schema version and strict reading."""

    EXTRA: ClassVar[str] = "ignore"
    FILE: ClassVar[str]
    KIND: ClassVar[str]
    SCHEMA: ClassVar[int]

    def write(self, folder: Path) -> None:
        """Write into `folder`, whole or not at all."""
        document = {"schema": self.SCHEMA, **dataclasses.asdict(self)}
        write_bytes(folder / self.FILE, (json.dumps(document, indent=2) + "\n").encode())

    @classmethod
    def read(cls: type[M], folder: Path) -> M:
        """Read from `folder`; names that this version does not know are left out.

        Raises:
            ToonifyError: if it is not there, damaged, or of another schema version.
        """
        path = folder / cls.FILE
        return cls._checked(read_json(path, f"not a toonify {cls.KIND}"), path)

    @classmethod
    def parse(cls: type[M], data: bytes, path: Path) -> M:
        """As `read`, of a file that is in memory already; `path` is only its name in messages."""
        return cls._checked(parse_json(data, path), path)

    @classmethod
    def _checked(cls: type[M], document: dict[str, Any], path: Path) -> M:
        schema = document.pop("schema", None)
        if schema != cls.SCHEMA:
            raise ToonifyError(
                f"{path} has schema version {schema!r}; this toonify reads version {cls.SCHEMA}",
                f"Make the {cls.KIND} again, or install the toonify that made it.",
            )
        return decode(cls, document, f"{path} is damaged", error=ToonifyError)


@dataclass(frozen=True)
class Array(Decodable):
    """An array of a dataset.

    Attributes:
        domain: Of the pictures that it is derived from. The arrays of a domain are in step: the same
            index is the same crop of the same picture.
        channels: Of each pixel.
    """

    EXTRA: ClassVar[str] = "ignore"

    domain: str
    channels: Count


ARRAYS: Mapping[str, Array] = {
    "photo": Array("photo", 3),
    "cartoon": Array("cartoon", 3),
    "smoothed": Array("cartoon", 3),
    "paired": Array("paired", 7),
}
"""Those that every source may fill. `paired` is photograph (3), flat colours (3) and ink (1, 255 = ink)."""

SUPERPIXELS = "superpixels"
"""An array that is made of the photographs if a request says so: of each pixel, which piece it belongs to."""


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
        arrays: Those that the source declares beside `ARRAYS`, by name.
        plugins: Which distribution and version brought the source: `{"datasets/comic": "toonify-gan 0.1.0"}`.
    """

    FILE: ClassVar[str] = "dataset.json"
    KIND: ClassVar[str] = "dataset"
    SCHEMA: ClassVar[int] = 1

    request: dict[str, Any]
    size: Count
    counts: dict[str, dict[str, Natural]]
    shards: dict[str, dict[str, list[dict[str, Any]]]]
    content_hash: str
    rejected: list[dict[str, str]] = field(default_factory=list)
    flags: dict[str, dict[str, int]] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)

    def array(self, name: str) -> Array:
        """What an array holds.

        Raises:
            ToonifyError: if the dataset has none of that name.
        """
        known = {**ARRAYS, **self.arrays}
        if name not in known:
            raise unknown("array of the dataset called", name, known)
        return known[name]


@dataclass
class RunManifest(Manifest):
    """`run.json`: everything that resuming a training run needs.

    Attributes:
        request: The complete request after defaults, the preset's values included.
        dataset: Path of the dataset (absolute: the run belongs to this machine).
        dataset_hash: Its `content_hash` when the run began.
        dataset_size: Side of its pictures, in pixels: with the hash all that a style says of it, which can so
            be made where there is no dataset.
        versions: Of toonify and the libraries that made it.
        plugins: Which distribution and version brought each plugin: `{"losses/lsgan": "toonify-gan 0.1.0"}`.
        start_from: The style whose weights it began with: `style`, its name, and `weights`, their SHA-256.
    """

    FILE: ClassVar[str] = "run.json"
    KIND: ClassVar[str] = "run"
    SCHEMA: ClassVar[int] = 1

    request: dict[str, Any]
    dataset: str
    dataset_hash: str
    dataset_size: Count
    versions: dict[str, str]
    plugins: dict[str, str] = field(default_factory=dict)
    start_from: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Control(Decodable):
    """A number that a style's network takes beside the picture, to be chosen by whoever converts.

    Attributes:
        minimum: The least that it may be.
        maximum: The most.
        default: What it is when nobody chooses.
        description: What it does, in a few words.
    """

    EXTRA: ClassVar[str] = "ignore"

    minimum: float
    maximum: float
    default: float
    description: str = ""

    def __post_init__(self) -> None:
        if not self.minimum <= self.default <= self.maximum or self.minimum == self.maximum:
            raise ValueError(
                f"a control goes from a minimum to a larger maximum, with its default between them, "
                f"not from {self.minimum:g} to {self.maximum:g} with {self.default:g}"
            )


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
        enlarge: How many times smaller pictures are enlarged at most, to be drawn at that size, too; 1 for
            never.
        close_up: Pixels of width at which small faces are drawn once more; 0 for never.
        keeps_grey: Whether the control `colour`, if there is one, is 0 on photographs without colours.
        controls: Numbers that the network takes beside the picture, by the names of its inputs.
        painter: Who paints over what the network drew when pictures are converted; empty for nobody.
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
    detail: Detail = 0
    enlarge: Enlargement = 1.0
    close_up: CloseUp = 0
    keeps_grey: bool = False
    controls: dict[str, Control] = field(default_factory=dict)
    painter: str = ""
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
    except (FileNotFoundError, NotADirectoryError) as error:
        if not os.path.lexists(path.parent):
            raise usage_error(f"there is no folder {path.parent}") from error
        raise ToonifyError(f"{path.parent} is {otherwise}: it has no {path.name}") from error
    except OSError as error:
        raise ToonifyError(f"{path} cannot be read: {refusal(error)}") from error
    return parse_json(read_checked(path), path)


def parse_json(data: bytes, path: Path) -> dict[str, Any]:
    """A JSON object.

    Args:
        data: UTF-8, perhaps after a byte order mark, which editors of Windows leave.
        path: Where it came from, for the messages.

    Raises:
        ToonifyError: if it is no JSON object.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ToonifyError(f"{path} cannot be read: {one_line(error)}") from error
    if not isinstance(document, dict):
        raise ToonifyError(f"{path} is damaged: not a JSON object")
    return document
