"""Manifests are not believed until read."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from toonify.errors import ToonifyError
from toonify.storage import Array, DatasetManifest, RunManifest, StyleManifest, manifests, read_json

STYLE = StyleManifest("ink", "lite", {"width": 8}, halo=96, multiple=8, sources=[{"name": "cats"}])
DATASET = DatasetManifest(
    request={"size": 64},
    size=64,
    counts={"train": {"photo": 2}},
    shards={"train": {"photo": [{"file": "train/photo-00000.npy", "count": 2}]}},
    content_hash="abc",
)
RUN = RunManifest({"preset": "pairs"}, "/data", "abc", 64, {"keras": "3.15"})


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


def test_an_editor_of_windows_may_have_touched_it(tmp_path):
    STYLE.write(tmp_path)
    card = tmp_path / "style.json"
    card.write_text(card.read_text(), encoding="utf-8-sig", newline="\r\n")
    assert StyleManifest.read(tmp_path) == STYLE


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


def test_nor_is_a_file_and_a_folder_that_is_not_there_is_called_so(tmp_path):
    (tmp_path / "file").write_text("")
    assert "not a toonify style" in refusal(tmp_path / "file")
    assert refusal(tmp_path / "nowhere") == f"there is no folder {tmp_path / 'nowhere'}"


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
    ("name", "value", "wanted"),
    [
        ("name", 5, "text, not 5"),
        ("name", None, "text, not None"),
        ("generator_options", [], "a table, not []"),
        ("halo", "96", "a whole number, not '96'"),
        ("halo", 1.5, "a whole number, not 1.5"),
        ("halo", True, "a whole number, not True"),
        ("multiple", None, "a whole number, not None"),
        ("multiple", False, "a whole number, not False"),
        ("detail", 7, "0, or 32 to 32768, not 7"),
        ("sources", {}, "a list, each a table, not {}"),
        ("figures", "fast", "a table, not 'fast'"),
    ],
)
def test_a_value_of_another_type_is_damage(tmp_path, name, value, wanted):
    assert f"is damaged: {name} should be {wanted}" in damaged(tmp_path, **{name: value})


def test_values_within_values_are_checked_too(tmp_path):
    assert "sources: 0: name should be text, not 5" in damaged(tmp_path, sources=[{"name": 5}])


@pytest.mark.parametrize("counts", [{"train": 5}, {"train": {"photo": "many"}}, {"train": {"photo": True}}])
def test_values_deep_within_values_are_checked_too(tmp_path, counts):
    dataclasses.replace(DATASET, counts=counts).write(tmp_path)
    with pytest.raises(
        ToonifyError, match=r"is damaged: counts: .*train.* should be a (whole number|table), not "
    ):
        DatasetManifest.read(tmp_path)


def test_names_that_are_no_text_are_kept(tmp_path):
    rejected = [{"picture": "caf\udce9.jpg", "domain": "photo", "kind": "unusable", "reason": "damaged"}]
    dataclasses.replace(DATASET, rejected=rejected).write(tmp_path)
    assert DatasetManifest.read(tmp_path).rejected == rejected


def test_a_dataset_knows_its_arrays_those_that_its_source_brought_too(tmp_path):
    dataclasses.replace(DATASET, arrays={"depth": Array("photo", 1)}).write(tmp_path)
    manifest = DatasetManifest.read(tmp_path)
    assert manifest.array("depth") == Array("photo", 1)
    assert manifest.array("smoothed") == Array("cartoon", 3)
    with pytest.raises(ToonifyError, match=r"called 'dept'\. Did you mean 'depth'"):
        manifest.array("dept")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    with open(tmp_path / "style.json", "wb") as file:
        file.truncate(manifests.MAX_BYTES + 1)  # sparse: takes no room
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read all the same"))
    assert "is larger than 64 MB" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "style.json")
    assert "style.json is not a regular file" in refusal(tmp_path)


def test_why_it_cannot_be_read_is_told_in_words_alone(tmp_path):
    card = tmp_path / "style.json"
    card.symlink_to(card)
    assert refusal(tmp_path) == f"{card} cannot be read: too many levels of symbolic links"


def test_a_folder_in_place_of_the_file_is_unreadable(tmp_path):
    (tmp_path / "style.json").mkdir()
    assert "cannot be read" in refusal(tmp_path)


def test_reading_json_says_what_the_folder_is_not(tmp_path):
    with pytest.raises(ToonifyError, match=r"is not a preset: it has no a\.json"):
        read_json(tmp_path / "a.json", "not a preset")
