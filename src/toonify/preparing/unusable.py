"""Files that cannot be used, and why: one of them must not stop the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image

from toonify.errors import ToonifyError, one_line
from toonify.plugins import SourceItem
from toonify.preparing.checked_source import CheckedSource
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


def open_item(source: CheckedSource, item: SourceItem, size: int) -> Image.Image:
    """The whole picture, RGB, large enough for crops of `size`.

    Raises:
        Unusable: otherwise.
    """
    with reasons():
        image = source.open(item)
        check(image.size, size)
        return image


def check(whole: tuple[int, int], size: int) -> None:
    """Raise a `ToonifyError` if a picture, whose whole size is given, cannot be used for crops of `size`."""
    if 2 * min(whole) < size:  # enlarging would more than double the short side
        raise ToonifyError(f"{TOO_SMALL}: the short side is under {math.ceil(size / 2)} pixels")


def none_usable(given: Input, why: Sequence[str], hint: str = "") -> ToonifyError:
    """The error for a folder of which nothing is left, with the most frequent reason.

    Args:
        given: Whose pictures they were.
        why: The reason of each.
        hint: What to do about it; left out, what there is to do about a source that failed.
    """
    (reason, times), *others = Counter(why).most_common()
    share = f" ({times} of them)" if others else ""
    root = given.root
    lost = (
        f"none of the {len(why)} pictures in {root} can"
        if len(why) > 1
        else f"the only picture in {root} cannot"
    )
    message = f"{lost} be used: {reason}{share}"
    if not hint and reason.startswith(given.source.plugin.label):
        return given.source.plugin.error(message)
    return ToonifyError(message, hint)
