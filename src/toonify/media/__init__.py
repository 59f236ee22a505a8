"""Reading and writing pictures and films: the one place that touches such files.

Every file is hostile until read: only known formats are tried, sizes are checked in the header
before anything is decoded, and whatever goes wrong becomes a `ToonifyError` whose message is the
reason, without the file's name.
"""

from toonify.media.animations.reading import Animation, AnimationFrame, is_animation
from toonify.media.animations.writing import ANIMATED, encode_animation, save_animation
from toonify.media.bands import row_bands
from toonify.media.colour_space import ColourSpace
from toonify.media.colours import as_rgb
from toonify.media.deep import DeepImage, WholeImage, eight_bits
from toonify.media.enlarging import Enlarging, doublings_into, rows_at
from toonify.media.film_or_picture import is_film
from toonify.media.films.containers import CODECS, CONTAINERS, FILM_SUFFIXES, begins_like_a_film
from toonify.media.films.copying import read_film_made_by
from toonify.media.films.frames import FilmFrame
from toonify.media.films.output import FilmSettings
from toonify.media.films.pyav import encoders
from toonify.media.films.reading import Film, can_read_films
from toonify.media.films.redraw import Redrawing, redrawing
from toonify.media.finding import READ, SUFFIXES, find_pictures, left_aside, tell_left_aside
from toonify.media.header import is_deep, megapixels, picture_format, picture_size, read_made_by
from toonify.media.large import LargeImage
from toonify.media.memory import decoding_memory, least_memory, reading_memory
from toonify.media.metadata import Strip
from toonify.media.opening import load
from toonify.media.orientation import upright
from toonify.media.picture import AnyImage, Picture, paste_pixels
from toonify.media.reading import glance, open_rgb, read_picture
from toonify.media.sources import Source, need_regular_file
from toonify.media.writing import (
    SAYS_WHAT_MADE_IT,
    WRITTEN_IN_BANDS,
    check_fits,
    encode_picture,
    save_picture,
)
from toonify.media.writing_in_rows import HOLDS_DEEP

__all__ = [
    "ANIMATED",
    "CODECS",
    "CONTAINERS",
    "FILM_SUFFIXES",
    "HOLDS_DEEP",
    "READ",
    "SAYS_WHAT_MADE_IT",
    "SUFFIXES",
    "WRITTEN_IN_BANDS",
    "Animation",
    "AnimationFrame",
    "AnyImage",
    "ColourSpace",
    "DeepImage",
    "Enlarging",
    "Film",
    "FilmFrame",
    "FilmSettings",
    "LargeImage",
    "Picture",
    "Redrawing",
    "Source",
    "Strip",
    "WholeImage",
    "as_rgb",
    "begins_like_a_film",
    "can_read_films",
    "check_fits",
    "decoding_memory",
    "doublings_into",
    "eight_bits",
    "encode_animation",
    "encode_picture",
    "encoders",
    "find_pictures",
    "glance",
    "is_animation",
    "is_deep",
    "is_film",
    "least_memory",
    "left_aside",
    "load",
    "megapixels",
    "need_regular_file",
    "open_rgb",
    "paste_pixels",
    "picture_format",
    "picture_size",
    "read_film_made_by",
    "read_made_by",
    "read_picture",
    "reading_memory",
    "redrawing",
    "row_bands",
    "rows_at",
    "save_animation",
    "save_picture",
    "tell_left_aside",
    "upright",
]
