"""Where pictures come from: which files, under which names, in which order."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from toonify.errors import USAGE, ToonifyError
from toonify.plugins import DatasetSource, create

NAMES = ["a.jpg", "e.jpeg", "b/c.png", "b/d.webp"]


@pytest.fixture(params=["folder", "comic"])
def source(request) -> DatasetSource:
    return create("datasets", request.param, {})


@pytest.fixture
def photos(tmp_path, picture_file) -> Path:
    for name in NAMES:
        picture_file(f"photos/{name}")
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    picture_file("photos/.hidden.png")
    return tmp_path / "photos"


def domain_of(source: DatasetSource):
    return "paired" if "paired" in source.domains else "photo"


def test_sub_folders_are_searched_and_only_pictures_taken(source, photos):
    items = list(source.items(domain_of(source), photos))
    assert [item.identity for item in items] == NAMES
    assert [item.path for item in items] == [photos / name for name in NAMES]


def test_identities_survive_a_move(source, photos, tmp_path):
    before = [item.identity for item in source.items(domain_of(source), photos)]
    moved = photos.rename(tmp_path / "elsewhere")
    assert [item.identity for item in source.items(domain_of(source), moved)] == before


def test_pictures_come_upright_in_rgb(source, photos, picture_file):
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    picture_file("photos/a.jpg", (64, 32), exif=exif)
    item = next(iter(source.items(domain_of(source), photos)))
    image = source.open(item)
    assert (image.mode, image.size) == ("RGB", (32, 64))


def test_a_root_that_is_no_folder_is_a_usage_error(source, tmp_path):
    with pytest.raises(ToonifyError, match="nowhere is not a folder") as raised:
        list(source.items(domain_of(source), tmp_path / "nowhere"))
    assert raised.value.exit_code == USAGE


def test_what_they_give():
    assert create("datasets", "folder", {}).domains == {"photo", "cartoon"}
    assert create("datasets", "comic", {}).domains == {"paired"}
    assert create("datasets", "afad", {}).domains == {"photo"}
    assert create("datasets", "selfie2anime", {}).domains == {"photo", "cartoon"}
    assert create("datasets", "video", {}).domains == {"photo", "cartoon"}


def test_large_photographs_give_the_comic_source_more_crops(tmp_path, picture_file):
    picture_file("photos/large.png", (2000, 1500))
    picture_file("photos/small.png", (64, 64))
    items = create("datasets", "comic", {}).items("paired", tmp_path / "photos")
    assert {item.identity: item.weight for item in items} == {"large.png": 3.0, "small.png": 1.0}


@pytest.mark.parametrize("name", ["comic-faces", "portrait", "paired"])
def test_but_no_more_than_is_in_them_once_they_are_reduced(tmp_path, picture_file, name):
    picture_file("photos/large.png", (2000, 1500))
    picture_file("drawings/large.png", (2000, 1500))
    options = {"drawings": str(tmp_path / "drawings")} if name == "paired" else {}
    for longest, weight in ((1500, 2.25), (500, 1.0), (4000, 3.0)):
        source = create("datasets", name, {**options, "longest": longest})
        assert [item.weight for item in source.items("paired", tmp_path / "photos")] == [weight]


def test_a_file_that_is_no_picture_is_offered_like_any_other(tmp_path):
    # Whether it can be read shows when it is opened; `prepare` then lists it with the reason.
    (tmp_path / "photo.jpg").write_text("not a picture")
    source = create("datasets", "comic", {})
    (item,) = source.items("paired", tmp_path)
    assert item.weight == 1.0
    with pytest.raises(ToonifyError, match="not a picture in a known format"):
        source.open(item)
