"""What sections are made of: tables, facts and pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from toonify.html_report.templating import render

if TYPE_CHECKING:
    import numpy as np

QUALITY = 88


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    """A table; numbers stand to the right, floats with four digits."""
    return render("table", columns=columns, rows=rows)


def facts(pairs: Mapping[str, Any]) -> Markup:
    """Names and values, one below the other: a request, say."""
    return render("facts", pairs=pairs)


def verdict(state: str, sentence: str, advice: str = "") -> Markup:
    """What a page comes to, in large letters: a state in a word or two, why, and what to do about it."""
    return render("verdict", state=state, sentence=sentence, advice=advice)


def gallery(pictures: Iterable[tuple[Markup, Markup | str]], *, width: int = 128) -> Markup:
    """Pictures side by side with a caption below each.

    Args:
        pictures: What `picture` makes, with captions: text, none when it is empty, or what `command` makes.
        width: Of each, in CSS pixels; on a phone they shrink to what fits.
    """
    return render("gallery", pictures=pictures, width=width)


def command(title: str, text: str) -> Markup:
    """A caption: a title, and a command below it that a click selects whole, to be copied."""
    return render("command", title=title, text=text)


def slider(before: Markup, after: Markup, alt: str) -> Markup:
    """Two pictures of the same size over one another, with a line between them that can be moved.

    Only on a `Page` with `sliders`; without scripts the line stays in the middle.

    Args:
        before, after: What `picture` makes: left and right of the line.
        alt: What they show together, in words.
    """
    return render("slider", before=before, after=after, alt=alt)


def strip(pictures: Iterable[tuple[Markup, str]], *, alt: str) -> Markup:
    """Large pictures in a row to scroll through, with a caption below each.

    Args:
        pictures: What `picture` makes, with captions.
        alt: What they show together, in words.
    """
    return render("strip", pictures=pictures, alt=alt)


def columns(parts: Iterable[Markup]) -> Markup:
    """Charts in two columns, where there is room for them."""
    return render("columns", parts=parts)


def picture(array: np.ndarray, alt: str) -> Markup:
    """A picture inside the page, stored as JPEG.

    Args:
        array: RGB, (H, W, 3), uint8.
        alt: What it shows, in words.
    """
    height, width = array.shape[:2]  # told, so that nothing moves when pictures come
    data = base64.b64encode(_jpeg(array)).decode()
    url = Markup(f"data:image/jpeg;base64,{data}")  # nothing in it to escape
    return render("picture", url=url, alt=alt, width=str(width), height=str(height))


def _jpeg(array: np.ndarray) -> bytes:
    from PIL import Image

    stored = io.BytesIO()
    Image.fromarray(array).save(stored, "JPEG", quality=QUALITY, subsampling=0)
    return stored.getvalue()
