"""Films told from pictures: by what a file holds, and where that says nothing, by its name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from toonify.errors import ToonifyError
from toonify.media.films.containers import BEGINNING, FILM_SUFFIXES, begins_like_a_film
from toonify.media.finding import SUFFIXES
from toonify.media.opening import opened


def is_film(path: Path) -> bool:
    """Whether a file is to be read as a film.

    What is called like a picture is read as one, and says so if it is a film; what is called like a film is
    one unless it holds a picture; of all else the first bytes decide.
    """
    suffix = path.suffix.lower()
    named = suffix in FILM_SUFFIXES
    if suffix in SUFFIXES or not path.is_file():
        return named
    with suppress(OSError), open(path, "rb") as file:  # whoever reads it says what is wrong
        if begins_like_a_film(file.read(BEGINNING)):
            return True
    return named and not _is_picture(path)


def _is_picture(path: Path) -> bool:
    with suppress(ToonifyError), opened(path):
        return True
    return False
