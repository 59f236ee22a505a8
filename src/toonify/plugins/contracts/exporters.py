"""The contract of an exporter: a format that styles are written in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from toonify.errors import usage_error

if TYPE_CHECKING:
    from toonify.styles import Style

Draw = Callable[[Any], Any]
"""Draws pictures, NumPy arrays (N, H, W, 3), float32 RGB in [-1, 1]; gives the same."""


class Exporter(ABC):
    """A format that styles are exported in.

    What it writes is kept only if it draws, in every runtime that it names, what the style itself draws, or
    its `original`.

    Attributes:
        suffix: What follows the style's name in that of the file or folder, such as `.onnx`.
        any_size: Whether what it writes takes pictures of any size, adding a mirrored margin as `convert`
            does, and cutting it off again; otherwise sides are multiples of the style's.
        needs_tensorflow: Whether it builds the generator in Keras on TensorFlow. Where Keras runs on
            something else, all of it is done in another process.
        several: Whether what it writes can hold several styles.
        tolerance: How far it may draw from the style, in [-1, 1], if it stores the network less exactly;
            `None` for no further than runtimes are apart.
        least_psnr: In dB, how near it must draw to the style on the whole; 0 where `tolerance` says enough.
        takes_pictures: Whether it is given pictures as arrays, as a network is; a page is not.
        close_ups: Whether small faces are drawn once more wherever it is used, as `convert` does.
        takes_controls: Whether whoever uses it may choose the style's controls; otherwise they are fixed.
        painted: Whether a style's painter belongs to what it writes, so that its absence is told.
        size: Width and height of the only pictures that what it writes takes; `None` for many sizes.
        largest_side: Pixels of the longest side that it takes; 0 where there is no bound.

    Options of its constructor called `size` (of that type) and `calibrate` (`Path | None`, a folder of
    pictures) are given what whoever exports asks for by these names.
    """

    suffix: ClassVar[str]
    any_size: ClassVar[bool] = False
    needs_tensorflow: ClassVar[bool] = False
    several: ClassVar[bool] = False
    tolerance: ClassVar[float | None] = None
    least_psnr: ClassVar[float] = 0.0
    takes_pictures: ClassVar[bool] = True
    close_ups: ClassVar[bool] = False
    takes_controls: ClassVar[bool] = False
    painted: ClassVar[bool] = True
    largest_side: ClassVar[int] = 0
    size: tuple[int, int] | None = None

    def check(self, style: Style, path: Path) -> None:
        """Called before anything is written; by default refuses to replace a folder.

        Args:
            style: What will be exported.
            path: What will be replaced, if it is there.

        Raises:
            ToonifyError: if the style cannot be exported, or what is at `path` should stay.
        """
        if path.is_dir():
            raise usage_error(f"{path} is a folder: it is not replaced by a file", "Choose another `output`.")

    @abstractmethod
    def write(self, style: Style, path: Path) -> None:
        """Write a style.

        Args:
            style: `style.onnx_bytes()` is its network, `style.weights_bytes()` its weights, which
                `open_arrays(style.files.weights, weights)` reads, `style.manifest` its card.
            path: Of the file or folder to make. It has the final name, and is moved to its place once it is
                verified.
        """

    def write_several(self, styles: Sequence[Style], path: Path) -> None:
        """Write several styles into one file or folder, which `runtimes` open at the first of them.

        Called where `several` is true, instead of `write`.

        Args:
            styles: One at least; all but the first must be verified here.
            path: As of `write`.
        """
        raise NotImplementedError

    def original(self, style: Style) -> Draw | None:
        """Draws what the export should, where that is not what the style itself draws; by default `None`.

        Args:
            style: What is exported.

        Returns:
            A function on pictures whose sides are multiples of the style's.
        """
        return None

    @abstractmethod
    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        """By name, what opens a written path in a runtime that people will use, and draws with it."""
