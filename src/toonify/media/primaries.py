"""Which red, green and blue: code points of ITU-T H.273, and what they are in light."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

BT709, UNSPECIFIED, BT2020, DISPLAY_P3 = 1, 2, 9, 12
NAMES = {BT709: "sRGB", BT2020: "BT.2020", DISPLAY_P3: "Display P3"}
"""The primaries that are told apart; all others are close to BT.709's, which are sRGB's."""

_CHROMATICITIES = {
    BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    DISPLAY_P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""x and y of red, green and blue (H.273, table 2)."""

D65 = (0.3127, 0.3290)
"""Those of the white that all of them have."""


def to_xyz(primaries: int) -> NDArray[float64]:
    """The matrix from linear red, green and blue to CIE XYZ, white being 1 of Y (SMPTE RP 177).

    Args:
        primaries: One of `NAMES`.
    """
    import numpy as np

    columns = np.array([xyz(*each) for each in _CHROMATICITIES[primaries]]).T
    return np.asarray(columns * np.linalg.solve(columns, xyz(*D65)))


def to_bt709(primaries: int) -> NDArray[float64]:
    """The matrix from linear light of some primaries to that of BT.709's."""
    import numpy as np

    return np.asarray(np.linalg.solve(to_xyz(BT709), to_xyz(primaries)))


def xyz(x: float, y: float) -> NDArray[float64]:
    """XYZ of a chromaticity, with Y = 1."""
    import numpy as np

    return np.array([x / y, 1.0, (1 - x - y) / y])
