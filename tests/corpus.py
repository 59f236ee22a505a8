"""Bad input, made by code: sound files of every kind, and what can become of them."""

from __future__ import annotations

import importlib.util
import io
import random
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drawing import chunk, draw_picture
from PIL import Image, ImageCms, features

SIZE = (64, 48)

STILLS: Mapping[str, Mapping[str, Any]] = {
    "a.png": {},
    "b.png": {"compress_level": 0},
    "a.jpg": {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"},
    "b.jpg": {"progressive": True},
    "a.webp": {},
    "b.webp": {"lossless": True},
    "a.gif": {},
    "a.bmp": {},
    "a.tif": {},
    "b.tif": {"compression": "tiff_lzw"},
    "c.tif": {"compression": "tiff_adobe_deflate"},
    "d.tif": {"compression": "jpeg"},
    "a.jp2": {},
    "a.tga": {"compression": "tga_rle"},
    "a.ppm": {},
    "a.ico": {"sizes": [(48, 48)]},
    **({"a.avif": {}} if features.check("avif") else {}),
}
"""By name, how Pillow writes them."""

MOVING = ("moving.gif", "moving.png", "moving.webp")


def still(name: str, seed: int = 0, **options: Any) -> bytes:
    """A sound picture of the kind, written with further options of Pillow."""
    written = io.BytesIO()
    file_format = Image.registered_extensions()[Path(name).suffix]
    draw_picture(SIZE, seed).save(written, file_format, **{**STILLS[name], **options})
    return written.getvalue()


def moving(name: str) -> bytes:
    """A sound animation of three frames."""
    written = io.BytesIO()
    first, *others = (draw_picture(SIZE, seed) for seed in range(3))
    options = {"save_all": True, "append_images": others, "duration": 80, "loop": 0}
    first.save(written, Image.registered_extensions()[Path(name).suffix], **options)
    return written.getvalue()


def heic() -> bytes:
    """A sound HEIC picture; needs pillow-heif."""
    import pillow_heif

    written = io.BytesIO()
    pillow_heif.from_pillow(draw_picture(SIZE)).save(written)
    return written.getvalue()


def sound_pictures() -> dict[str, bytes]:
    """One of every kind that is read."""
    found = {name: still(name, seed) for seed, name in enumerate(STILLS)}
    found |= {name: moving(name) for name in MOVING}
    if importlib.util.find_spec("pillow_heif"):
        found["a.heic"] = heic()
    return found


def sound_films(folder: Path) -> dict[str, bytes]:
    """A film of three seconds in every container that is written; needs PyAV."""
    from films import encode, scene

    codecs = {
        "a.mp4": "libx264",
        "a.mov": "mpeg4",
        "a.mkv": "libx264",
        "a.webm": "libvpx-vp9",
        "a.avi": "mpeg4",
    }
    frames = scene("corpus", 75)
    return {name: encode(folder / name, frames, codec=codec).read_bytes() for name, codec in codecs.items()}


def truncated(data: bytes) -> Iterator[bytes]:
    """Cut at every tenth of its length, nothing at all included."""
    for tenth in range(10):
        yield data[: len(data) * tenth // 10]


def flipped(data: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """So many copies, each with a few of its bits turned, headers more often than what follows."""
    chance = random.Random(seed)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            most = min(len(changed), 200) if chance.random() < 0.5 else len(changed)
            changed[chance.randrange(most)] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def bomb(side: int) -> bytes:
    """A PNG, black, of so many pixels a side: of 22,000 it is 59 kB, and 484 megapixels."""
    row = bytes(1 + -(-side // 8))
    squeezed = zlib.compressobj(9)
    data = b"".join(squeezed.compress(row * 100) for _ in range(side // 100)) + squeezed.flush()
    header = struct.pack(">2L5B", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def absurd_exif() -> dict[str, bytes]:
    """Blocks of EXIF data that no camera wrote, by what is wrong with them."""

    def block(*entries: tuple[int, int, int, bytes]) -> bytes:
        """A directory of (tag, type, count, four bytes) and no other after it, little-endian."""
        told = b"".join(struct.pack("<HHI4s", *entry) for entry in entries)
        return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + told + bytes(4)

    orientation, maker, gps, exif = 0x112, 0x10F, 0x8825, 0x8769
    return {
        "no more than its name": b"Exif\0\0",
        "of neither byte order": b"Exif\0\0XX*\0" + bytes(40),
        "of 65,535 entries that are not there": b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        "beginning far beyond its end": b"Exif\0\0II*\0\xff\xff\xff\x7f" + bytes(20),
        "an orientation that there is not": block((orientation, 3, 1, b"\x63\0\0\0")),
        "many orientations": block((orientation, 3, 2**31, b"\xff\xff\xff\xff")),
        "a text of 4 GB": block((maker, 2, 2**32 - 1, b"\x08\0\0\0")),
        "a directory within itself": block((exif, 4, 1, b"\x08\0\0\0"), (gps, 4, 1, b"\x08\0\0\0")),
        "a fraction over nothing": block((0x11A, 5, 1, b"\x1a\0\0\0")) + bytes(8),
        "of types that there are not": block((maker, 99, 1, b"abcd"), (gps, 0, 1, b"abcd")),
        "noise": b"Exif\0\0" + random.Random(0).randbytes(5000),
    }


def absurd_profiles() -> dict[str, bytes]:
    """Colour profiles that are none, by what is wrong with them."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        "one letter": b"x",
        "noise": random.Random(1).randbytes(3000),
        "cut short": srgb[:200],
        "of a printer": srgb[:16] + b"CMYK" + srgb[20:],
        "of grey": srgb[:16] + b"GRAY" + srgb[20:],
        "of nothing known": srgb[:16] + b"7CLR" + srgb[20:],
        "of 2 MB": srgb + bytes(2**21),
    }
