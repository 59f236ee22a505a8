"""`toonify.convert()` for Python users."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from onnx import helper, numpy_helper
from PIL import Image
from tiny_style import make_style, model_of

import toonify
from toonify.converting import Converter, ConvertRequest
from toonify.errors import ToonifyError


def test_a_path_gives_an_image(picture_file, style):
    photo = picture_file("a.png")
    for given in (photo, str(photo)):
        cartoon = toonify.convert(given, style)
        assert isinstance(cartoon, Image.Image)
        assert (cartoon.mode, cartoon.size) == ("RGB", (64, 48))


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "jpg"])
def test_the_image_that_a_path_gives_is_not_the_files(picture_file, style, suffix):
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    cartoon = toonify.convert(picture_file(f"a.{suffix}", exif=exif), style)
    assert type(cartoon) is Image.Image
    assert not cartoon.getexif()


@pytest.mark.parametrize(("mode", "result"), [("RGB", "RGB"), ("RGBA", "RGBA"), ("L", "RGB"), ("P", "RGB")])
def test_an_image_gives_an_image_and_is_not_changed(style, mode, result):
    photo = draw_picture((64, 48)).convert(mode)
    before = photo.tobytes()
    cartoon = toonify.convert(photo, style)
    assert (cartoon.mode, cartoon.size) == (result, (64, 48))
    assert photo.tobytes() == before


def test_all_three_ways_agree_with_the_command(run, picture_file, style, pixels):
    photo = picture_file("a.png")
    run("convert", photo, "b.png", "--style", style)
    wanted = pixels(Path("b.png"))
    with Image.open(photo) as image:
        assert np.array_equal(np.asarray(toonify.convert(image, style)), wanted)
    assert np.array_equal(np.asarray(toonify.convert(photo, style)), wanted)
    assert np.array_equal(toonify.convert(pixels(photo), style), wanted)


def test_a_loaded_style_may_be_given(style):
    photo = draw_picture((64, 48))
    assert toonify.convert(photo, toonify.load_style(style)) == toonify.convert(photo, style)


def test_a_style_that_was_made_anew_is_loaded_anew(tmp_path):
    photo = draw_picture((64, 48))
    folder = make_style(tmp_path / "mine")
    before = toonify.convert(photo, folder)
    identity = model_of([helper.make_node("Identity", ["picture"], ["cartoon"])], [])
    make_style(folder, model=identity)
    assert toonify.convert(photo, folder) == photo != before


def test_a_card_that_was_edited_on_disk_is_honoured(tmp_path):
    photo = draw_picture((160, 192))
    folder = make_style(tmp_path / "mine")
    fine = toonify.convert(photo, folder)
    card = toonify.load_style(folder).manifest
    card.detail = 64
    card.write(folder)
    assert toonify.convert(photo, folder) == toonify.convert(photo, folder, detail=64) != fine


def test_a_style_that_was_edited_in_memory_is_used_as_it_is(style):
    photo = draw_picture((160, 192))
    loaded = toonify.load_style(style)
    fine = toonify.convert(photo, loaded)
    loaded.manifest.detail = 64
    assert toonify.convert(photo, loaded) == toonify.convert(photo, style, detail=64) != fine
    assert toonify.convert(photo, style) == fine


def test_many_threads_share_a_converter(style):
    photos = [draw_picture((40 + number, 50), number) for number in range(12)]
    alone = [toonify.convert(photo, style) for photo in photos]
    warm = Converter(style, threads=1)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(warm.convert, photos)) == alone


def test_other_types_are_refused(style):
    with pytest.raises(TypeError, match="not list"):
        toonify.convert([1, 2, 3], style)


def test_a_converter_takes_rgb_and_rgba_alone(style):
    with pytest.raises(ValueError, match="not L"):
        Converter(style).convert(draw_picture((8, 8)).convert("L"))


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0)])
@pytest.mark.parametrize("detail", [0, 64])
def test_an_image_without_pixels_is_refused(style, size, detail):
    with pytest.raises(ValueError, match="takes images with pixels"):
        toonify.convert(Image.new("RGB", size), style, detail=detail)


def test_errors_name_the_file(style):
    with pytest.raises(ToonifyError, match=r"no\.jpg: no such file"):
        toonify.convert("no.jpg", style)


@pytest.mark.parametrize("strength", [-1, 2, float("nan")])
def test_a_strength_must_be_between_0_and_1(style, strength):
    with pytest.raises(ToonifyError, match="between 0"):
        toonify.convert(draw_picture((8, 8)), style, strength=strength)


def test_a_request_for_nothing_is_refused_when_it_is_made():
    with pytest.raises(ToonifyError, match="nothing to convert"):
        ConvertRequest([], Path("b"))


@pytest.mark.parametrize("inputs", ["photos", Path("photos"), ["photos"]])
def test_text_will_do_for_paths_and_one_input_for_a_list(inputs):
    request = ConvertRequest(inputs, "cartoons")
    assert (request.inputs, request.output) == ([Path("photos")], Path("cartoons"))


def test_a_network_that_fails_as_it_draws_is_named(tmp_path):
    nodes = [
        helper.make_node("Gather", ["picture", "far"], ["row"], axis=1),
        helper.make_node("Add", ["picture", "row"], ["cartoon"]),
    ]
    far = numpy_helper.from_array(np.array([10_000], np.int64), "far")
    folder = make_style(tmp_path / "odd", model=model_of(nodes, [far]))
    with pytest.raises(ToonifyError, match=r"generator\.onnx fails: "):
        toonify.convert(draw_picture((64, 48)), folder)


def test_importing_toonify_loads_next_to_nothing():
    code = (
        "import sys, toonify; assert 'convert' in dir(toonify); assert toonify.__version__\n"
        "print(sorted({'numpy', 'PIL', 'onnx', 'onnxruntime', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
