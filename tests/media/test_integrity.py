"""Damaged data is never taken for a whole picture, as far as a format lets anyone know."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image, ImageFile, features

from toonify.errors import ToonifyError
from toonify.media import glance, read_picture


def encoded(file_format: str, size: tuple[int, int] = (96, 64), **options) -> bytes:
    written = io.BytesIO()
    draw_picture(size, 3).save(written, file_format, **options)
    return written.getvalue()


def reason(tmp_path: Path, data: bytes, name: str = "a.jpg") -> str:
    """Why a file is refused, however it is opened."""
    path = tmp_path / name
    path.write_bytes(data)
    complaints = set()
    for read in (read_picture, lambda path: glance(path, 32)):
        with pytest.raises(ToonifyError) as raised:
            read(path)
        complaints.add(raised.value.message)
    (complaint,) = complaints
    return complaint


def data_of(png: bytes) -> tuple[int, int]:
    """Where the first chunk of a PNG's data begins and ends."""
    start = png.index(b"IDAT") + 4
    return start, start + int.from_bytes(png[start - 8 : start - 4], "big")


def inverted(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([255 - data[place]]) + data[place + 1 :]


def pillow_takes(data: bytes) -> bool:
    try:
        Image.open(io.BytesIO(data)).load()
    except OSError:
        return False
    return True


def test_a_png_whose_data_does_not_match_its_checksum(tmp_path):
    whole = encoded("PNG", (600, 400))
    _, end = data_of(whole)
    damaged = [inverted(whole, place) for place in range(end - 40, end)]
    taken = [data for data in damaged if pillow_takes(data)]
    assert taken, "Pillow looks at checksums by now"
    assert reason(tmp_path, taken[0]) == "damaged (its data does not match its checksum)"
    (tmp_path / "whole.png").write_bytes(whole)
    assert read_picture(tmp_path / "whole.png").image.size == (600, 400)


def test_a_png_that_breaks_off_is_not_put_down_to_its_exif_data(tmp_path):
    whole = encoded("PNG", (600, 400))
    start, end = data_of(whole)
    broken = inverted(whole, (start + end) // 2)
    checksum = zlib.crc32(broken[start - 4 : end]).to_bytes(4, "big")
    assert reason(tmp_path, broken[:end] + checksum + broken[end + 4 :]).startswith("damaged or cut short (")


def test_a_png_within_an_icon(tmp_path):
    whole = encoded("ICO", (64, 64), sizes=[(64, 64)])
    (tmp_path / "whole.ico").write_bytes(whole)
    assert read_picture(tmp_path / "whole.ico").image.size == (64, 64)
    start, end = data_of(whole)
    taken = [data for place in range(start, end) if pillow_takes(data := inverted(whole, place))]
    assert "checksum" in reason(tmp_path, taken[0], "a.ico")


def test_a_deflated_tiff_whose_data_does_not_match_its_checksum(tmp_path):
    whole = encoded("TIFF", compression="tiff_adobe_deflate")
    (tmp_path / "whole.tif").write_bytes(whole)
    assert read_picture(tmp_path / "whole.tif").image.size == (96, 64)
    image = Image.open(io.BytesIO(whole))
    (start, *_), (length, *_) = image.tag_v2[273], image.tag_v2[279]
    checksum = start + length - 4
    damaged = (
        whole[:checksum]
        + bytes(255 - byte for byte in whole[checksum : checksum + 4])
        + whole[checksum + 4 :]
    )
    assert reason(tmp_path, damaged, "a.tif") == "damaged (its data does not match its checksum)"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_ends_too_early(tmp_path, progressive):
    whole = encoded("JPEG", progressive=progressive)
    cut = whole[: len(whole) * 2 // 3] + b"\xff\xd9"  # as a camera's card or an editor closes it
    Image.open(io.BytesIO(cut)).load()
    assert reason(tmp_path, cut).startswith("damaged or cut short (")


@pytest.mark.parametrize("restarts", [{}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("seed", range(4))
def test_a_jpeg_whose_data_was_overwritten(tmp_path, seed, restarts):
    whole = bytearray(encoded("JPEG", quality=90, **restarts))
    chance, middle = random.Random(seed), len(whole) * 2 // 3
    whole[middle : middle + 64] = bytes(chance.randrange(255) for _ in range(64))
    assert reason(tmp_path, bytes(whole)).startswith("damaged or cut short (")


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
@pytest.mark.parametrize("progressive", [False, True])
def test_whole_jpegs_of_all_kinds_are_read(tmp_path, mode, progressive):
    draw_picture((50, 37)).convert(mode).save(tmp_path / "a.jpg", progressive=progressive)
    assert read_picture(tmp_path / "a.jpg").image.size == (50, 37)


@pytest.mark.parametrize("sampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_decoded_once_as_pillow_decodes_it(monkeypatch, sampling, progressive):
    data = encoded("JPEG", (99, 61), subsampling=sampling, progressive=progressive)
    expected = Image.open(io.BytesIO(data)).copy()
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded once more"))
    np.testing.assert_array_equal(read_picture(data).image, expected)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])  # the latter is Pillow's to decode
@pytest.mark.parametrize("missing", [1, 2])
def test_of_a_jpeg_nothing_but_the_marker_at_its_end_may_be_missing(tmp_path, mode, missing):
    (tmp_path / "whole.jpg").write_bytes(data := in_mode(mode))
    (tmp_path / "a.jpg").write_bytes(data[:-missing])
    np.testing.assert_array_equal(
        read_picture(tmp_path / "a.jpg").image, read_picture(tmp_path / "whole.jpg").image
    )
    glance(tmp_path / "a.jpg", 32)
    assert reason(tmp_path, data[:-3]).startswith("damaged or cut short (Corrupt JPEG data: premature end")


def test_of_a_progressive_jpeg_whole_passes_could_be_missing(tmp_path):
    whole = encoded("JPEG", progressive=True)
    assert reason(tmp_path, whole[: whole.rindex(b"\xff\xda")]).startswith("damaged or cut short (")


def in_mode(mode: str) -> bytes:
    written = io.BytesIO()
    draw_picture((96, 64), 3).convert(mode).save(written, "JPEG")
    return written.getvalue()


@pytest.mark.parametrize("padding", [b"\0", b"\0\0\0\0"])
def test_a_jpeg_may_be_padded_and_followed_by_anything(tmp_path, padding):
    whole = encoded("JPEG")
    (tmp_path / "a.jpg").write_bytes(whole[:-2] + padding + whole[-2:] + b"a film of the moment" * 99)
    assert read_picture(tmp_path / "a.jpg").image.size == (96, 64)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jp2", {}),
        ("a.j2k", {}),
        ("a.tga", {}),
        ("b.tga", {"compression": "tga_rle"}),
        ("a.ppm", {}),
        ("a.ico", {"sizes": [(64, 64)]}),
        ("a.bmp", {}),
        ("a.gif", {}),
        pytest.param(
            "a.avif", {}, marks=pytest.mark.skipif(not features.check("avif"), reason="a Pillow without AVIF")
        ),
    ],
)
def test_other_formats_are_read_whole_and_refused_cut_short(tmp_path, name, options):
    file_format = Image.registered_extensions()[Path(name).suffix]
    whole = encoded(file_format, (64, 64), **options)
    (tmp_path / name).write_bytes(whole)
    assert read_picture(tmp_path / name).image.size == (64, 64)
    assert reason(tmp_path, whole[: len(whole) * 2 // 3], name)


@pytest.mark.parametrize("frames", [1, 3])
def test_a_gif_may_lack_its_trailer_and_be_followed_by_anything(tmp_path, frames):
    first, *others = (draw_picture((64, 48), seed) for seed in range(frames))
    first.save(tmp_path / "whole.gif", save_all=True, append_images=others)
    whole = (tmp_path / "whole.gif").read_bytes()
    for data in (whole, whole[:-1], whole[:-1] + bytes(9), whole + b"anything"):
        (tmp_path / "a.gif").write_bytes(data)
        assert read_picture(tmp_path / "a.gif").image.size == (64, 48)


def test_a_gif_that_breaks_off_in_a_later_frame(tmp_path):
    first, *others = (draw_picture((64, 48), seed) for seed in range(3))
    first.save(tmp_path / "whole.gif", save_all=True, append_images=others)
    whole = (tmp_path / "whole.gif").read_bytes()
    second = whole.index(b"\x2c", len(whole) // 3)
    for place in (second + 4, second + 12, len(whole) - 3):
        assert "it ends in the middle of a frame" in reason(tmp_path, whole[:place], "a.gif")


def test_an_icon_is_not_decoded_before_its_size_is_known(tmp_path):
    big = io.BytesIO()
    Image.new("1", (6000, 6000)).save(big, "PNG")
    entry = struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, big.tell(), 22)
    assert "exceeds limit" in reason(tmp_path, entry + big.getvalue(), "a.ico")


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a"])
def test_what_is_called_otherwise_is_no_tga(tmp_path, name):
    assert reason(tmp_path, encoded("TGA"), name) == "not a picture in a known format"
