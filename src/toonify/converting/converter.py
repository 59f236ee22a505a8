"""One picture through one style."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from PIL import Image

from toonify.converting.arrays import drawn_alike
from toonify.converting.close_ups import SmallFace, close_up, small_faces, with_close_ups
from toonify.converting.detail import composite, drawing_size, enough, reduce
from toonify.converting.painting import (
    faces_not_found,
    mask_of,
    no_painter,
    no_part_of_films,
    paint_over,
    rgb_pixels,
)
from toonify.converting.request import ConvertRequest, DrawnAt, Strength, check_only
from toonify.converting.tiled import TiledNetwork
from toonify.decoding import Natural, read_value
from toonify.errors import ToonifyError
from toonify.faces.close_ups import MOST_PIXELS
from toonify.inference import AUTO, Runtime, open_runtime
from toonify.media import AnyImage, DeepImage, LargeImage, WholeImage, decoding_memory, load
from toonify.resources import available_memory
from toonify.styles import AnyStyle, Style, choose, default_style, load_style

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toonify.plugins import Painter

# Not a bound: of a subclass, such as `Image.open` gives, the copy is a plain image.
Pixels = TypeVar("Pixels", "Image.Image", DeepImage, LargeImage, WholeImage, AnyImage)


class Converter:
    """A style, loaded once, for any number of pictures.

    Threads may share one. Processes each get their own: it can be pickled, and opens the network anew.

    Args:
        style: A style, used as it is, or what `load_style` takes: a name, a style's folder or file, a run.
        threads: Cores to use for one picture; all when left out.
        detail: Pictures of more than detail × detail pixels are drawn at that size, then enlarged;
            0 draws every pixel. The style's own when left out.
        controls: Of the numbers that the style lets you choose, by name, those that are not to be at their
            defaults: `{"ink": 0.5}`.
        runtime: The style's network, if it has been opened before.
        painter: Let faces be looked at twice: by the style's painter, if it names one, which paints over what
            the network draws, and from closer by if they are small and the style's card says so. Or that
            painter, if it has been made before.
        device: What to draw on: one of `toonify.inference.DEVICES`, or `auto` for the fastest that is there.
        only: `faces` draws what the painter paints and leaves the photograph around it, `background` the
            rest; empty for all.

    Raises:
        ToonifyError: if there is no such style, or it is damaged, its painter is not installed, it has no
            such control or, for `only`, no painter, or a value is out of its range, or the device cannot be
            used.
    """

    def __init__(
        self,
        style: AnyStyle | None = None,
        *,
        threads: int | None = None,
        detail: int | None = None,
        controls: Mapping[str, float] | None = None,
        runtime: Runtime | None = None,
        painter: Painter | bool = True,
        only: str = "",
        device: str = AUTO,
    ) -> None:
        self.style = load_style(default_style() if style is None else style)
        self.detail = (
            self.style.manifest.detail if detail is None else read_value(detail, DrawnAt, "`detail`")
        )
        self.controls = choose(self.style.manifest, {} if controls is None else controls)
        self.threads = 0 if threads is None else read_value(threads, Natural, "`threads`")
        self.device = device
        self.runtime = runtime or open_runtime(self.style, threads=self.threads, device=device)
        check_only(only, bool(painter))
        self.only = only
        self._given = painter
        self.painter = self.style.painter() if painter is True else painter or None
        if only and not self.painter:
            raise no_painter(self.style.manifest.name, only)
        self.close_up = close_up(self.style.manifest, self.detail) if painter else 0
        self._network = TiledNetwork(self.runtime, self.style.manifest, self.controls)

    @classmethod
    def asked_for(cls, request: ConvertRequest, style: Style, *, threads: int) -> Converter:
        """A converter with the settings of a request: detail, controls, painter, part and device.

        Raises:
            ToonifyError: as `Converter`.
        """
        return cls(
            style,
            threads=threads,
            detail=request.detail,
            controls=request.controls,
            painter=request.painter,
            only=request.only,
            device=request.device,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        made_again = functools.partial(
            Converter,
            self.style,
            threads=self.threads,
            detail=self.detail,
            controls=self.controls,
            painter=self._given,
            only=self.only,
            device=self.device,
        )
        return made_again, ()

    def convert(
        self,
        image: Pixels,
        strength: float = 1.0,
        *,
        faces: Sequence[SmallFace] | None = None,
        in_place: bool = False,
    ) -> Pixels:
        """The cartoon of an image, as a new one.

        Args:
            image: Mode RGB or RGBA, 8 or 16 bits a channel, of any size, drawn as it is stored, whatever its
                EXIF data says of its orientation. Alpha, and what is fully transparent, stays.
            strength: How much of the cartoon to mix in, 0 to 1.
            faces: Of a frame of many: its small faces, in pixels of its drawing. No others are looked for
                then, nor does the painter work: what is found a little elsewhere in each would tremble.
            in_place: Draw over the image itself: a second copy of a large one might not fit into the memory.

        Returns:
            An image of the same mode and size, with the same `info` (resolution, EXIF data, colour profile);
            with `in_place` the very image.

        Raises:
            ToonifyError: if the network fails or the picture is too large for it; with `in_place` the image
                may then be converted in part.
            TypeError: if it is no such image.
            ValueError: if the image is of another mode, or has no pixels.
        """
        _need_image(image)
        strength = read_value(strength, Strength, "`strength`")
        if isinstance(image, Image.Image):
            load(image)
        if not in_place:
            image = image.copy()
        if strength == 0:
            return image
        moving = faces is not None
        if not moving:  # the caller checks once for all frames: it takes as long as drawing a small one
            self.check_memory(image.size)
        size = self.drawing_size(image.size)
        painter = self.painter if self.is_paintable(image.size) and not moving else None
        if self.only and not painter:
            raise faces_not_found(self.only, moving=moving)
        closer = faces if moving else self.close_up_in(image.size)
        if size == image.size and not painter and not closer and not isinstance(image, LargeImage):
            self._network.draw(image, strength)
            return image
        photo = reduce(image, size)
        drawing = self._drawn(photo, image, faces)
        if painter and photo.size != drawing.size:
            photo = reduce(image, drawing.size)
        mask = self._paint(drawing, photo, painter) if painter else None
        composite(image, drawing, strength, mask)
        return image

    def _drawn(self, photo: WholeImage, image: AnyImage, faces: Sequence[SmallFace] | None) -> WholeImage:
        """What the network draws of an image, reduced to `photo`; enlarged where it has small faces."""
        width, moving = self.close_up_in(image.size), faces is not None
        if faces is None:
            faces = small_faces(photo, width) if width else ()
        drawing = photo.copy()
        self._draw(drawing)
        return with_close_ups(drawing, image, faces, width, self._draw, moving=moving)

    def _draw(self, photo: WholeImage) -> None:
        """Draw over a photograph, unless its faces alone are to be painted."""
        if self.only != "faces":
            self._network.draw(photo, 1.0)

    def _paint(self, drawing: WholeImage, photo: WholeImage, painter: Painter) -> Image.Image | None:
        """Let the painter paint over a drawing. Returns the mask of what to take; `None` for everything."""
        change = paint_over(drawing, rgb_pixels(photo), painter, self.controls)
        return mask_of(change, self.only) if self.only else None

    def draw(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The cartoon of a frame, uint8 RGB, (H, W, 3), of the same size: best `drawing_size` of the film's.

        Raises:
            ToonifyError: as `convert`.
        """
        if self.only:
            raise no_part_of_films(self.only)
        return self._network.drawn(frame)

    def expect(self, size: tuple[int, int]) -> None:
        """Prepare for many pictures of this size (width, height).

        Raises:
            ToonifyError: as `convert`.
        """
        self._network.expect(self.drawing_size(size))

    def drawing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size (width, height) at which a picture of this one is drawn."""
        return drawing_size(size, self.detail, self.style.manifest.enlarge)

    def enough(self, size: tuple[int, int], strength: float) -> tuple[int, int] | None:
        """The smallest copy of a picture from which it is drawn just as well.

        Args:
            size: Of the picture.
            strength: As of `convert`.

        Returns:
            Its size; `None` where every pixel counts: nothing is reduced, or the photograph shows through.
        """
        if strength < 1 or self.only:
            return None
        return enough(size, self.drawing_size(size))

    def close_up_in(self, size: tuple[int, int]) -> int:
        """The width in pixels at which small faces of a picture of this size (width, height) are drawn once
        more; 0 if they are not.
        """
        return self.close_up if self.is_paintable(size) else 0

    def is_paintable(self, size: tuple[int, int]) -> bool:
        """Whether a picture of this size (width, height) is drawn small enough for a painter."""
        width, height = self.drawing_size(size)
        return width * height <= MOST_PIXELS

    def convert_batch(self, pictures: NDArray[Any], strength: float = 1.0) -> NDArray[Any]:
        """The cartoons of a batch, as a new array of the same shape and type.

        Pictures are drawn one after the other: together they take as long on a processor, and more memory.

        Args:
            pictures: (N, H, W, C), with 3 or 4 channels, or 1 for grey; uint8, uint16, or floats in
                [0, 1]. A single picture (H, W, C) or (H, W) will do.
            strength: As of `convert`.

        Raises:
            ToonifyError: as `convert`.
            TypeError: if it is no array.
            ValueError: if the array has another shape or type, or values that are no colours.
        """
        return drawn_alike(pictures, lambda image: self.convert(image, strength, in_place=True))

    def stop(self) -> None:
        """End what is being drawn, in whatever thread, with a `ToonifyError`, and draw no more."""
        self.runtime.stop()

    def memory_needed(self, size: tuple[int, int], *, decoding: int | None = None) -> int:
        """Bytes that decoding and converting a picture of this size (width, height) needs, about.

        Args:
            size: Of the picture.
            decoding: Bytes of that which decoding takes; as of any picture of the size when left out.
        """
        drawing = self._network.memory(self.drawing_size(size))
        return (decoding_memory(size) if decoding is None else decoding) + drawing

    def check_memory(self, size: tuple[int, int]) -> None:
        """Refuse a picture (width, height) that does not fit, whole or in tiles, as the style has it.

        Raises:
            ToonifyError: with its size, the estimate and the way out.
        """
        tiled, free = self.style.manifest.halo is not None, available_memory()
        needed = self.memory_needed(size, decoding=0 if tiled else None)
        if needed > free:
            raise ToonifyError(
                f"{size[0]} x {size[1]} pixels need about {needed / 1e9:.1f} GB at once in the style "
                f"'{self.style.manifest.name}', and {free / 1e9:.1f} GB are free",
                "Draw it smaller (`detail` 512), or use a lighter style."
                if tiled
                else "Draw it smaller (`detail` 1024), or use a style that works in tiles, such as comic.",
            )


def _need_image(image: Any) -> None:
    """Raise a `TypeError` or `ValueError` for what is no image that can be drawn."""
    if not isinstance(image, AnyImage):
        raise TypeError(
            f"Converter.convert() takes Pillow images, not {type(image).__name__}: "
            "`toonify.convert` takes other pictures, and `convert_batch` arrays"
        )
    if image.mode not in ("RGB", "RGBA"):
        raise ValueError(f"Converter.convert() takes images of mode RGB or RGBA, not {image.mode}")
    if 0 in image.size:
        raise ValueError(f"Converter.convert() takes images with pixels: this one is {image.size}")
