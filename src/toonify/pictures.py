"""Reading and writing picture files: the one place that touches them.

Every file is hostile until read: only known formats are tried, sizes are checked in the header
before anything is decoded, and whatever goes wrong becomes a `ToonifyError` whose message is the
reason, without the file's name.
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from toonify.errors import ToonifyError, one_line

READABLE = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")  # JPEG brings MPO with it
SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
MAX_PIXELS = 500_000_000

_ORIENTATION = 0x0112
_OPENING = threading.Lock()


@dataclass
class Picture:
    """A decoded picture, upright.

    Attributes:
        image: Mode RGB or RGBA, 8 bits a channel.
        icc_profile: The profile its RGB numbers are in; `None` for sRGB.
        exif: What the camera wrote, without orientation and thumbnail; empty for none.
        format: Pillow's name of the file's format.
        notes: What was lost in reading (further frames, bits), for the report.
    """

    image: Image.Image
    icc_profile: bytes | None = None
    exif: bytes = b""
    format: str = "PNG"
    notes: list[str] = field(default_factory=list)


def find_pictures(folder: Path) -> Iterator[Path]:
    """Files with a picture's suffix below `folder`, sorted, hidden ones left out.

    Links to files are followed, links to folders are not, so the walk always ends.
    """
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and path.suffix.lower() in SUFFIXES:
                yield path


def read_picture(path: Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a file with everything that a faithful copy of it needs.

    Raises:
        ToonifyError: if it is no picture of a known format, damaged, too large or unreadable.
    """
    with _opened(path, max_pixels) as image:
        file_format = image.format or "PNG"
        notes = _losses(image)
        profile = image.info.get("icc_profile")
        exif = _exif(image)
        upright = _upright(image)
        rgb, kept = _to_rgb(upright, profile)
    return Picture(rgb, profile if kept else None, exif, file_format, notes)


def open_rgb(path: Path, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A picture for training: upright, mode RGB, in sRGB, transparency laid over white.

    Raises:
        ToonifyError: as `read_picture`.
    """
    picture = read_picture(path, max_pixels=max_pixels)
    image = picture.image
    if image.mode == "RGBA":
        backdrop = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    return _through_profile(image, picture.icc_profile) if picture.icc_profile else image


def save_picture(picture: Picture, path: Path, file_format: str, *, quality: int = 95) -> None:
    """Encode beside `path`, then rename, so that no half-written file is ever seen.

    Args:
        picture: What to write.
        path: Where; an existing file is replaced.
        file_format: `JPEG`, `PNG`, `WEBP`, `BMP` or `TIFF`.
        quality: Of JPEG and WebP, 1 to 100.

    Raises:
        ToonifyError: if the disk is full or the folder cannot be written.
    """
    image = picture.image
    if image.mode == "RGBA" and file_format in ("JPEG", "BMP"):
        backdrop = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    options: dict[str, object] = {}
    if picture.icc_profile and file_format != "BMP":
        options["icc_profile"] = picture.icc_profile
    if picture.exif and file_format in ("JPEG", "PNG", "WEBP"):
        options["exif"] = picture.exif
    if file_format == "JPEG":
        options |= {"quality": quality, "subsampling": 0}
    elif file_format == "WEBP":
        options |= {"quality": quality}
    elif file_format == "TIFF":
        options |= {"compression": "tiff_lzw"}
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        image.save(beside, format=file_format, **options)
        os.replace(beside, path)
    except (OSError, ValueError, SystemError) as error:
        raise ToonifyError(f"cannot be written: {_reason(error)}") from error
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, max_pixels: int) -> Iterator[Image.Image]:
    try:
        with _header(path) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ToonifyError(
                    f"too large: {width} x {height} is {width * height / 1e6:.0f} megapixels, "
                    f"the limit is {max_pixels / 1e6:.0f}"
                )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield image
    except ToonifyError:
        raise
    except MemoryError as error:
        raise ToonifyError("too large for the memory of this machine") from error
    except Image.UnidentifiedImageError as error:
        raise ToonifyError("not a picture in a known format") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged file provokes
        raise ToonifyError(_reason(error)) from error


def _header(path: Path) -> Image.Image:
    """Open without decoding, with our own limit in place of Pillow's lower one."""
    if path.exists() and not path.is_file():
        raise ToonifyError("not a regular file")
    with _OPENING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(path, formats=READABLE)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = one_line(error)
    return f"damaged or cut short ({text})"


def _losses(image: Image.Image) -> list[str]:
    notes = []
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        notes.append(f"only the first of {image.n_frames} frames")  # type: ignore[attr-defined]
    if image.mode.startswith("I"):
        notes.append("16 bits a channel reduced to 8")
    return notes


def _exif(image: Image.Image) -> bytes:
    exif = image.getexif()
    exif.pop(_ORIENTATION, None)
    try:
        return exif.tobytes() if len(exif) else b""
    except Exception:  # a damaged block is not worth losing the picture for
        return b""


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    return ImageOps.exif_transpose(image)


def _to_rgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """As RGB or RGBA, and whether its numbers are still in `profile`."""
    if image.mode in ("RGB", "RGBA"):
        transparent = image.mode == "RGB" and "transparency" in image.info
        return (image.convert("RGBA") if transparent else image), profile is not None
    if image.mode.startswith("I"):
        return _from_16_bit(image), False
    if image.mode in ("CMYK", "LAB"):
        return _through_profile(image, profile), False
    if image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA"), profile is not None and image.mode in ("P", "PA", "RGBa")
    if image.mode in ("1", "L", "P", "RGBX", "YCbCr", "HSV"):
        return image.convert("RGB"), profile is not None and image.mode in ("P", "RGBX")
    raise ToonifyError(f"pixels of the kind '{image.mode}' are not supported")


def _from_16_bit(image: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 instead of scaling.
    low, high = image.getextrema()
    scale = 1 / 257 if high > 255 else 1.0  # type: ignore[operator]
    return image.convert("I").point(lambda value: value * scale).convert("L").convert("RGB")


def _through_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB; a profile that cannot be used is ignored, as picture viewers do."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            return image.convert("RGB")
    return image.convert("RGB")
