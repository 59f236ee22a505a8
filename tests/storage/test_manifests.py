"""Manifests: written whole or not at all, and not believed until read."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import threading
from pathlib import Path

import pytest

from toonify import manifests
from toonify.errors import ToonifyError
from toonify.storage import (
    DatasetManifest,
    RunManifest,
    StyleManifest,
    put_in_place,
    read_json,
    write_bytes,
)

STYLE = StyleManifest("ink", "lite", {"width": 8}, halo=96, multiple=8, sources=[{"name": "cats"}])
DATASET = DatasetManifest(
    request={"size": 64},
    size=64,
    counts={"train": {"photo": 2}},
    shards={"train": {"photo": [{"file": "train/photo-00000.npy", "count": 2}]}},
    content_hash="abc",
)
RUN = RunManifest({"preset": "comic"}, "/data", "abc", {"keras": "3.15"})


def damaged(folder: Path, **changes: object) -> str:
    """The refusal of a style's card in which these values stand instead."""
    STYLE.write(folder)
    card = folder / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | changes))
    return refusal(folder)


def refusal(folder: Path) -> str:
    with pytest.raises(ToonifyError) as raised:
        StyleManifest.read(folder)
    assert str(folder) in raised.value.message
    assert "\n" not in raised.value.message
    return raised.value.message


@pytest.mark.parametrize("manifest", [STYLE, DATASET, RUN], ids=lambda manifest: manifest.KIND)
def test_what_is_written_is_read_again(tmp_path, manifest):
    manifest.write(tmp_path)
    assert type(manifest).read(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == [manifest.FILE]


def test_a_person_can_read_it(tmp_path):
    STYLE.write(tmp_path)
    text = (tmp_path / "style.json").read_text()
    assert text.startswith('{\n  "schema": 1,\n  "name": "ink",\n')
    assert text.endswith("}\n")


def test_what_is_optional_may_be_missing(tmp_path):
    (tmp_path / "style.json").write_text(
        '{"schema": 1, "name": "a", "generator": "b", "generator_options": {}, "halo": null, "multiple": 4}'
    )
    assert StyleManifest.read(tmp_path) == StyleManifest("a", "b", {}, None, 4)


def test_what_later_versions_add_is_left_out(tmp_path):
    STYLE.write(tmp_path)
    card = tmp_path / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"mood": "calm"}))
    assert StyleManifest.read(tmp_path) == STYLE


def test_a_folder_without_it_is_no_such_artefact(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path} is not a toonify style: it has no style.json"


def test_neither_is_a_file_nor_a_folder_that_is_not_there(tmp_path):
    (tmp_path / "file").write_text("")
    assert "not a toonify style" in refusal(tmp_path / "file")
    assert "not a toonify style" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_schema_version_is_named_with_what_to_do(tmp_path, version):
    message = damaged(tmp_path, schema=version)
    assert f"has schema version {version!r}; this toonify reads version 1" in message


def test_a_missing_schema_version_is_another_one(tmp_path):
    (tmp_path / "style.json").write_text("{}")
    assert "has schema version None" in refusal(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"schema": 1,}', "nonsense", '{"schema": 1} {"schema": 1}', "\x00\x00", "[" * 100_000],
    ids=["empty", "cut short", "comma", "words", "twice", "zeros", "nested deeply"],
)
def test_damaged_json_is_said_to_be_unreadable(tmp_path, text):
    (tmp_path / "style.json").write_text(text)
    assert "style.json cannot be read: " in refusal(tmp_path)


def test_bytes_that_are_no_text_are_unreadable(tmp_path):
    (tmp_path / "style.json").write_bytes(b'{"name": "\xff\xfe"}')
    assert "cannot be read" in refusal(tmp_path)


@pytest.mark.parametrize("text", ["[]", "1", '"style"', "null"])
def test_json_that_is_no_object_is_damaged(tmp_path, text):
    (tmp_path / "style.json").write_text(text)
    assert "style.json is damaged: not a JSON object" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["name", "generator", "generator_options", "halo", "multiple"])
def test_what_is_required_must_be_there(tmp_path, name):
    document = {"schema": 1, **dataclasses.asdict(STYLE)}
    del document[name]
    (tmp_path / "style.json").write_text(json.dumps(document))
    assert f"is damaged: '{name}' is missing" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("name", 5, "int"),
        ("name", None, "NoneType"),
        ("generator_options", [], "list"),
        ("halo", "96", "str"),
        ("halo", 1.5, "float"),
        ("halo", True, "bool"),
        ("multiple", None, "NoneType"),
        ("multiple", False, "bool"),
        ("sources", {}, "dict"),
        ("figures", "fast", "str"),
        ("sources", [{"name": 5}], "list"),
    ],
)
def test_a_value_of_another_type_is_damage(tmp_path, name, value, kind):
    assert f"is damaged: '{name}' is {kind}" in damaged(tmp_path, **{name: value})


@pytest.mark.parametrize("counts", [{"train": 5}, {"train": {"photo": "many"}}, {"train": {"photo": True}}])
def test_values_within_values_are_checked_too(tmp_path, counts):
    dataclasses.replace(DATASET, counts=counts).write(tmp_path)
    with pytest.raises(ToonifyError) as raised:
        DatasetManifest.read(tmp_path)
    assert "'counts' is dict, not dict[str, dict[str, int]]" in raised.value.message


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    with open(tmp_path / "style.json", "wb") as file:
        file.truncate(manifests.MAX_BYTES + 1)  # sparse: takes no room
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("read all the same"))
    assert "is larger than 64 MB" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "style.json")
    assert "style.json is not a regular file" in refusal(tmp_path)


def test_a_folder_in_place_of_the_file_is_unreadable(tmp_path):
    (tmp_path / "style.json").mkdir()
    assert "cannot be read" in refusal(tmp_path)


def test_reading_json_says_what_the_folder_is_not(tmp_path):
    with pytest.raises(ToonifyError, match=r"is not a preset: it has no a\.json"):
        read_json(tmp_path / "a.json", "not a preset")


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "style.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(ToonifyError) as raised:
        write_bytes(path, b"new")
    assert raised.value.message == f"{path} cannot be written: no space left on device"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path], "something was left behind"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_full_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "style.json"
    path.write_bytes(b"old")
    beside = tmp_path / f".style.json.{os.getpid()}-{threading.get_ident()}.part"
    beside.symlink_to("/dev/full")
    with pytest.raises(ToonifyError, match="no space left on device"):
        write_bytes(path, b"new" * 100_000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_the_old_file(tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "style.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_none_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for folder, reason in (("nowhere", "no such file or directory"), ("file", "not a directory")):
        with pytest.raises(ToonifyError, match=rf"{folder}/style\.json cannot be written: {reason}"):
            STYLE.write(tmp_path / folder)


def test_two_writers_do_not_mix(tmp_path):
    path = tmp_path / "a.json"
    documents = [bytes([65 + number]) * 200_000 for number in range(4)]
    writers = [threading.Thread(target=write_bytes, args=(path, data)) for data in documents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in documents
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def places(tmp_path) -> tuple[Path, Path]:
    """A folder that is ready, and a full one in whose place it is to come."""
    part, path = tmp_path / "style.part", tmp_path / "style"
    for folder, text in ((part, "new"), (path, "old")):
        folder.mkdir()
        (folder / text).write_text(text)
    return part, path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_folder_takes_the_place_of_a_full_one(places, tmp_path):
    put_in_place(*places)
    assert names(tmp_path) == ["style", "style/new"]


def test_what_a_killed_process_left_is_cleared_away(places, tmp_path):
    (tmp_path / ".style.old").mkdir()
    (tmp_path / ".style.old" / "older").write_text("")
    put_in_place(*places)
    assert names(tmp_path) == ["style", "style/new"]


def test_a_link_is_replaced_and_what_it_leads_to_stays(places, tmp_path):
    part, path = places
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    put_in_place(part, path)
    assert not path.is_symlink()
    assert names(tmp_path) == ["elsewhere", "elsewhere/old", "style", "style/new"]


@pytest.mark.parametrize("problem", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()], ids=repr)
def test_when_it_fails_the_old_folder_is_there_again(places, tmp_path, monkeypatch, problem):
    part, path = places
    replace = os.replace

    def fail(source: Path, target: Path) -> None:
        if source == part:
            raise problem
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(problem)):
        put_in_place(part, path)
    assert names(tmp_path) == ["style", "style.part", "style.part/new", "style/old"]
