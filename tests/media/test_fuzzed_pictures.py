"""Mutated pictures are read or refused in words: nothing else is raised, nothing hangs, nothing grows."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import corpus
import numpy as np
import psutil
import pytest

from toonify.errors import ToonifyError
from toonify.media import DeepImage, Picture, encode_picture, glance, read_picture

SECONDS = 5.0  # of the processor for one picture at most: a mutated header may promise 500 megapixels
GROWTH = 200e6  # bytes over all

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about metadata


def seeds() -> list[tuple[str, bytes]]:
    """A sound picture of each kind."""
    found = [(name, corpus.still(name, number)) for number, name in enumerate(corpus.STILLS)]
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
def test_mutated_pictures(tmp_path, count, capfd, monkeypatch):
    monkeypatch.setattr("toonify.media.large.reading.LARGE_BY_ROWS", 2_000)
    monkeypatch.setattr("toonify.media.bands.PIXELS", 250)
    readers = (
        lambda path: read_picture(path, deep=True),
        lambda path: read_picture(path, enough=(16, 12)),
        lambda path: glance(path, 32),
    )
    process, before, refused = psutil.Process(), 0, 0
    for number, (name, data) in enumerate(fuzzed(count)):
        path = tmp_path / name
        path.write_bytes(data)
        began = time.process_time()
        for read in readers:
            try:
                read(path)
            except ToonifyError as error:
                refused += 1
                assert error.message and "\n" not in error.message and name not in error.message
        assert time.process_time() - began < SECONDS, (number, name)
        if number == len(corpus.STILLS) + 2:  # what the decoders load once is no growth
            before = process.memory_info().rss
    assert refused > count / 4
    assert process.memory_info().rss - before < GROWTH
    assert "Traceback" not in capfd.readouterr().err
