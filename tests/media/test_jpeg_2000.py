"""What is read of a JPEG 2000 beside its pixels, and of which of them Pillow makes something else."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from deep_files import by_opencv
from drawing import draw_picture
from PIL import ExifTags, Image
from written import SRGB

from toonify.errors import ToonifyError
from toonify.media import glance, open_rgb, read_picture
from toonify.media.icc import profile_of
from toonify.media.jpeg_2000 import told_beside
from toonify.media.primaries import DISPLAY_P3

GREEN, IN_SRGB = (40, 200, 40), (0, 204, 0)
EXIF = b"JpgTiffExif->JP2"
ADOBE_EXIF = bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e")
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(content), kind) + content


def with_profile(path: Path, profile: bytes) -> Path:
    """The same file, whose colours a profile describes, not a number."""
    data = path.read_bytes()
    begin = data.index(b"jp2h") - 4
    (length,) = struct.unpack_from(">L", data, begin)
    header = data[begin + 8 : begin + length]
    colr = header.index(b"colr") - 4
    header = header[:colr] + box(b"colr", b"\2\0\0" + profile) + header[colr + 15 :]
    path.write_bytes(data[:begin] + box(b"jp2h", header) + data[begin + length :])
    return path


def with_box(path: Path, name: bytes, content: bytes) -> Path:
    """The same file, with a box behind its code."""
    data = path.read_bytes()
    code = data.index(b"jp2c") - 4
    known = struct.pack(">L", len(data) - code)  # Pillow leaves it to the end of the file
    path.write_bytes(data[:code] + known + data[code + 4 :] + box(b"uuid", name + content))
    return path


def test_a_profile_is_kept(tmp_path):
    Image.new("RGB", (64, 48), GREEN).save(tmp_path / "a.jp2")
    source = with_profile(tmp_path / "a.jp2", profile_of(DISPLAY_P3))
    for given in (source, source.read_bytes()):
        picture = read_picture(given)
        assert picture.icc_profile == profile_of(DISPLAY_P3)
        assert picture.image.getpixel((8, 8)) == pytest.approx(GREEN, abs=2)
    for read in (open_rgb(source), glance(source, 48)[0]):
        assert read.getpixel((8, 8)) == pytest.approx(IN_SRGB, abs=3)


@pytest.mark.parametrize("name", [EXIF, ADOBE_EXIF])
def test_exif_data_are_kept_and_turn_it_upright(tmp_path, name):
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Camera", 6
    draw_picture((64, 48)).save(tmp_path / "a.jp2")
    picture = read_picture(with_box(tmp_path / "a.jp2", name, exif.tobytes()[6:]))
    kept = Image.Exif()
    kept.load(picture.exif)
    assert (picture.image.size, dict(kept)) == ((48, 64), {ExifTags.Base.Make: "Camera"})


def test_xmp_is_kept(tmp_path):
    draw_picture((64, 48)).save(tmp_path / "a.jp2")
    assert read_picture(with_box(tmp_path / "a.jp2", XMP, b"<x:xmpmeta/>")).xmp == b"<x:xmpmeta/>"


@pytest.mark.parametrize("cut", [1, 30, 60, 100])
def test_boxes_that_promise_more_than_there_is_do_no_harm(tmp_path, cut):
    draw_picture((64, 48)).save(tmp_path / "a.jp2")
    data = with_box(with_profile(tmp_path / "a.jp2", SRGB), EXIF, b"II*\0").read_bytes()
    assert read_picture(data[:-4] + bytes(8)).image.size == (64, 48)
    with pytest.raises(ToonifyError):
        read_picture(data[:cut])


@pytest.mark.parametrize("length", [2**63, 2**64 - 1])
def test_a_box_inside_that_is_said_to_be_longer_than_any_file_does_no_harm(tmp_path, length):
    draw_picture((64, 48)).save(tmp_path / "a.jp2")
    data = (tmp_path / "a.jp2").read_bytes()
    endless = struct.pack(">L4sQ", 1, b"jp2h", length) + struct.pack(">L4sQ", 1, b"free", length - 64)
    assert told_beside(data + endless) == {}
    (tmp_path / "b.jp2").write_bytes(data + endless)
    assert told_beside(tmp_path / "b.jp2") == {}


def test_colours_of_more_than_8_bits_are_refused(tmp_path):
    """Pillow rounds them, and the brightest becomes black."""
    white = np.full((48, 64, 3), 65_535, np.uint16)
    for name in ("a.jp2", "b.j2k"):
        file = by_opencv(tmp_path / name, white) if name == "a.jp2" else code_alone(tmp_path / "a.jp2", name)
        with pytest.raises(ToonifyError, match="a JPEG 2000 of 16 bits a channel, which is not read"):
            read_picture(file)


def code_alone(path: Path, name: str) -> Path:
    data = path.read_bytes()
    path.with_name(name).write_bytes(data[data.index(b"\xff\x4f\xff\x51") :])
    return path.with_name(name)
