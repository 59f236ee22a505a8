"""What all formats share: each is written beside its place, verified in its runtimes, and then renamed."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.backend_import import installed
from toonify.distributions import needs
from toonify.errors import ToonifyError, exists_already, holds_more, usage_error
from toonify.exporting.result import Exported
from toonify.inference import open_onnx, open_runtime
from toonify.inference.padding import SMALLEST, drawn_with_margin, padded_side, round_up
from toonify.inference.verification import TOLERANCE, Likeness, Probe, compare, make_probes
from toonify.plugins import Draw, Exporter, PluginInUse, plugin_in_use
from toonify.resources import available_memory
from toonify.storage import replacing, strangers, writing
from toonify.styles import Style, load_style

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray
    from PIL import Image

EXAMPLE = Path(__file__).parent / "web" / "page" / "example.jpg"
PHOTO_SIDES, ODD_PHOTO = (192, 256), (203, 151)
"""Pixels of the photograph's two sizes, the first rounded up to what a style takes."""

AT_ONCE = 5  # times the memory of the network's largest values: LiteRT takes 4.0, what interprets Core ML 4.1

CALIBRATE = "Give pictures like those it will draw as `calibrate`, or export it in a more exact format."
MORE_EXACT = "Export it in a more exact format, such as onnx."
OR_ELSE = "Export it to onnx, or give the run folder it was trained in."
OTHER_TRAINING = "Do the style's generator.onnx and generator.npz come from the same training?"


@dataclass(frozen=True)
class Export:
    """A style in one format.

    Attributes:
        style: What is exported.
        format: The format's name.
        exporter: What writes it.
        path: Where to.
        overwrite: Whether to replace what an earlier export wrote.
        others: Further styles in the same file or folder, for formats that hold several.
        options: Those of `exporter`, as JSON holds them, to make it anew elsewhere.
    """

    style: Style
    format: str
    exporter: Exporter
    path: Path
    overwrite: bool = False
    others: tuple[Style, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def need_place(self) -> None:
        """Raise a `ToonifyError` if something is there that is not to be replaced."""
        if os.path.lexists(self.path) and not self.overwrite:
            raise exists_already(self.path)

    @property
    def plugin(self) -> PluginInUse:
        """What errors call the exporter."""
        return plugin_in_use("exporters", self.format)


def need_own(path: Path, what: str, ours: bool, files: Iterable[str] = ()) -> None:
    """Raise a `ToonifyError` if something is at a path, or in a folder there, that no export has written.

    Args:
        path: Of an export.
        what: It should be, if it is there, for the message.
        ours: Whether it is.
        files: Those of a folder, as `toonify.storage.strangers` takes them.
    """
    if not path.exists():
        return
    if not ours:
        raise usage_error(f"{path} is no {what}: it is not replaced", "Choose another `output`.")
    with writing(path):
        others = strangers(path, files) if path.is_dir() else []
    if others:
        raise holds_more(path, what, others[0])


def need_weights(style: Style, made: str, hint: str = OR_ELSE) -> None:
    """Raise a `ToonifyError` if a style has not the weights that something is made from.

    Args:
        style: The style.
        made: What is, for the message: "which a SavedModel is".
        hint: What to do about it.
    """
    if style.weights_bytes() is None:
        raise ToonifyError(
            f"the style '{style.manifest.name}' comes without its weights ({style.files.weights.name}), "
            f"{made} made from",
            hint,
        )


def need_package(what: str, module: str) -> None:
    """Raise a `ToonifyError` that names the extra, if an optional package is not installed.

    Args:
        what: Needs it, for the message.
        module: By which it is imported, one of `toonify.distributions.EXTRAS`.
    """
    if not installed(module):
        raise needs(what, module)


def check_size(style: Style, size: tuple[int, int] | None) -> None:
    """Raise a `ToonifyError` for a size, width and height, that a network, or the memory, does not take."""
    if size is None:
        return
    card = style.manifest
    width, height = (padded_side(side, card.multiple) for side in size)
    if (width, height) != size:
        raise usage_error(
            f"`size` should be multiples of {card.multiple} for the style '{card.name}', "
            f"and {SMALLEST} at least, not {size[0]}x{size[1]}",
            f"The next is {width}x{height}.",
        )
    needed, free = AT_ONCE * style.network().check((1, height, width, 3)).peak, available_memory()
    if needed > free:
        raise ToonifyError(
            f"`size` {width}x{height} needs about {needed / 1e9:.1f} GB to be drawn, "
            f"and {free / 1e9:.1f} GB are free",
            "Give a smaller `size`.",
        )


def draw_original(style: Style) -> list[Probe]:
    """Test pictures, and what the style itself draws of them.

    Raises:
        ToonifyError: if its own generator does not run.
    """
    return _probes(open_runtime(style).run, style.manifest.multiple)


def _probes(original: Draw, multiple: int, size: tuple[int, int] | None = None) -> list[Probe]:
    """Noise, and a real photograph at two sizes, one of them odd; or both at the only size there is."""
    if size:
        return make_probes(original, multiple, [_photograph(*size)], size=size)
    height, width = (round_up(side, multiple) for side in PHOTO_SIDES)
    return make_probes(original, multiple, [_photograph(width, height), _photograph(*ODD_PHOTO)])


def _photograph(width: int, height: int) -> NDArray[float32]:
    """The one that ships with the package, (1, height, width, 3), RGB in [-1, 1]."""
    from PIL import Image

    with Image.open(EXAMPLE) as image:
        return as_batch(image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))


def as_batch(image: Image.Image) -> NDArray[float32]:
    """A picture, mode RGB, as a network takes it: (1, H, W, 3), in [-1, 1]."""
    import numpy as np

    return np.asarray(image, np.float32)[np.newaxis] / np.float32(127.5) - 1


def draw_with_onnx(path: Path) -> Draw:
    """An ONNX file in ONNX Runtime."""
    return open_onnx(path).run


def open_style(path: Path) -> Draw:
    """A style's folder or file as `convert` runs it, with its controls at their defaults."""
    return open_runtime(load_style(path)).run


def write_verified(export: Export, probes: list[Probe]) -> Exported:
    """Write a format beside its place, let its runtimes draw, and rename it.

    Raises:
        ToonifyError: if it cannot be written, or draws something other than the style.
    """
    exporter, path, plugin = export.exporter, export.path, export.plugin
    multiple = export.style.manifest.multiple
    with plugin.errors():
        if not exporter.runtimes():
            raise plugin.error(f"{plugin} names no runtime to be verified in")
        original = exporter.original(export.style)
        if original or exporter.size:
            probes = _probes(original or open_runtime(export.style).run, multiple, exporter.size)
    with replacing(path) as part, plugin.errors(), writing(path):
        if exporter.several:
            exporter.write_several([export.style, *export.others], part)
        else:
            exporter.write(export.style, part)
        if not os.path.lexists(part):
            raise plugin.error(f"{plugin} has written nothing")
        likeness = {
            runtime: _compared(export, open_(part), probes, runtime)
            for runtime, open_ in exporter.runtimes().items()
        }
        size = _size(part)
        export.need_place()  # another export may have written it meanwhile
    return Exported(export.format, path, size, likeness, exporter.close_ups)


def _compared(export: Export, draw: Draw, probes: list[Probe], runtime: str) -> Likeness:
    """Compare a written file with the style; pictures get a margin where the format takes no odd sizes."""
    exporter, multiple = export.exporter, export.style.manifest.multiple

    def with_margin(pictures: NDArray[float32]) -> NDArray[float32]:
        return drawn_with_margin(draw, pictures, multiple)

    # Of a few pixels far off, among many that are near, the PSNR is the better judge.
    tolerance = exporter.tolerance or (math.inf if exporter.least_psnr else TOLERANCE)
    return compare(
        draw if exporter.any_size or exporter.size else with_margin,
        probes,
        f"{export.path} is not written: in {runtime} it",
        hint=export.plugin.remedy or _what_to_do(exporter),
        tolerance=tolerance,
        least_psnr=exporter.least_psnr,
    )


def _what_to_do(exporter: Exporter) -> str:
    """The hint for an export of toonify's own that draws something other than the style."""
    if not exporter.least_psnr:
        return OTHER_TRAINING
    return CALIBRATE if hasattr(exporter, "calibrate") else MORE_EXACT


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
