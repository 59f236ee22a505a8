"""Networks that were checked before, by their SHA-256: those of toonify's own styles, wherever they lie.

To check one again, and to load ONNX for it, would take a seventh of the time until the first picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from toonify.styles.network import Batch, Footprint, Network


@dataclass(frozen=True)
class Known:
    """What was found out about a network.

    Attributes:
        pixel_bytes: The most that its values take up at once, for each pixel.
        controls: Numbers of shape () that it takes beside the picture.
        multiple: Of which the sides of its pictures are multiples.
    """

    pixel_bytes: int
    controls: frozenset[str]
    multiple: int

    def footprint(self, batch: Batch) -> Footprint:
        """As `Network.footprint`, of memory alone: the rest was found to be in bounds."""
        return Footprint(peak=self.pixel_bytes * batch[0] * batch[1] * batch[2])


_DRAWING = frozenset({"colour", "ink", "line"})
_LINES = frozenset({"ink", "line", "paper"})

KNOWN: Mapping[str, Known] = {
    "ada2e0f09dcadd8e4f311022fb6e0ea0b8aab39ce08631d406e97ee4baad6266": Known(156, _DRAWING, 32),  # comic
    "cc8b28154686b32db9acbda2ce8377d0982d9e0f5a84f52eb52939cd648cf9dd": Known(156, _DRAWING, 32),  # drawn
    "62fe4afc13b1575fa8d64f93459df50b51a863831888a46baa65c2c75357b2bd": Known(88, _LINES, 32),  # lines
    "fd25763af256ba8d0f0374c6c625764c62a12a461d8cd186b96c4c0653c7a58e": Known(157, _DRAWING, 32),  # storybook
}
"""By SHA-256. A test says what belongs here when a bundled style has changed."""


def known_network(
    data: bytes, origin: Path | str, *, multiple: int, controls: Collection[str]
) -> Network | None:
    """A network that need not be checked; `None` if it is not known, or not by these controls and sides.

    Args:
        data: As of `read_network`, and so on.
        origin: Likewise.
        multiple: Likewise.
        controls: Likewise.
    """
    known = KNOWN.get(hashlib.sha256(data).hexdigest())
    if known is None or known.controls != set(controls) or multiple % known.multiple:
        return None
    return Network(data, origin, dict.fromkeys(known.controls, ()), {}, known.footprint)
