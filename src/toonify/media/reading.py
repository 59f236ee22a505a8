"""Decoding pictures."""

from __future__ import annotations

import importlib.util
import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from toonify.errors import ToonifyError, one_line, refusal
from toonify.media.colours import as_rgb, over_white, through_profile
from toonify.media.integrity import check_whole
from toonify.media.metadata import descriptive_exif

READABLE = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "PPM")  # JPEG brings MPO with it
MAX_PIXELS = 500_000_000
MAX_ICON_PIXELS = 2**20  # Pillow decodes icons when it opens them
LARGE = 2**25
"""Pixels above which a picture is looked at band by band: no second copy of a huge one."""

BYTES_DECODED = 8
"""For each pixel of a picture: Pillow keeps four bytes, and now and then two pictures."""

_OPENING = threading.Lock()
# Pillow complains about damaged metadata on standard error; what matters here comes as an exception.
# Not `catch_warnings` around each call: it is not safe among threads.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass
class Picture:
    """A decoded picture, upright.

    Attributes:
        image: Mode RGB or RGBA, 8 bits a channel; belongs to this picture alone.
        icc_profile: The profile its RGB numbers are in; `None` for sRGB.
        exif: What the camera wrote, without orientation and thumbnail; empty for none.
        format: Pillow's name of the file's format.
        notes: What was lost in reading (further frames, bits), for the report.
        made_by: To be written into its file: the program that made it, and how; ASCII.
    """

    image: Image.Image
    icc_profile: bytes | None = None
    exif: bytes = b""
    format: str = "PNG"
    notes: list[str] = field(default_factory=list)
    made_by: str = ""


def read_picture(source: Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a file, or its bytes, with everything that a faithful copy of it needs.

    Raises:
        ToonifyError: if it is no picture of a known format, damaged, too large or unreadable.
    """
    with _opened(source, max_pixels) as image:
        check_whole(image, source)
        file_format = image.format or "PNG"
        notes = _losses(image)
        if file_format == "PNG":
            image.load()  # before its EXIF data, which may follow: what fails there would be put down to it
        exif = descriptive_exif(image, notes)
        image.load()
        upright = _upright(image)
        rgb, profile = as_rgb(upright, image.info.get("icc_profile"))
    if file_format == "TIFF" and rgb is image:
        rgb = image.copy()  # one that does not carry the old file's tags into the new
    rgb.info = {}  # or Pillow would write a part of it into the next file
    return Picture(rgb, profile, exif, file_format, notes)


def open_rgb(path: Path, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A picture for training: upright, mode RGB, in sRGB, transparency laid over white.

    Raises:
        ToonifyError: as `read_picture`.
    """
    picture = read_picture(path, max_pixels=max_pixels)
    return _in_srgb(picture.image, picture.icc_profile)


def glance(path: Path, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """What `open_rgb` gives, but smaller where the decoder can do that at once (JPEG), and much sooner.

    Args:
        path: The file.
        side: Pixels that the short side keeps at least, if it has them.

    Returns:
        The picture, and width and height of the whole one, upright.

    Raises:
        ToonifyError: as `read_picture`.
    """
    with _opened(path, MAX_PIXELS) as image:
        check_whole(image, path)
        width, height = image.size
        image.draft(None, (side, side))
        image.load()
        small = _reduced(image, side) if _is_large(image) else _whole(image)
        turn = _turn(image)
        upright = small if turn is None else small.transpose(turn)
        return upright, (height, width) if turn in _SIDEWAYS else (width, height)


def _whole(image: Image.Image) -> Image.Image:
    return _in_srgb(*as_rgb(image, image.info.get("icc_profile")))


def _is_large(image: Image.Image) -> bool:
    """Whether it is, and can be converted in parts: how 32-bit numbers are scaled hangs on all of them."""
    return image.width * image.height > LARGE and image.mode != "I"


def _reduced(image: Image.Image, side: int) -> Image.Image:
    """A picture in sRGB, averaged over squares of whole pixels, with `side` on its short side at least."""
    factor = max(1, min(image.size) // (2 * side))
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    rows = max(1, LARGE // 8 // image.width // factor) * factor
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        small.paste(_whole(band).reduce(factor), (0, top // factor))
    return small


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    image = over_white(image)
    return through_profile(image, profile) if profile else image


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height from the header, before any turning upright.

    Raises:
        ToonifyError: as `read_picture`, as far as the header tells.
    """
    with _opened(path, MAX_PIXELS) as image:
        return image.size


def read_made_by(path: Path) -> str:
    """What a file says of the program that made it, `Picture.made_by`; empty for nothing, or no picture."""
    with suppress(ToonifyError), _opened(path, MAX_PIXELS) as image:
        if image.format == "TIFF" or "exif" in image.info:  # or Pillow would decode a PNG to its end
            return str(image.getexif().get(ExifTags.Base.ProcessingSoftware, ""))
    return ""


def decoding_memory(size: tuple[int, int]) -> int:
    """Bytes that decoding a picture of this size (width, height) takes up, about."""
    return size[0] * size[1] * BYTES_DECODED


def megapixels(path: Path) -> float:
    """How large a picture is, from its header; 0 for a file that cannot be read as one."""
    try:
        width, height = picture_size(path)
    except ToonifyError:  # whoever decodes it later says what is wrong
        return 0.0
    return width * height / 1e6


@contextmanager
def _opened(source: Path | bytes, max_pixels: int) -> Iterator[Image.Image]:
    try:
        with _header(source) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ToonifyError(
                    f"too large: {width} x {height} is {width * height / 1e6:.0f} megapixels, "
                    f"the limit is {max_pixels / 1e6:.0f}"
                )
            yield image
    except ToonifyError:
        raise
    except MemoryError as error:
        raise ToonifyError("too large for the memory of this machine") from error
    except UnidentifiedImageError as error:
        raise ToonifyError("not a picture in a known format") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged file provokes
        raise ToonifyError(reason(error)) from error


def _header(source: Path | bytes) -> Image.Image:
    """Open without decoding, with our own limit in place of Pillow's lower one."""
    if isinstance(source, Path) and source.exists() and not source.is_file():
        raise ToonifyError("not a regular file")
    try:
        return _open(source, _formats(source), None)
    except UnidentifiedImageError:
        return _open(source, ("ICO",), MAX_ICON_PIXELS // 2)  # Pillow refuses twice its limit


def _formats(source: Path | bytes) -> tuple[str, ...]:
    """What a file may hold. TGA has no signature, so almost anything could be one: its name must say so."""
    named = source.suffix.lower() if isinstance(source, Path) else ""
    with_avif = ("AVIF",) if importlib.util.find_spec("PIL.AvifImagePlugin") else ()  # from Pillow 11.3 on
    return (*READABLE, *with_avif, *(("TGA",) if named == ".tga" else ()))


def _open(source: Path | bytes, formats: tuple[str, ...], most: int | None) -> Image.Image:
    with _OPENING:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, most
        try:
            return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _losses(image: Image.Image) -> list[str]:
    notes = []
    with suppress(Exception):  # a damaged second frame is no reason to lose the first
        if getattr(image, "is_animated", False) and image.format != "MPO":
            notes.append("only the first frame" if image.format != "TIFF" else "only the first page")
            image.seek(0)
    if any(";16" in str(tile[3]) for tile in getattr(image, "tile", ())):
        notes.append("16 bits a channel reduced to 8")
    return notes


def upright(image: Image.Image) -> Image.Image:
    """A copy, turned as its EXIF data says, which no longer says so."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # EXIF data too damaged to say which way is up
        return image.copy()


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


_SIDEWAYS = tuple(_TURNS[tag] for tag in (5, 6, 7, 8))


def _upright(image: Image.Image) -> Image.Image:
    """The image itself unless it must be turned: a copy of a large one is hundreds of megabytes."""
    turn = _turn(image)
    return image if turn is None else image.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # EXIF data too damaged to say which way is up
        return None


def reason(error: BaseException) -> str:
    """Why a file could not be read or written, for a message that names it already."""
    if isinstance(error, OSError) and error.strerror:
        return refusal(error)
    return f"damaged or cut short ({one_line(error)})"
