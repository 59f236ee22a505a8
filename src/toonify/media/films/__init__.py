"""Films: reading them frame by frame, and drawing them anew. Needs PyAV, which brings FFmpeg."""

from toonify.media.films.containers import (
    CODECS,
    CONTAINERS,
    FILM_SUFFIXES,
    begins_like_a_film,
)
from toonify.media.films.copying import read_film_made_by
from toonify.media.films.frames import FilmFrame
from toonify.media.films.output import FilmSettings
from toonify.media.films.pyav import encoders
from toonify.media.films.reading import Film, can_read_films
from toonify.media.films.redraw import Redrawing, redrawing

__all__ = [
    "CODECS",
    "CONTAINERS",
    "FILM_SUFFIXES",
    "Film",
    "FilmFrame",
    "FilmSettings",
    "Redrawing",
    "begins_like_a_film",
    "can_read_films",
    "encoders",
    "read_film_made_by",
    "redrawing",
]
