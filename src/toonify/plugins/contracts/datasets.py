"""The contract of a source: where training pictures come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from toonify.errors import ToonifyError
from toonify.media import open_rgb

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

Domain = Literal["photo", "cartoon", "paired"]


@dataclass(frozen=True)
class SourceItem:
    """A picture that a source offers.

    Attributes:
        identity: A name that stays the same when the source is read again, such as the path
            relative to the source's folder, with forward slashes.
        path: The file that holds it.
        weight: When more pictures are asked for than there are files, how many further crops of it
            are taken compared with others.
        split: `train` or `val` where the collection itself says which; by default chance decides.
        beside: Further files that it is made from, such as a drawing of the photograph.
    """

    identity: str
    path: Path
    weight: float = 1.0
    split: Literal["train", "val"] | None = None
    beside: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        object.__setattr__(self, "beside", tuple(map(Path, self.beside)))

    @property
    def files(self) -> tuple[Path, ...]:
        """All that it is made from."""
        return (self.path, *self.beside)


class DatasetSource(ABC):
    """Where training pictures come from. Must survive pickling: worker processes use it.

    Attributes:
        domains: What it gives. What it lacks, the `folder` source fills from the command line.
        one_root: Whether PHOTOS alone may hold its photos and its cartoons.
        arrays: Further arrays that it derives from the pictures of a domain (depth, segments, a second
            artist's hand), by name, with their channels: `{"photo": {"depth": 1}}`.
        whole: Whether `pair` and `derive` are given whole pictures, of which crops are then cut, instead of
            crops: for sources that must see a head to draw a cheek. They may answer at any size of the
            same shape. Derived arrays are cut without mixing numbers, for they may be labels.
    """

    domains: ClassVar[frozenset[Domain]]
    one_root: ClassVar[bool] = True
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {}
    whole: ClassVar[bool] = False

    @abstractmethod
    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """The pictures of a domain below `root`, in an order that does not change.

        For `photo` and `paired`, `root` is the PHOTOS argument; for `cartoon`, CARTOONS.

        Raises:
            ToonifyError: if `root` is not laid out as this source expects.
        """

    def open(self, item: SourceItem) -> Image.Image:
        """The picture, upright, mode RGB, in sRGB.

        Raises:
            ToonifyError: if it cannot be used; the message is the reason, without the file's name.
        """
        return open_rgb(item.path)

    def pair(self, photo: np.ndarray) -> np.ndarray:
        """What the generator's heads should make of a photo (`paired` sources only).

        Args:
            photo: RGB, (S, S, 3), uint8: a crop, or for `whole` sources a picture, (H, W, 3).

        Returns:
            (S, S, 7), uint8: the photo as it should be trained on, its flat colours, its ink
            mask (255 = ink).
        """
        raise ToonifyError(f"{type(self).__name__} makes no pairs")

    def pair_of(self, item: SourceItem, photo: np.ndarray) -> np.ndarray:
        """`pair`, for sources to which it matters whose photo it is: those with a drawing in a file, say.

        Args:
            item: Whose.
            photo: As of `pair`.

        Returns:
            As `pair`.
        """
        return self.pair(photo)

    def derive(self, domain: Domain, picture: np.ndarray) -> Mapping[str, np.ndarray]:
        """The arrays that `arrays` names for a domain, of a picture.

        Args:
            domain: Of the picture.
            picture: RGB, (S, S, 3), uint8: a crop, or for `whole` sources all of it, (H, W, 3).

        Returns:
            By name, uint8, (S, S, channels), the same pixels as the picture's.
        """
        raise ToonifyError(f"{type(self).__name__} derives no arrays")
