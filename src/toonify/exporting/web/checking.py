"""Whether the networks on a written page draw what their styles draw, in ONNX Runtime on this machine."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting.base import MORE_EXACT, draw_original
from toonify.exporting.web.site import INDEX
from toonify.inference import Runtime
from toonify.inference.verification import compare
from toonify.plugins import Control, Draw
from toonify.styles import defaults
from toonify.styles.checks import read_network

if TYPE_CHECKING:
    from toonify.styles import Style


def open_network(path: Path, number: int = 0) -> Draw:
    """The network of one of a page's styles, with its controls at their defaults.

    Args:
        path: The page's folder.
        number: Which style, in the order of the chooser.
    """
    style = json.loads((path / INDEX).read_bytes())["styles"][number]
    file = path / style["network"]["path"]
    controls = {
        name: Control(*(control[field] for field in ("minimum", "maximum", "default", "description")))
        for name, control in style["controls"].items()
    }
    data = gzip.decompress(file.read_bytes())
    network = read_network(data, file, multiple=style["multiple"], controls=controls)
    return Runtime(network, controls=defaults(controls)).run


def verify_others(styles: Sequence[Style], path: Path, least_psnr: float) -> None:
    """Verify all networks but the first, which every export verifies, against their styles.

    Raises:
        ToonifyError: if one draws something else.
    """
    for number, style in enumerate(styles[1:], 1):
        probes = [probe for probe in draw_original(style) if not probe.odd]
        subject = f"{path.name} is not written: the style '{style.manifest.name}' on it"
        compare(
            open_network(path, number),
            probes,
            subject,
            hint=MORE_EXACT,
            tolerance=math.inf,
            least_psnr=least_psnr,
        )
