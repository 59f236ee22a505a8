"""Whether an exported style draws what the style itself draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError
from toonify.exporting.onnx import open_bytes
from toonify.styles import Style

if TYPE_CHECKING:
    import numpy as np

    from toonify.exporting.formats import Draw

TOLERANCE = 1e-3
"""Of [-1, 1]: an eighth of a step of 8-bit colour. Runtimes add up a convolution's products in orders
of their own, which costs `lite` about 1e-5; instance norm, which divides by deviations, magnifies it."""

PROBES = ((1, 96, 64), (2, 32, 80))
"""Batch, height and width of the test pictures, before they are rounded up to the style's multiple."""

Test = list[tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]]
"""Test pictures, and what the style draws of them in ONNX Runtime."""


def make_test(style: Style) -> Test:
    """Raises a `ToonifyError` if the style's own generator does not run."""
    draw = open_bytes(style.onnx_bytes(), style.files.generator)
    return [(probe, draw(probe)) for probe in _probes(style.manifest.multiple)]


def verify(draw: Draw, test: Test, subject: str) -> float:
    """The largest difference of any pixel, in [-1, 1].

    Raises:
        ToonifyError: beginning with `subject`, if a shape differs, or a pixel by more than `TOLERANCE`.
    """
    import numpy as np

    differences = []
    for probe, expected in test:
        made = draw(probe)
        if made.shape != expected.shape:
            raise ToonifyError(
                f"{subject} draws pictures of {made.shape} where the style draws {expected.shape}"
            )
        differences.append(np.max(np.abs(made - expected)))
    largest = float(np.max(differences))
    if not largest <= TOLERANCE:  # true for what is no number
        raise ToonifyError(
            f"{subject} draws something else than the style: the difference is {largest:.2g} of 2, "
            f"and {TOLERANCE:g} is allowed",
            "Do the style's generator.onnx and generator.npz come from the same training?",
        )
    return largest


def _probes(multiple: int) -> list[np.ndarray[Any, Any]]:
    """Noise over ramps, in [-1, 1]: large areas, and detail in every pixel."""
    import numpy as np

    random = np.random.default_rng(0)
    probes = []
    for batch, *sides in PROBES:
        height, width = (-(-side // multiple) * multiple for side in sides)
        ramp = np.linspace(-0.7, 0.7, height)[:, None, None] * np.linspace(-1, 1, width)[:, None]
        noise = random.uniform(-0.3, 0.3, (batch, height, width, 3))
        probes.append((ramp + noise).astype(np.float32))
    return probes
