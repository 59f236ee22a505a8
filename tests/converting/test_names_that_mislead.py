"""What a file holds decides whether it is a picture or a film, whatever it is called."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import av
import pytest
from films import encode, film, scene
from PIL import Image

import toonify
from toonify.errors import ToonifyError


@pytest.mark.parametrize("name", ["film.mp4", "film.MOV", "film.wmv"])
def test_a_picture_that_is_called_like_a_film_is_converted_as_a_picture(converted, picture_file, name):
    picture_file(f"in/{name}", format="JPEG")
    assert f"in/{name}: written as JPEG" in converted("in", "out")
    assert "written as JPEG" in converted(f"in/{name}")
    for path in (Path("out/film.jpg"), Path("in/film.cartoon.jpg")):
        with Image.open(path) as image:
            assert image.format == "JPEG"
    assert "1 picture converted" in converted(f"in/{name}", "cartoon.png")


@pytest.mark.parametrize("name", ["film", "film.ts", "film.tmp"])
def test_a_film_is_known_by_what_it_holds_when_it_is_named(converted, tmp_path, name):
    film(tmp_path / "a.mp4", 1).rename(name)
    assert "1 film converted" in converted(name, "out")
    with av.open("out/film.mkv") as container:
        assert len(container.streams.video) == 1


@pytest.mark.parametrize(
    ("name", "codec"), [("a.3gp", "h264"), ("a.flv", "flv"), ("a.vob", "mpeg2video"), ("a.f4v", "h264")]
)
def test_films_of_old_phones_discs_and_cameras_are_found_in_folders(converted, tmp_path, name, codec):
    made = encode(tmp_path / name.replace("f4v", "mp4"), scene("x", 6), codec=codec)
    Path("in").mkdir()
    made.rename(Path("in", name))
    report = json.loads(converted("in", "out", "--json"))
    assert [(each["kind"], each["target"], each["notes"]) for each in report["pictures"]] == [
        ("film", "out/a.mkv", ["written as MKV"])
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_would_be_waited_for_is_not_looked_into(fails):
    os.mkfifo("pipe")
    os.mkfifo("pipe.mp4")
    assert "pipe: not a regular file" in fails("pipe", "out")
    assert "pipe.mp4: not a regular file" in fails("pipe.mp4", "out")


def test_a_film_is_no_picture(tmp_path):
    film(tmp_path / "a.mp4", 1)
    shutil.copy("a.mp4", "a.jpg")
    with pytest.raises(ToonifyError, match=r"a\.mp4: a film, and no picture"):
        toonify.convert("a.mp4")
    with pytest.raises(ToonifyError, match=r"a\.jpg: a film that is called like a picture\nRename it"):
        toonify.convert("a.jpg")
