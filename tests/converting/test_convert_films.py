"""`toonify convert` on films: the pictures are drawn, all else stays."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import displayed, encode, film, packets, remuxed, rich_film, scene, shown, sound, turned
from impatient import Impatient
from PIL import Image

import toonify
from toonify.converting import ConvertRequest, convert_all
from toonify.converting.jobs import make_plan
from toonify.converting.made_with import MadeWith
from toonify.errors import ToonifyError
from toonify.media.films.containers import CODECS
from toonify.styles import load_style


def streams(path: Path) -> list[tuple[str, str]]:
    with av.open(str(path)) as container:
        return [(stream.type, stream.codec_context.name) for stream in container.streams]


def test_one_film_into_a_file(converted, tmp_path):
    source = film(tmp_path / "a.mp4", 1)
    assert "1 film converted" in converted(source, "b.mp4")
    before, after = shown(source), shown(Path("b.mp4"))
    assert [time for time, _ in after] == pytest.approx([time for time, _ in before])
    assert after[3][1].shape == before[3][1].shape
    assert np.abs(after[3][1].astype(int) - before[3][1]).mean() > 10
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_frames_are_those_that_the_picture_is_converted_to(converted, style, tmp_path):
    source = film(tmp_path / "a.mp4", 1)
    converted(source, "b.mkv", "--video-quality", 100, "--no-steady")
    before, after = shown(source), shown(Path("b.mkv"))
    wanted = [toonify.convert(frame, style).mean(axis=2) for _, frame in before]
    found = [frame.mean(axis=2) for _, frame in after]  # without colours, which are halved
    away = [[np.abs(one - other).mean() for other in wanted] for one in found]
    assert [np.argmin(row) // 3 for row in away] == [number // 3 for number in range(30)]  # threes are alike
    assert np.diag(away).max() < 10


@pytest.mark.parametrize(
    ("name", "sounds", "coded"),
    [
        ("a.mp4", "aac", "h264"),
        ("a.mov", "aac", "h264"),
        ("a.mkv", "aac", "h264"),
        ("a.webm", "libopus", "vp9"),
        ("a.avi", "mp2", "mpeg4"),
    ],
)
def test_a_film_stays_what_it_is_with_its_sound(converted, tmp_path, name, sounds, coded):
    codec = "libvpx-vp9" if name == "a.webm" else "mpeg4"
    source = rich_film(tmp_path / "in" / name, scene("x", 10), codec=codec, sound=sounds)
    converted("in", "out")
    after = Path("out") / name
    assert streams(after)[0] == ("video", coded)
    assert [data for _, data in packets(after, "audio")] == [data for _, data in packets(source, "audio")]
    assert [time for time, _ in shown(after)] == pytest.approx([time for time, _ in shown(source)], abs=1e-3)
    before, after = packets(source, "audio")[0][0], packets(after, "audio")[0][0]
    assert after == pytest.approx(before, abs=2e-3)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_every_frame_is_shown_at_its_own_time(converted, tmp_path, name):
    times = [0, 0.04, 0.08, 0.3, 0.34, 1.0, 1.001, 2.5]
    source = rich_film(tmp_path / name, scene("x", 8), times=times)
    converted(source, f"out-{name}")
    assert [time for time, _ in shown(Path(f"out-{name}"))] == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_pause_makes_no_film_longer(converted, tmp_path, name):
    times = [0, 0.04, 0.08, 0.12, 0.16, 4, 4.04, 4.08, 4.12]
    source = rich_film(tmp_path / name, scene("x", 9), times=times)
    converted(source, f"out-{name}")
    converted(source, f"part-{name}", "--end", "3")
    with av.open(f"out-{name}") as whole, av.open(f"part-{name}") as part:
        assert whole.duration / 1e6 == pytest.approx(4.16, abs=0.01)
        assert part.duration / 1e6 == pytest.approx(3, abs=0.01)  # the last frame is shown till then


@pytest.mark.parametrize(
    "times",
    [
        [0, 0.04, 0.08, 1.0, 1.04, 2.0, 2.04, 2.08],
        [0, 0.04, 0.08, 0.12, 0.16, 1.0, 1.04, 1.08, 1.12, 1.16],  # a third of the rate, on the average
    ],
)
def test_a_film_with_pauses_keeps_its_frames_where_there_is_one_rate(converted, tmp_path, times):
    converted(rich_film(tmp_path / "a.mp4", scene("x", len(times)), times=times), "b.avi")
    assert [time for time, _ in shown(Path("b.avi"))] == pytest.approx(times, abs=0.021)


def test_a_pause_of_an_hour_is_one_in_avi_too(converted, tmp_path):
    times = [0, 0.04, 0.08, 3600, 3600.04]
    converted(rich_film(tmp_path / "a.mp4", scene("x", 5), times=times), "b.avi")
    assert [time for time, _ in shown(Path("b.avi"))] == pytest.approx(times, abs=0.021)


def test_pauses_of_hours_are_refused_where_they_cannot_be_held(converted, fails, tmp_path):
    source = rich_film(tmp_path / "a.mp4", scene("x", 4), times=[0, 0.04, 0.08, 3 * 3600])
    told = " ".join(fails(source, "b.avi").split())
    assert "shows nothing new for 3.0 hours from second 0 on: AVI has one rate, and holds pauses of" in told
    assert "Write MKV" in told
    assert not Path("b.avi").exists()
    converted(source, "b.mkv")


def test_a_film_whose_pictures_begin_late_is_as_late_in_avi(converted, tmp_path):
    times = [3000, 3000.04, 3000.08]
    source = rich_film(tmp_path / "a.mkv", scene("x", 3), times=times, sound="mp2")
    converted(source, "b.avi")
    assert [time for time, _ in shown(Path("b.avi"))] == pytest.approx(times, abs=0.021)


def test_frames_for_which_there_is_no_place_are_told(converted, tmp_path):
    times = [0, 0.04, 0.041, 0.042, 0.08, 2.0]
    told = converted(rich_film(tmp_path / "a.mkv", scene("x", 6), times=times), "b.avi")
    left = 6 - len(shown(Path("b.avi")))
    assert left and f"{left} frames left out: AVI has one rate" in " ".join(told.split())


def test_what_was_cut_off_before_the_beginning_is_not_heard(converted, tmp_path):
    """As by `ffmpeg -ss 0.6 -c copy`, or by telephones: in the file, but not played."""
    whole = rich_film(tmp_path / "whole.mp4", scene("x", 40), sound="aac")
    with av.open(str(whole)) as source, av.open("cut.mp4", "w") as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream_index]
                packet.pts -= round(Fraction(3, 5) / packet.time_base)
                packet.dts -= round(Fraction(3, 5) / packet.time_base)
                target.mux(packet)
    converted("cut.mp4", "b.mkv")
    assert shown(Path("b.mkv"))[0][0] < 0.1
    assert packets(Path("b.mkv"), "audio")[-1][0] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("begin", [0.0, 0.5])
def test_a_sound_begins_when_it_did(converted, tmp_path, begin):
    source = rich_film(tmp_path / "a.mp4", scene("x", 25), sound="aac", sound_from=begin)
    converted(source, "b.mp4")
    before, after = packets(source, "audio"), packets(Path("b.mp4"), "audio")
    assert after == before
    assert abs(after[1][0] - begin) < 0.03


@pytest.mark.parametrize("matrix", [1, 6])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.avi"])
def test_colours_stay(converted, tmp_path, name, matrix, full):
    codec = "libvpx-vp9" if name == "a.webm" else "libx264"
    for colour, tolerance in (((128, 128, 128), 2), ((200, 60, 100), 3)):
        frames = [np.full((48, 64, 3), colour, np.uint8)] * 2
        source = rich_film(
            (tmp_path / name).with_suffix(".mkv"), frames, codec=codec, matrix=matrix, full=full
        )
        target = Path(f"b{name[1:]}")
        converted(source, target, "--strength", 0, "--video-quality", 100, "--overwrite")
        for path in (source, target):
            assert np.abs(shown(path)[1][1].reshape(-1, 3).mean(axis=0) - colour).max() <= tolerance
        if name == "a.avi":  # which says nothing of it
            continue
        with av.open(str(target)) as container:
            frame = next(container.decode(video=0))
            assert (frame.colorspace, frame.color_range) == (matrix, 2 if full else 1)


@pytest.mark.parametrize("matrix", [(0, 1, -1, 0), (-1, 0, 0, 1), (0, 1, 1, 0)])
def test_a_film_is_written_upright(converted, tmp_path, matrix):
    source = film(tmp_path / "a.mp4", 1)
    a, b, c, d = matrix
    lying = shown(source)[0][1]
    displayed(source, a, b, c, d)
    converted(source, "b.mp4", "--strength", 0)
    after = shown(Path("b.mp4"))[0][1]
    wanted = {
        (0, 1, -1, 0): np.rot90(lying, -1),
        (-1, 0, 0, 1): lying[:, ::-1],
        (0, 1, 1, 0): lying.transpose(1, 0, 2),
    }[matrix]
    assert after.shape == wanted.shape
    assert np.abs(after.astype(int) - wanted).mean() < 4
    with av.open("b.mp4") as container:
        assert next(container.decode(video=0)).rotation == 0


def test_pixels_keep_their_shape_also_when_turned(converted, tmp_path):
    source = film(tmp_path / "a.mp4", 1, pixel=2)
    converted(source, "b.mp4")
    converted(turned(source), "c.mp4")
    for name, size, ratio in (("b.mp4", (64, 48), Fraction(2)), ("c.mp4", (48, 64), Fraction(1, 2))):
        with av.open(name) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == size
            assert stream.sample_aspect_ratio == ratio


def test_where_pixels_must_be_square_the_film_keeps_its_shape(converted, tmp_path):
    source = film(tmp_path / "a.mp4", 1, pixel=2)
    told = converted(source, "b.webm")
    converted(turned(source), "c.webm")
    for name, size in (("b.webm", (128, 48)), ("c.webm", (48, 128))):
        with av.open(name) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == size
            assert (stream.sample_aspect_ratio or 1) == 1
    assert "stretched to 128 x 48: this codec holds square pixels only" in " ".join(told.split())


def test_a_shape_that_makes_no_sense_is_told_instead(converted, tmp_path):
    frames = scene("x", 2, width=96, height=256)
    told = converted(encode(tmp_path / "a.mp4", frames, pixel=200), "b.webm")
    assert "shown as if its pixels were square" in told and "19200 x 256 would be too large" in told
    assert shown(Path("b.webm"))[0][1].shape == (256, 96, 3)


@pytest.mark.parametrize(("name", "subtitles"), [("a.mp4", "mov_text"), ("a.mkv", "subrip")])
def test_what_else_is_in_a_film_stays(converted, tmp_path, name, subtitles):
    source = rich_film(
        tmp_path / name,
        scene("x", 25),
        sound="aac",
        subtitles=subtitles,
        chapters=[(0, 0.4, "One"), (0.4, 1, "Two")],
        metadata={"title": "A title", "artist": "Somebody"},
    )
    assert "left out" not in converted(source, f"b-{name}")
    after = Path(f"b-{name}")
    lines = [(time, data) for time, data in packets(after, "subtitle") if data.strip(b"\0")]
    assert lines == [(0.2, b"\0\x05Hello" if subtitles == "mov_text" else b"Hello")]
    with av.open(str(after)) as container:
        told = {key.lower(): value for key, value in container.metadata.items()}
        assert (told["title"], told["artist"]) == ("A title", "Somebody")
        chapters = [
            (float(each["start"] * each["time_base"]), each["metadata"]["title"])
            for each in container.chapters()
        ]
        assert chapters == [(0.0, "One"), (pytest.approx(0.4), "Two")]
        assert container.streams.audio[0].language == "fra"


@pytest.mark.parametrize("start", ["0", "0.5"])
@pytest.mark.parametrize("name", ["b.mp4", "b.mkv"])
def test_a_cover_stays_as_it_is(converted, tmp_path, name, start):
    cover = scene("cover", 1)[0]
    source = rich_film(tmp_path / "a.mp4", scene("x", 25), cover=cover)
    converted(source, name, "--start", start)
    with av.open(name) as container:
        pictures = [stream for stream in container.streams.video if stream.disposition & 0x400]
        assert len(pictures) == 1
        found = next(container.decode(pictures[0])).to_ndarray(format="rgb24")
    assert np.abs(found.astype(int) - cover).mean() < 8
    assert len(shown(Path(name))) == (25 if start == "0" else 12)


def test_what_a_container_cannot_hold_is_told(converted, tmp_path):
    source = rich_film(tmp_path / "a.mkv", scene("x", 5), sound="aac", subtitles="subrip")
    told = converted(source, "b.webm")
    assert "1 sound stream (aac) coded anew as Opus: it cannot be copied into WebM" in told
    assert "1 subtitle stream (subrip) coded anew as WebVTT: it cannot be copied into WebM" in told
    assert "1 subtitle stream (subrip) left out: AVI cannot hold it" in converted(source, "b.avi")


@pytest.mark.parametrize(
    ("name", "codec", "sounds"), [("a.wmv", "wmv2", "wmav2"), ("a.avi", "mpeg4", "adpcm_ms")]
)
def test_sound_that_cannot_be_copied_into_mkv_is_coded_anew(converted, tmp_path, name, codec, sounds):
    source = rich_film(tmp_path / name, scene("x", 25), codec=codec, sound=sounds)
    told = converted(source, "b.mkv")
    assert f"1 sound stream ({sounds}) coded anew as FLAC: it cannot be copied into MKV" in told
    (begin, before), (first, after) = heard(source), heard(Path("b.mkv"))
    assert first == pytest.approx(begin, abs=1e-3)
    assert after.shape == before.shape
    assert np.abs(after - before).max() < 1e-4
    assert "coded anew" not in converted(source, "c.avi")
    assert [data for _, data in packets(Path("c.avi"), "audio")] == [
        data for _, data in packets(source, "audio")
    ]


def test_a_part_of_a_sound_that_is_coded_anew_begins_with_its_pictures(converted, tmp_path):
    source = rich_film(tmp_path / "a.avi", scene("x", 75), codec="mpeg4", sound="adpcm_ms")
    converted(source, "b.mkv", "--start", "1", "--end", "2")
    begin, samples = heard(Path("b.mkv"))
    _, whole = heard(source)
    assert 0 <= begin < 0.05
    size = round(0.5 * 48000)
    skipped = round((1 + begin) * 48000)
    away = [np.abs(whole[:, skipped + by :][:, :size] - samples[:, :size]).max() for by in range(-48, 49)]
    assert min(away) < 1e-3


def heard(path: Path) -> tuple[float, np.ndarray]:
    """When a film's sound begins, and its samples, (channels, n), from -1 to 1."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    resampler = av.AudioResampler("fltp")
    parts = [part.to_ndarray() for frame in frames for part in resampler.resample(frame)]
    return float(frames[0].pts * frames[0].time_base), np.concatenate(parts, axis=1)


def test_a_film_whose_sound_outlasts_its_pictures_is_whole_also_where_it_is_left_out(
    converted, tmp_path, monkeypatch
):
    monkeypatch.setattr("toonify.media.films.copying.ways_to_transcode", lambda *_: ())
    source = rich_film(tmp_path / "a.mkv", scene("x", 10), sound="aac", sound_from=1.5)
    assert "1 sound stream (aac) left out: WebM cannot hold it" in converted(source, "b.webm")


def test_what_is_left_out_is_told_of_a_film_that_is_cut_short_too(fails, tmp_path):
    source = rich_film(tmp_path / "a.mkv", scene("x", 50), subtitles="subrip")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    told = fails(source, "b.avi")
    assert "cut short: the first " in told
    assert "are there, and were converted; 1 subtitle stream (subrip) left out: AVI cannot hold it" in told


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_high_dynamic_range_is_tone_mapped(converted, tmp_path, transfer, name):
    # What PQ and HLG have for diffuse white, 203 cd/m² (ITU-R BT.2408: 58 % and 75 %), and for black.
    white = round(255 * (0.58 if transfer == 16 else 0.75))
    frames = [np.full((48, 64, 3), level, np.uint8) for level in (0, white, 255)]
    source = rich_film(
        tmp_path / "a.mkv", frames, layout="yuv420p10le", matrix=9, transfer=transfer, primaries=9
    )
    assert f"high dynamic range ({name}) tone-mapped to the usual one" in converted(
        source, "b.mkv", "--strength", 0, "--video-quality", 100
    )
    black, middle, brightest = (pixels.mean() for _, pixels in shown(Path("b.mkv")))
    assert black < 3 and 205 < middle < 235 and brightest > 250
    with av.open("b.mkv") as container:
        frame = next(container.decode(video=0))
        assert (frame.color_trc, frame.colorspace) == (1, 1)


def combed(step: int, width: int = 128, height: int = 48) -> np.ndarray:
    """A bar that moves, seen half a step further in every other line."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[0::2, 8 * step : 8 * step + 24] = 255
    picture[1::2, 8 * step + 4 : 8 * step + 28] = 255
    return picture


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.avi", "mpeg2video")])
def test_interlaced_frames_become_whole(converted, tmp_path, name, codec):
    def combs(frame: np.ndarray) -> float:
        lines = frame.astype(int)
        return np.abs(2 * lines[1:-1] - lines[:-2] - lines[2:]).mean()

    source = rich_film(tmp_path / name, map(combed, range(10)), codec=codec, interlaced=True)
    converted(source, "b.mkv", "--strength", 0)
    before, after = shown(source), shown(Path("b.mkv"))
    assert [time for time, _ in after] == pytest.approx([time for time, _ in before])
    assert combs(after[5][1]) < combs(before[5][1]) / 3


def test_the_last_of_interlaced_frames_is_shown_as_long_as_the_others(converted, tmp_path):
    converted(rich_film(tmp_path / "a.mkv", map(combed, range(10)), interlaced=True), "b.mkv")
    with av.open("b.mkv") as container:
        assert container.duration / 1e6 == pytest.approx(10 / 25, abs=2e-3)


def test_an_interlaced_broadcast_may_change_its_size(converted, tmp_path):
    for number, size in enumerate([(128, 48), (256, 96)]):
        pictures = [combed(step, *size) for step in range(10)]
        times = [number + step / 25 for step in range(10)]
        rich_film(tmp_path / f"{number}.ts", pictures, times=times, interlaced=True)
    (tmp_path / "a.ts").write_bytes(b"".join((tmp_path / f"{n}.ts").read_bytes() for n in range(2)))
    converted(tmp_path / "a.ts", "b.mkv", "--no-steady")
    after = shown(Path("b.mkv"))
    assert len(after) == 20
    assert {picture.shape for _, picture in after} == {(48, 128, 3)}


def test_a_folder_of_films_and_pictures(converted, picture_file, tmp_path):
    picture_file("in/a.jpg")
    film(tmp_path / "in/x/b.mkv", 1)
    film(tmp_path / "in/c.wmv", 1, codec="wmv2")
    told = converted("in", "out", "--json", "--end", "0.2", "--format", "png")
    report = json.loads(told)
    assert sorted(path.as_posix() for path in Path("out").rglob("*.*")) == [
        "out/a.png",
        "out/c.mkv",
        "out/x/b.mkv",
    ]
    assert [(each["kind"], each["notes"]) for each in report["pictures"]] == [
        ("picture", []),
        ("film", ["written as MKV"]),
        ("film", []),
    ]
    assert "3 already there" in converted("in", "out", "--format", "png")
    assert "1 picture and 2 films converted" in converted("in", "out", "--overwrite", "--format", "png")


def test_a_part_of_a_film(converted, tmp_path):
    source = rich_film(
        tmp_path / "a.mp4", scene("x", 75), sound="aac", chapters=[(0, 1.5, "One"), (1.5, 3, "Two")]
    )
    converted(source, "b.mp4", "--start", "0:01", "--end", "2")
    times = [time for time, _ in shown(Path("b.mp4"))]
    assert times == pytest.approx(np.arange(25) / 25, abs=1e-3)
    sounds = [time for time, _ in packets(Path("b.mp4"), "audio")]
    assert 0 <= sounds[0] < 0.03 and 0.95 < sounds[-1] < 1
    with av.open("b.mp4") as container:
        starts = [float(each["start"] * each["time_base"]) for each in container.chapters()]
    assert starts == pytest.approx([0, 0.5])


@pytest.mark.parametrize("name", ["a.mov", "a.mkv", "a.mp4", "a.webm"])
def test_a_part_has_the_sound_before_the_first_picture(converted, tmp_path, name):
    codecs = {"codec": "libvpx-vp9", "sound": "libopus"} if name == "a.webm" else {"sound": "aac"}
    times = [number / 25 + 2 for number in range(25)]
    source = rich_film(tmp_path / name, scene("x", 25), times=times, **codecs)
    converted(source, "b.mkv", "--start", "0.5", "--end", "2.5")
    sounds = [time for time, _ in packets(Path("b.mkv"), "audio")]
    pictures = [time for time, _ in shown(Path("b.mkv"))]
    assert pictures[0] - sounds[0] == pytest.approx(1.5, abs=0.05) and sounds[-1] > sounds[0] + 0.4
    assert len(pictures) == 13


@pytest.mark.parametrize("start", ["0", "0.4"])
@pytest.mark.parametrize("name", ["a.mts", "a.mkv", "a.mp4"])
def test_a_recording_that_begins_to_count_anywhere(converted, tmp_path, name, start):
    frames = [number / 25 + 30 for number in range(25)]
    source = rich_film(tmp_path / name, scene("x", 25), times=frames, sound="aac", sound_from=30)
    after = Path("b.mkv")
    converted(source, after, "--start", start)
    expected = [number / 25 for number in range(25) if number / 25 >= float(start)]
    times = [time for time, _ in shown(after)]
    assert np.diff(times) == pytest.approx(np.diff(expected), abs=2e-3)
    assert len(times) == len(expected) and 0 <= times[0] < 0.1
    apart = packets(source, "audio")[0][0] - shown(source)[0][0]
    if start == "0":
        assert packets(after, "audio")[0][0] - times[0] == pytest.approx(apart, abs=2e-3)


def test_a_broadcast_whose_clock_goes_round_is_whole(converted, tmp_path):
    """After 2 ** 33 ticks, 26 hours and a half."""
    times = [2**33 / 90000 - 0.4 + number / 25 for number in range(20)]
    source = rich_film(tmp_path / "a.mts", scene("x", 20), times=times)
    converted(source, "b.mkv")
    begin = times[0]
    assert [time for time, _ in shown(Path("b.mkv"))] == pytest.approx(
        [time - begin for time in times], abs=2e-3
    )


def test_one_that_is_cut_short_is_as_long_as_it_was_from_its_beginning(fails, tmp_path):
    times = [number / 25 + 30 for number in range(60)]
    source = rich_film(tmp_path / "a.mkv", [*scene("x", 30), *scene("y", 30)], times=times)
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 2 // 3])
    assert "cut short: the first 1.2 of 2.4 seconds are there" in fails(source, "b.mkv")


def test_of_recordings_joined_end_to_end_it_is_told_that_the_second_is_left_out(fails, tmp_path):
    pictures = scene("x", 50)
    source = encode(tmp_path / "a.ts", pictures, codec="mpeg2video")
    source.write_bytes(2 * source.read_bytes())
    told = fails(source, "b.mkv")
    assert "frames left out: their time begins again" in told and "joined end to end" in told
    assert len(shown(Path("b.mkv"))) == len(pictures)


def test_of_a_longer_recording_behind_another_neither_pictures_nor_sound_are_taken(fails, tmp_path):
    first = rich_film(tmp_path / "a.mts", scene("x", 60), codec="mpeg2video", sound="mp2")
    second = rich_film(tmp_path / "b.mts", scene("y", 120), codec="mpeg2video", sound="mp2")
    heard = [data for _, data in packets(first, "audio")]
    first.write_bytes(first.read_bytes() + second.read_bytes())
    assert "120 frames left out: their time begins again" in fails(first, "c.mkv")
    assert len(shown(Path("c.mkv"))) == 60
    assert [data for _, data in packets(Path("c.mkv"), "audio")] == heard


def test_frames_whose_times_run_backwards_are_told(fails, tmp_path):
    source = tmp_path / "a.mkv"  # its packets have the times at which they are decoded, as from a bad muxer
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "sc_threshold": "0"})
        stream.width, stream.height = 64, 48
        pictures = (av.VideoFrame.from_ndarray(np.ascontiguousarray(each)) for each in scene("x", 30))
        coded = [packet for picture in pictures for packet in stream.encode(picture)]
        for number, packet in enumerate([*coded, *stream.encode()]):
            packet.pts = packet.dts = number
            container.mux(packet)
    told = fails(source, "b.mkv")
    left = 30 - len(shown(Path("b.mkv")))
    assert left and f"damaged: {left} frames left out, whose times run backwards; the others were" in told


@pytest.mark.parametrize(("codec", "width", "height"), [("h264", 40, 1), ("hevc", 40, 14), ("hevc", 14, 40)])
def test_one_that_is_too_small_for_a_codec_is_told(fails, converted, tmp_path, codec, width, height):
    source = rich_film(tmp_path / "a.mkv", scene("x", 2, width, height), codec="ffv1")
    told = fails(source, "b.mkv", "--codec", codec)
    assert f"{width} x {height} pixels are too few for this codec" in told
    converted(source, "b.mkv", "--codec", "vp9")


def test_one_of_the_fewest_pixels_that_hevc_holds(converted, tmp_path):
    source = rich_film(tmp_path / "a.mkv", scene("x", 2, 16, 16), codec="ffv1")
    converted(source, "b.mkv", "--codec", "hevc")
    assert [frame.shape for _, frame in shown(Path("b.mkv"))] == 2 * [(16, 16, 3)]


def test_a_part_that_is_not_there_is_told(fails, tmp_path):
    source = film(tmp_path / "a.mp4", 1)
    assert "holds no frame between --start and --end" in fails(source, "b.mp4", "--start", "9:00")
    assert not Path("b.mp4").exists()


def test_a_film_that_is_cut_short_is_converted_as_far_as_it_is_there(run, style, tmp_path):
    source = film(tmp_path / "a.mkv", 6)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    result = run("convert", source, "b.mkv", "--style", style)
    assert result.exit_code == 1
    assert "cut short: the first " in result.stdout
    assert " of 7.2 seconds are there, and were converted" in result.stdout
    assert 30 <= len(shown(Path("b.mkv"))) < 180
    with pytest.raises(ToonifyError, match="cut short"):
        toonify.convert_film(source, "c.mkv", style)


@pytest.mark.parametrize("name", ["a.avi", "a.webm", "a.mp4"])
def test_of_every_container_what_is_there_is_converted(fails, tmp_path, name):
    codec = "libvpx-vp9" if name == "a.webm" else "mpeg4"
    source = with_index_first(rich_film(tmp_path / name, scene("x", 60, 160, 120), codec=codec))
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    told = fails(source, f"out-{name}")
    assert "cut short: the first " in told
    assert " of 2.4 seconds are there, and were converted" in told
    assert 5 <= len(shown(Path(f"out-{name}"))) < 40


def with_index_first(path: Path) -> Path:
    """The same film; an MP4 file with its index at the beginning, so that what comes after can be missing."""
    return remuxed(path, movflags="faststart") if path.suffix in (".mp4", ".mov") else path


def cut(path: Path, by: int) -> Path:
    path.write_bytes(path.read_bytes()[:-by])
    return path


@pytest.mark.parametrize(
    "name",
    ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi", "a.wmv", "a.flv", "a.mxf", "a.mts", "a.m2ts", "a.ogv"],
)
def test_a_film_that_lacks_no_more_than_its_last_frame_says_so(fails, tmp_path, name):
    codecs = {"a.webm": "libvpx-vp9", "a.wmv": "wmv2", "a.mts": "libx264", "a.m2ts": "libx264"}
    codecs |= {"a.ogv": "libvpx", "a.flv": "flv", "a.mxf": "mpeg2video"}
    codec = codecs.get(name, "mpeg4")
    source = with_index_first(rich_film(tmp_path / name, scene("x", 10), codec=codec))
    if name == "a.avi":
        data = source.read_bytes()
        source.write_bytes(data[: data.index(b"idx1")])
    told = fails(cut(source, 10), "out")
    missing = 6 if name == "a.flv" else 10  # of the last four nothing depends
    assert f"cut short: {missing} bytes are missing at its end; all else was converted" in told
    assert shown(next(Path("out").iterdir()))


@pytest.mark.parametrize("options", [{"movflags": "frag_keyframe"}, {"live": "1"}])
def test_so_does_a_recording_that_was_not_finished(fails, tmp_path, options):
    name = "a.mkv" if "live" in options else "a.mp4"
    source = remuxed(rich_film(tmp_path / name, scene("x", 30), codec="mpeg4"), **options)
    end = source.read_bytes().rfind(b"mfra") - 4 if name == "a.mp4" else source.stat().st_size
    source.write_bytes(source.read_bytes()[: end - 10])
    assert "cut short: 10 bytes are missing at its end" in fails(source, f"b-{name}")


def test_what_comes_after_the_end_may_be_missing(converted, tmp_path):
    source = with_index_first(film(tmp_path / "a.mp4", 1))
    converted(cut(source, 10), "b.mp4", "--end", 0.5)


def test_of_films_that_are_whole_none_is_called_cut_short(converted, tmp_path):
    frames, uneven = scene("x", 10), [0, 0.04, 0.08, 0.3, 0.34, 1.0, 1.001, 2.5, 2.6, 9]
    folder = tmp_path / "in"
    rich_film(folder / "uneven.mp4", frames, times=uneven)
    rich_film(folder / "uneven.webm", frames, times=uneven, codec="libvpx-vp9", sound="libopus")
    rich_film(folder / "late_sound.mkv", frames, sound="aac", sound_from=0.3)
    rich_film(folder / "late_sound.mp4", frames, sound="aac", sound_from=0.3)
    rich_film(folder / "asf.wmv", frames, codec="wmv2")
    rich_film(folder / "long_sound.wmv", frames, codec="wmv2", sound="wmav2", sound_from=1.5)
    rich_film(folder / "stream.mts", frames, sound="aac")
    rich_film(folder / "pages.ogv", frames, codec="libvpx", sound="flac")
    remuxed(rich_film(folder / "pieces.mp4", frames), movflags="frag_every_frame+empty_moov")
    remuxed(rich_film(folder / "live.mkv", frames, sound="aac"), live="1")
    remuxed(rich_film(folder / "live.webm", frames, codec="libvpx-vp9"), live="1")
    lists = rich_film(folder / "without_index.avi", frames, codec="mpeg4", sound="mp2")
    lists.write_bytes(lists.read_bytes()[: lists.read_bytes().index(b"idx1")])
    to_the_end = with_index_first(rich_film(folder / "to_the_end.mov", frames))
    data = bytearray(to_the_end.read_bytes())
    place = data.rindex(b"mdat") - 4
    data[place : place + 4] = bytes(4)
    to_the_end.write_bytes(data)
    unused = film(folder / "unused.mp4", 1)
    unused.write_bytes(unused.read_bytes() + (1000).to_bytes(4, "big") + b"free")
    trimmed(film(folder / "trimmed.mp4", 1))
    cut(rich_film(folder / "without_its_last_length.flv", frames, codec="flv"), 4)
    nonsense = rich_film(folder / "nonsense_behind.mxf", frames, codec="mpeg2video")
    nonsense.write_bytes(nonsense.read_bytes() + nonsense.read_bytes()[:16] + b"\xff" * 9)
    for name in ("more_behind.mkv", "more_behind.mp4", "more_behind.avi"):
        film(folder / name, 1)
        (folder / name).write_bytes((folder / name).read_bytes() + b"more behind")
    assert "20 films converted" in converted("in", "out")


def trimmed(path: Path) -> Path:
    """The same MP4 file, of which no more than the first half is to be shown."""
    data = bytearray(path.read_bytes())
    edit = data.index(b"elst") + 12
    (length,) = struct.unpack_from(">I", data, edit)
    struct.pack_into(">I", data, edit, length // 2)
    path.write_bytes(data)
    return path


def test_a_film_without_its_index_says_so(fails, tmp_path):
    source = film(tmp_path / "a.mp4", 1)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    assert "a.mp4: its index is not there, without which it cannot be read: it was cut short" in fails(source)


def test_a_frame_that_repeats_the_one_before_is_no_damage(converted):
    source = Path(__file__).parents[1] / "data/repeats.ogv"  # made by FFmpeg's libtheora: 5 of 10 are empty
    converted(source, "b.mkv", "--strength", 0)
    assert [time for time, _ in shown(Path("b.mkv"))] == pytest.approx([0, 0.12, 0.2, 0.28, 0.32], abs=2e-3)


def test_a_broken_index_of_frames_costs_no_frame(converted, tmp_path):
    source = rich_film(tmp_path / "a.avi", scene("x", 30), codec="mpeg4", sound="mp2")
    data = source.read_bytes()
    index = data.index(b"idx1") + 8
    source.write_bytes(data[:index] + bytes(len(data) - index))
    converted(source, "b.avi")
    assert len(shown(Path("b.avi"))) == 30


def test_a_table_of_sizes_that_is_wrong_is_told(fails, tmp_path):
    source = rich_film(tmp_path / "a.mp4", scene("x", 60), codec="libx264", sound="aac")
    data = bytearray(source.read_bytes())
    sizes = data.index(b"stsz") + 40
    data[sizes : sizes + 40] = b"\xff" * 40
    source.write_bytes(data)
    assert "cut short: the first 0." in fails(source, "b.mp4")
    assert shown(Path("b.mp4"))


def test_a_sound_whose_head_is_damaged_costs_no_pictures(fails, tmp_path):
    source = rich_film(tmp_path / "a.ogv", scene("x", 10), codec="libvpx", sound="libopus")
    source.write_bytes(source.read_bytes().replace(b"OpusTags", b"OpusTagz"))
    assert "cut short: the first 0.3 of 0.4 seconds are there, and were converted" in fails(source, "b.mkv")
    assert len(shown(Path("b.mkv"))) == len(shown(source)) == 10


def test_a_damaged_sound_costs_only_its_packet(run, style, tmp_path):
    source = rich_film(tmp_path / "a.mkv", scene("x", 25), sound="aac")
    before = packets(source, "audio")
    data = bytearray(source.read_bytes())
    place = data.index(before[10][1]) - 3  # where Matroska has the time of a block
    data[place : place + 2] = bytes(2)
    source.write_bytes(data)
    result = run("convert", source, "b.mkv", "--style", style)
    assert result.exit_code == 1
    assert "damaged: 1 packet of sound or subtitles could not be copied; all else is there" in result.stdout
    assert len(packets(Path("b.mkv"), "audio")) == len(before) - 1
    assert len(shown(Path("b.mkv"))) == 25


@pytest.mark.parametrize("begin", [0.0, 0.023])
def test_sound_whose_times_were_rounded_arrives_whole_in_avi(converted, tmp_path, begin):
    source = rich_film(tmp_path / "a.mkv", scene("x", 50), sound="ac3", rate=44100, sound_from=begin)
    converted(source, "b.avi")
    before, after = packets(source, "audio"), [each for each in packets(Path("b.avi"), "audio") if each[1]]
    assert [data for _, data in after] == [data for _, data in before]
    away = [abs(time - other) for (time, _), (other, _) in zip(after, before, strict=True)]
    assert max(away) < 0.02


@pytest.mark.parametrize("codec", ["adpcm_ima_wav", "adpcm_ms"])
def test_adpcm_in_avi_is_played_as_fast_as_it_was(converted, tmp_path, codec):
    source = rich_film(tmp_path / "a.avi", scene("x", 50), codec="mpeg4", sound=codec)
    converted(source, "b.avi")
    before, after = packets(source, "audio"), packets(Path("b.avi"), "audio")
    assert [data for _, data in after] == [data for _, data in before]
    assert [time for time, _ in after] == pytest.approx([time for time, _ in before], abs=1e-3)


@pytest.mark.parametrize("name", ["b.mov", "b.mp4"])
def test_what_phones_write_about_a_film_stays(converted, tmp_path, name):
    told = {
        "title": "A title",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.location.ISO6709": "+48.2082+016.3738/",
    }
    source = rich_film(tmp_path / "a.mov", scene("x", 5), metadata=told, movflags="use_metadata_tags")
    converted(source, name)
    with av.open(name) as container:
        assert told.items() <= container.metadata.items()
    assert "already there" in converted(source, name)  # known by the comment that is written with them


@pytest.mark.parametrize("strip", ["--strip-location", "--strip-metadata"])
def test_what_is_written_about_a_film_is_left_out(converted, tmp_path, strip):
    told = {"title": "A title", "location": "+48.2082+016.3738/"}
    source = rich_film(tmp_path / "a.mov", scene("x", 5), sound="aac", metadata=told)
    converted(source, "b.mov")
    converted(source, "c.mov", strip)
    with av.open("b.mov") as kept, av.open("c.mov") as stripped:
        assert kept.metadata["location"] == told["location"]
        assert not [key for key in stripped.metadata if "location" in key]
        assert stripped.metadata.get("title") == ("A title" if strip == "--strip-location" else None)
        assert stripped.streams.audio[0].language == "fra"


def test_a_place_may_be_told_in_two_numbers(converted, tmp_path):
    told = {"title": "A title", "LATITUDE": "48.2", "Longitude": "16.4"}
    source = rich_film(tmp_path / "a.mkv", scene("x", 5), metadata=told)
    converted(source, "b.mkv", "--strip-location")
    with av.open("b.mkv") as container:
        kept = {key.lower() for key in container.metadata}
    assert "title" in kept and not kept & {"latitude", "longitude"}


@pytest.mark.parametrize(("strip", "title"), [("--strip-location", "Home"), ("--strip-metadata", None)])
def test_chapters_without_metadata_have_no_titles(converted, tmp_path, strip, title):
    source = rich_film(tmp_path / "a.mkv", scene("x", 25), chapters=[(0, 0.4, "Home"), (0.4, 1, "Home")])
    converted(source, "b.mkv", strip)
    with av.open("b.mkv") as container:
        assert [chapter["metadata"].get("title") for chapter in container.chapters()] == [title, title]


def test_what_is_no_film_fails_with_the_reason(run, style, picture_file, tmp_path):
    Path("in").mkdir()
    Path("in/text.mov").write_text("not a film")
    Path("in/list.mp4").write_text("ffconcat version 1.0\nfile good.mkv\n")
    Path("in/empty.mp4").touch()
    sound(Path("in/sound.mkv"))
    sound(Path("in/song.mp4"), cover=scene("y", 1)[0])
    film(tmp_path / "in/good.mkv", 1)
    result = run("convert", "in", "out", "--style", style)
    assert result.exit_code == 1
    assert "1 film converted, 5 failed" in result.stdout
    for name in ("sound.mkv", "song.mp4"):
        assert f"in/{name}: holds no video" in result.stdout
    for name in ("text.mov", "empty.mp4"):
        assert f"in/{name}: not a video that can be read: Invalid " in result.stdout
    assert "in/list.mp4: no film of a kind that is read" in result.stdout
    assert [path.name for path in Path("out").iterdir()] == ["good.mkv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_at_all_fails_with_the_reason(fails):
    Path("in").mkdir()
    os.mkfifo("in/pipe.mp4")
    Path("in/gone.mp4").symlink_to("nowhere.mp4")
    told = fails("in", "out")
    assert "in/pipe.mp4: not a regular file" in told
    assert "in/gone.mp4: no such file or directory" in told
    with pytest.raises(ToonifyError, match="not a regular file"):
        shown(Path("in/pipe.mp4"))


def test_transparency_beside_the_pictures_is_told_too(converted):
    with av.open("a.webm", "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=25, width=64, height=48, pix_fmt="yuva420p")
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 4), 128, np.uint8), format="rgba")
        for packet in (*stream.encode(frame.reformat(format="yuva420p")), *stream.encode()):
            container.mux(packet)
    assert "a.webm: transparency left out" in converted("a.webm", "b.webm")


def test_even_sizes_only(converted, tmp_path):
    source = encode(tmp_path / "a.mkv", [frame[:47, :63] for frame in scene("x", 5)], codec="ffv1")
    assert "cut to 62 x 46: this codec holds even sizes only" in converted(source, "b.mp4")
    assert shown(Path("b.mp4"))[0][1].shape == (46, 62, 3)
    assert "cut to" not in converted(source, "b.webm")
    assert shown(Path("b.webm"))[0][1].shape == (47, 63, 3)


@pytest.mark.parametrize(("codec", "found"), [("hevc", "hevc"), ("vp9", "vp9")])
def test_a_codec_that_is_asked_for_is_used(converted, tmp_path, codec, found):
    converted(film(tmp_path / "a.mp4", 1), "b.mp4", "--codec", codec, "--end", "0.3")
    assert streams(Path("b.mp4"))[0][1] == found


@pytest.mark.parametrize(("name", "tag"), [("b.mp4", "hvc1"), ("b.mov", "hvc1"), ("b.mkv", "\0\0\0\0")])
def test_hevc_is_called_as_apples_players_know_it(converted, tmp_path, name, tag):
    source = film(tmp_path / "a.mp4", 1)
    converted(source, name, "--codec", "hevc")
    with av.open(name) as container:
        encoder = container.streams.video[0].codec_context
        assert encoder.codec_tag == tag
        assert encoder.extradata  # without which nothing could be decoded
    assert len(shown(Path(name))) == len(shown(source))


def test_a_rate_that_mpeg4_cannot_count_is_written_nearly(converted, tmp_path):
    source = tmp_path / "a.mkv"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(1_000_000, 66_667))
        stream.width, stream.height = 64, 48
        for picture in scene("x", 5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))))
        container.mux(stream.encode())
    converted(source, "b.avi")
    assert [time for time, _ in shown(Path("b.avi"))] == pytest.approx([n / 15 for n in range(5)], abs=1e-3)


@pytest.mark.parametrize(("name", "target"), [("a.avi", "b.mp4"), ("a.mp4", "b.avi")])
def test_a_part_that_begins_between_two_frames_has_all_that_follow(converted, tmp_path, name, target):
    source = film(tmp_path / name, 1)
    converted(source, target, "--start", "0.1", "--strength", 0)
    assert len(shown(Path(target))) == len(shown(source)) - 3


def test_a_part_has_the_frames_that_are_shown_before_a_key_frame_but_hang_on_it(converted, tmp_path):
    source = tmp_path / "a.mp4"  # as x265 codes films unless it is told otherwise: with open groups
    groups = "log-level=none:open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx265", rate=25, options={"x265-params": groups})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for picture in scene("x", 60):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))))
        container.mux(stream.encode())
    for number in range(35, 45):
        converted(source, "b.mkv", "--start", number / 25, "--strength", 0, "--overwrite")
        assert [time for time, _ in shown(Path("b.mkv"))] == pytest.approx(
            [later / 25 for later in range(60 - number)], abs=2e-3
        )


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mts"])
@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (("--start", "1"), [0, 2, 2.04]),
        (("--start", "1", "--end", "2"), [0]),
        (("--start", "2.98"), [0.02, 0.06]),  # nobody would see the gap
    ],
)
def test_a_part_that_begins_in_a_pause_begins_with_what_is_shown(converted, tmp_path, name, part, expected):
    pictures = [scene(each, 1)[0] for each in "abcde"]
    source = rich_film(tmp_path / name, pictures, times=[0, 0.04, 0.08, 3, 3.04])
    converted(source, "b.mkv", *part, "--strength", "0")
    times, frames = zip(*shown(Path("b.mkv")), strict=True)
    assert times == pytest.approx(expected, abs=2e-3)
    wanted = pictures[2 if expected[0] == 0 else 3].astype(int)
    assert np.abs(frames[0] - wanted).mean() < 10 < np.abs(frames[0] - pictures[0].astype(int)).mean()


def test_a_part_may_lie_in_the_pause_at_the_end(converted, tmp_path):
    source = rich_film(tmp_path / "a.mp4", scene("x", 3), times=[0, 5, 10])
    converted(source, "b.mp4", "--start", "12")
    assert [time for time, _ in shown(Path("b.mp4"))] == [0]


@pytest.mark.parametrize(("count", "size"), [(10, (320, 240)), (60, (320, 240)), (250, (64, 48))])
def test_a_part_of_an_asf_that_counts_from_late_is_whole(converted, tmp_path, count, size):
    times = [100 + number / 25 for number in range(count)]
    source = rich_film(tmp_path / "a.wmv", scene("x", count, *size), codec="mpeg4", times=times)
    for start in (3, 25):  # frames
        if start < count:
            converted(source, "b.mkv", "--start", start / 25, "--strength", 0, "--overwrite")
            assert len(shown(Path("b.mkv"))) == count - start


@pytest.mark.parametrize("suffix", [".avi", ".asf"])
def test_of_one_whose_frames_hang_on_later_ones_none_is_lost(converted, tmp_path, suffix):
    source = tmp_path / f"a{suffix}"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "sc_threshold": "0"})
        stream.width, stream.height = 64, 48
        for picture in scene("x", 30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))))
        container.mux(stream.encode())
    converted(source, "b.avi", "--strength", 0, "--video-quality", 100)
    before, after = ([pixels for _, pixels in shown_in_order(path)] for path in (source, Path("b.avi")))
    assert len(after) == 30
    away = [np.abs(one.astype(int) - other).mean() for one, other in zip(before, after, strict=True)]
    assert max(away) < 4


def shown_in_order(path: Path) -> list[tuple[int, np.ndarray]]:
    """Every frame as it comes out of the decoder."""
    with av.open(str(path)) as container:
        return [(n, frame.to_ndarray(format="rgb24")) for n, frame in enumerate(container.decode(video=0))]


def test_a_lower_quality_is_smaller(converted, tmp_path):
    source = film(tmp_path / "a.mp4", 1)
    for quality in (95, 30):
        converted(source, f"{quality}.mp4", "--video-quality", quality)
    assert Path("30.mp4").stat().st_size < Path("95.mp4").stat().st_size / 2


def test_a_codec_that_does_not_go_with_the_container_is_refused(fails, tmp_path):
    told = fails(film(tmp_path / "a.webm", 1, codec="libvpx-vp9"), "b.webm", "--codec", "h264")
    assert "WebM is not written with the codec h264. --codec may be vp9 for it." in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("a.mp4", "b.png"), "a.mp4 is a film, and b.png is no name for one"),
        (("p.png", "b.mp4"), "p.png is a picture, and b.mp4 is no name for one"),
        (("p.mp4", "b.mp4"), "p.mp4 is a picture, and b.mp4 is no name for one"),
        (("a.mp4", "b.png"), "Try .mp4."),
        (("p.png", "b.mp4"), "Try .png."),
        (("a.mp4", "b.wmv"), "b.wmv: films are not written as .wmv"),
        (("a.mp4", "b.gif"), "b.gif: films are not written as .gif"),
        (("a.mp4", "a.mp4"), "a.mp4 is the photograph a.mp4: it would be overwritten"),
        (("a.mp4", "b.mp4", "--start", "x"), "--start should be a time such as 90, 1:30 or 1:02:03.5, not x"),
        (("a.mp4", "b.mp4", "--start", "1:99"), "--start should be a time such as 90, 1:30 or 1:02:03.5"),
        (("a.mp4", "b.mp4", "--end", "1:60:00"), "--end should be a time such as 90, 1:30 or 1:02:03.5"),
        (("a.mp4", "b.mp4", "--start", "2", "--end", "1"), "--end (1) should be after --start (2)"),
        (("p.png", "--start", "1"), "--start and --end are for films, and there is none to convert"),
        (("p.png", "p.mp4", "out", "--end", "1"), "--start and --end are for films, and there is none to"),
        (("a.mp4", "b.mp4", "--codec", "h265"), "there is no --codec 'h265'"),
        ((".", "../b.mp4"), "../b.mp4 names one film, but there may be several"),
    ],
)
def test_requests_that_make_no_sense(run, style, arguments, told):
    Path("a.mp4").touch()
    for name in ("p.png", "p.mp4"):
        Image.new("RGB", (8, 8)).save(name, "PNG")
    result = run("convert", *arguments, "--style", style)
    assert result.exit_code == 2
    assert told in result.stderr


def test_without_pyav_films_are_left_aside_with_the_way_in(
    converted, run, picture_file, tmp_path, monkeypatch
):
    picture_file("in/a.jpg")
    film(tmp_path / "in/b.mp4", 1)
    monkeypatch.setattr("toonify.converting.inputs.can_read_films", lambda: False)
    monkeypatch.setattr("toonify.converting.result.can_read_films", lambda: False)
    told = converted("in", "out")
    assert "1 file left aside: 1 .mp4" in told
    assert 'pip install "toonify-gan[video]"' in told
    monkeypatch.setitem(sys.modules, "av", None)
    for output in ("b.mp4", "out"):
        result = run("convert", "in/b.mp4", output)
        assert result.exit_code == 2
        assert "reading films needs PyAV" in result.stderr


def test_an_interrupt_leaves_no_half_film(style, tmp_path):
    source = film(tmp_path / "in/a.mp4", 2)
    shutil.copyfile(source, tmp_path / "in/b.mp4")
    result = convert_all(ConvertRequest([Path("in")], Path("out"), style), Impatient(10))
    assert result.stopped and result.exit_code == 130
    assert result.outcomes == []
    assert list(Path("out").iterdir()) == []


@pytest.mark.parametrize("name", ["films", "films/*.mp4", "no.mp4"])
def test_convert_film_takes_one_film(style, tmp_path, name):
    """Of several it could return but one outcome."""
    film(tmp_path / "films/a.mp4", 1)
    film(tmp_path / "films/b.mp4", 1)
    with pytest.raises(ToonifyError, match=f"there is no film {re.escape(name)}"):
        toonify.convert_film(name, "out", style)
    assert not Path("out").exists()


@pytest.mark.parametrize("end", [float("inf"), float("nan"), -1])
def test_a_film_ends_at_a_time(style, tmp_path, end):
    with pytest.raises(ToonifyError, match=r"`end` should be 0 or more, not"):
        toonify.convert_film(film(tmp_path / "a.mp4", 1), "b.mp4", style, end=end)


def test_few_frames_are_in_memory_at_a_time(style, tmp_path, monkeypatch):
    from toonify.media.films import redraw

    out, most = 0, 0

    class Counted(redraw.Redrawing):
        def frames(self, begin=0):
            nonlocal out, most
            for frame in super().frames(begin):
                out += 1
                most = max(most, out)
                yield frame

        def write(self, coded):
            nonlocal out
            out -= 1
            super().write(coded)

    monkeypatch.setattr(redraw, "Redrawing", Counted)
    monkeypatch.setattr("toonify.converting.film.cores", lambda: 2)
    outcome = toonify.convert_film(film(tmp_path / "a.mp4", 3), "b.mp4", style)
    assert outcome.result == "converted"
    assert out == 0 and 2 <= most <= 9


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units")
def test_a_long_film_needs_no_more_memory_than_a_short_one(style, tmp_path):
    measured = (
        "import resource, sys, toonify\n"
        "toonify.convert_film(sys.argv[1], sys.argv[2], sys.argv[3], strength=0)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    pictures = scene("x", 30, 320, 240)

    def peak(frames: int) -> int:
        source = rich_film(tmp_path / f"{frames}.mp4", (pictures[n % 30] for n in range(frames)), sound="aac")
        command = [sys.executable, "-c", measured, source, f"out-{frames}.mp4", style]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) * 1024

    assert peak(1500) - peak(150) < 25e6


def test_a_film_from_python(style, tmp_path):
    source = film(tmp_path / "a:b.mp4", 1)
    outcome = toonify.convert_film(source, "b.mp4", style, end=0.2)
    assert outcome.result == "converted" and outcome.film
    assert len(shown(Path("b.mp4"))) == 5
    assert toonify.convert_film(source, "b.mp4", style, end=0.2).result == "skipped"
    with pytest.raises(ToonifyError, match="seconds, not all of it"):
        toonify.convert_film(source, "b.mp4", style)
    with pytest.raises(ToonifyError, match="holds no video"):
        toonify.convert_film(sound(tmp_path / "s.mkv"), "c.mp4", style)


def test_a_film_is_known_by_its_name():
    for name in ("in/a.MP4", "in/b.gif", "in/c.txt"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    request = ConvertRequest([Path("in")], Path("out"))
    plan = make_plan(request, MadeWith.of(request, load_style("comic"), {}))
    assert [(job.source.name, job.is_film) for job in plan.jobs] == [("a.MP4", True), ("b.gif", False)]


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="schedulers are Linux's")
def test_no_codec_makes_a_process_that_others_must_wait_for():
    before = os.sched_getscheduler(0)
    for codec in CODECS.values():
        with av.open(io.BytesIO(), "w", format="matroska") as container:
            stream = container.add_stream(codec.encoder, rate=10, options=codec.options_for(80))
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
            stream.encode(av.VideoFrame(64, 64, "yuv420p"))
        assert os.sched_getscheduler(0) == before, codec.encoder
