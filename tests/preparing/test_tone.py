"""`--tone auto`: light for faces in deep shadow, and not a bit changed elsewhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from portraits import close_up, portrait, shaded
from prepared import array, draw, manifest

from toonify.preparing.tone import even_out

SHADOW = (slice(55, 75), slice(40, 54))
"""The cheek of `close_up` that `shaded` leaves without light, rows and columns."""

LIT = (slice(55, 75), slice(72, 84))
"""The other cheek."""


def luminance(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]


def test_an_evenly_lit_face_stays_as_it_is_to_the_bit() -> None:
    picture = close_up()
    np.testing.assert_array_equal(even_out(picture.copy()), picture)


@pytest.mark.parametrize("light", [0.3, 0.5, 0.8])
def test_so_does_one_with_a_moderate_shadow(light: float) -> None:
    picture = shaded(close_up(), light)
    np.testing.assert_array_equal(even_out(picture.copy()), picture)


def test_so_does_dark_skin_in_even_light() -> None:
    picture = np.rint(((close_up() / 255) ** 2.2 * 0.2) ** (1 / 2.2) * 255).astype(np.uint8)
    np.testing.assert_array_equal(even_out(picture.copy()), picture)


@pytest.mark.parametrize("seed", range(3))
def test_so_does_a_picture_without_a_face(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)
    night = shaded(noise)
    np.testing.assert_array_equal(even_out(night.copy()), night)


def test_a_face_half_in_deep_shadow_is_lifted_there_and_hardly_where_it_is_lit() -> None:
    before = shaded(close_up())
    after = even_out(before)
    assert luminance(before)[SHADOW].mean() < 20
    assert luminance(after)[SHADOW].mean() > 1.5 * luminance(before)[SHADOW].mean()
    assert abs(luminance(after)[LIT].mean() - luminance(before)[LIT].mean()) < 3


def test_the_deeper_the_shadow_the_stronger_the_lift() -> None:
    raised = [
        (luminance(even_out(shaded(close_up(), light)))[SHADOW].mean())
        / (luminance(shaded(close_up(), light))[SHADOW].mean())
        for light in (0.15, 0.08, 0.04)
    ]
    assert 1 <= raised[0] < raised[1] < raised[2]


def unlit(picture: np.ndarray) -> np.ndarray:
    return np.rint(((picture / 255) ** 2.2 * 0.02) ** (1 / 2.2) * 255).astype(np.uint8)


def test_a_face_without_any_light_is_lifted() -> None:
    picture = unlit(close_up())
    assert luminance(even_out(picture)).mean() > 1.2 * luminance(picture).mean()


def test_it_is_lifted_wherever_it_is_and_more_than_a_wall_far_from_it() -> None:
    face = unlit(close_up())
    side = len(face)
    wall = np.full((side, 3 * side, 3), round(face.mean()), np.uint8)
    lifts = []
    for begin, parts in ((0, (face, wall)), (3 * side, (wall, face))):
        before = np.hstack(parts)
        lift = luminance(even_out(before)) - luminance(before)
        lifts.append(lift[:, begin : begin + side].mean())
        assert lifts[-1] > 1.5 * lift[:, 3 * side // 2 : 5 * side // 2].mean()
    assert lifts[0] == pytest.approx(lifts[1], rel=0.05)


def test_what_was_brighter_stays_brighter_so_there_are_no_halos() -> None:
    """Along each row of a plain wall behind the shadow's edge, brightness still only rises."""
    picture = close_up(128)
    picture = np.where(np.arange(128)[:, None, None] < 12, 190, picture).astype(np.uint8)
    after = luminance(even_out(shaded(picture)))[3:7]
    assert np.diff(after, axis=1).min() > -1


def test_noise_in_the_shadow_is_not_blown_up() -> None:
    noise = np.random.default_rng(0).normal(0, 3, (128, 128, 1))
    clean = shaded(close_up())
    noisy = np.clip(clean + noise, 0, 255).astype(np.uint8)
    grain = [
        cv2.Laplacian(luminance(picture), cv2.CV_32F)[:30, :30].std() for picture in (noisy, even_out(noisy))
    ]
    assert grain[1] < 1.5 * grain[0]


def test_grey_stays_grey() -> None:
    grey = np.repeat(shaded(close_up())[..., 1:2], 3, axis=2)
    after = even_out(grey)
    assert not np.array_equal(after, grey)
    assert np.ptp(after.astype(int), axis=2).max() <= 1


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    (tmp_path / "faces").mkdir()
    for index, side in enumerate((100, 110, 128)):
        Image.fromarray(close_up(side)).save(tmp_path / "faces" / f"{index}.png")
    draw(tmp_path / "faces" / "none.png")
    return tmp_path / "faces"


def test_evenly_lit_photos_give_the_same_dataset(prepare, faces: Path, cartoons: Path) -> None:
    prepare(faces, cartoons, "--size", "96", "-o", "plain")
    prepare(faces, cartoons, "--size", "96", "-o", "toned", "--tone", "auto")
    plain, toned = manifest(Path("plain")), manifest(Path("toned"))
    assert plain["content_hash"] == toned["content_hash"]
    assert (plain["request"]["tone"], toned["request"]["tone"]) == ("none", "auto")


def test_photos_are_lifted_and_cartoons_are_not(prepare, faces: Path) -> None:
    for folder in ("photos", "cartoons"):
        Path(folder).mkdir()
        for path in faces.glob("?.png"):
            Image.fromarray(shaded(np.asarray(Image.open(path)))).save(Path(folder, path.name))
    for tone in ("none", "auto"):
        prepare("photos", "cartoons", "--size", "96", "--crop", "center", "-o", tone, "--tone", tone)
    photos, cartoons = (
        [array(Path(tone), "train", name).mean() for tone in ("none", "auto")]
        for name in ("photo", "cartoon")
    )
    assert photos[1] > photos[0] + 3
    assert cartoons[1] == cartoons[0]


def test_another_tone_is_refused(prepare, faces: Path, cartoons: Path) -> None:
    result = prepare(faces, cartoons, "--tone", "bright")
    assert result.exit_code == 2
    assert "there is no choice for --tone called 'bright'" in result.stderr
    assert "Choices: auto, none." in result.stderr


def test_the_helper_shades_one_half_only() -> None:
    before, after = np.asarray(portrait()), shaded(np.asarray(portrait()))
    assert after[:, :20].mean() < 0.4 * before[:, :20].mean()
    assert after[:, 110:].mean() > 0.98 * before[:, 110:].mean()
