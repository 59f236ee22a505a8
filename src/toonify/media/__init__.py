"""Reading and writing pictures and films: the one place that touches such files.

Every file is hostile until read: only known formats are tried, sizes are checked in the header
before anything is decoded, and whatever goes wrong becomes a `ToonifyError` whose message is the
reason, without the file's name.
"""

from toonify.media.animations import ANIMATED, Animation, AnimationFrame, is_animation, save_animation
from toonify.media.colours import as_rgb
from toonify.media.films import (
    CODECS,
    CONTAINERS,
    FILM_SUFFIXES,
    Film,
    FilmFrame,
    FilmSettings,
    Redrawing,
    can_read_films,
    encoders,
    redrawing,
)
from toonify.media.finding import READ, SUFFIXES, find_pictures, left_aside, tell_left_aside
from toonify.media.metadata import Strip
from toonify.media.opening import MAX_PIXELS, READABLE
from toonify.media.reading import (
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
    "ANIMATED",
    "CODECS",
    "CONTAINERS",
    "FILM_SUFFIXES",
    "MAX_PIXELS",
    "READ",
    "READABLE",
    "SAYS_WHAT_MADE_IT",
    "SUFFIXES",
    "WRITABLE",
    "Animation",
    "AnimationFrame",
    "Film",
    "FilmFrame",
    "FilmSettings",
    "Picture",
    "Redrawing",
    "Strip",
    "as_rgb",
    "can_read_films",
    "check_fits",
    "decoding_memory",
    "encode_picture",
    "encoders",
    "find_pictures",
    "glance",
    "is_animation",
    "left_aside",
    "megapixels",
    "open_rgb",
    "picture_size",
    "read_made_by",
    "read_picture",
    "redrawing",
    "save_animation",
    "save_picture",
    "tell_left_aside",
    "upright",
]
