"""A style is a folder, or one file with the same parts: card, generator as ONNX and, in most cases, weights.

    style.json       the card (`toonify.storage.StyleManifest`)
    generator.onnx   picture -> cartoon, float32 (N, H, W, 3), RGB in [-1, 1], any size; the card's
                     controls are further inputs, a float32 number each
    generator.int8.onnx  the same in 8 bits (QuantizeLinear, DequantizeLinear), for processors that
                     multiply these faster; may be left out
    generator.npz    the generator's variables by path; may be left out
    README.md        words about it, for people; may be left out

Either may come from anyone, so nothing in it is believed before it is checked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import ToonifyError
from toonify.plugins import Painter, own_name
from toonify.storage import StyleFolder, StyleManifest
from toonify.storage.archives import pack_files
from toonify.styles.controls import check_controls
from toonify.styles.known import known_network
from toonify.styles.network import Network
from toonify.styles.painters import CheckedPainter
from toonify.styles.parts import CARD, GENERATOR, INT8, LIMITS, WEIGHTS, check_parts, part_size, read_part

MAX_HALO = 1024
MAX_MULTIPLE = 256
MADE_OF = "made_of"
"""In the metadata of a generator in 8 bits: the fingerprint of that which it was made of."""
BUNDLED = Path(__file__).parent / "bundled"
"""Where the styles lie that come with toonify."""


@dataclass(frozen=True)
class Style:
    """A style whose card has been read and checked.

    Attributes:
        path: Its folder, or its file.
        manifest: Its card.
    """

    path: Path
    manifest: StyleManifest

    @property
    def files(self) -> StyleFolder:
        """Where its parts lie, as messages call them; those of a style in one file are within that file."""
        return StyleFolder(self.path)

    @property
    def generator(self) -> str:
        """The plugin that its network was built by, as `toonify.plugins.find_plugin` takes it."""
        return self._plugin("generators", self.manifest.generator)

    def _plugin(self, group: str, name: str) -> str:
        """What the card calls a plugin; that of a style of toonify's own names toonify's own."""
        bundled = self.path.resolve().is_relative_to(BUNDLED.resolve())
        return own_name(group, name) if bundled else name

    @property
    def size(self) -> int:
        """Bytes of the generator as ONNX; 0 when it is missing.

        Raises:
            ToonifyError: if it is not the style's own, or the style's file is damaged.
        """
        return part_size(self.path, GENERATOR) or 0

    @property
    def changed(self) -> tuple[int, int]:
        """When the generator's file was written last, in nanoseconds, and its bytes; zeros without one."""
        file = self.files.generator if self.path.is_dir() else self.path
        status = file.stat() if file.exists() else None
        return (status.st_mtime_ns, status.st_size) if status else (0, 0)

    @property
    def fingerprint(self) -> str:
        """A hash of the generator, 16 hexadecimal digits.

        Raises:
            ToonifyError: if the generator is missing or too large.
        """
        return hashlib.sha256(read_part(self.path, GENERATOR)).hexdigest()[:16]

    def onnx_bytes(self) -> bytes:
        """The generator as a serialised ONNX model that is safe to hand to a runtime.

        Raises:
            ToonifyError: as `network`.
        """
        return self.network().data

    def network(self) -> Network:
        """The generator, checked.

        Raises:
            ToonifyError: if it is missing, too large or damaged, refers to other files, uses operators
                that draw nothing, has not the inputs and outputs of a generator with the card's controls, or
                would take more time or memory than one does.
        """
        return self._network(GENERATOR)

    def int8_network(self) -> Network | None:
        """The generator in 8 bits, checked; `None` where there is none, or it was made of another.

        Raises:
            ToonifyError: as `network`.
        """
        if part_size(self.path, INT8) is None:
            return None
        network = self._network(INT8)
        return network if network.metadata.get(MADE_OF) == self.fingerprint else None

    def _network(self, part: str) -> Network:
        data, origin = read_part(self.path, part), self.path / part
        multiple, controls = self.manifest.multiple, self.manifest.controls
        if network := known_network(data, origin, multiple=multiple, controls=controls):
            return network
        from toonify.styles.checks import read_network

        return read_network(data, origin, multiple=multiple, controls=controls)

    def painter(self) -> Painter | None:
        """The painter that the card names, an installed plugin; `None` if it names none.

        Raises:
            ToonifyError: if there is none of that name, or it does not load.
        """
        name = self.manifest.painter
        try:
            return CheckedPainter(self._plugin("painters", name)) if name else None
        except ToonifyError as error:
            other = f"{error.hint.removesuffix('.')}; or draw" if error.hint else "Draw"
            hint = f"{other} without it: `painter` False."
            raise ToonifyError(error.message, hint, exit_code=error.exit_code) from error

    def weights_bytes(self) -> bytes | None:
        """The generator's weights, an `.npz` (`toonify.plugins.open_arrays`), if the style has them.

        Raises:
            ToonifyError: if the file is too large, a link that leaves the style's folder, or not what a list
                of hashes in it says.
        """
        return None if part_size(self.path, WEIGHTS) is None else read_part(self.path, WEIGHTS)

    def packed(self) -> bytes:
        """The style as one file, which `load_style` takes: the same bytes for the same style.

        Raises:
            ToonifyError: if a part is missing, too large, or a link that leaves the style's folder.
        """
        there = (name for name in LIMITS if part_size(self.path, name) is not None)
        return pack_files({name: read_part(self.path, name) for name in there})


def read_style(path: Path) -> Style:
    """A style whose card is sound.

    Args:
        path: Its folder, or its file, whatever that is called.

    Raises:
        ToonifyError: if it is damaged, or holds what it should not.
    """
    manifest = _read_card(path)
    card = path / CARD
    for key in ("name", "generator", "licence"):
        if not getattr(manifest, key).isprintable():
            raise ToonifyError(f"{card} is damaged: '{key}' holds control characters")
    halo, multiple = manifest.halo, manifest.multiple
    if halo is not None and not 0 <= halo <= MAX_HALO:
        raise ToonifyError(f"{card} is damaged: 'halo' is {halo}, not between 0 and {MAX_HALO}")
    if not 1 <= multiple <= MAX_MULTIPLE:
        raise ToonifyError(f"{card} is damaged: 'multiple' is {multiple}, not between 1 and {MAX_MULTIPLE}")
    check_controls(manifest.controls, str(card))
    return Style(path, manifest)


def _read_card(path: Path) -> StyleManifest:
    check_parts(path)
    if path.is_dir():
        return StyleManifest.read(path)
    return StyleManifest.parse(read_part(path, CARD), path / CARD)
