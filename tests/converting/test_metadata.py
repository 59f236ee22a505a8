"""What is written about a photograph goes with its cartoon, unless it is not to."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from drawing import draw_picture
from PIL import ExifTags, Image

from toonify.media.metadata import descriptive_xmp

XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6" dc:creator="someone" %s/></x:xmpmeta>'


@pytest.fixture
def converted(run, style):
    """`converted("a.jpg", "b.jpg")`: standard output, after it has worked."""

    def convert(*arguments: object) -> str:
        result = run("convert", *arguments, "--overwrite", "--style", style)
        assert result.exit_code == 0, result.output
        return result.stdout

    return convert


def photograph(path: str, xmp: bytes = XMP % b"") -> Path:
    """With a camera, a place and what a program wrote."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (48.0, 12.0, 3.0)}
    exif[ExifTags.IFD.Exif] = {0x927C: b"48 north", 0x829A: 0.004}
    draw_picture((40, 30)).save(path, exif=exif, xmp=xmp, dpi=(300, 200))
    return Path(path)


def told(path: str) -> tuple[str, bool, bytes, tuple[int, int] | None]:
    """The camera, whether there is a place, XMP, and dots an inch."""
    with Image.open(path) as image:
        image.load()
        exif = image.getexif()
        dots = image.info.get("dpi")
        xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
        return (
            exif.get(ExifTags.Base.Make, ""),
            bool(exif.get_ifd(ExifTags.IFD.GPSInfo)),
            xmp.encode() if isinstance(xmp, str) else xmp,
            (round(dots[0]), round(dots[1])) if dots else None,
        )


@pytest.mark.parametrize("name", ["b.jpg", "b.png", "b.tif", "b.webp"])
def test_all_of_it_is_kept(converted, name):
    converted(photograph("a.jpg"), name)
    upright = (XMP % b"").replace(b'Orientation="6"', b'Orientation="1"')
    place = name != "b.tif"  # which Pillow writes without sub-blocks
    dots = None if name == "b.webp" else (200, 300)  # for XMP says that it lies on its side
    assert told(name) == ("Camera", place, upright, dots)


def directory(place: int, *entries: tuple[int, int, bytes]) -> bytes:
    """EXIF's table of tags, their types and values, at a place in a block that begins with `II*`."""
    table, behind = struct.pack("<H", len(entries)), b""
    for tag, kind, value in entries:
        count = len(value) // (4 if kind == LONG else 1)
        where = struct.pack("<L", place + 6 + 12 * len(entries) + len(behind))
        behind += value if len(value) > 4 else b""
        table += struct.pack("<2HL", tag, kind, count) + (where if len(value) > 4 else value.ljust(4, b"\0"))
    return table + bytes(4) + behind


BYTE, ASCII, LONG = 1, 2, 4
NAME = "Jürgen 山田".encode()
TITLE = "Größe".encode("utf-16-le") + bytes(2)


@pytest.mark.parametrize("options", [[], ["--strip-location"]])
@pytest.mark.parametrize("name", ["b.jpg", "b.png", "b.tif", "b.webp"])
def test_names_keep_their_accents(converted, name, options):
    """Programs write UTF-8 where EXIF means ASCII."""
    owner, first = (0xA430, ASCII, NAME + b"\0"), 200
    colours = first + len(directory(0, owner, (0xA005, LONG, bytes(4))))
    block = directory(
        8,
        (ExifTags.Base.Artist, ASCII, NAME + b"\0"),
        (ExifTags.IFD.Exif, LONG, struct.pack("<L", first)),
        (ExifTags.Base.XPTitle, BYTE, TITLE),
    ).ljust(first - 8, b"\0")
    block += directory(first, owner, (0xA005, LONG, struct.pack("<L", colours)))
    block += directory(colours, (1, ASCII, b"R03\0"))
    draw_picture((40, 30)).save("a.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0" + block)
    converted("a.jpg", name, *options)
    with Image.open(name) as cartoon:
        cartoon.load()
        exif = cartoon.getexif()
    assert exif[ExifTags.Base.Artist].encode("latin-1") == NAME  # as which Pillow reads it
    assert exif[ExifTags.Base.XPTitle] == TITLE
    if name != "b.tif":
        assert exif.get_ifd(ExifTags.IFD.Exif)[0xA430].encode("latin-1") == NAME
        assert exif.get_ifd(ExifTags.IFD.Interop) == {1: "R03"}  # Adobe RGB


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.bmp"])
def test_density_is_kept(converted, name):
    draw_picture((40, 30)).save(name, dpi=(300, 300))
    converted(name, f"b-{name}")
    assert told(f"b-{name}")[3] == (300, 300)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_density_turns_with_the_picture(converted, suffix):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    draw_picture((40, 30)).save(f"a.{suffix}", exif=exif, dpi=(300, 200))
    converted(f"a.{suffix}", "b.jpg")
    assert told("b.jpg")[3] == (200, 300)


def test_the_place_alone_is_left_out(converted):
    converted(photograph("a.jpg"), "b.jpg", "--strip-location")
    camera, place, xmp, dots = told("b.jpg")
    assert (camera, place, dots) == ("Camera", False, (200, 300))
    assert b"someone" in xmp and b"48 north" not in Path("b.jpg").read_bytes()
    converted(photograph("a.jpg", XMP % b'exif:GPSLatitude="48,12N"'), "b.jpg", "--strip-location")
    assert told("b.jpg")[2] == b""


def test_everything_is_left_out(converted):
    converted(photograph("a.jpg"), "b.jpg", "--strip-metadata")
    assert told("b.jpg") == ("", False, b"", None)


def test_what_is_too_large_is_left_out_with_a_note(converted):
    draw_picture((40, 30)).save("a.webp", xmp=XMP % b'x="%s"' % (b"y" * 70_000))
    assert "XMP data left out, too large" in converted("a.webp", "b.jpg")
    assert told("b.jpg")[2] == b""


def test_a_gain_map_that_is_not_there_is_not_spoken_of(converted):
    photo = photograph("a.jpg", XMP % b'hdrgm:Version="1.0"')
    assert "gain map left out" in converted(photo, "b.jpg")
    assert told("b.jpg")[2] == b""


def test_a_gain_map_is_named_where_xmp_says_nothing_of_it(converted):
    photo = photograph("a.jpg").read_bytes()
    name = b"urn:iso:std:iso:ts:21496:-1\0"  # as of ISO 21496-1, annex C
    segment = b"\xff\xe2" + (len(name) + 6).to_bytes(2, "big") + name + bytes(4)
    Path("a.jpg").write_bytes(photo[:2] + segment + photo[2:])
    assert "gain map left out" in converted("a.jpg", "b.jpg")
    assert b"someone" in told("b.jpg")[2]
    apple = Image.new("RGB", (8, 8))
    apple.info["aux"] = {"urn:com:apple:photo:2020:aux:hdrgainmap": [7]}
    assert descriptive_xmp(apple) == (b"", ["gain map left out"])


XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
ISO_SEGMENT = b"urn:iso:std:iso:ts:21496:-1\0"  # as of ISO 21496-1, annex C


@pytest.mark.parametrize(
    "marker",
    [
        b"\xe1" + XMP_SEGMENT + XMP % b'HDRGainMap:HDRGainMapVersion="65536"',  # as an iPhone writes it
        b"\xe1" + XMP_SEGMENT + XMP % b'hdrgm:Version="1.0"',
        b"\xe2" + ISO_SEGMENT + bytes(4),
        b"",  # which is the other half of a stereoscopic photograph
    ],
)
def test_a_gain_map_is_named_where_it_alone_says_what_it_is(converted, marker):
    photo, beside = draw_picture((40, 30)), draw_picture((20, 15), 5)
    photo.save("a.jpg", "MPO", save_all=True, append_images=[beside])
    segment = b"\xff" + marker[:1] + (len(marker) + 1).to_bytes(2, "big") + marker[1:] if marker else b""
    data = Path("a.jpg").read_bytes()
    second = data.rindex(b"\xff\xd8\xff") + 2
    Path("a.jpg").write_bytes(data[:second] + segment + data[second:])
    assert ("gain map left out" in converted("a.jpg", "b.jpg")) == bool(marker)
    with Image.open("b.jpg") as cartoon:
        assert cartoon.size == (40, 30)


@pytest.mark.parametrize(
    "told_of_film",
    [b'GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"', b"GCamera:MicroVideo='1'"],
)
def test_the_film_of_a_motion_photo_is_not_spoken_of(converted, told_of_film):
    photo = photograph("a.jpg", XMP % told_of_film)
    photo.write_bytes(photo.read_bytes() + b"\0\0\0\x18ftypmp42" + bytes(400))
    assert "film of the motion photo left out" in converted(photo, "b.jpg")
    assert told("b.jpg")[2] == b""
    still = photograph("c.jpg", XMP % b'GCamera:MotionPhoto="0"')
    assert "motion" not in converted(still, "d.jpg")
    assert b"MotionPhoto" in told("d.jpg")[2]


def test_a_tiff_that_says_nothing_of_density_has_none(converted):
    draw_picture((40, 30)).save("a.tif")
    converted("a.tif", "b.png")
    assert told("b.png")[3] is None


@pytest.mark.parametrize("dots", [(0, 0), (1e6, 1e6)])
def test_a_density_that_cannot_be_is_left_out(converted, dots):
    draw_picture((40, 30)).save("a.png", dpi=dots)
    converted("a.png", "b.jpg")
    assert told("b.jpg")[3] in (None, (72, 72))


@pytest.mark.parametrize(("quality", "written"), [(60, 95), (95, 95), (98, 98), (100, 100)])
def test_a_jpeg_is_written_no_worse_than_it_was(converted, quality, written):
    draw_picture((64, 64)).save("a.jpg", quality=quality)
    draw_picture((64, 64)).save("wanted.jpg", quality=written)
    converted("a.jpg", "b.jpg")
    with Image.open("b.jpg") as found, Image.open("wanted.jpg") as wanted:
        assert found.quantization == wanted.quantization
