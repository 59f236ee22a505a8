"""High dynamic range brought to the usual one, of films and of pictures.

Numbers of transfers are those of ITU-T H.273.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

from PIL import ImageFilter

from toonify.media.primaries import BT2020, NAMES, srgb_of, to_bt709, to_xyz

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

PQ, HLG = 16, 18
TRANSFERS = {PQ: "PQ", HLG: "HLG"}
"""Of high dynamic range."""

Curve = Literal["BT.1886", "sRGB"]
"""How the light that is left is coded: as films are shown, or as pictures."""

_WHITE = 203.0  # cd/m², that of graphics and diffuse white in HDR (ITU-R BT.2408)
_PEAK = 1000.0  # cd/m², of the display that most films are graded for
_KNEE = 0.3  # share of the usual range below which light is kept as it is
_GRID = 65  # colours a side of the table, the most that Pillow takes


def note_of(transfer: int) -> str:
    """What is said of a film or picture that was brought to the usual range."""
    return f"high dynamic range ({TRANSFERS[transfer]}) tone-mapped to the usual one"


def in_usual_range(coded: NDArray[float64], transfer: int, primaries: int, curve: Curve) -> NDArray[float64]:
    """Colours in high dynamic range, with BT.709's primaries in the usual one.

    Args:
        coded: (n, 3), in [0, 1].
        transfer: One of `TRANSFERS`.
        primaries: By H.273; of those that are not known here BT.2020's are assumed.
        curve: Of what comes back.

    Returns:
        (n, 3), in [0, 1].
    """
    import numpy as np

    light = _light_of_pq(coded) if transfer == PQ else _light_of_hlg(coded)
    primaries = primaries if primaries in NAMES else BT2020
    toned = _tone_mapped(light / _WHITE, to_xyz(primaries)[1])
    light = np.clip(toned @ to_bt709(primaries).T, 0, 1)
    if curve == "BT.1886":
        return np.asarray(light ** (1 / 2.4))
    return srgb_of(light)


@functools.cache
def table(transfer: int, primaries: int, curve: Curve) -> ImageFilter.Color3DLUT:
    """The same for Pillow's images of 8 bits a channel."""
    import numpy as np

    steps = np.linspace(0, 1, _GRID)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red changes first
    coded = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    made = in_usual_range(coded, transfer, primaries, curve)
    return ImageFilter.Color3DLUT(_GRID, made.ravel().tolist())


def _light_of_pq(coded: NDArray[float64]) -> NDArray[float64]:
    """In cd/m², by SMPTE ST 2084."""
    import numpy as np

    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = coded ** (1 / m2)
    return 10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


def _light_of_hlg(coded: NDArray[float64]) -> NDArray[float64]:
    """In cd/m² on a display of 1,000, by ITU-R BT.2100."""
    import numpy as np

    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
    return _PEAK * scene * luminance[:, np.newaxis] ** 0.2


def _tone_mapped(light: NDArray[float64], luminances: NDArray[float64]) -> NDArray[float64]:
    """Light of 0 to `_PEAK` in 0 to 1, where 1 comes in as white.

    Reinhard's curve above a knee, as in FFmpeg's filter `tonemap=mobius`; the hue stays, for all three
    channels are scaled as the luminance is. (Not as the brightest is: where that becomes another one there is
    a crease, along all greys, which no table holds.)

    Args:
        light: (n, 3).
        luminances: Of red, green and blue.
    """
    import numpy as np

    peak, knee = _PEAK / _WHITE, _KNEE
    a = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    b = (knee**2 - 2 * knee * peak + peak) / (peak - 1)
    light = np.minimum(light, peak)
    luminance = np.maximum(light @ luminances, 1e-6)[:, np.newaxis]
    bent = (b**2 + 2 * b * knee + knee**2) / (b - a) * (luminance + a) / (luminance + b)
    return np.asarray(light * np.where(luminance > knee, bent / luminance, 1))
