"""Drawings enlarged: borders and lines stay crisp, and all else is what it was."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from toonify.media import DeepImage, Enlarging, LargeImage, doublings_into

SIZE = (320, 240)  # eight times the drawings'


def disc() -> Image.Image:
    """A light disc on a dark ground, its border antialiased."""
    large = Image.new("RGB", (640, 480), (40, 30, 60))
    ImageDraw.Draw(large).ellipse((160, 80, 480, 400), fill=(220, 190, 150))
    return large.resize((40, 30), Image.Resampling.BOX)


def bicubic(drawing: Image.Image, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.asarray(drawing.resize(size, Image.Resampling.BICUBIC), int)


def enlarged(drawing: Image.Image, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.asarray(Enlarging(drawing, size).rows(0, size[1]), int)


def between(pixels: np.ndarray) -> int:
    """Pixels of the middle row that are neither of the disc nor of the ground."""
    row = pixels[120, :, 0]
    return int(((row > 60) & (row < 200)).sum())


def test_a_border_is_a_third_as_wide_as_interpolation_makes_it():
    assert between(enlarged(disc())) <= between(bicubic(disc())) / 3


def test_a_border_stays_where_it_is():
    light, smooth = (pixels[..., 0] > 130 for pixels in (enlarged(disc()), bicubic(disc())))
    assert (light != smooth).mean() < 0.01
    assert enlarged(disc()).mean() == pytest.approx(bicubic(disc()).mean(), abs=0.5)


def test_luma_becomes_no_lighter_nor_darker_than_the_drawings():
    drawing = disc().convert("L")
    least, most = drawing.getextrema()
    seen = np.asarray(Enlarging(drawing.convert("RGB"), SIZE).rows(0, SIZE[1]))
    assert least - 3 <= seen.min() and seen.max() <= most + 3
    assert bicubic(drawing).max() > most + 6


def test_a_gradient_stays_one():
    ramp = np.broadcast_to(np.linspace(30, 220, 40).round()[None, :, None], (30, 40, 3))
    drawing = Image.fromarray(ramp.astype(np.uint8))
    np.testing.assert_allclose(enlarged(drawing)[:, 24:-24], bicubic(drawing)[:, 24:-24], atol=1)


def test_a_gradient_of_squares_loses_its_steps():
    steps = np.broadcast_to((10 * (np.arange(40) // 2))[None, :, None] + 20, (30, 40, 3)).astype(np.uint8)
    ramp = np.arange(24, 296) * 10 / 16
    crisp, smooth = (way(Image.fromarray(steps))[120, 24:-24, 0] - ramp for way in (enlarged, bicubic))
    assert crisp.std() < 0.6 < smooth.std() / 2


def test_grey_stays_grey():
    pixels = enlarged(disc().convert("L").convert("RGB"))
    np.testing.assert_array_equal(pixels, pixels[..., :1].repeat(3, -1))


def test_colours_are_interpolated_and_only_lightness_is_crisp():
    crisp, smooth = enlarged(disc()), bicubic(disc())
    assert np.abs(np.diff(crisp) - np.diff(smooth)).max() <= 2 * 6  # channels against each other
    assert np.abs(crisp - smooth).max() > 40


def cut_out() -> Image.Image:
    """The disc alone, with black that nobody sees around it."""
    drawing = Image.new("RGB", (40, 30), (220, 190, 150))
    alpha = disc().getchannel("G").point(lambda level: 255 if level > 100 else 0)
    drawing.paste(0, mask=alpha.point(lambda level: 255 - level))
    drawing.putalpha(alpha)
    return drawing


def test_what_is_transparent_lends_no_colour():
    crisp, smooth = enlarged(cut_out()), bicubic(cut_out())
    seen = smooth[..., 3] > 16
    np.testing.assert_array_equal(crisp[seen], smooth[seen])


def test_what_is_opaque_is_as_crisp_as_without_alpha():
    drawing = disc()
    drawing.putalpha(255)
    np.testing.assert_array_equal(enlarged(drawing)[8:-8, 8:-8, :3], enlarged(disc())[8:-8, 8:-8])


def test_sixteen_bits_are_enlarged_as_eight_are():
    opaque = disc()
    opaque.putalpha(255)
    for drawing in (disc(), opaque):
        deep = Enlarging(DeepImage(np.asarray(drawing, np.uint16) * 257), SIZE).rows(0, SIZE[1])
        assert np.abs(np.asarray(deep) / 257 - enlarged(drawing))[16:-16, 16:-16].max() <= 2


def test_bands_are_parts_of_the_whole():
    whole, enlarging = enlarged(disc()), Enlarging(disc(), SIZE)
    bands = [np.asarray(enlarging.rows(top, top + 40)) for top in range(0, SIZE[1], 40)]
    assert np.abs(np.concatenate(bands) - whole).max() <= 2  # Pillow places parts to 0.03 pixels


def test_below_twice_the_size_it_is_interpolated_only():
    np.testing.assert_array_equal(enlarged(disc(), (79, 59)), bicubic(disc(), (79, 59)))


@pytest.mark.parametrize(
    ("size", "times"),
    [((40, 30), 0), ((20, 15), 0), ((79, 60), 0), ((80, 60), 1), ((320, 120), 2), ((40_000, 30_000), 3)],
)
def test_a_drawing_is_doubled_as_often_as_it_fits(size, times):
    assert doublings_into(size, (40, 30)) == times


def test_a_jpegs_planes_are_as_crisp_as_the_picture():
    large = LargeImage(disc(), SIZE)
    luma = np.asarray(large.enlarged(0, SIZE[1]).convert("L"), int)
    assert np.abs(large.planes()[0] - luma).max() <= 2
