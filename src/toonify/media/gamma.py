"""What PNG without a profile tells of its colours: an exponent (gAMA) and chromaticities (cHRM)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toonify.media.primaries import BT709, CHROMATICITIES, D65, adapting, light_of, srgb_of, to_xyz, xyz

if TYPE_CHECKING:
    from numpy import dtype, float64
    from numpy.typing import NDArray

_USUAL = 1 / 2.2  # sRGB's curve, as PNG names it (third edition, section 11.3.2.5)
_AS_USUAL = 0.05  # share of the exponent that makes no difference, by libpng's measure
_ROUNDED = 0.001  # of a chromaticity, that of sRGB in one more place, or one less
_SOUND = (0.1, 10.0)  # exponents that mean something
_STEPS = 2**20 - 1  # of light, of which a table has the numbers
_WHITE = (0.25, 0.45)  # x and y of lamps and daylight
_NARROW = 0.01  # twice the area of a triangle of colours; sRGB's is 0.22
_SRGB = (*D65, *(place for each in CHROMATICITIES[BT709] for place in each))


@dataclass(frozen=True)
class Gamma:
    """How numbers that are not sRGB's stand for light.

    Attributes:
        exponent: Of the light, which makes numbers of it.
        chromaticities: x and y of white, red, green and blue.
    """

    exponent: float = _USUAL
    chromaticities: tuple[float, ...] = _SRGB

    @classmethod
    def of(cls, info: Mapping[Any, Any]) -> Gamma | None:
        """What a file tells, by Pillow's names; `None` for sRGB, or what nobody can mean."""
        exponent, chromaticities = info.get("gamma"), info.get("chromaticity")
        if not (isinstance(exponent, float) and _SOUND[0] <= exponent <= _SOUND[1]):
            exponent = _USUAL
        if not isinstance(chromaticities, tuple) or not _is_sound(chromaticities):
            chromaticities = _SRGB
        found = cls(exponent, chromaticities)
        usual = abs(exponent / _USUAL - 1) < _AS_USUAL
        return None if usual and not found._is_elsewhere else found

    @property
    def _is_elsewhere(self) -> bool:
        """Whether its red, green, blue or white are not sRGB's."""
        return any(abs(one - other) > _ROUNDED for one, other in zip(self.chromaticities, _SRGB, strict=True))

    def in_srgb(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """sRGB's numbers for the same colours; those that it has not are clipped.

        Args:
            numbers: (..., 3), uint8 or uint16.
        """
        import numpy as np

        most = np.iinfo(numbers.dtype).max
        light = (np.arange(most + 1) / most) ** (1 / self.exponent)
        if not self._is_elsewhere:
            return np.rint(srgb_of(light) * most).astype(numbers.dtype)[numbers]
        seen = np.clip(light.astype(np.float32)[numbers] @ self._matrix.T.astype(np.float32), 0, 1)
        return _numbers_of_light(numbers.dtype)[(seen * _STEPS + 0.5).astype(np.int32)]

    @property
    def _matrix(self) -> NDArray[float64]:
        """From linear light of these primaries to that of sRGB's, white to white."""
        import numpy as np

        white, *colours = _pairs(self.chromaticities)
        seen = adapting(xyz(*white), xyz(*D65)) @ light_of(colours, white)
        return np.asarray(np.linalg.solve(to_xyz(BT709), seen))


@functools.cache
def _numbers_of_light(kind: dtype[Any]) -> NDArray[Any]:
    """sRGB's of light from 0 to 1 in so many steps, none of which is two numbers of 16 bits high."""
    import numpy as np

    return np.rint(srgb_of(np.arange(_STEPS + 1) / _STEPS) * np.iinfo(kind).max).astype(kind)


def _is_sound(chromaticities: tuple[float, ...]) -> bool:
    """Whether white is about white, and the others are colours that span a triangle."""
    white, *colours = _pairs(chromaticities)
    (x, y), (gx, gy), (bx, by) = colours
    inside = all(0 <= x <= 1 and 0 < y <= 1 for x, y in colours)
    wide = abs((gx - x) * (by - y) - (bx - x) * (gy - y)) > _NARROW
    return inside and wide and all(_WHITE[0] <= place <= _WHITE[1] for place in white)


def _pairs(chromaticities: tuple[float, ...]) -> list[tuple[float, float]]:
    return list(zip(chromaticities[::2], chromaticities[1::2], strict=True))
