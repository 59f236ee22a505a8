"""`--crop face`: a square around each face."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image
from portraits import group, portrait
from prepared import array, contents, draw, manifest, sizes

from toonify.faces import Face, detector, find_faces, read_detector
from toonify.faces.detector import MODEL
from toonify.preparing import faces, shards
from toonify.preparing.faces import square, squares


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Four pictures with a face, one with three, two with none."""
    (tmp_path / "people").mkdir()
    for index in range(4):
        portrait(100 + 9 * index).save(tmp_path / "people" / f"one{index}.png")
    group(3).save(tmp_path / "people" / "three.png")
    for index in range(2):
        draw(tmp_path / "people" / f"none{index}.png")
    return tmp_path / "people"


def test_the_model_is_the_one_that_is_described_with_its_licence_beside_it() -> None:
    folder = resources.files("toonify.faces") / "yunet"
    digest = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    assert digest in (folder / "README.md").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text(encoding="utf-8")


def test_threads_make_the_detector_once(monkeypatch) -> None:
    made = []

    def slowly(path: Path) -> bytes:
        made.append(path.name)
        time.sleep(0.1)
        return path.read_bytes()

    monkeypatch.setattr(detector, "read_checked", slowly)
    detector._detector.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(find_faces, [portrait(128)] * 4))
    assert made == [MODEL]
    assert [len(faces) for faces in found] == [1] * 4


def test_its_faces_are_those_of_opencv() -> None:
    import cv2

    picture = group(3)
    model = onnx.load_model_from_string(read_detector())
    model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, (1, 3, 640, 640)))
    for output in model.graph.output:  # OpenCV does not take a model without shapes
        output.type.tensor_type.shape.SetInParent()
    shaped = np.frombuffer(model.SerializeToString(), np.uint8)
    theirs = cv2.FaceDetectorYN.create("onnx", shaped, np.zeros(0, np.uint8), picture.size, 0.7)
    rows = sorted(theirs.detect(np.asarray(picture)[..., ::-1].copy())[1], key=lambda row: row[0])
    ours = sorted(find_faces(picture, 640), key=lambda face: face.left)
    assert len(ours) == len(rows) == 3
    for face, row in zip(ours, rows, strict=True):
        np.testing.assert_allclose((face.left, face.top, face.width, face.height), row[:4], atol=1e-3)
        np.testing.assert_allclose(face.points.ravel(), row[4:14], atol=1e-3)


def test_several_faces_give_several_pictures_and_none_the_middle(
    prepare, people: Path, cartoons: Path
) -> None:
    result = prepare(people, cartoons, "--crop", "face")
    assert result.exit_code == 0, result.output
    assert sizes(Path("dataset")) == {"photo": 4 + 3 + 2, "cartoon": 6, "smoothed": 6}
    assert "photo: files with one face 4, with more 1, without 2 (cropped in the middle)" in result.stdout
    assert "cartoon: files with one face 0, with more 0, without 6" in result.stdout


def test_pictures_without_a_face_are_flagged_or_left_out(prepare, people: Path) -> None:
    arguments = (people, people.parent / "drawn", "--crop", "face", "--val-fraction", "0")
    (people.parent / "drawn").mkdir()
    portrait(128).save(people.parent / "drawn" / "face.png")
    draw(people.parent / "drawn" / "none.png")
    kept = prepare(*arguments)
    assert kept.exit_code == 0, kept.output
    assert manifest(Path("dataset"))["flags"]["photo"]["faceless"] == 2
    assert "Drawn faces are found less often than photographed ones" in kept.stdout
    assert "leave those without a face out: --reject faceless" in kept.stdout
    left_out = prepare(*arguments, "--reject", "flat,faceless", "-o", "strict")
    assert left_out.exit_code == 0, left_out.output
    assert sizes(Path("strict")) == {"photo": 4 + 3, "cartoon": 1, "smoothed": 1}
    assert {entry["kind"] for entry in manifest(Path("strict"))["rejected"]} == {"faceless"}
    assert "3  faceless: no face was found" in left_out.stdout and "Drawn faces" not in left_out.stdout
    assert "faceless" in Path("strict/survey.csv").read_text(encoding="utf-8")
    dry = json.loads(prepare(*arguments, "--reject", "faceless", "--dry-run", "--json").stdout)
    assert dry["counts"]["train"] == {"photo": 7, "cartoon": 1, "smoothed": 1}


def test_a_folder_without_any_face_says_what_to_give_instead(prepare, people: Path, cartoons: Path) -> None:
    result = prepare(people, cartoons, "--crop", "face", "--reject", "faceless")
    assert result.exit_code == 1
    assert "can be used: faceless: no face was found" in " ".join(result.stderr.split())
    assert "Leave faceless out of --reject" in " ".join(result.stderr.split())


def test_faceless_is_a_matter_of_crops_around_faces(prepare, people: Path, cartoons: Path) -> None:
    result = prepare(people, cartoons, "--reject", "faceless")
    assert result.exit_code == 2
    assert "with the --crop random no faces are looked for" in " ".join(result.stderr.split())


def test_faces_are_counted_for_scripts_too(prepare, people: Path, cartoons: Path) -> None:
    report = json.loads(prepare(people, cartoons, "--crop", "face", "--json").stdout)
    assert report["faces"]["photo"] == {"none": 2, "one": 4, "more": 1}


def test_other_crops_look_for_no_faces(prepare, people: Path, cartoons: Path, monkeypatch) -> None:
    monkeypatch.setattr(faces, "find_faces", None)
    report = json.loads(prepare(people, cartoons, "--json").stdout)
    assert report["faces"] == {}


def test_each_picture_shows_its_face_in_the_middle_with_hair_and_shoulders(
    prepare, people: Path, cartoons: Path
) -> None:
    for path in people.glob("none*"):
        path.unlink()
    prepare(people, cartoons, "--crop", "face", "--size", "64", "--val-fraction", "0")
    for picture in array(Path("dataset"), "train", "photo"):
        (face,) = find_faces(Image.fromarray(picture))
        assert 0.3 < face.height / 64 < 0.5
        assert abs(face.left + face.width / 2 - 32) < 10
        assert 0.15 < face.top / 64 < 0.35


def test_a_count_is_met_in_the_middle_of_a_picture(prepare, people: Path, cartoons: Path) -> None:
    for path in people.glob("one*"):
        path.unlink()
    prepare(people, cartoons, "--crop", "face", "--count", "4", "--val-fraction", "0")
    assert sizes(Path("dataset"))["photo"] == 4


def test_each_face_is_taken_once_whatever_is_asked_for(prepare, people: Path, cartoons: Path) -> None:
    result = prepare(people, cartoons, "--crop", "face", "--count", "50", "--val-fraction", "0")
    assert sizes(Path("dataset"))["photo"] == 9
    assert "only 9 of 50 photo pictures (train): each face gives one" in result.stderr


def test_pairs_are_cropped_to_faces(prepare, people: Path) -> None:
    result = prepare(people, "--source", "comic", "--crop", "face")
    assert sizes(Path("dataset")) == {"paired": 9, "facial": 9}
    assert "paired: files with one face 4, with more 1, without 2" in result.stdout


@pytest.mark.slow
def test_workers_make_the_same_dataset(prepare, people: Path, cartoons: Path) -> None:
    arguments = (people, cartoons, "--crop", "face", "--tone", "auto")
    prepare(*arguments, "-o", "one")
    prepare(*arguments, "-o", "two", "--workers", "2")
    assert contents(Path("one")) == contents(Path("two"))


@pytest.mark.parametrize(
    "finished", [0, pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(3, marks=pytest.mark.slow), 4]
)
@pytest.mark.parametrize("count", [(), ("--count", "8")])
def test_a_run_that_was_killed_goes_on_in_the_middle_of_a_picture(
    prepare, people: Path, cartoons: Path, monkeypatch, finished: int, count: tuple[str, ...]
) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 2 * 32 * 32 * 3)
    arguments = (people, cartoons, "--crop", "face", "--val-fraction", "0", *count)
    finish, done = shards.Shard.finish, 0

    def dying(shard: shards.Shard) -> None:
        nonlocal done
        done += 1
        if done > finished:
            raise RuntimeError("killed")
        finish(shard)

    with monkeypatch.context() as patch:
        patch.setattr(shards.Shard, "finish", dying)
        assert prepare(*arguments).exit_code == 1
    continued = json.loads(prepare(*arguments, "--json").stdout)
    expected = json.loads(prepare(*arguments, "-o", "expected", "--json").stdout)
    assert contents(Path("dataset")) == contents(Path("expected"))
    assert continued["faces"] == expected["faces"]


def test_faces_too_small_for_the_size_are_left_alone() -> None:
    (face,) = find_faces(portrait(128))
    large = int(2 * faces.ROOM * face.height)
    assert len(squares(portrait(128), large)) == 1
    assert squares(portrait(128), large + 1) == []


def test_the_largest_face_comes_first() -> None:
    picture = Image.new("RGB", (384, 256))
    picture.paste(portrait(128), (0, 0))
    picture.paste(portrait(256), (128, 0))
    sides = [right - left for left, _, right, _ in squares(picture, 16)]
    assert len(sides) == 2 and sides[0] > 1.5 * sides[1]


def test_a_face_is_found_at_every_size() -> None:
    for side in (64, 200, 700, 2000):
        (face,) = find_faces(portrait(side))
        assert face.height / side == pytest.approx(0.24, abs=0.04)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (17, 9), (500, 32)])
def test_the_smallest_pictures_hold_no_face(size: tuple[int, int]) -> None:
    assert find_faces(Image.new("RGB", size)) == []


@pytest.mark.parametrize("left", [-40, 0, 90, 160, 230])
@pytest.mark.parametrize("top", [-30, 10, 60, 110, 170])
@pytest.mark.parametrize("height", [4, 30, 80, 150, 400])
def test_every_square_lies_inside_the_picture(left: int, top: int, height: int) -> None:
    box = square(Face(left, top, 0.8 * height, height, np.zeros((5, 2))), 240, 180)
    assert 0 <= box[0] < box[2] <= 240
    assert 0 <= box[1] < box[3] <= 180
    assert box[2] - box[0] == box[3] - box[1] == min(round(faces.ROOM * height), 180)


def test_a_face_as_high_as_the_picture_stays_in_its_square() -> None:
    left, top, right, bottom = square(Face(60, 100, 120, 170, np.zeros((5, 2))), 200, 400)
    assert left <= 60 and right >= 180 and top <= 100 and bottom >= 270
