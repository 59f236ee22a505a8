"""Pictures of hundreds of megapixels: memory holds what is drawn, not what is photographed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import ExifTags, Image, JpegImagePlugin

from toonify.converting import Converter
from toonify.converting.detail import enough
from toonify.converting.reading import Reading
from toonify.media import LargeImage, read_picture


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than a small photograph is large."""
    monkeypatch.setattr("toonify.media.bands.LARGE", 100_000)
    monkeypatch.setattr("toonify.media.bands.PIXELS", 40_000)
    monkeypatch.setattr("toonify.converting.reading.LONGEST", 100)


def photograph(path: str, *, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Camera"
    draw_picture((80, 60)).resize((800, 600), Image.Resampling.BICUBIC).save(path, exif=exif, quality=95)
    return Path(path)


def apart(one: str, other: str, pixels) -> float:
    return float(np.abs(pixels(one).astype(np.int16) - pixels(other)).mean())


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_photograph_becomes_the_cartoon_that_it_would_be(
    converted, pixels, monkeypatch, request, suffix, orientation
):
    photograph("a.jpg", orientation=orientation)
    converted("a.jpg", f"whole.{suffix}", "--detail", "64")
    request.getfixturevalue("_large")
    monkeypatch.setattr(LargeImage, "fill", fill := Watched(LargeImage.fill))
    converted("a.jpg", f"large.{suffix}", "--detail", "64", "--compare")
    assert fill.called
    assert pixels(f"large.{suffix}").shape == ((800, 600, 3) if orientation == 6 else (600, 800, 3))
    assert apart(f"large.{suffix}", f"whole.{suffix}", pixels) < 3
    with Image.open(f"large.{suffix}") as image:
        assert image.getexif()[ExifTags.Base.Make] == "Camera"
        assert image.getexif()[ExifTags.Base.ProcessingSoftware].startswith("toonify ")
    assert Path(f"large.compare.{suffix}").is_file()


class Watched:
    """A method that knows whether it was called."""

    def __init__(self, method) -> None:
        self.called, self._method = False, method

    def __get__(self, image: LargeImage, _: object):
        def call(*arguments: object) -> object:
            self.called = True
            return self._method(image, *arguments)

        return call


@pytest.mark.usefixtures("_large")
@pytest.mark.parametrize("options", [("--strength", "0.5"), ("--detail", "0"), ("--strength", "0")])
def test_where_each_pixel_counts_all_are_read(converted, pixels, monkeypatch, options):
    monkeypatch.setattr(LargeImage, "fill", fill := Watched(LargeImage.fill))
    photograph("a.jpg")
    converted("a.jpg", "a.png", "--detail", "64", *options)
    assert not fill.called
    assert pixels("a.png").shape == (600, 800, 3)


@pytest.mark.usefixtures("_large")
def test_a_sheet_of_a_large_photograph_is_made_of_a_smaller_copy(run, style, whole_style, monkeypatch):
    monkeypatch.setattr("toonify.converting.comparison.LONGEST", 100)
    photograph("a.jpg")
    assert isinstance(read_picture(Path("a.jpg"), enough=enough((800, 600), (100, 75))).image, LargeImage)
    result = run("convert", "a.jpg", "sheet.jpg", "--style", f"{style},{whole_style}", "--compare")
    assert result.exit_code == 0, result.output
    with Image.open("sheet.jpg") as image:
        assert max(image.size) < 400


def test_a_copy_is_enough_where_it_is_reduced_threefold(style):
    assert enough((4000, 3000), (400, 300)) == (1200, 900)
    assert enough((4000, 3000), (2000, 1500)) is None
    converter = Converter(style, detail=64)
    assert converter.enough((40_000, 10_000), 1.0) == (384, 96)
    assert converter.enough((40_000, 10_000), 0.5) is None


def test_a_photograph_that_is_compared_is_read_as_large_as_it_is_seen(style, monkeypatch):
    monkeypatch.setattr("toonify.converting.reading.LONGEST", 200)
    source, converter = photograph("a.jpg"), Converter(style, detail=32)
    assert Reading.of(source, "JPEG", converter, 1.0).enough == converter.enough((800, 600), 1.0) == (112, 84)
    assert Reading.of(source, "JPEG", converter, 1.0, compared=True).enough == (200, 150)


@pytest.mark.parametrize(
    ("stored", "detail", "written"), [(0, 64, 0), (2, 64, 2), (2, 160, 2), (2, 190, 0), (2, 400, 0)]
)
def test_colours_are_halved_where_the_photographs_are_and_the_drawing_has_far_fewer(
    converted, stored, detail, written
):
    draw_picture((800, 600)).save("a.jpg", subsampling=stored)
    converted("a.jpg", "b.jpg", "--detail", str(detail))
    with Image.open("b.jpg") as image:
        assert JpegImagePlugin.get_sampling(image) == written


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units")
def test_memory_does_not_hold_a_large_photograph(style):
    side = 6_144  # 151 MB as Pillow holds it
    tile = np.asarray(draw_picture((64, 64)))
    Image.fromarray(np.tile(tile, (side // 64, side // 64, 1))).save("a.jpg", quality=50)
    code = (
        "import re, sys; from toonify.cli.app import app; app(sys.argv[1:], standalone_mode=False);"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[0])"
    )
    command = [sys.executable, "-c", code, "convert", "a.jpg", "b.jpg", "--style", style, "--detail", "64"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = int(re.search(r"VmHWM:\s+(\d+)", done.stdout)[1]) * 1024
    assert peak < 220e6, f"{peak / 1e6:.0f} MB"
    with Image.open("b.jpg") as image:
        assert image.size == (side, side)
