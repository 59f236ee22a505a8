"""Reading films: every frame as it is shown, and found again."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from films import RATE, decoded, encode, film, scene, sound, turned

from toonify.errors import USAGE, ToonifyError
from toonify.media import Film
from toonify.media.films.colours import Coding, Scalers, is_unsited
from toonify.media.primaries import BT709


def reason(path: Path) -> str:
    with pytest.raises(ToonifyError) as raised:
        list(Film(path).frames())
    assert str(path) not in raised.value.message
    return raised.value.message


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "mpeg4"),
        ("a.mkv", "mpeg4"),
        ("a.avi", "mpeg4"),
        ("a.ts", "mpeg2video"),
        ("a.mpg", "mpeg2video"),
        ("a.wmv", "wmv2"),
    ],
)
def test_a_frame_is_found_again_exactly(tmp_path: Path, name: str, codec: str) -> None:
    path = encode(tmp_path / name, (*scene("one"), *scene("two")), codec=codec, gop=10)
    frames = decoded(path)
    found = Film(str(path))  # text will do
    listed = [frame.pts for frame in found.frames()]
    assert listed == sorted(frames)
    for pts in listed[::-17]:
        np.testing.assert_array_equal(found.frame_at(pts).pixels(), frames[pts])


def test_key_frames_alone_are_few(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", 3)
    keys, every = (list(Film(path).frames(keys=keys)) for keys in (True, False))
    assert len(every) == 90 and 3 <= len(keys) <= 12
    assert {frame.pts for frame in keys} < {frame.pts for frame in every}


def test_frames_know_their_time(tmp_path: Path) -> None:
    frames = list(Film(film(tmp_path / "a.mkv", 1)).frames())
    assert [float(frame.seconds) for frame in frames] == pytest.approx(np.arange(30) / RATE, abs=1e-3)


def test_a_frame_is_reduced_to_a_side_but_never_enlarged(tmp_path: Path) -> None:
    frame = next(Film(film(tmp_path / "a.mkv", 1)).frames())
    assert frame.reduced(24).shape == (24, 32, 3)
    assert frame.reduced(480).shape == frame.pixels().shape == (48, 64, 3)
    assert abs(frame.reduced(24).mean() - frame.pixels().mean()) < 3


def test_what_scales_one_frame_leaves_no_trace_on_the_next(tmp_path: Path) -> None:
    small, large = (scene(name, 2, *size) for name, size in (("one", (64, 48)), ("two", (96, 80))))
    first, second = (
        next(Film(encode(tmp_path / f"{number}.mkv", frames)).frames()) for number, frames in
        enumerate((small, large))
    )  # fmt: skip
    expected = [first.shown((32, 24)), second.shown((32, 24)), first.pixels()]
    together = replace(second, scalers=first.scalers)
    mixed = [first.shown((32, 24)), together.shown((32, 24)), first.pixels()]
    for one, other in zip(expected, mixed, strict=True):
        np.testing.assert_array_equal(one, other)


def test_frames_come_upright(tmp_path: Path) -> None:
    path = film(tmp_path / "phone.mp4", 1)
    lying = next(Film(path).frames()).pixels()
    turned(path)
    frame = next(Film(path).frames())
    np.testing.assert_array_equal(frame.upright(frame.pixels()), np.rot90(lying, -1))


def test_frames_come_with_square_pixels(tmp_path: Path) -> None:
    frame = next(Film(film(tmp_path / "wide.mkv", 1, pixel=2)).frames())
    assert frame.upright(frame.pixels()).size == (128, 48)
    assert frame.upright(frame.pixels()[10:20, :32]).size == (64, 10)


def test_a_film_that_breaks_off_ends_there(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", 6)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 30 <= len(list(Film(path).frames())) < 6 * 30


def test_what_is_no_film_says_why(tmp_path: Path) -> None:
    (tmp_path / "text.mov").write_text("not a film")
    (tmp_path / "empty.mp4").touch()
    assert reason(tmp_path / "text.mov").startswith("not a video that can be read: ")
    assert reason(tmp_path / "empty.mp4").startswith("not a video that can be read: ")
    assert reason(tmp_path / "nowhere.mp4") == "not a video that can be read: No such file or directory"
    assert reason(sound(tmp_path / "sound.mkv")) == "holds no video"


def test_a_frame_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", 1)
    with pytest.raises(ToonifyError, match="the video no longer holds this frame"):
        Film(path).frame_at(17)
    with pytest.raises(ToonifyError, match="the video no longer holds this frame"):
        Film(path).frame_at(10**9)


def test_without_pyav_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ToonifyError, match="reading films needs PyAV") as raised:
        Film.need_decoders()
    assert raised.value.exit_code == USAGE
    assert raised.value.hint == 'Install it: pip install "toonify-gan[video]"'


@pytest.mark.parametrize(
    ("codec", "location", "unsited"),
    [
        ("libvpx-vp9", "unspecified", True),
        ("libvpx-vp9", "left", False),
        ("libvpx-vp9", "topleft", False),
        ("ffv1", "topleft", False),
        ("libx264", "unspecified", False),
    ],
)
def test_where_colours_lie_is_believed_if_it_is_told(tmp_path, codec, location, unsited) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        options = {"chroma_sample_location": location}
        stream = container.add_stream(codec, RATE, options, width=64, height=48, pix_fmt="yuv420p")
        for frame in (av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8)), None):
            container.mux(stream.encode(frame))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        assert is_unsited(frame, stream.codec_context.codec.canonical_name) == unsited


@pytest.mark.parametrize("full", [False, True])
def test_a_drawing_keeps_its_crisp_borders_in_a_frame_of_twice_its_size(full) -> None:
    picture = np.full((48, 64, 3), 20, np.uint8)
    picture[:, 32:] = 230
    picture[:, 31] = 125  # antialiased
    size, coding = (512, 384), Coding(BT709, full, BT709, BT709)
    coded = coding.encode(picture, Scalers(), "yuv420p", size)
    smooth = av.VideoFrame.from_ndarray(picture).reformat(*size, "yuv420p", interpolation=0x4)
    crisp, soft = (each.reformat(format="gray").to_ndarray()[100].astype(int) for each in (coded, smooth))
    between = [int(((row > 60) & (row < 190)).sum()) for row in (crisp, soft)]
    assert between[0] < between[1] / 2
    seen = coding.decode(coded, Scalers())
    assert np.abs(seen[:, :200].astype(int) - 20).max() <= 2
    assert np.abs(seen[:, -200:].astype(int) - 230).max() <= 2


def test_colours_lie_where_players_look_for_them() -> None:
    """In H.264 and most others at the left one of the two pixels that share one (H.273, ChromaLocType 0)."""
    picture = np.full((16, 64, 3), (40, 40, 160), np.uint8)
    picture[:, 32:] = (160, 40, 40)
    coded = Coding(BT709, False, BT709, BT709).encode(picture, Scalers(), "yuv420p", (64, 16))
    row = coded.to_ndarray()[16 + 4].reshape(2, 32)[0].astype(float)  # Cb
    as_on_the_right = ((row[0] - row) / (row[0] - row[-1])).sum()
    assert as_on_the_right == pytest.approx(32 - 31.5 / 2 - 0.5, abs=0.1)
