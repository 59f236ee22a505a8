"""What is no picture that is read says what it is; what Pillow would show wrongly is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image, TiffImagePlugin

from toonify.errors import ToonifyError
from toonify.media import picture_size, read_picture

BEGINNINGS = {
    b"<!DOCTYPE html>\n<html><body>404 not found": "a web page, not a picture",
    b'<?xml version="1.0"?>\n<!-- by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>': "a drawing in SVG",
    b"%PDF-1.7\n": "a PDF document",
    b"8BPS\0\1": "a Photoshop document",
    b"%!PS-Adobe-3.0 EPSF-3.0\n(touch /tmp/run) run": "PostScript",
    b"\xff\x0a\xfa\x1f": "JPEG XL",
    b"\0\0\0\x18ftypcrx \0\0\0\1": "a camera's raw data",
    b"PK\3\4\x14\0": "an archive",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n": "a placeholder of Git LFS",
    b"\xff\xd8\xff\xc1\0\x0b\x0c\0\1\0\1\1\1\x11\0": "a JPEG that is damaged, or of a kind that is not read",
    b"farbfeld\0\0\0\1\0\0\0\1": "a picture in a format that is not read",
    b"P7\nWIDTH 1\n": "a picture in a format that is not read",
    b"PF\n1 1\n-1.0\n": "a picture of floats",
    b"": "empty",
    b"dear diary": "not a picture in a known format",
}


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=BEGINNINGS.values())
def test_a_file_of_another_kind_says_what_it_is(tmp_path, beginning):
    (tmp_path / "a.jpg").write_bytes(beginning)
    assert reason(tmp_path / "a.jpg").startswith(BEGINNINGS[beginning])


def reason(path: Path) -> str:
    with pytest.raises(ToonifyError) as caught:
        read_picture(path)
    return caught.value.message


def with_preview(path: Path, tag: int, value: int) -> Path:
    """As cameras write raw data: a TIFF that begins with a preview, which is all that Pillow sees."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254], tags[tag] = 1, value
    tags.tagtype[tag] = 4
    draw_picture((16, 12)).save(path, "TIFF", tiffinfo=tags)
    return path


@pytest.mark.parametrize(("name", "tag"), [("a.nef", 330), ("a.tif", 330), ("a.dng", 50706)])
def test_of_raw_data_the_preview_is_not_taken_for_the_photograph(tmp_path, name, tag):
    path = with_preview(tmp_path / name, tag, 8)
    told = "a camera's raw data, which are not read, but for a preview of 16 x 12 pixels"
    assert reason(path) == told
    with pytest.raises(ToonifyError, match="raw data"):
        picture_size(path)


def test_raw_data_that_pillow_does_not_know_are_told_by_their_name(tmp_path):
    (tmp_path / "a.DNG").write_bytes(b"II*\0" + struct.pack("<LHHHLLL", 8, 1, 262, 3, 1, 32_803, 0))
    assert reason(tmp_path / "a.DNG") == "a camera's raw data, which are not read"


def planar(path: Path, bits: int) -> Path:
    """An uncompressed TIFF of 8 x 6 pixels, each of its three channels by itself."""
    size = 48 * bits // 8
    fields = {256: (3, 8), 257: (3, 6), 259: (3, 1), 262: (3, 2), 277: (3, 3), 278: (3, 6), 284: (3, 2)}
    pixels = 8 + 2 + 12 * (len(fields) + 3) + 4 + 6 + 12 + 12
    behind = pixels - 30
    rows = [struct.pack("<HHLHH", tag, kind, 1, number, 0) for tag, (kind, number) in fields.items()]
    rows.append(struct.pack("<HHLL", 258, 3, 3, behind))
    rows.append(struct.pack("<HHLL", 273, 4, 3, behind + 6))
    rows.append(struct.pack("<HHLL", 279, 4, 3, behind + 18))
    starts = [pixels + size * channel for channel in range(3)]
    data = b"II*\0" + struct.pack("<LH", 8, len(rows)) + b"".join(sorted(rows, key=lambda row: row[1::-1]))
    data += bytes(4) + struct.pack("<3H3L3L", *[bits] * 3, *starts, *[size] * 3)
    path.write_bytes(data + bytes(range(144))[: 3 * size].ljust(3 * size, b"\1"))
    return path


def test_deep_channels_that_lie_apart_are_refused(tmp_path):
    assert np.asarray(read_picture(planar(tmp_path / "b.tif", 8)).image)[0, 1].tolist() == [1, 49, 97]
    assert "each channel by itself" in reason(planar(tmp_path / "a.tif", 16))


def test_deep_grey_in_which_0_is_white_is_refused(tmp_path):
    numbers = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1000
    Image.fromarray(numbers).save(tmp_path / "a.tif", tiffinfo={262: 0})
    data = bytearray((tmp_path / "a.tif").read_bytes())
    place = data.index(struct.pack("<HHL", 262, 3, 1)) + 8
    data[place : place + 2] = struct.pack("<H", 0)
    (tmp_path / "a.tif").write_bytes(data)
    assert "in which 0 is white" in reason(tmp_path / "a.tif")


def test_grey_of_12_bits_is_refused(tmp_path):
    tags = {256: 8, 257: 6, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: 6, 279: 72}
    entries = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in tags.items())
    data = b"II*\0" + struct.pack("<L", 80) + bytes(72) + struct.pack("<H", len(tags)) + entries + bytes(4)
    (tmp_path / "a.tif").write_bytes(data)
    assert reason(tmp_path / "a.tif") == "a TIFF of 12 bits a channel, which is not read"


def test_what_pillow_does_not_know_is_not_called_damaged(tmp_path):
    draw_picture((16, 12)).convert("RGBA").save(tmp_path / "a.bmp")
    data = bytearray((tmp_path / "a.bmp").read_bytes())
    data[28:30] = struct.pack("<H", 7)  # bits of a pixel
    (tmp_path / "a.bmp").write_bytes(data)
    assert reason(tmp_path / "a.bmp") == "of a kind that is not read (Unsupported BMP pixel depth (7))"


@pytest.mark.parametrize("numbers", [(-1, 5), (0, 70_000), (0, 2**31 - 1)])
def test_whole_numbers_whose_white_nobody_knows_are_refused(tmp_path, numbers):
    Image.fromarray(np.array([numbers], np.int32)).save(tmp_path / "a.tif")
    assert "holds numbers below 0 or above 65,535" in reason(tmp_path / "a.tif")


def test_whole_numbers_of_16_bits_in_32_are_read(tmp_path):
    Image.fromarray(np.array([[0, 257, 65_535]], np.int32)).save(tmp_path / "a.tif")
    assert np.asarray(read_picture(tmp_path / "a.tif").image)[0, :, 0].tolist() == [0, 1, 255]
