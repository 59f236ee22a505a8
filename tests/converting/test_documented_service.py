"""The Python of docs/convert.md: its service draws for many at a time what `convert` draws."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import toonify

PAGE = Path(__file__).resolve().parents[2] / "docs" / "convert.md"
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def programs_with(*marks: str) -> dict[str, Any]:
    """The names that the page's programs make which hold these marks, run one after the other."""
    found = [next(text for text in PROGRAMS if mark in text) for mark in marks]
    names: dict[str, Any] = {"toonify": toonify}
    exec(compile("\n".join(found), str(PAGE), "exec"), names)
    return names


@pytest.fixture
def photos(picture_file) -> list[bytes]:
    kinds = ("png", "jpg", "webp")
    return [
        picture_file(f"{number}.{kinds[number % 3]}", (40 + number, 32), seed=number).read_bytes()
        for number in range(9)
    ]


def test_many_threads_draw_at_a_time(photos):
    draw = programs_with("def draw")["draw"]
    with ThreadPoolExecutor(6) as pool:
        drawn = list(pool.map(draw, photos))
    assert [kind for _, kind in drawn] == ["image/png", "image/jpeg", "image/webp"] * 3
    assert [file for file, _ in drawn] == [toonify.convert(photo) for photo in photos]


def test_over_http(photos):
    from fastapi.testclient import TestClient

    client = TestClient(programs_with("def draw", "FastAPI()")["app"])
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda photo: client.post("/cartoon", files={"photo": photo}), photos))
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.content for answer in answers] == [toonify.convert(photo) for photo in photos]
    refused = client.post("/cartoon", files={"photo": b"no picture"})
    assert refused.status_code == 422
    assert "not a picture in a known format" in refused.json()["detail"]


def test_the_first_program(picture_file):
    picture_file("photo.jpg")
    first = next(text for text in PROGRAMS if "strength=0.7" in text)
    names: dict[str, Any] = {}
    exec(compile(first.replace('style="runs/mine"', 'style="lines"'), str(PAGE), "exec"), names)
    assert isinstance(names["cartoon"], Image.Image)


def test_the_style_that_is_edited(picture_file):
    picture_file("photo.jpg")
    assert programs_with("manifest.detail")["cartoon"].size == (64, 48)


def test_whole_folders(picture_file, capsys):
    picture_file("photos/a.jpg")
    programs_with("convert_all")
    assert "1 picture converted" in capsys.readouterr().out
    with Image.open(io.BytesIO(Path("cartoons/a.jpg").read_bytes())) as image:
        assert image.size == (64, 48)
