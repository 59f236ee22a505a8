"""A style is a folder: its card, its generator as ONNX and, in most cases, the weights.

    style.json       the card (`toonify.storage.StyleManifest`)
    generator.onnx   picture -> cartoon, float32 (N, H, W, 3), RGB in [-1, 1], any size
    generator.npz    the generator's variables by path; may be left out

Such a folder may come from anyone, so nothing in it is believed before it is checked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import ToonifyError, refusal
from toonify.plugins import find_plugin, find_plugins
from toonify.storage import RunFolder, RunManifest, StyleFolder, StyleManifest, is_inside

MAX_HALO = 1024
MAX_MULTIPLE = 256
MAX_GENERATOR_BYTES = 512 * 2**20


@dataclass(frozen=True)
class Style:
    """A style folder whose card has been read and checked.

    Attributes:
        path: The folder.
        manifest: Its card.
    """

    path: Path
    manifest: StyleManifest

    @property
    def files(self) -> StyleFolder:
        """Where its files lie."""
        return StyleFolder(self.path)

    @property
    def weights_path(self) -> Path | None:
        """The generator's weights (`numpy.load(..., allow_pickle=False)`), if the style has them.

        Raises:
            ToonifyError: if the file is a link that leaves the style's folder.
        """
        path = self.files.weights
        return _inside(path) if os.path.lexists(path) else None

    @property
    def size(self) -> int:
        """Bytes of the generator as ONNX; 0 when the file is missing."""
        path = self.files.generator
        return path.stat().st_size if path.is_file() else 0

    def onnx_bytes(self) -> bytes:
        """The generator as a serialised ONNX model that is safe to hand to a runtime.

        Raises:
            ToonifyError: if it is missing, too large or damaged, refers to other files, uses
                operators beyond the ONNX standard, or has not the inputs and outputs of a generator.
        """
        from toonify.styles.checks import check_generator

        path = _inside(self.files.generator)
        try:
            if path.stat().st_size > MAX_GENERATOR_BYTES:
                raise ToonifyError(f"{path} is larger than {MAX_GENERATOR_BYTES // 2**20} MB: not a style's")
            data = path.read_bytes()
        except OSError as error:
            raise ToonifyError(f"{path} cannot be read: {refusal(error)}") from error
        check_generator(data, path)
        return data


def load_style(name_or_path: str | Path) -> Style:
    """Find a style and check its card.

    Args:
        name_or_path: The name of a style that a package brings, toonify's own among them; or a style
            folder; or a run folder, which stands for the style that its training made. Such a name
            always means that style: for a folder of the same name write `./comic`, or give a `Path`.

    Raises:
        ToonifyError: if there is none, two packages bring it, or it is damaged.
    """
    path = Path(name_or_path).expanduser()
    if isinstance(name_or_path, str) and _is_name(name_or_path, path):
        return _read(find_plugin("styles", name_or_path).folder())
    if not path.exists():
        raise ToonifyError(f"there is no style folder {path}", "Give a style's name, its folder or a run's.")
    return _read(_style_folder(path))


def _is_name(text: str, path: Path) -> bool:
    """Whether a style is meant that a package brings; names go before files that lie there."""
    if "/" in text or "\\" in text:
        return False
    return not path.exists() or text in {plugin.name for plugin in find_plugins("styles")}


def _style_folder(path: Path) -> Path:
    """The folder itself, or the `style` inside when it is a run's."""
    if path.name in (StyleManifest.FILE, StyleFolder(path.parent).generator.name):
        return path.parent
    if not path.is_dir():
        raise ToonifyError(f"{path} is not a style: a style is a folder with a {StyleManifest.FILE}")
    if (path / StyleManifest.FILE).exists() or not (path / RunManifest.FILE).exists():
        return path
    style = RunFolder(path).style
    if not (style / StyleManifest.FILE).exists():
        raise ToonifyError(
            f"the run {path} has made no style yet",
            f"Finish its training first: toonify train --resume {path}",
        )
    return style


def _read(folder: Path) -> Style:
    _inside(folder / StyleManifest.FILE, missing_ok=True)
    manifest = StyleManifest.read(folder)
    card = folder / StyleManifest.FILE
    for key in ("name", "generator", "licence"):
        if not getattr(manifest, key).isprintable():
            raise ToonifyError(f"{card} is damaged: '{key}' holds control characters")
    halo, multiple = manifest.halo, manifest.multiple
    if halo is not None and not 0 <= halo <= MAX_HALO:
        raise ToonifyError(f"{card} is damaged: 'halo' is {halo}, not between 0 and {MAX_HALO}")
    if not 1 <= multiple <= MAX_MULTIPLE:
        raise ToonifyError(f"{card} is damaged: 'multiple' is {multiple}, not between 1 and {MAX_MULTIPLE}")
    return Style(folder, manifest)


def _inside(path: Path, *, missing_ok: bool = False) -> Path:
    """The path, once it is certain that it is a file of its own folder and no link out of it."""
    if not is_inside(path, path.parent):
        raise ToonifyError(f"{path} is a link that leaves the style's folder", "Copy the file there instead.")
    if os.path.lexists(path) and not path.is_file():
        raise ToonifyError(f"{path} is not a regular file")
    if not missing_ok and not path.exists():
        raise ToonifyError(f"{path.parent} is damaged: {path.name} is missing")
    return path
