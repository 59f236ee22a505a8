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
    "6622e647a1cad096857110221d0a1ba2b8f9624c8d1147942cd423083f3c2108": Known(156, _DRAWING, 32),  # comic
    "0bf0a3c2f1b5a81fd434e0161db41b81e41ebe1a83379b231dd783d02499ae39": Known(156, _DRAWING, 32),  # drawn
    "333b70b9c9ef78d0d4c2a7ae7fb380ee34777243040cd4bea6012b362dea54c4": Known(88, _LINES, 32),  # lines
    "dc1872068adc8b87532990896467c1dedf6c3fa898ded4eb9f914b32358a4408": Known(157, _DRAWING, 32),  # storybook
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
