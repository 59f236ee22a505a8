"""What stands around the pixels of a PNG: damage to it costs only itself."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from deep_files import png
from drawing import chunk, draw_picture
from PIL import Image, PngImagePlugin
from written import SRGB

from toonify.errors import ToonifyError
from toonify.media import Animation, glance, picture_size, read_picture
from toonify.media.png import SIGNATURE

SIZE = (12, 10)
HEADER, END = len(SIGNATURE) + 25, 12  # bytes in front of the first chunk, and of the last
DOTS = chunk(b"pHYs", struct.pack(">2LB", 11_811, 11_811, 1))
SQUEEZED = zlib.compress(bytes(70 * 2**20), 1)

UNUSABLE = {
    "compressed": (b"zTXt", b"Comment\0\0" + SQUEEZED, "text left out, too long"),
    "international": (b"iTXt", b"Comment\0\1\0\0\0" + SQUEEZED, "text left out, too long"),
    "plain": (b"tEXt", b"Comment\0" + b"x" * 2**21, "text left out, too long"),
    "of another method": (b"zTXt", b"Comment\0\1abc", "damaged text left out"),
    "a huge profile": (b"iCCP", b"a\0\0" + SQUEEZED, "colour profile left out, too long"),
    "no profile": (b"iCCP", b"", "damaged colour profile left out"),
    "noise": (b"iCCP", b"a\0\0noise", "damaged colour profile left out"),
    "a profile of another method": (
        b"iCCP",
        b"a\0\1" + zlib.compress(SRGB),
        "damaged colour profile left out",
    ),
    "half a profile": (b"iCCP", b"a\0\0" + zlib.compress(SRGB)[:300], "damaged colour profile left out"),
    "half a number": (b"gAMA", b"ab", "damaged chunk gAMA left out"),
}
"""By kind: name and data of a chunk, and what is said of it."""


def written(image: Image.Image, before: bytes = b"", after: bytes = b"", **options: object) -> bytes:
    """A PNG file with more in front of its pixels and behind them."""
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    data = file.getvalue()
    return data[:HEADER] + before + data[HEADER:-END] + after + data[-END:]


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("behind", [False, True])
def test_what_cannot_be_used_costs_only_itself(tmp_path, monkeypatch, kind, behind):
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_MEMORY", 2**20)  # of 64 times as much
    name, data, note = UNUSABLE[kind]
    around = {"after" if behind else "before": chunk(name, data)}
    (tmp_path / "a.png").write_bytes(written(draw_picture(SIZE), **around, dpi=(300, 300)))
    for source in (tmp_path / "a.png", (tmp_path / "a.png").read_bytes()):
        picture = read_picture(source)
        assert picture.notes == [note] and picture.icc_profile is None
        assert picture.density == pytest.approx((300, 300), abs=0.1)
        assert picture.image.tobytes() == draw_picture(SIZE).tobytes()
    assert picture_size(tmp_path / "a.png") == glance(tmp_path / "a.png", 10)[1] == SIZE


@pytest.mark.parametrize("kind", ["compressed", "a huge profile"])
@pytest.mark.parametrize("behind", [False, True])
def test_so_it_is_with_sixteen_bits(tmp_path, kind, behind):
    name, data, note = UNUSABLE[kind]
    odd = chunk(name, data)
    numbers = np.random.default_rng(3).integers(0, 65_536, (12, 10, 3), np.uint16)
    png(tmp_path / "a.png", numbers, *([] if behind else [odd]), after=odd if behind else b"")
    picture = read_picture(tmp_path / "a.png", deep=True)
    assert picture.notes == [note]
    np.testing.assert_array_equal(np.asarray(picture.image), numbers)


def test_so_it_is_with_animations():
    frames = [draw_picture(SIZE, seed) for seed in range(2)]
    text = chunk(*UNUSABLE["compressed"][:2])
    data = written(frames[0], text, text, save_all=True, append_images=frames[1:])
    read = [frame.image.tobytes() for frame in Animation.of(data).frames()]
    assert read == [frame.tobytes() for frame in frames]


@pytest.mark.parametrize("name", [b"tEXt", b"iCCP", b"tIME"])
def test_what_does_not_match_its_checksum_is_not_believed(name):
    data = {b"iCCP": b"a\0\0" + zlib.compress(SRGB), b"tEXt": b"a\0b", b"tIME": bytes(7)}[name]
    whole = chunk(name, data)  # of a profile with the time at which it was made
    wrong = whole[:-1] + bytes([whole[-1] ^ 1])
    for where in ("before", "after"):
        picture = read_picture(written(draw_picture(SIZE), **{where: wrong}))
        assert len(picture.notes) == 1 and picture.icc_profile is None


def test_what_is_needed_to_show_the_picture_must_be_whole():
    palette = draw_picture(SIZE).quantize(16)
    data = written(palette)
    place = data.index(b"PLTE") + 10
    with pytest.raises(ToonifyError):
        read_picture(data[:place] + b"?" + data[place + 1 :])
    with pytest.raises(ToonifyError, match="damaged"):
        read_picture(written(draw_picture(SIZE), chunk(b"tRNS", b"ab")))


@pytest.mark.parametrize("name", [b"tEXt", b"iCCP", b"tIME"])
def test_a_file_that_ends_within_it_is_cut_short(name):
    data = written(draw_picture(SIZE), chunk(name, bytes(100)))
    with pytest.raises(ToonifyError, match=f"it ends within the chunk {name.decode()}"):
        read_picture(data[: HEADER + 50])


def test_a_large_profile_is_kept():
    profile = SRGB + bytes(2**21)
    assert read_picture(written(draw_picture(SIZE), icc_profile=profile)).icc_profile == profile


def test_a_huge_profile_is_not_unpacked():
    data = written(draw_picture(SIZE), chunk(*UNUSABLE["a huge profile"][:2]))
    tracemalloc.start()
    read_picture(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 50e6


def test_pillow_is_left_as_it_was(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(written(draw_picture(SIZE), chunk(*UNUSABLE["compressed"][:2])))
    read_picture(tmp_path / "a.png")
    with pytest.raises(ValueError, match="MAX_TEXT"):
        Image.open(tmp_path / "a.png")
