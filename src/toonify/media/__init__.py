"""Reading pictures and films, writing pictures: the one place that touches such files.

Every file is hostile until read: only known formats are tried, sizes are checked in the header
before anything is decoded, and whatever goes wrong becomes a `ToonifyError` whose message is the
reason, without the file's name.
"""

from toonify.media.colours import as_rgb
from toonify.media.films import FILM_SUFFIXES, Film, FilmFrame
from toonify.media.finding import READ, SUFFIXES, find_pictures, left_aside, tell_left_aside
from toonify.media.reading import (
    MAX_PIXELS,
    READABLE,
    Picture,
    decoding_memory,
    glance,
    megapixels,
    open_rgb,
    picture_size,
    read_made_by,
    read_picture,
    upright,
)
from toonify.media.writing import SAYS_WHAT_MADE_IT, WRITABLE, check_fits, encode_picture, save_picture

__all__ = [
    "FILM_SUFFIXES",
    "MAX_PIXELS",
    "READ",
    "READABLE",
    "SAYS_WHAT_MADE_IT",
    "SUFFIXES",
    "WRITABLE",
    "Film",
    "FilmFrame",
    "Picture",
    "as_rgb",
    "check_fits",
    "decoding_memory",
    "encode_picture",
    "find_pictures",
    "glance",
    "left_aside",
    "megapixels",
    "open_rgb",
    "picture_size",
    "read_made_by",
    "read_picture",
    "save_picture",
    "tell_left_aside",
    "upright",
]
