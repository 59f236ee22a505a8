"""`toonify.convert()` gives back the kind of thing that it is given."""

from __future__ import annotations

import io
import pickle
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import ExifTags, Image, ImageCms, ImageOps

import toonify
from toonify.converting import Converter, in_memory
from toonify.errors import ToonifyError
from toonify.media import DeepImage, LargeImage

ORIENTATION = ExifTags.Base.Orientation
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ORIENTATION], made[ExifTags.Base.Make] = orientation, "Camera"
    return made


def pixels(file: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(file)) as image:
        return np.asarray(image)


# Pillow images


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_opened_image_is_drawn_upright_as_its_path_is(picture_file, style, orientation):
    path = picture_file("a.png", (64, 48), exif=exif(orientation))
    with Image.open(path) as image:
        cartoon = toonify.convert(image, style)
        assert image.getexif()[ORIENTATION] == orientation
    same = toonify.convert(path, style)
    assert (cartoon.size, cartoon.tobytes()) == (same.size, same.tobytes())
    assert ImageOps.exif_transpose(cartoon).size == cartoon.size, "it would be turned a second time"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_data_is_no_reason_to_refuse_an_image(picture_file, style):
    path = picture_file("a.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xee" * 40)
    with Image.open(path) as image:
        assert toonify.convert(image, style).size == (64, 48)


def test_the_profile_is_that_of_the_colours(picture_file, style):
    with Image.open(picture_file("a.png", icc_profile=SRGB)) as image:
        assert toonify.convert(image, style).info["icc_profile"] == SRGB
    with Image.open(picture_file("b.jpg", mode="CMYK", icc_profile=b"of some press")) as image:
        assert "icc_profile" not in toonify.convert(image, style).info


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_an_opened_image_that_is_cut_short_is_refused_as_its_bytes_are(picture_file, style, suffix):
    file = picture_file(f"a.{suffix}").read_bytes()
    for convert in (Converter(style).convert, lambda image: toonify.convert(image, style)):
        with (
            Image.open(io.BytesIO(file[: len(file) * 2 // 3])) as image,
            pytest.raises(ToonifyError, match="the picture cannot be read: damaged or cut short"),
        ):
            convert(image)


def test_an_image_that_is_closed(picture_file, style):
    opened, file = Image.open(picture_file("a.png")), io.BytesIO(picture_file("b.png").read_bytes())
    waiting = Image.open(file)
    file.close()
    opened.close()
    drawn = draw_picture((64, 48))
    drawn.close()
    for image in (opened, waiting, drawn):
        with pytest.raises(ToonifyError, match="the picture cannot be read: closed already"):
            toonify.convert(image, style)


@pytest.mark.parametrize("mode", ["LA", "La", "RGBa", "PA"])
def test_unusual_modes_with_alpha(style, mode):
    plain = draw_picture((64, 48)).convert("RGBA").convert("LA" if mode == "La" else "RGBA")
    assert (
        toonify.convert(plain.convert("P").convert("PA") if mode == "PA" else plain.convert(mode), style).mode
        == "RGBA"
    )


# Files in memory


@pytest.mark.parametrize(
    ("suffix", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("tif", "TIFF"), ("gif", "PNG")]
)
def test_bytes_give_a_file_of_the_same_format(picture_file, style, suffix, kind):
    file = picture_file(f"a.{suffix}").read_bytes()
    cartoon = toonify.convert(file, style)
    assert isinstance(cartoon, bytes)
    with Image.open(io.BytesIO(cartoon)) as image:
        assert (image.format, image.size) == (kind, (64, 48))


def test_bytes_give_what_the_command_writes(run, picture_file, style):
    path = picture_file("a.png", exif=exif(6), icc_profile=SRGB)
    run("convert", path, "b.png", "--style", style)
    cartoon = toonify.convert(path.read_bytes(), style)
    assert np.array_equal(pixels(cartoon), pixels(Path("b.png").read_bytes()))
    with Image.open(io.BytesIO(cartoon)) as image:
        assert image.info["icc_profile"] == SRGB
        assert dict(image.getexif()) == {ExifTags.Base.Make: "Camera"}


def test_a_file_gives_a_file(picture_file, style):
    path = picture_file("a.png")
    wanted = toonify.convert(path.read_bytes(), style)
    with open(path, "rb") as file, tempfile.SpooledTemporaryFile() as uploaded:
        uploaded.write(path.read_bytes())
        uploaded.seek(0)
        for given in (file, uploaded, io.BytesIO(path.read_bytes())):
            assert toonify.convert(given, style).read() == wanted


def test_bytes_that_are_no_picture(style):
    with pytest.raises(ToonifyError, match="the picture cannot be read: empty"):
        toonify.convert(b"", style)
    for given in (b"no picture", memoryview(b"none"), io.BytesIO(b"none either")):
        with pytest.raises(ToonifyError, match="the picture cannot be read: not a picture in a known format"):
            toonify.convert(given, style)


def test_files_that_cannot_be_read(picture_file, style):
    path = picture_file("a.png")
    closed = open(path, "rb")  # noqa: SIM115
    closed.close()
    with pytest.raises(ToonifyError, match="the file cannot be read: read of closed file"):
        toonify.convert(closed, style)
    with open("b.png", "wb") as file, pytest.raises(ToonifyError, match="the file is not open for reading"):
        toonify.convert(file, style)
    with (
        open(path, encoding="utf-8") as file,
        pytest.raises(TypeError, match="takes files opened in binary mode"),
    ):
        toonify.convert(file, style)


def test_no_path(style):
    with pytest.raises(ToonifyError, match="the path of the picture is empty"):
        toonify.convert("", style)


def test_bytes_that_are_cut_short_are_refused_as_a_file_is(picture_file, style):
    file = picture_file("a.png").read_bytes()
    with pytest.raises(ToonifyError, match="the picture cannot be read: damaged"):
        toonify.convert(file[: len(file) // 2], style)
    damaged = bytearray(file)
    damaged[len(file) // 2] ^= 1
    with pytest.raises(ToonifyError, match="does not match its checksum"):
        toonify.convert(damaged, style)


def test_text_is_no_picture(style):
    with pytest.raises(TypeError, match="opened in binary mode: this one gives str"):
        toonify.convert(io.StringIO("no picture"), style)


# Arrays


@pytest.fixture
def photo() -> np.ndarray:
    return np.asarray(draw_picture((64, 48)))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_give_floats(style, photo, kind):
    wanted = toonify.convert(photo, style)
    cartoon = toonify.convert((photo / 255).astype(kind), style)
    assert (cartoon.dtype, cartoon.shape) == (kind, (48, 64, 3))
    assert np.abs(cartoon.astype(float) * 255 - wanted).max() < 0.75  # it has more bits


def test_grey_gives_grey(style, photo):
    grey = photo[..., 0].copy()
    rgb = toonify.convert(np.repeat(grey[..., np.newaxis], 3, axis=2), style)
    wanted = np.asarray(Image.fromarray(rgb).convert("L"))
    assert np.array_equal(toonify.convert(grey, style), wanted)
    assert np.array_equal(toonify.convert(grey[..., np.newaxis], style)[..., 0], wanted)
    assert np.abs(toonify.convert(grey / 255, style) * 255 - wanted).max() <= 1


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_batch_gives_each_as_if_it_were_alone(style, channels):
    batch = np.random.default_rng(0).integers(0, 256, (3, 40, 56, channels), np.uint8)
    before = batch.copy()
    cartoons = toonify.convert(batch, style)
    alone = np.stack([toonify.convert(one, style) for one in batch])
    assert cartoons.dtype == np.uint8
    assert np.array_equal(cartoons, alone)
    assert np.array_equal(Converter(style).convert_batch(batch), alone)
    assert np.array_equal(batch, before)
    assert toonify.convert(batch[:0], style).shape == (0, 40, 56, channels)


def test_views_and_other_orders_of_memory_will_do(style, photo):
    wanted = toonify.convert(photo[::-1].copy(), style)
    assert np.array_equal(toonify.convert(photo[::-1], style), wanted)
    assert np.array_equal(toonify.convert(np.asfortranarray(photo[::-1]), style), wanted)


def test_either_order_of_bytes_will_do(style, photo):
    deep = photo.astype("<u2") * 257
    cartoon = toonify.convert(deep.astype(">u2"), style)
    assert cartoon.dtype == np.dtype(">u2")
    assert np.array_equal(cartoon, toonify.convert(deep, style))


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.zeros((4, 4, 2), np.uint8), r"not \(4, 4, 2\) of uint8"),
        (np.zeros((3, 8, 8), np.float32), r"not \(3, 8, 8\) of float32"),
        (np.zeros((0, 4, 3), np.uint8), r"not \(0, 4, 3\)"),
        (np.zeros(4, np.uint8), r"not \(4,\)"),
        (np.zeros((1, 1, 4, 4, 3), np.uint8), r"not \(1, 1, 4, 4, 3\)"),
        (np.zeros((4, 4, 3), np.int32), "not of int32"),
        (np.zeros((4, 4, 3), bool), "not of bool"),
        (np.full((4, 4, 3), 200.0), r"floats in \[0, 1\], not 200 to 200"),
        (np.linspace(-1, 1, 48).reshape(4, 4, 3), r"floats in \[0, 1\], not -1 to 1"),
        (np.array([[[0, np.nan, 1]]]), r"floats in \[0, 1\], not NaN$"),
        (np.full((4, 4, 3), np.inf), r"floats in \[0, 1\], not inf"),
    ],
)
def test_other_arrays_are_refused(style, array, complaint):
    with pytest.raises(ValueError, match=complaint):
        toonify.convert(array, style)


# Services


def cartoon_of(converter: Converter) -> bytes:
    return converter.convert(draw_picture((64, 48)), 0.5).tobytes()


def image_of(mode: str) -> Image.Image:
    image = draw_picture((64, 48)).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((64, 48)))
    return image


@pytest.mark.parametrize("strength", [0, 0.5, 1])
@pytest.mark.parametrize("detail", [0, 32])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_converter_leaves_an_image_as_it_is_or_draws_over_it(style, mode, detail, strength):
    converter, image = Converter(style, detail=detail), image_of(mode)
    cartoon = converter.convert(image, strength)
    assert cartoon is not image
    assert image == image_of(mode)
    assert (cartoon == image) == (strength == 0)
    assert converter.convert(image, strength, in_place=True) is image
    assert cartoon == image
    if mode == "RGBA":
        assert cartoon.getchannel("A") == image_of(mode).getchannel("A")


@pytest.mark.parametrize("strength", [0, 0.5, 1])
@pytest.mark.parametrize("detail", [0, 32])
def test_so_it_is_with_16_bits(style, detail, strength):
    photo = np.arange(40 * 48 * 4, dtype=np.uint16).reshape(40, 48, 4) * 8
    converter, image = Converter(style, detail=detail), DeepImage(photo.copy())
    cartoon = converter.convert(image, strength)
    assert np.array_equal(image.pixels, photo)
    assert np.array_equal(cartoon.pixels, photo) == (strength == 0)
    assert converter.convert(image, strength, in_place=True) is image
    assert np.array_equal(cartoon.pixels, image.pixels)


def test_so_it_is_with_an_image_of_which_a_smaller_copy_is_there(style):
    small = draw_picture((80, 60))
    converter, image = Converter(style, detail=32), LargeImage(small, (800, 600))
    before = np.asarray(image.enlarged(0, 600))
    cartoon = converter.convert(image)
    assert np.array_equal(np.asarray(image.enlarged(0, 600)), before)
    assert cartoon.size == (800, 600)
    assert converter.convert(image, in_place=True) is image
    assert np.array_equal(np.asarray(image.enlarged(0, 600)), np.asarray(cartoon.enlarged(0, 600)))
    assert not np.array_equal(np.asarray(image.enlarged(0, 600)), before)
    assert small == draw_picture((80, 60))


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_what_an_image_says_of_itself_is_kept(picture_file, style, suffix, in_place):
    path = picture_file(f"a.{suffix}", exif=exif(6), icc_profile=SRGB, dpi=(300, 300))
    with Image.open(path) as image:
        told = dict(image.info)
        cartoon = Converter(style).convert(image, in_place=in_place)
    assert {"dpi", "exif", "icc_profile"} <= set(told)
    assert cartoon.info == told
    assert dict(cartoon.getexif()) == dict(exif(6))
    cartoon.info["title"] = "its own"
    assert ("title" in image.info) == in_place


def test_what_is_drawn_for_its_file_alone_is_drawn_in_place(run, style, picture_file, monkeypatch):
    """A second copy of a large picture might not fit into the memory."""
    same, convert = [], Converter.convert

    def watched(converter, image, *arguments, **options):
        cartoon = convert(converter, image, *arguments, **options)
        same.append(cartoon is image)
        return cartoon

    monkeypatch.setattr(Converter, "convert", watched)
    path = picture_file("photos/a.png")
    picture_file("photos/b.gif", save_all=True, append_images=[draw_picture((64, 48), 1)])
    assert run("convert", "photos", "cartoons", "--style", style).exit_code == 0
    for photo in (path, path.read_bytes(), draw_picture((64, 48)), np.asarray(draw_picture((64, 48)))):
        toonify.convert(photo, style)
    assert same == [True] * 7  # of a picture, the two of an animation, and four that were handed over


def test_a_converter_can_be_sent_to_another_process(style):
    converter = Converter(style, threads=1, detail=64)
    again = pickle.loads(pickle.dumps(converter))
    assert (again.detail, again.threads, again.controls) == (64, 1, {})
    assert cartoon_of(again) == cartoon_of(converter)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        (drawn,) = pool.map(converter.convert, [draw_picture((64, 48))])
    assert drawn == converter.convert(draw_picture((64, 48)))


def test_the_first_pictures_of_many_threads_open_the_network_once(style, monkeypatch):
    opened = []
    monkeypatch.setattr(
        in_memory,
        "open_runtime",
        lambda style, device: opened.append(style) or Converter(style, device=device).runtime,
    )
    in_memory._warm.cache_clear()
    photos = [np.asarray(draw_picture((40 + number, 50), number)) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        cartoons = list(pool.map(lambda photo: toonify.convert(photo, style), photos))
    assert len(opened) == 1
    for photo, cartoon in zip(photos, cartoons, strict=True):
        assert np.array_equal(toonify.convert(photo, style), cartoon)


# What is none of these


@pytest.mark.parametrize("given", [np.zeros((8, 8, 3), np.uint8), b"file", "a.jpg", None])
def test_a_converter_takes_images(style, given):
    with pytest.raises(TypeError) as raised:
        Converter(style).convert(given)
    kind = type(given).__name__
    assert str(raised.value).startswith(f"Converter.convert() takes Pillow images, not {kind}: ")


@pytest.mark.parametrize("given", [[np.zeros((8, 8, 3), np.uint8)], iter([]), draw_picture((8, 8)), None])
def test_a_batch_is_an_array(style, given):
    with pytest.raises(TypeError) as raised:
        Converter(style).convert_batch(given)
    assert str(raised.value) == f"convert_batch() takes a NumPy array, not {type(given).__name__}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": "many"}, "`threads` should be a whole number, not 'many'"),
        ({"threads": 1.5}, "`threads` should be a whole number, not 1.5"),
        ({"threads": -1}, "`threads` should be 0 or more, not -1"),
        ({"detail": "fine"}, "`detail` should be a whole number, not 'fine'"),
        ({"controls": [1]}, "`controls` should be a table, not [1]"),
        ({"device": None}, "there is no `device` 'None'."),
        ({"only": None}, "there is no `only` 'None'."),
    ],
)
def test_a_converter_refuses_what_makes_no_sense(style, options, message):
    with pytest.raises(ToonifyError) as raised:
        Converter(style, **options)
    assert raised.value.message == message


@pytest.mark.parametrize("strength", ["much", None, [1]])
def test_a_strength_is_a_number(style, strength):
    with pytest.raises(ToonifyError, match="`strength` should be a number, not "):
        toonify.convert(draw_picture((8, 8)), style, strength=strength)
