"""Mutated pictures are read or refused in words: nothing else is raised, nothing hangs, nothing grows."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from drawing import draw_picture
from PIL import Image, features

from toonify.errors import ToonifyError
from toonify.media import DeepImage, Picture, encode_picture, glance, read_picture

FORMATS = [
    ("a.png", {}),
    ("b.png", {"compress_level": 0}),
    ("a.jpg", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"}),
    ("b.jpg", {"progressive": True}),
    ("a.webp", {}),
    ("b.webp", {"lossless": True}),
    ("a.gif", {}),
    ("a.bmp", {}),
    ("a.tif", {}),
    ("b.tif", {"compression": "tiff_lzw"}),
    ("c.tif", {"compression": "tiff_adobe_deflate"}),
    ("d.tif", {"compression": "jpeg"}),
    ("a.jp2", {}),
    ("a.tga", {"compression": "tga_rle"}),
    ("a.ppm", {}),
    ("a.ico", {"sizes": [(48, 48)]}),
    *([("a.avif", {})] if features.check("avif") else []),
]
SECONDS = 5.0  # of the processor for one picture at most: a mutated header may promise 500 megapixels
GROWTH = 200e6  # bytes over all

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about metadata


def seeds() -> list[tuple[str, bytes]]:
    """A sound picture of each kind."""
    found = []
    for number, (name, options) in enumerate(FORMATS):
        written = io.BytesIO()
        picture = draw_picture((64, 48), number)
        picture.save(written, Image.registered_extensions()[Path(name).suffix], **options)
        found.append((name, written.getvalue()))
    numbers = np.random.default_rng(0).integers(0, 65_536, (48, 64, 4), np.uint16)
    for name, file_format in (("sixteen.png", "PNG"), ("sixteen.tif", "TIFF")):
        found.append((name, encode_picture(Picture(DeepImage(numbers), format=file_format))))
    return found


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four changes: bytes changed or set to extremes, stretches cut out or doubled, the end cut."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        # Headers matter more than what follows.
        place = chance.randrange(min(len(changed), 200) if chance.random() < 0.5 else len(changed))
        length = chance.choice([1, 2, 4, 16, 100])
        match chance.randrange(6):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place : place + length] = chance.choice([b"\0", b"\xff", b"\x7f"]) * length
            case 2:
                changed[place : place + length] = chance.randbytes(length)
            case 3:
                del changed[place : place + length]
            case 4:
                changed[place:place] = changed[place : place + length]
            case 5:
                del changed[max(1, len(changed) - length) :]
        if not changed:
            break
    return bytes(changed)


def fuzzed(count: int) -> Iterator[tuple[str, bytes]]:
    """The same ones each time."""
    chance, sound = random.Random(0), seeds()
    for number in range(count):
        name, data = sound[number % len(sound)]
        yield name, mutated(data, chance)


@pytest.mark.parametrize("count", [76, pytest.param(2000, marks=pytest.mark.slow)])
def test_mutated_pictures(tmp_path, count, capfd):
    process, before, refused = psutil.Process(), 0, 0
    for number, (name, data) in enumerate(fuzzed(count)):
        path = tmp_path / name
        path.write_bytes(data)
        began = time.process_time()
        for read in (lambda path: read_picture(path, deep=True), lambda path: glance(path, 32)):
            try:
                read(path)
            except ToonifyError as error:
                refused += 1
                assert error.message and "\n" not in error.message and name not in error.message
        assert time.process_time() - began < SECONDS, (number, name)
        if number == len(FORMATS) + 2:  # what the decoders load once is no growth
            before = process.memory_info().rss
    assert refused > count / 4
    assert process.memory_info().rss - before < GROWTH
    assert "Traceback" not in capfd.readouterr().err
