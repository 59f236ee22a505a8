"""`toonify convert` on pictures as they should be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_one_picture_into_a_file(run, picture_file, style, pixels):
    photo = picture_file("a.png")
    result = run("convert", photo, "b.png", "--style", style)
    assert result.exit_code == 0, result.output
    assert "1 picture converted" in result.stdout
    assert pixels(Path("b.png")).shape == (48, 64, 3)
    assert not np.array_equal(pixels(Path("b.png")), pixels(photo))


def test_a_folder_keeps_its_sub_folders(run, picture_file, style):
    for name in ("in/a.jpg", "in/x/a.jpg", "in/x/y/b.png", "in/.hidden/c.png"):
        picture_file(name)
    Path("in/notes.txt").write_text("not a picture")
    result = run("convert", "in", "out", "--style", style)
    assert result.exit_code == 0, result.output
    assert sorted(p.as_posix() for p in Path("out").rglob("*.*")) == [
        "out/a.jpg",
        "out/x/a.jpg",
        "out/x/y/b.png",
    ]


def test_without_recursive_sub_folders_are_left_out(run, picture_file, style):
    for name in ("in/a.jpg", "in/x/b.jpg"):
        picture_file(name)
    assert run("convert", "in", "out", "--no-recursive", "--style", style).exit_code == 0
    assert [p.name for p in Path("out").rglob("*")] == ["a.jpg"]


def test_files_and_folders_together(run, picture_file, style):
    for name in ("in/a.jpg", "b.jpg", "more/c.jpg"):
        picture_file(name)
    assert run("convert", "in", "b.jpg", "more/c.jpg", "out", "--style", style).exit_code == 0
    assert sorted(p.name for p in Path("out").iterdir()) == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_device_that_is_named_must_be_there_even_if_nothing_is_left_to_draw(run, picture_file, style):
    away = "directml" if sys.platform != "win32" else "coreml"
    picture_file("a.png")
    assert run("convert", "a.png", "b.png", "--style", style).exit_code == 0
    done = run("convert", "a.png", "b.png", "--style", style, "--device", away)
    assert done.exit_code != 0
    assert f"--device {away} " in done.stderr


def test_what_is_named_twice_is_converted_once(run, picture_file, style):
    picture_file("in/a.jpg")
    result = run("convert", "in", "in/a.jpg", "./in", "out", "--style", style)
    assert "1 picture converted" in result.stdout


def test_strength_0_leaves_every_pixel_of_the_photograph(run, picture_file, style, pixels):
    photo = picture_file("a.png", mode="RGBA")
    run("convert", photo, "b.png", "--strength", 0, "--style", style)
    assert np.array_equal(pixels(Path("b.png")), pixels(photo))


def test_strength_mixes_photograph_and_cartoon(run, picture_file, style, pixels):
    photo = picture_file("a.png")
    run("convert", photo, "full.png", "--style", style)
    run("convert", photo, "faint.png", "--strength", 0.25, "--style", style)
    mixed = 0.75 * pixels(photo) + 0.25 * pixels(Path("full.png"))
    assert np.abs(pixels(Path("faint.png")) - mixed).max() <= 1


@pytest.mark.parametrize(
    ("option", "suffix", "kind"),
    [("jpeg", ".jpg", "JPEG"), ("png", ".png", "PNG"), ("webp", ".webp", "WEBP")],
)
def test_format_decides_what_is_written(run, picture_file, style, option, suffix, kind):
    photo = picture_file("a.bmp")
    run("convert", photo, "out", "--format", option, "--style", style)
    with Image.open(f"out/a{suffix}") as image:
        assert image.format == kind


def test_format_leaves_a_suffix_that_fits_already(run, picture_file, style):
    run("convert", picture_file("a.JPEG"), "out", "--format", "jpeg", "--style", style)
    assert Path("out/a.JPEG").is_file()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif"])
def test_keep_writes_what_was_read(run, picture_file, style, suffix):
    photo = picture_file(f"a.{suffix}")
    assert run("convert", photo, "out", "--style", style).exit_code == 0
    with Image.open(photo) as before, Image.open(f"out/a.{suffix}") as after:
        assert before.format == after.format


def test_compare_puts_before_and_after_side_by_side(run, picture_file, style, pixels):
    photo = picture_file("a.png")
    run("convert", photo, "out", "--compare", "--style", style)
    both = pixels(Path("out/a.compare.png"))
    assert both.shape == (48, 2 * 64 + 8, 3)
    assert np.array_equal(both[:, :64], pixels(photo))
    assert np.array_equal(both[:, -64:], pixels(Path("out/a.png")))


def test_compare_makes_what_is_missing_beside_cartoons_that_are_there(run, picture_file, style, pixels):
    for name in ("in/a.png", "in/b.jpg", "in/new.png"):
        picture_file(name)
    run("convert", "in", "all", "--compare", "--style", style)
    run("convert", "in/a.png", "in/b.jpg", "out", "--style", style)
    before = {path: path.read_bytes() for path in Path("out").iterdir()}
    result = run("convert", "in", "out", "--compare", "--style", style)
    assert result.exit_code == 0, result.output
    assert "1 picture converted, 2 compared, in" in result.stdout
    assert {path: path.read_bytes() for path in before} == before
    for name in ("a.compare.png", "new.compare.png"):
        assert np.array_equal(pixels(Path("out", name)), pixels(Path("all", name)))
    # The photograph's half comes through the same file format, the cartoon's through it twice.
    difference = pixels(Path("out/b.compare.jpg")).astype(int) - pixels(Path("all/b.compare.jpg"))
    assert np.abs(difference).mean() < 1
    again = run("convert", "in", "out", "--compare", "--style", style)
    assert "0 pictures converted, 3 already there" in again.stdout


def test_what_is_there_under_the_cartoons_name_may_be_something_else(run, picture_file, style):
    photo = picture_file("a.png")
    picture_file("out/a.png", (20, 20))
    result = run("convert", photo, "out", "--compare", "--style", style)
    assert result.exit_code == 1
    assert "out/a.png is of another size" in result.stdout
    assert "Give --overwrite to replace it." in result.stdout
    assert [path.name for path in Path("out").iterdir()] == ["a.png"]


def test_a_comparison_of_a_huge_picture_is_not_huge(run, picture_file, style, monkeypatch, pixels):
    monkeypatch.setattr("toonify.converting.comparison.LONGEST", 32)
    run("convert", picture_file("a.png"), "out", "--compare", "--style", style)
    assert pixels(Path("out/a.compare.png")).shape == (24, 2 * 32 + 8, 3)


def test_orientation_profile_and_exif_survive(run, picture_file, style):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    photo = picture_file("a.jpg", exif=exif, icc_profile=SRGB)
    run("convert", photo, "b.jpg", "--style", style)
    with Image.open("b.jpg") as image:
        assert image.size == (48, 64)
        assert image.info["icc_profile"] == SRGB
        made_by = image.getexif().pop(0x000B)
        assert made_by.startswith("toonify ")
        assert dict(image.getexif()) == {0x010F: "Camera"}


def test_alpha_survives_and_what_is_hidden_stays(run, style, pixels):
    photo = np.random.default_rng(0).integers(0, 255, (40, 40, 4), np.uint8)
    photo[:20, :, 3] = 0
    photo[20:, :, 3] = 255
    Image.fromarray(photo).save("a.png")
    run("convert", "a.png", "b.png", "--style", style)
    cartoon = pixels(Path("b.png"))
    assert np.array_equal(cartoon[..., 3], photo[..., 3])
    assert np.array_equal(cartoon[:20], photo[:20])
    assert not np.array_equal(cartoon[20:], photo[20:])


def test_hidden_colours_do_not_bleed_into_what_is_seen(run, style, pixels):
    seen = []
    for hidden in (0, 200):
        photo = np.full((40, 40, 4), 90, np.uint8)
        photo[:20] = (hidden, hidden, hidden, 0)
        photo[20:, :, 3] = 255
        Image.fromarray(photo).save("a.png")
        run("convert", "a.png", "b.png", "--style", style, "--overwrite")
        seen.append(pixels(Path("b.png"))[20:])
    assert np.array_equal(*seen)


def test_what_is_there_is_skipped_with_a_word(run, picture_file, style):
    picture_file("in/a.png")
    picture_file("in/b.png")
    run("convert", "in/a.png", "out", "--style", style)
    before = Path("out/a.png").stat().st_mtime_ns
    result = run("convert", "in", "out", "--style", style)
    assert result.exit_code == 0
    assert "1 picture converted, 1 already there" in result.stdout
    assert "--overwrite" in result.stdout
    assert Path("out/a.png").stat().st_mtime_ns == before


def test_overwrite_replaces_what_is_there(run, picture_file, style, pixels):
    photo = picture_file("a.png")
    run("convert", photo, "b.png", "--strength", 0, "--style", style)
    result = run("convert", photo, "b.png", "--overwrite", "--style", style)
    assert "1 picture converted" in result.stdout
    assert not np.array_equal(pixels(Path("b.png")), pixels(photo))


def test_json_is_alone_on_standard_output(run, picture_file, style):
    picture_file("in/a.png")
    picture_file("in/b.png")
    Path("in/c.png").write_text("no picture")
    run("convert", "in/a.png", "out", "--style", style)
    result = run("convert", "in", "out", "--json", "--style", style)
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (report["converted"], report["skipped"], report["failed"]) == (1, 1, 1)
    assert (report["style"], report["strength"], report["stopped"]) == ("tiny", 1.0, False)
    assert [picture["result"] for picture in report["pictures"]] == ["skipped", "converted", "failed"]
    assert report["pictures"][2]["reason"] == "not a picture in a known format"


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_no_pixel(run, picture_file, style, pixels, workers):
    for number in range(5):
        picture_file(f"in/{number}.png", (40 + 9 * number, 50), seed=number)
    run("convert", "in", "one", "--style", style)
    run("convert", "in", "out", "--workers", workers, "--style", style)
    for number in range(5):
        assert np.array_equal(pixels(Path(f"one/{number}.png")), pixels(Path(f"out/{number}.png")))


def test_a_style_that_sees_the_whole_picture(run, picture_file, whole_style, pixels):
    photo = picture_file("a.png", (61, 45))
    assert run("convert", photo, "b.png", "--style", whole_style).exit_code == 0
    assert pixels(Path("b.png")).shape == (45, 61, 3)


def test_neither_tensorflow_nor_keras_nor_opencv_is_loaded(picture_file, style):
    photo = picture_file("a.png")
    code = (
        "import sys; from toonify.cli.app import app\n"
        f"app(['convert', {str(photo)!r}, 'b.png', '--style', {str(style)!r}], standalone_mode=False)\n"
        "heavy = {'tensorflow', 'keras', 'cv2', 'tf2onnx', 'tensorflow_hub', 'scipy'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "loaded: []" in done.stdout, done.stderr
    assert Path("b.png").is_file()


def test_what_is_left_aside_is_counted_by_kind(run, picture_file, style):
    picture_file("in/a.jpg")
    for name in ("b.psd", "x/c.svg", "d.svg", ".e.bmp"):
        Path("in", name).parent.mkdir(exist_ok=True)
        Path("in", name).write_text("no picture")
    result = run("convert", "in", "out", "--style", style)
    assert result.exit_code == 0, result.output
    assert "4 files left aside: 2 .svg, 1 .psd, 1 hidden\n" in result.stdout
    report = json.loads(run("convert", "in", "out", "--style", style, "--json").stdout)
    assert report["left_aside"] == {".psd": 1, ".svg": 2, "hidden": 1}


def test_nothing_is_left_aside_of_what_is_taken(run, picture_file, style):
    picture_file("in/a.jpg")
    result = run("convert", "in", "out", "--style", style, "--json")
    assert json.loads(result.stdout)["left_aside"] == {}
    assert "left aside" not in run("convert", "in", "out", "--style", style).output


@pytest.mark.parametrize("suffix", [".jp2", ".tga", ".ppm", ".ico"])
def test_formats_that_are_only_read_become_png(run, picture_file, style, pixels, suffix):
    photo = picture_file(f"in/a{suffix}", (64, 64))
    result = run("convert", "in", "out", "--style", style)
    assert result.exit_code == 0, result.output
    assert f"{photo.relative_to(Path.cwd())}: written as PNG" in result.stdout
    assert pixels(Path("out/a.png")).shape[:2] == (64, 64)
