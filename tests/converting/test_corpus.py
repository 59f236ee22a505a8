"""Bad input among good: the rest is converted, each failure has a reason, and nothing is half written.

What is made here is small, and most is a sample; `make test-all` takes all of it. Disks that are full or
read-only, files that vanish and processes that are killed: `test_failing_disks.py`, `test_killed.py`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import corpus
import pytest
from drawing import draw_picture
from PIL import Image

from toonify.media import FILM_SUFFIXES

Outcomes = Mapping[str, Mapping[str, Any]]


def lay(files: Mapping[str, bytes]) -> None:
    """The corpus in the folder `in`, and a picture that is sound."""
    Path("in").mkdir()
    draw_picture((40, 30)).save("in/good.png")
    for name, data in files.items():
        Path("in", name).write_bytes(data)


def variants(name: str, data: list[bytes]) -> dict[str, bytes]:
    """`a.png` becomes `a-png-0.png`, `a-png-1.png` …"""
    path = Path(name)
    return {f"{path.stem}-{path.suffix[1:]}-{number}{path.suffix}": each for number, each in enumerate(data)}


def judged(style: Path, *options: str, limit: str = "") -> Outcomes:
    """Convert the folder in a process of its own, which must neither die nor show its inside.

    Args:
        style: Which.
        options: Further ones.
        limit: A line of Python that is carried out before.

    Returns:
        What became of each file, by its name.
    """
    code = f"import sys\n{limit}\nfrom toonify.cli import main\nmain()"
    command = [sys.executable, "-c", code, "convert", "in", "out", "--style", str(style), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    report = json.loads(done.stdout)
    assert "Traceback" not in done.stderr
    outcomes = {Path(each["source"]).name: each for each in report["pictures"]}
    assert len(outcomes) == len([path for path in Path("in").rglob("*") if path.is_file()])
    assert done.returncode == (1 if report["failed"] else 0)
    assert outcomes["good.png"]["result"] == "converted"
    for name, outcome in outcomes.items():
        if outcome["result"] == "failed":
            assert outcome["reason"] and "\n" not in outcome["reason"], name
            assert not outcome["reason"].startswith("unexpected"), (name, outcome["reason"])
    _nothing_half_written(outcomes)
    return outcomes


def _nothing_half_written(outcomes: Outcomes) -> None:
    written = {path for path in Path("out").rglob("*") if path.is_file()}
    partly = {Path(one["target"]) for one in outcomes.values() if "converted" in one["reason"]}
    whole = {Path(one["target"]) for one in outcomes.values() if one["result"] == "converted"}
    assert written == whole | partly, "no more, no less, nothing hidden"
    for path in whole:
        if path.suffix not in FILM_SUFFIXES:
            with Image.open(path) as image:
                image.load()


def failed(outcomes: Outcomes) -> set[str]:
    return {name for name, outcome in outcomes.items() if outcome["result"] == "failed"}


# Pictures


def test_every_kind_is_read_when_it_is_sound(style):
    sound = corpus.sound_pictures()
    lay({kind: data for name, whole in sound.items() for kind, data in variants(name, [whole]).items()})
    assert failed(judged(style)) == set()


def test_pictures_cut_at_every_tenth_fail(style):
    cut = {
        cut: data
        for name, whole in corpus.sound_pictures().items()
        for cut, data in variants(name, [*corpus.truncated(whole)]).items()
    }
    lay(cut)
    assert failed(judged(style)) == cut.keys()


@pytest.mark.parametrize("count", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_pictures_with_flipped_bits_are_converted_or_fail(style, count):
    kinds = corpus.sound_pictures()
    flipped = {
        flip: data
        for seed, (name, whole) in enumerate(kinds.items())
        for flip, data in variants(name, [*corpus.flipped(whole, count, seed)]).items()
    }
    lay(flipped)
    outcomes = judged(style)
    with_checksums = {name for name in flipped if re.match(r"(a|b|moving)-png|c-tif", name)}
    assert len(failed(outcomes) & with_checksums) > 0.9 * len(with_checksums)


def test_what_a_file_holds_decides_not_its_name(style):
    sound = corpus.sound_pictures()
    lay(
        {
            "jpeg.png": sound["a.jpg"],
            "called.heic": sound["a.png"],
            "webp.tif": sound["a.webp"],
            "moving.jpg": sound["moving.gif"],
            "tga.png": sound["a.tga"],
            "lies.tga": sound["a.png"],
            "text.jpg": b"dear diary",
            "page.webp": b"<!doctype html><title>404</title>",
            "png.mp4": sound["a.png"],
            "zip.gif": b"PK\3\4" + bytes(100),
            "empty.jpg": b"",
        }
    )
    Path("in/folder.png").mkdir()
    Path("in/full.jpg").mkdir()
    draw_picture((40, 30)).save("in/full.jpg/inside.png")
    outcomes = judged(style)
    assert failed(outcomes) == {"tga.png", "text.jpg", "page.webp", "zip.gif", "empty.jpg"}
    assert outcomes["text.jpg"]["reason"] == "not a picture in a known format"
    assert outcomes["page.webp"]["reason"].startswith("a web page, not a picture")
    assert outcomes["png.mp4"]["notes"] == ["written as PNG"]
    assert outcomes["inside.png"]["target"] == "out/full.jpg/inside.png"


def test_absurd_exif_data_or_profiles_do_not_cost_the_picture(style):
    lay(
        {
            f"{kind}{Path(name).suffix}": corpus.still(name, exif=block)
            for kind, block in corpus.absurd_exif().items()
            for name in ("a.jpg", "a.png", "a.webp")
        }
    )
    for kind, profile in corpus.absurd_profiles().items():
        for mode in ("RGB", "L", "CMYK"):
            draw_picture(corpus.SIZE).convert(mode).save(f"in/{mode} {kind}.jpg", icc_profile=profile)
    outcomes = judged(style)
    assert failed(outcomes) == set()
    for name, outcome in outcomes.items():
        if name != "good.png":
            with Image.open(outcome["target"]) as image:
                assert image.size == corpus.SIZE, name


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units")
def test_bombs_are_refused_before_they_go_off(style):
    bomb = corpus.bomb(22_000)
    assert len(bomb) < 61_000
    lay({f"bomb{number}.png": bomb for number in range(4)})
    with_two_gigabytes = (
        "import toonify.resources as r, atexit, re; r.available_memory = lambda *_: 2 * 10**9\n"
        "peak = lambda: re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "atexit.register(lambda: open('peak', 'w').write(peak()))"
    )
    outcomes = judged(style, "--workers", "4", limit=with_two_gigabytes)
    assert failed(outcomes) == {f"bomb{number}.png" for number in range(4)}
    assert (
        outcomes["bomb0.png"]["reason"]
        == "too large for the memory: its pixels take 2.4 GB, and 2.0 GB are free"
    )
    assert int(Path("peak").read_text()) * 1024 < 400e6


# Films


@pytest.mark.parametrize("tenths", [(0, 4, 8), pytest.param(range(9), marks=pytest.mark.slow)])
def test_films_cut_short_fail_and_what_is_there_is_converted(style, tmp_path, tenths):
    pytest.importorskip("av")
    cut = {}
    for name, whole in corpus.sound_films(tmp_path / "whole").items():
        each = [*corpus.truncated(whole)]
        cut |= variants(name, [each[tenth] for tenth in tenths])
    lay(cut)
    outcomes = judged(style)
    assert failed(outcomes) == cut.keys()
    last = len(tenths) - 1
    for kind in ("mkv", "webm", "avi"):  # of MP4 and MOV the index is at the end
        reason = outcomes[f"a-{kind}-{last}.{kind}"]["reason"]
        assert re.match(
            "cut short: the first .* seconds are there, and were|damaged: .* the others were", reason
        )


@pytest.mark.parametrize("count", [1, pytest.param(200, marks=pytest.mark.slow)])
def test_films_with_flipped_bits_are_converted_or_fail(style, tmp_path, count):
    pytest.importorskip("av")
    lay(
        {
            flip: data
            for seed, (name, whole) in enumerate(corpus.sound_films(tmp_path / "whole").items())
            for flip, data in variants(name, [*corpus.flipped(whole, count, seed)]).items()
        }
    )
    judged(style)


def test_films_with_a_broken_index_or_in_a_codec_that_is_not_there(style, tmp_path):
    pytest.importorskip("av")
    films = corpus.sound_films(tmp_path / "whole")
    avi, mkv, mp4 = films["a.avi"], films["a.mkv"], films["a.mp4"]
    index, cues, offsets = (
        avi.rindex(b"idx1") + 8,
        mkv.rindex(b"\x1c\x53\xbb\x6b") + 5,
        mp4.rindex(b"stco") + 12,
    )
    lay(
        {
            "index.avi": avi[:index] + b"\xff" * (len(avi) - index),
            "index.mkv": mkv[:cues] + b"\xff" * (len(mkv) - cues),
            "index.mp4": mp4[:offsets] + b"\x7f\xff\xff\0" + mp4[offsets + 4 :],
            "codec.mkv": mkv.replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ"),
            "codec.mp4": mp4.replace(b"avc1", b"xvc9"),
            "codec.avi": avi.replace(b"FMP4", b"XYZ9"),
        }
    )
    outcomes = judged(style)
    assert failed(outcomes) == {"index.mp4", "codec.mkv", "codec.mp4", "codec.avi"}
    assert outcomes["index.mp4"]["reason"] == "holds no frame that can be decoded"
    for name in ("codec.mkv", "codec.mp4", "codec.avi"):
        assert outcomes[name]["reason"] == "coded in a way that is not known here"
