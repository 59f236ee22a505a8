"""Reading and writing picture files: the one place that touches them.

Every file is hostile until read: only known formats are tried, sizes are checked in the header
before anything is decoded, and whatever goes wrong becomes a `ToonifyError` whose message is the
reason, without the file's name.
"""

from toonify.media.colours import as_rgb
from toonify.media.reading import (
    MAX_PIXELS,
    READABLE,
    SUFFIXES,
    Picture,
    find_pictures,
    glance,
    megapixels,
    open_rgb,
    picture_size,
    read_picture,
)
from toonify.media.writing import WRITABLE, check_fits, save_picture

__all__ = [
    "MAX_PIXELS",
    "READABLE",
    "SUFFIXES",
    "WRITABLE",
    "Picture",
    "as_rgb",
    "check_fits",
    "find_pictures",
    "glance",
    "megapixels",
    "open_rgb",
    "picture_size",
    "read_picture",
    "save_picture",
]
