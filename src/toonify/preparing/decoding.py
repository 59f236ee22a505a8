"""A source's picture, or the reason why it cannot be used."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from toonify.errors import ToonifyError, one_line
from toonify.media import glance
from toonify.plugins import DatasetSource, SourceItem

TOO_SMALL = "too small"


class Unusable(Exception):
    """A file that is left out; its text is the reason."""


@contextmanager
def reasons() -> Iterator[None]:
    """Turn whatever goes wrong within into an `Unusable`: one file must not stop the rest."""
    try:
        yield
    except ToonifyError as error:
        raise Unusable(error.message) from error
    except (Exception, SystemExit) as error:  # a source may be anyone's code
        raise Unusable(f"{type(error).__name__}: {one_line(error)}") from error


def open_item(source: DatasetSource, item: SourceItem, size: int) -> Image.Image:
    """The whole picture, RGB, large enough for crops of `size`.

    Raises:
        Unusable: otherwise.
    """
    with reasons():
        image = source.open(item)
        check(image, image.size, size)
        return image


def glimpse(source: DatasetSource, item: SourceItem, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """The picture with at least `side` pixels on its short side if it has them, and its whole size.

    A source that opens files in its own way is asked for the whole picture.
    """
    if reads_files(source):
        return glance(item.path, side)
    image = source.open(item)
    return image, image.size


def reads_files(source: DatasetSource) -> bool:
    """Whether a picture is what its file holds: several may come from one file otherwise."""
    return type(source).open is DatasetSource.open


def check(image: Image.Image, whole: tuple[int, int], size: int) -> None:
    """Raise a `ToonifyError` if a picture, whose whole size is given, cannot be used for crops of `size`."""
    if image.mode != "RGB":
        raise ToonifyError(f"the source gave mode {image.mode} instead of RGB")
    if 2 * min(whole) < size:  # enlarging would more than double the short side
        raise ToonifyError(f"{TOO_SMALL}: the short side is under {math.ceil(size / 2)} pixels")


def none_usable(root: Path, why: Collection[str], hint: str = "") -> ToonifyError:
    """The error for a folder of which nothing is left, with the most frequent reason."""
    (reason, times), *others = Counter(why).most_common()
    share = f" ({times} of them)" if others else ""
    return ToonifyError(f"none of the {len(why)} pictures in {root} can be used: {reason}{share}", hint)
