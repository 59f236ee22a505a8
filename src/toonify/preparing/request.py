"""What is asked of the stage."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any

from toonify.decoding import Count, Range, Seed, Share
from toonify.errors import nothing_at, unknown, usage_error
from toonify.plugins import own_name
from toonify.request import MaybePath, OnePath, Request, Texts, default
from toonify.storage import check_no_address

CHOICES = {"crop": ("random", "center", "face"), "tone": ("none", "auto")}

Size = Annotated[int, Range("16 to 4096 pixels", lambda n: 16 <= n <= 4096)]
Workers = Annotated[int, Range("1 or more, or 0 for one per core", lambda n: n >= 0)]

FACELESS = "faceless"

FLAGS: Mapping[str, str] = {
    "flat": "hardly any contrast: a blank page, a black frame",
    "blurred": "no sharp edges, even seen small",
    "tiny": "smaller than the pictures asked for, so enlarged",
    "grey": "no colours",
    "near": "nearly the same as another: saved again, resized, slightly cut, brightened or mirrored",
    "both": "nearly the same picture among the photos and among the cartoons",
    FACELESS: "no face was found, where crops are taken around faces",
}
"""The kinds of doubtful pictures, in words."""

NO_KIND = "none"

UNUSABLE = ("flat",)
"""Those that are left out unless told otherwise."""


def default_source() -> str:
    """The source where nobody names one, which also fills what others lack: toonify's own `folder`."""
    return own_name("datasets", "folder")


class PrepareRequest(Request):
    """A dataset to be made. Text will do for a path or a number.

    Attributes:
        photos: The folder of photographs (what a source reads there is its own affair).
        cartoons: The folder of cartoons; may be left out if the source gives its own, or makes pairs.
        output: The dataset's folder.
        source: Name of the `DatasetSource` plugin.
        source_options: Its constructor's arguments.
        size: Side of the square pictures, in pixels.
        crop: `random`: a square somewhere in the picture; `center`: the largest one in its middle;
            `face`: one around each face, without any as `center`, unless `reject` has `faceless`.
        tone: `auto`: lift the shadows of photos in which a face lies in deep shadow; `none`: leave
            all as they are.
        superpixels: Beside each photo an array `superpixels`: which of its pieces of one colour a pixel
            belongs to. Where pairs alone are made, of these.
        count: Pictures wanted of each kind; more than there are files means several crops of a
            file. `None`: one of each file.
        val_fraction: Part of the pictures kept for validation, 0 up to 1.
        reject: Which of the flagged kinds (`FLAGS`) are left out; a single one may stand for itself, and
            `none` for no kind at all.
        workers: Processes; 0 for one per core.
        seed: Same seed, same dataset.
        overwrite: Replace an existing dataset.
        dry_run: Look at the pictures and report, without writing anything.

    Raises:
        ToonifyError: (usage) for folders that are not there; naming the field, for a value that is of
            another type, or makes no sense.
    """

    photos: OnePath
    cartoons: MaybePath = default(None)
    output: OnePath = default(Path("dataset"))
    source: str = field(default_factory=default_source)
    source_options: Mapping[str, Any] = field(default_factory=dict)
    size: Size = 256
    crop: str = "random"
    tone: str = "none"
    superpixels: bool = False
    count: Count | None = None
    val_fraction: Share = 0.05
    reject: Texts = default(UNUSABLE)
    workers: Workers = 0
    seed: Seed = 0
    overwrite: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_no_address(self.output, "output")
        if self.reject == (NO_KIND,):
            object.__setattr__(self, "reject", ())
        self._check_folders()
        self._check_values()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that pictures are read from."""
        return (self.photos,) if self.cartoons is None else (self.photos, self.cartoons)

    def _check_folders(self) -> None:
        for folder in self.folders:
            if not folder.exists():
                raise nothing_at(folder, "file or folder")
        if len({os.path.realpath(folder) for folder in self.folders}) < len(self.folders):
            raise usage_error(f"{self.photos} is given as photos and as cartoons", "Give two folders.")

    def _check_values(self) -> None:
        for name, choices in CHOICES.items():
            if (value := getattr(self, name)) not in choices:
                raise unknown(f"choice for `{name}` called", value, choices)
        if NO_KIND in self.reject:
            others = ", ".join(kind for kind in self.reject if kind != NO_KIND)
            raise usage_error(
                f"`reject` {NO_KIND} leaves nothing out, and cannot go with {others}",
                "Give one or the other.",
            )
        for kind in self.reject:
            if kind not in FLAGS:
                raise unknown("kind to `reject`", kind, [*FLAGS, NO_KIND])
        if FACELESS in self.reject and self.crop != "face":
            raise usage_error(
                f"with the `crop` {self.crop} no faces are looked for, so `reject` cannot have {FACELESS}",
                "Give the `crop` face.",
            )

    def document(self) -> dict[str, Any]:
        """What decides the dataset's bytes, for the manifest: no absolute paths, no workers."""
        return {
            "photos": self.photos.name,
            "cartoons": self.cartoons.name if self.cartoons else None,
            "source": self.source,
            "source_options": {key: _portable(value) for key, value in sorted(self.source_options.items())},
            "size": self.size,
            "crop": self.crop,
            "tone": self.tone,
            "superpixels": self.superpixels,
            "count": self.count,
            "val_fraction": self.val_fraction,
            "reject": [kind for kind in FLAGS if kind in self.reject],
            "seed": self.seed,
        }


def _portable(value: Any) -> Any:
    if isinstance(value, (str, Path)):
        return Path(value).name if Path(value).is_absolute() else str(value)
    return value if isinstance(value, (bool, int, float, type(None))) else repr(value)
