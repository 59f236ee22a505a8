"""A page: a title and sections, written whole or not at all."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from toonify.errors import usage_error
from toonify.html_report.templating import render, text_of
from toonify.storage import check_no_address, write_bytes

MARK = b'<meta name="generator" content="toonify">'
HEAD = 1024  # bytes within which it stands


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: `Markup` as it is, text as paragraphs."""

    heading: str
    parts: tuple[Markup | str, ...]


@dataclass
class Page:
    """A report under construction.

    Attributes:
        title: Its heading, and the name of the browser's tab.
        subtitle: A line below it.
        sections: In order.
        sliders: Whether it has any, whose lines a script moves.
    """

    title: str
    subtitle: str = ""
    sections: list[Section] = field(default_factory=list)
    sliders: bool = False

    def section(self, heading: str, *parts: Markup | str) -> None:
        """Add a section: tables, charts and pictures as this package makes them; text as paragraphs."""
        self.sections.append(Section(heading, parts))

    def document(self) -> str:
        """The whole page as HTML; the same page always gives the same text."""
        script = Markup(text_of("slider.js") if self.sliders else "")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return str(render("page", page=self, script=script, hash=Markup(digest)))


def _is_page(path: Path) -> bool:
    """Whether a file is a page that was written here."""
    try:
        with open(path, "rb") as file:
            return MARK in file.read(HEAD)
    except OSError:
        return False


def check_name(path: Path, option: str) -> None:
    """Make sure that what an option names may be a page: neither a folder, nor some photograph by mistake.

    Raises:
        ToonifyError: if it is no page's name.
    """
    check_no_address(path, option)
    if path.suffix.lower() not in (".html", ".htm") or path.is_dir():
        raise usage_error(
            f"{path} is no name for a page", f"Call the `{option}` something like {option}.html."
        )


def check_place(path: Path, *, overwrite: bool = False) -> None:
    """Make sure that a `report` may be written: over nothing, or over an earlier page.

    Args:
        path: Where to.
        overwrite: Whether any other file may be replaced, too.

    Raises:
        ToonifyError: if the name is not a page's, or something else is there that is not to be replaced.
    """
    check_name(path, "report")
    if path.exists() and not overwrite and not _is_page(path):
        raise usage_error(f"{path} exists already and is no report", "Call the `report` something else.")


def write_page(path: Path, page: Page) -> None:
    """Write a page, whole or not at all.

    Raises:
        ToonifyError: if the disk is full or the folder cannot be written.
    """
    write_bytes(path, page.document().encode())
