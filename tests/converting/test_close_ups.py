"""Small faces are drawn once more, from closer by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toonify.converting import Converter
from toonify.converting.close_ups import with_close_ups
from toonify.faces import Face, find_faces
from toonify.media import DeepImage, LargeImage
from toonify.plugins import Painter

SAMPLES = Path(__file__).parents[2] / "samples"
WIDTH = 128
FACE = Face(60.0, 60.0, 24.0, 30.0, np.zeros((5, 2)))  # in a drawing of 160 x 120
SMALL = FACE, 1.0


def red(drawn: list[tuple[int, int]]):
    """Paints what it is given red, and notes the size."""

    def draw(image) -> None:
        drawn.append(image.size)
        if isinstance(image, DeepImage):
            image.pixels[..., :3] = (65535, 0, 0)
        else:
            image.paste((255, 0, 0, 255)[: len(image.getbands())], (0, 0, *image.size))

    return draw


def grey(mode: str, size: tuple[int, int]):
    if mode == "deep":
        return DeepImage(np.full((size[1], size[0], 3), 32896, np.uint16))
    return Image.new(mode, size, (128, 128, 128, 255)[: len(mode)])


def test_without_small_faces_the_drawing_is_as_it_was():
    drawing = grey("RGB", (160, 120))
    assert with_close_ups(drawing, grey("RGB", (640, 480)), [], WIDTH, red([])) is drawing


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "deep"])
def test_a_face_is_drawn_at_the_width_asked_for_and_fades_into_the_rest(mode):
    sizes: list[tuple[int, int]] = []
    whole = with_close_ups(grey(mode, (160, 120)), grey(mode, (1600, 1200)), [SMALL], WIDTH, red(sizes))
    assert whole.size == (480, 360)  # three times, and no more
    ((across, down),) = sizes
    assert across / WIDTH == pytest.approx(2.8, abs=0.05)  # 1.4 widths to either side
    assert down / WIDTH == pytest.approx(2.9 * 30 / 24, abs=0.05)
    pixels = np.asarray(whole).astype(float) / (257 if mode == "deep" else 1)
    middle = 3 * 72, 3 * 72
    assert pixels[middle[1], middle[0], :3].tolist() == [255, 0, 0]
    fading = pixels[middle[1], middle[0] : middle[0] + 110, 1]
    assert np.all(np.diff(fading) >= 0) and fading[-1] == 128  # nowhere a seam
    assert np.abs(np.diff(fading)).max() < 16
    assert np.all(pixels[350:, :, 0] == 128)
    if mode == "RGBA":
        assert np.all(pixels[..., 3] == 255)


def test_the_rest_stays_crisp_on_the_way_to_a_larger_photograph():
    drawing = grey("RGB", (160, 120))
    drawing.paste((230, 230, 230), (100, 0, 160, 120))
    smooth = drawing.resize((400, 300), Image.Resampling.BICUBIC)
    whole = with_close_ups(drawing, grey("RGB", (640, 480)), [SMALL], 60, red([]))
    assert whole.size == smooth.size
    crisp, soft = (np.ptp(np.diff(np.asarray(each, int)[20, 240:260, 0])) for each in (whole, smooth))
    assert crisp > 1.5 * soft


def test_frames_are_all_enlarged_alike():
    sizes = set()
    for width in (50.0, 60.0):
        face = Face(60.0, 60.0, width, width, FACE.points)
        photo = grey("RGB", (1600, 1200))
        for moving in (True, False):
            whole = with_close_ups(
                grey("RGB", (160, 120)), photo, [(face, 1.0)], WIDTH, red([]), moving=moving
            )
            sizes.add((moving, whole.size))
    assert {size for moving, size in sizes if moving} == {(480, 360)} and len(sizes) == 3


def test_nothing_is_made_larger_than_the_photograph_nor_its_pixels_than_four_times():
    sizes: list[tuple[int, int]] = []
    whole = with_close_ups(grey("RGB", (160, 120)), grey("RGB", (200, 150)), [SMALL], 512, red(sizes))
    assert whole.size == (200, 150)
    assert sizes[0][0] <= 4 * 2.8 * 24 * 200 / 160 + 4


def test_faces_beyond_the_border_do_no_harm():
    boxes = (-80.0, -90.0, 20.0, 20.0), (150.0, 100.0, 30.0, 40.0)
    faces = [(Face(*box, FACE.points), 1.0) for box in boxes]
    sizes: list[tuple[int, int]] = []
    whole = with_close_ups(grey("RGB", (160, 120)), grey("RGB", (480, 360)), faces, WIDTH, red(sizes))
    assert len(sizes) == 1
    assert np.asarray(whole)[-1, -1].tolist() == [255, 0, 0]


def test_a_large_picture_is_looked_at_in_its_smaller_copy():
    small = Image.new("RGB", (480, 360), "grey")
    small.paste("blue", (200, 190, 232, 240))  # where the face is
    seen = []
    photo = LargeImage(small, (4800, 3600))
    with_close_ups(grey("RGB", (160, 120)), photo, [SMALL], WIDTH, lambda image: seen.append(image.copy()))
    (close,) = seen
    assert close.getpixel((close.width // 2, close.height // 2)) == (0, 0, 255)
    assert close.getpixel((2, 2)) == (128, 128, 128)


@pytest.fixture(scope="module")
def crowd() -> Image.Image:
    """A photograph in which somebody is small."""
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        person = image.convert("RGB").resize((300, 300), Image.Resampling.LANCZOS)
    photo = Image.new("RGB", (1400, 1000), (150, 160, 150))
    photo.paste(person, (500, 400))
    return photo


def test_a_small_face_stays_a_face_and_all_else_as_it_was(crowd):
    closer, plain = (np.asarray(Converter("comic", painter=p).convert(crowd)) for p in (True, False))
    # Elsewhere the drawing is enlarged in two steps instead of one.
    changed = np.argwhere((np.abs(closer.astype(int) - plain) > 32).any(-1))
    (face,) = find_faces(crowd)
    assert changed[:, 0].min() > face.top - 2 * face.height
    assert changed[:, 0].max() < face.top + 3 * face.height
    (again,) = find_faces(Image.fromarray(closer))
    moved = np.hypot(*(again.points - face.points).T) / face.width
    assert moved.max() < 0.12


def test_what_moves_or_has_every_pixel_drawn_is_not_looked_at_twice(crowd, monkeypatch):
    monkeypatch.setattr("toonify.converting.converter.small_faces", lambda *_: pytest.fail("it was"))
    converter = Converter("comic", threads=1)
    converter.convert(crowd, faces=())
    small = crowd.crop((500, 400, 800, 700))
    Converter("comic", painter=False, runtime=converter.runtime).convert(small)
    Converter("comic", detail=0, runtime=converter.runtime).convert(small)


def test_a_painter_paints_once_over_the_drawing_with_close_ups(crowd):
    seen: list[tuple[int, int]] = []

    class Noting(Painter):
        def paint(self, photo, cartoon, controls):
            assert photo.shape == cartoon.shape
            seen.append(photo.shape[1::-1])
            return cartoon

    converter = Converter("comic", painter=Noting(), threads=1)
    side = converter.style.manifest.detail
    large, nobody = crowd.crop((560, 400, 740, 580)).resize((side, side)), crowd.crop((0, 0, 400, 300))
    for photo in (crowd, large, nobody):
        converter.convert(photo)
    assert seen == [crowd.size, (side, side), converter.drawing_size(nobody.size)]


def test_parts_of_a_picture_are_parted_where_small_faces_are_painted(crowd):
    """`only` takes what is painted, or all else, as without it: no face is too small for it."""

    class Face(Painter):
        def paint(self, photo, cartoon, controls):
            middle = np.s_[photo.shape[0] // 2 :, photo.shape[1] // 2 :]
            painted = cartoon.copy()
            painted[middle] = 255 - photo[middle]
            return painted

    painted, faces, background = (
        np.asarray(Converter("comic", painter=Face(), only=only, threads=1).convert(crowd))
        for only in ("", "faces", "background")
    )
    photo, inner = np.asarray(crowd), np.s_[540:, 740:]
    assert np.array_equal(faces[inner], painted[inner]) and np.array_equal(background[inner], photo[inner])
    outer = np.s_[:460, :]
    assert np.array_equal(background[outer], painted[outer]) and np.array_equal(faces[outer], photo[outer])


def test_broader_strokes_are_broader_in_faces_too():
    converter = Converter("comic")
    card, runtime = converter.style.manifest, converter.runtime
    widths = {}
    for detail in (card.detail // 2, card.detail, 2 * card.detail, 0):
        widths[detail] = Converter("comic", detail=detail, runtime=runtime).close_up
    assert list(widths.values()) == [card.close_up // 2, card.close_up, card.close_up, 0]
