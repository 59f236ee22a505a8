"""HEIC and HEIF, which pillow-heif reads where it is installed (extra `[heif]`)."""

from __future__ import annotations

import functools

from toonify.distributions import needs
from toonify.media.sources import Source, open_source

_BRANDS = frozenset(b"heic heix hevc hevx heim heis hevm hevs mif1 msf1".split())
"""What files of this kind say at their beginning (ISO/IEC 23008-12)."""


def is_heif(source: Source) -> bool:
    """Whether a file says that it is one."""
    with open_source(source) as file:
        head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


@functools.cache
def teach_pillow() -> None:
    """Make Pillow know the format `HEIF`.

    Raises:
        ToonifyError: if pillow-heif is not installed.
    """
    try:
        import pillow_heif
    except ImportError as error:
        raise needs("a HEIC picture", "pillow_heif") from error
    pillow_heif.register_heif_opener()
