"""`toonify convert` on GIF, APNG and animated WebP: they stay what they are."""

from __future__ import annotations

import io
import itertools
import struct
import subprocess
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_discs
from PIL import GifImagePlugin, Image, ImageCms

import toonify
from toonify.errors import ToonifyError
from toonify.media import Animation, save_animation
from toonify.media.animations.encoders import Cel, GifEncoder
from toonify.media.png import SIGNATURE, write_chunk

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
DURATIONS = [40, 100, 250, 40]


def drawn(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> list[Image.Image]:
    """Four frames: a disc of alpha 0 at another place in each, where there is alpha."""
    frames = []
    for number in range(4):
        frame = draw_discs("animation", *size).convert(mode)
        frame.paste((255, 0, 0, 255)[: len(mode)], (8 * number, 4, 8 * number + 8, 12))
        if mode == "RGBA":
            frame.paste((9, 9, 9, 0), (10 * number + 4, 20, 10 * number + 20, 36))
        frames.append(frame)
    return frames


def animation(path: Path, frames: list[Image.Image], **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = {"duration": DURATIONS, "loop": 0, "save_all": True, "append_images": frames[1:]} | options
    frames[0].save(path, **{key: value for key, value in settings.items() if value is not None})
    return path


def played(path: Path) -> list[tuple[int, np.ndarray]]:
    """Every frame as a viewer shows it: milliseconds, and RGBA."""
    found = []
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            found.append((image.info["duration"], np.asarray(image.convert("RGBA"))))
    return found


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_bytes_and_files_give_what_the_command_writes(converted, style, tmp_path, name):
    source = animation(tmp_path / "in" / name, drawn("RGBA"), disposal=2 if name == "a.gif" else None)
    converted("in", "out", "--style", style)
    cartoon = toonify.convert(source.read_bytes(), style)
    assert toonify.convert(io.BytesIO(cartoon), style, strength=0).read()[:4] == cartoon[:4]
    Path(name).write_bytes(cartoon)
    assert Image.open(name).format == name[2:].upper()
    frames, wanted = played(Path(name)), played(Path("out") / name)
    assert [time for time, _ in frames] == DURATIONS
    for (_, frame), (_, same) in zip(frames, wanted, strict=True):
        np.testing.assert_array_equal(frame, same)


def test_bytes_of_an_animation_that_is_cut_short(style, tmp_path):
    file = animation(tmp_path / "a.png", drawn()).read_bytes()
    with pytest.raises(ToonifyError, match="the picture cannot be read: damaged or cut short"):
        toonify.convert(file[: len(file) * 2 // 3], style)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    ("name", "options"),
    [("a.gif", {"disposal": 2}), ("a.png", {}), ("a.apng", {}), ("a.webp", {"lossless": True})],
)
def test_an_animation_stays_one(converted, tmp_path, name, options, mode):
    source = animation(tmp_path / "in" / name, drawn(mode), **options)
    assert "1 picture converted" in converted("in", "out", "--strength", 0)
    before, after = played(source), played(Path("out") / name)
    assert [time for time, _ in after] == DURATIONS
    for (_, one), (_, other) in zip(before, after, strict=True):
        np.testing.assert_array_equal(one[..., 3], other[..., 3])
        seen = one[..., 3] > 0
        assert np.abs(one.astype(int) - other)[seen].mean() < (5 if name == "a.webp" else 0.5)
    converted("in", "out", "--overwrite")
    drawings = played(Path("out") / name)
    assert [time for time, _ in drawings] == DURATIONS
    assert np.abs(drawings[2][1][..., :3].astype(int) - before[2][1][..., :3]).mean() > 10


def test_each_frame_is_drawn_as_a_picture_of_its_own(converted, style, tmp_path):
    frames = drawn()
    animation(tmp_path / "a.png", frames)
    converted("a.png", "b.png")
    for number, (frame, (_, found)) in enumerate(zip(frames, played(Path("b.png")), strict=True)):
        frame.save(f"{number}.png")
        converted(f"{number}.png", f"drawn-{number}.png")
        np.testing.assert_array_equal(found[..., :3], np.asarray(Image.open(f"drawn-{number}.png")))


@pytest.mark.parametrize(
    ("name", "loops"), [("a.gif", [None, 0, 3]), ("a.png", [0, 1, 3]), ("a.webp", [0, 1, 3])]
)
def test_it_is_shown_as_often_as_it_was(converted, tmp_path, name, loops):
    for loop in loops:
        source = animation(tmp_path / name, drawn(), loop=loop)
        converted(source, f"b-{name}", "--overwrite")
        with Image.open(f"b-{name}") as image:
            assert image.info.get("loop") == loop


@pytest.mark.parametrize(("source", "target"), [("a.gif", "b.webp"), ("a.png", "b.gif"), ("a.png", "b.webp")])
def test_it_is_shown_as_often_as_the_other_format_can_count(converted, tmp_path, source, target):
    loops = 65_535 if source == "a.gif" else 2**32 - 1
    converted(animation(tmp_path / source, drawn(), loop=loops), target, "--strength", 0)
    with Image.open(target) as image:
        assert image.info["loop"] == 65_535


def test_another_format_of_animations(converted, tmp_path):
    animation(tmp_path / "in/a.gif", drawn(), loop=2)
    converted("in", "out", "--format", "webp")
    converted("in/a.gif", "b.png")
    for path in (Path("out/a.webp"), Path("b.png")):
        assert [time for time, _ in played(path)] == DURATIONS
        with Image.open(path) as image:
            assert image.info["loop"] == 3  # times; GIF counts what comes after the first


def test_the_first_frame_alone(converted, tmp_path):
    animation(tmp_path / "in/a.gif", drawn())
    animation(tmp_path / "in/b.png", drawn())
    told = converted("in", "out", "--first-frame")
    assert "in/a.gif: only the first frame, written as PNG" in told
    assert "in/b.png: only the first frame" in told
    for path in (Path("out/a.png"), Path("out/b.png")):
        with Image.open(path) as image:
            assert getattr(image, "n_frames", 1) == 1
    assert "only the first frame" in converted("in/a.gif", "c.jpg")


def test_a_gif_that_does_not_move_is_written_as_png(converted, run, picture_file, style):
    assert "written as PNG" in converted(picture_file("a.gif"), "out")
    assert Path("out/a.png").is_file()
    result = run("convert", "a.gif", "b.gif", "--style", style)
    assert result.exit_code == 2 and "pictures are not written as .gif" in result.stderr


def test_what_is_no_part_of_the_animation_is_left_out(converted, tmp_path):
    frames = drawn()
    animation(tmp_path / "a.png", [Image.new("RGB", (64, 48)), *frames], default_image=True)
    converted("a.png", "b.png", "--strength", 0)
    assert len(played(Path("b.png"))) == 4
    np.testing.assert_array_equal(played(Path("b.png"))[0][1][..., :3], np.asarray(frames[0]))


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_a_frame_of_a_gif_that_reaches_out_of_its_canvas_is_cut_off_there(converted, tmp_path, name):
    pictures = [draw_discs("a", 64, 48), draw_discs("b", 20, 20), draw_discs("c", 20, 20)]
    with open("in.gif", "wb") as file:
        encoder = GifEncoder(file, (64, 48), plays=0)
        for picture, at in zip(pictures, [(0, 0), (54, 38), (50, 38)], strict=True):
            encoder.add(Cel(picture, at, Fraction(1, 10)))
        encoder.finish()
    converted("in.gif", name, "--strength", "0")
    before, after = played(Path("in.gif")), played(Path(name))
    assert before[2][1].shape[:2] == (58, 74)  # as Pillow shows it
    assert [frame.shape[:2] for _, frame in after] == 3 * [(48, 64)]
    for (_, there), (_, here) in zip(before, after, strict=True):
        assert name == "a.webp" or (here == there[:48, :64]).all()  # which keeps no sharp edges


def gif(path: Path, *frames: tuple[str, tuple[int, int, int, int], int]) -> Path:
    """One of 32 x 32 pixels without a transparent colour: the colour of each frame, its box, its disposal."""
    with open(path, "wb") as file:
        GifEncoder(file, (32, 32), plays=0)
        for colour, (left, top, right, bottom), disposal in frames:
            piece = Image.new("RGB", (right - left, bottom - top), colour).quantize(2)
            options = {"include_color_table": True, "disposal": disposal, "duration": 100}
            file.writelines(GifImagePlugin.getdata(piece, (left, top), **options))
        file.write(b";")
    return path


WHOLE, MIDDLE, CORNER = (0, 0, 32, 32), (8, 8, 24, 24), (28, 28, 32, 32)
RED, GREEN, NOTHING = (255, 0, 0, 255), (0, 128, 0, 255), (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("frames", "shown"),
    [
        ([("red", WHOLE, 1), ("green", MIDDLE, 2), ("red", CORNER, 1)], (RED, NOTHING)),
        ([("green", MIDDLE, 1), ("red", CORNER, 1)], (NOTHING, GREEN)),
        ([("green", MIDDLE, 3), ("red", CORNER, 1)], (NOTHING, NOTHING)),
        ([("green", CORNER, 2), ("green", MIDDLE, 0), ("red", CORNER, 1)], (NOTHING, GREEN)),
        ([("red", WHOLE, 1), ("green", MIDDLE, 3), ("red", CORNER, 1)], (RED, RED)),
    ],
    ids=["cleared", "never covered", "nothing before", "not said", "before"],
)
def test_what_is_cleared_in_a_gif_or_was_never_covered_is_transparent(converted, tmp_path, frames, shown):
    converted(gif(tmp_path / "a.gif", *frames), "b.png", "--strength", 0)
    _, last = played(Path("b.png"))[-1]
    assert (tuple(last[2, 2]), tuple(last[12, 12])) == shown
    assert tuple(last[30, 30]) == RED


def test_so_is_what_a_first_frame_alone_does_not_cover(converted, tmp_path):
    source = gif(tmp_path / "a.gif", ("green", MIDDLE, 1), ("red", CORNER, 1))
    converted(source, "b.png", "--strength", 0, "--first-frame")
    converted(gif(tmp_path / "c.gif", ("green", MIDDLE, 1)), "d.png", "--strength", 0)
    for path in ("b.png", "d.png"):
        with Image.open(path) as image:
            assert (image.getpixel((2, 2)), image.getpixel((12, 12))) == (NOTHING, GREEN)


def apng(path: Path, *frames: tuple[int, int, int], bits: int = 8, hidden: int = 0) -> Path:
    """One of plain colours, the first `hidden` of which no frame shows: Pillow writes neither 16 bits nor one
    frame beside a default image.
    """
    numbers = itertools.count()
    with open(path, "wb") as file:
        file.write(SIGNATURE)
        write_chunk(file, b"IHDR", struct.pack(">2L5B", 64, 48, bits, 2, 0, 0, 0))
        write_chunk(file, b"acTL", struct.pack(">2L", len(frames) - hidden, 0))
        for place, colour in enumerate(frames):
            if place >= hidden:
                control = struct.pack(">5L2H2B", next(numbers), 64, 48, 0, 0, 1, 10, 0, 0)
                write_chunk(file, b"fcTL", control)
            row = b"\0" + 64 * struct.pack(">3H" if bits == 16 else "3B", *colour)
            number = struct.pack(">L", next(numbers)) if place else b""
            write_chunk(file, b"fdAT" if place else b"IDAT", number + zlib.compress(48 * row))
        write_chunk(file, b"IEND", b"")
    return path


def test_that_16_bits_a_channel_become_8_is_told(converted, tmp_path):
    source = apng(tmp_path / "a.png", (65_535, 0, 300), (0, 65_535, 300), bits=16)
    assert "a.png: 16 bits a channel reduced to 8" in converted(source, "b.png")
    assert "reduced to 8" not in converted(apng(tmp_path / "c.png", (255, 0, 1), (0, 255, 1)), "d.png")


def test_a_single_frame_is_shown_in_place_of_what_is_no_part_of_the_animation(converted, tmp_path):
    source = apng(tmp_path / "a.png", (255, 0, 0), (0, 255, 0), hidden=1)
    assert "first frame" not in converted(source, "b.png", "--strength", 0)
    ((_, frame),) = played(Path("b.png"))
    assert (frame == (0, 255, 0, 255)).all()


def test_a_profile_stays_with_its_numbers(converted, tmp_path):
    for name in ("a.png", "a.webp"):
        animation(tmp_path / name, drawn(), icc_profile=SRGB)
        converted(name, f"b-{name}")
        with Image.open(f"b-{name}") as image:
            assert image.info["icc_profile"] == SRGB


def test_a_comparison_shows_the_first_frame(converted, tmp_path):
    animation(tmp_path / "in/a.gif", drawn())
    converted("in", "out", "--compare")
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.compare.png", "a.gif"]
    with Image.open("out/a.compare.png") as image:
        assert image.size == (2 * 64 + 8, 48)


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_one_that_is_cut_short_fails(fails, tmp_path, name):
    source = animation(tmp_path / name, drawn())
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    assert f"{name}: damaged or cut short" in fails(source, "out")
    assert not list(Path("out").glob("*"))


@pytest.mark.parametrize("kept", [0.2, 0.7])
def test_so_does_one_whose_frames_are_all_missing_but_the_default_image(fails, tmp_path, kept):
    still = Image.new("RGB", (64, 48))
    source = animation(tmp_path / "a.png", [still, *drawn()], default_image=True)
    source.write_bytes(source.read_bytes()[: round(source.stat().st_size * kept)])
    assert "a.png: damaged or cut short" in fails(source, "out")
    assert not list(Path("out").glob("*"))


def test_a_damaged_frame_is_told_by_its_checksum(fails, converted, tmp_path):
    source = animation(tmp_path / "a.png", drawn())
    data = bytearray(source.read_bytes())
    data[data.rindex(b"fdAT") + 40] ^= 255
    source.write_bytes(data)
    assert "a.png: damaged (its data does not match its checksum)" in fails(source, "out")
    converted(source, "out", "--first-frame")


def test_what_is_the_same_as_before_is_not_written_again(converted, tmp_path):
    frames = drawn(size=(200, 200))
    for name in ("a.gif", "a.png", "a.webp"):
        animation(tmp_path / f"one-{name}", frames[:2], duration=40)
        animation(tmp_path / f"many-{name}", frames[:2] * 10, duration=40)
        for much in ("one", "many"):
            converted(f"{much}-{name}", f"b-{much}-{name}", "--strength", 0)
        assert len(played(Path(f"b-many-{name}"))) == 20
        assert Path(f"b-many-{name}").stat().st_size < 3 * Path(f"b-one-{name}").stat().st_size


def test_what_is_small_and_colourful_keeps_its_colours_in_a_gif(converted, tmp_path):
    random = np.random.default_rng(3)
    pixels = np.repeat(np.tile(np.linspace(90, 160, 240), (180, 1))[..., None], 3, 2)
    pixels += random.normal(0, 4, pixels.shape)
    small = np.s_[80:100, 100:120]
    pixels[small] = np.linspace((90, 40, 20), (250, 190, 150), 20)[None]
    frames = [Image.fromarray(pixels.clip(0, 255).astype(np.uint8)) for _ in range(2)]
    frames[1].paste("blue", (0, 0, 9, 9))
    for source in (frames, [frame.convert("RGBA") for frame in frames]):
        if source[0].mode == "RGBA":
            source[0].paste((0, 0, 0, 0), (0, 170, 240, 180))
        converted(
            animation(tmp_path / "a.png", source, duration=100), "b.gif", "--strength", 0, "--overwrite"
        )
        _, first = played(Path("b.gif"))[0]
        assert np.abs(first[small][..., :3] - pixels[small]).mean() < 5


def test_an_opaque_frame_of_a_gif_leaves_nothing_behind_where_the_next_is_transparent(tmp_path):
    frames = [Image.new("RGBA", (16, 12), colour) for colour in ((200, 30, 30, 255), (0, 0, 0, 0))]
    frames[1].paste((20, 200, 30, 255), (4, 4, 8, 8))
    source = Animation.of(animation(tmp_path / "a.png", frames, duration=100))
    save_animation(source, source.frames(), tmp_path / "b.gif", "GIF")
    _, (_, second) = played(tmp_path / "b.gif")
    assert np.argwhere(second[..., 3]).tolist() == [[y, x] for y in range(4, 8) for x in range(4, 8)]


def test_few_colours_stay_what_they_are(converted, tmp_path):
    colours = np.random.default_rng(3).integers(0, 256, (15, 17, 3), np.uint8)
    frames = [Image.fromarray(colours), Image.fromarray(colours[::-1])]
    converted(animation(tmp_path / "a.png", frames, duration=100), "b.gif", "--strength", 0)
    np.testing.assert_array_equal(played(Path("b.gif"))[0][1][..., :3], colours)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units")
def test_a_hundred_thousand_frames_flow(style, tmp_path):
    animation(tmp_path / "a.gif", drawn(size=(32, 32)))
    few = Animation.of(tmp_path / "a.gif")
    frames = itertools.islice(itertools.cycle(list(few.frames())), 100_000)
    save_animation(few, frames, tmp_path / "long.gif", "GIF")
    command = (
        "import re, sys, toonify\n"
        "request = toonify.ConvertRequest(['long.gif'], 'out', sys.argv[1], strength=0)\n"
        "assert toonify.convert_all(request).exit_code == 0\n"
        # What getrusage says begins with what the process that started this one had.
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run([sys.executable, "-c", command, style], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 250e6


def test_what_is_translucent_is_laid_over_what_is_there(tmp_path):
    """By the operator "over" of the PNG specification, section 11.3.6.2, computed by hand."""
    half, blue = Image.new("RGBA", (8, 4)), Image.new("RGBA", (8, 4), (0, 0, 255, 128))
    half.paste((255, 0, 0, 255), (0, 0, 4, 4))
    options = {"blend": [0, 1, 1], "disposal": [0, 1, 0], "duration": 40}
    path = animation(tmp_path / "a.png", [half, blue, blue], **options)
    _, over_both, over_nothing = (frame.image for frame in Animation.of(path).frames())
    assert over_both.getpixel((1, 1)) == pytest.approx((127, 0, 128, 255), abs=1)
    assert over_both.getpixel((6, 1)) == (0, 0, 255, 128)
    assert over_nothing.getpixel((1, 1)) == over_nothing.getpixel((6, 1)) == (0, 0, 255, 128)


def test_what_is_no_part_of_an_animation_does_not_shine_through(tmp_path):
    default, clear = Image.new("RGBA", (8, 4), (0, 255, 0, 255)), Image.new("RGBA", (8, 4), (0, 0, 255, 128))
    options = {"default_image": True, "blend": 1, "duration": 40}
    path = animation(tmp_path / "a.png", [default, clear, clear.rotate(180)], **options)
    assert next(Animation.of(path).frames()).image.getpixel((1, 1)) == (0, 0, 255, 128)


@pytest.mark.parametrize(("name", "most"), [("b.gif", 655_350), ("b.webp", 2**24 - 1)])
def test_thirds_of_a_tick_do_not_add_up_and_no_delay_is_too_long(converted, tmp_path, name, most):
    frames = [frame.resize((16, 12)) for frame in drawn() * 8]
    times = [100 / 3] * 30 + [30_000_000, 0]
    converted(animation(tmp_path / "a.png", frames, duration=times), name)
    *many, long, none = (time for time, _ in played(Path(name)))
    assert len(many) == 30 and sum(many) == 1000
    assert (long, none) == (most, 0)
