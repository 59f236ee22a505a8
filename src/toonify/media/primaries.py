"""Which red, green and blue: code points of ITU-T H.273, what they are in light, and sRGB's numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

BT709, UNSPECIFIED, BT2020, DISPLAY_P3 = 1, 2, 9, 12
NAMES = {BT709: "sRGB", BT2020: "BT.2020", DISPLAY_P3: "Display P3"}
"""The primaries that are told apart; all others are close to BT.709's, which are sRGB's."""

CHROMATICITIES = {
    BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    DISPLAY_P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""x and y of red, green and blue (H.273, table 2)."""

D65 = (0.3127, 0.3290)
"""Those of the white that all of them have."""

_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def to_xyz(primaries: int) -> NDArray[float64]:
    """The matrix from linear red, green and blue to CIE XYZ, white being 1 of Y.

    Args:
        primaries: One of `NAMES`.
    """
    return light_of(CHROMATICITIES[primaries], D65)


def light_of(chromaticities: Iterable[tuple[float, float]], white: tuple[float, float]) -> NDArray[float64]:
    """The same for any red, green and blue, and their white, each by x and y (SMPTE RP 177)."""
    import numpy as np

    columns = np.array([xyz(*each) for each in chromaticities]).T
    return np.asarray(columns * np.linalg.solve(columns, xyz(*white)))


def adapting(white: NDArray[float64], other: NDArray[float64]) -> NDArray[float64]:
    """The matrix from colours under a white (XYZ) to those that look the same under another (by Bradford)."""
    import numpy as np

    cones = np.array(_BRADFORD)
    scale = (cones @ other) / (cones @ white)
    return np.asarray(np.linalg.solve(cones, scale[:, np.newaxis] * cones))


def to_bt709(primaries: int) -> NDArray[float64]:
    """The matrix from linear light of some primaries to that of BT.709's."""
    import numpy as np

    return np.asarray(np.linalg.solve(to_xyz(BT709), to_xyz(primaries)))


def xyz(x: float, y: float) -> NDArray[float64]:
    """XYZ of a chromaticity, with Y = 1."""
    import numpy as np

    return np.array([x / y, 1.0, (1 - x - y) / y])


def srgb_of(light: NDArray[float64]) -> NDArray[float64]:
    """sRGB's numbers of linear light, both in [0, 1] (IEC 61966-2-1)."""
    import numpy as np

    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
