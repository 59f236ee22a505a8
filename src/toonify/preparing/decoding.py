"""A source's picture, or the reason why it cannot be used."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image

from toonify.errors import ToonifyError, one_line
from toonify.media import glance
from toonify.plugins import DatasetSource, PluginInUse, SourceItem
from toonify.preparing.inputs import Input

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


def open_item(source: DatasetSource, plugin: PluginInUse, item: SourceItem, size: int) -> Image.Image:
    """The whole picture, RGB, large enough for crops of `size`.

    Args:
        source: Who opens it.
        plugin: What errors call the source.
        item: Which picture.
        size: Of the crops.

    Raises:
        Unusable: otherwise.
    """
    with reasons():
        image = _opened(source, plugin, item)
        check(image.size, size)
        return image


def glimpse(
    source: DatasetSource, plugin: PluginInUse, item: SourceItem, side: int
) -> tuple[Image.Image, tuple[int, int]]:
    """The picture with at least `side` pixels on its short side if it has them, and its whole size.

    A source that opens files in its own way is asked for the whole picture.
    """
    if reads_files(source):
        return glance(item.path, side)
    image = _opened(source, plugin, item)
    return image, image.size


def _opened(source: DatasetSource, plugin: PluginInUse, item: SourceItem) -> Image.Image:
    """What a source gives. Where it opens files in its own way, its errors are its own, not the file's."""
    if reads_files(source):
        return source.open(item)
    with plugin.errors():
        image: object = source.open(item)
    if not isinstance(image, Image.Image):
        raise plugin.error(f"{plugin} gave {type(image).__name__} instead of a Pillow image")
    if image.mode != "RGB":
        raise plugin.error(f"{plugin} gave mode {image.mode} instead of RGB")
    return image


def reads_files(source: DatasetSource) -> bool:
    """Whether a picture is what its file holds: several may come from one file otherwise."""
    return type(source).open is DatasetSource.open


def check(whole: tuple[int, int], size: int) -> None:
    """Raise a `ToonifyError` if a picture, whose whole size is given, cannot be used for crops of `size`."""
    if 2 * min(whole) < size:  # enlarging would more than double the short side
        raise ToonifyError(f"{TOO_SMALL}: the short side is under {math.ceil(size / 2)} pixels")


def none_usable(source: Input, why: Sequence[str], hint: str = "") -> ToonifyError:
    """The error for a folder of which nothing is left, with the most frequent reason.

    Args:
        source: Whose pictures they were.
        why: The reason of each.
        hint: What to do about it; left out, what there is to do about a source that failed.
    """
    (reason, times), *others = Counter(why).most_common()
    share = f" ({times} of them)" if others else ""
    message = f"none of the {len(why)} pictures in {source.root} can be used: {reason}{share}"
    if not hint and reason.startswith(source.in_use.label):
        return source.in_use.error(message)
    return ToonifyError(message, hint)
