"""`--source afad`: faces by age and gender."""

from __future__ import annotations

from pathlib import Path

import pytest
from prepared import draw, sizes


@pytest.fixture
def afad(tmp_path: Path) -> Path:
    """Two men and two women of 18, 20 and 31 each, with names that recur, and what else lies there."""
    for age in (18, 20, 31):
        for gender in (111, 112):
            for index in range(2):
                name = f"{age}/{gender}/{index}.jpg"
                draw(tmp_path / "AFAD" / name, name=name)
    draw(tmp_path / "AFAD" / "samples" / "111" / "0.jpg")
    (tmp_path / "AFAD" / "README.txt").write_text("about")
    return tmp_path / "AFAD"


@pytest.mark.parametrize(
    ("options", "photos"),
    [
        ([], 12),
        (["age=20"], 4),
        (["age=18-25"], 8),
        (["age=19-99"], 8),
        (["gender=female"], 6),
        (["gender=male", "age=31"], 2),
    ],
)
def test_ages_and_gender_are_chosen(
    prepare, afad: Path, cartoons: Path, options: list[str], photos: int
) -> None:
    given = [word for option in options for word in ("--source-option", option)]
    result = prepare(afad, cartoons, "--source", "afad", *given)
    assert result.exit_code == 0, result.output
    assert sizes(Path("dataset")) == {"photo": photos, "cartoon": 6, "smoothed": 6}


def test_a_number_from_python_is_an_age(afad: Path) -> None:
    from toonify.plugins import create

    names = [item.identity for item in create("datasets", "afad", {"age": 20}).items("photo", afad)]
    assert names == ["20/111/0.jpg", "20/111/1.jpg", "20/112/0.jpg", "20/112/1.jpg"]


def test_an_age_that_does_not_occur_lists_those_that_do(prepare, afad: Path, cartoons: Path) -> None:
    result = prepare(afad, cartoons, "--source", "afad", "--source-option", "age=50-60")
    assert result.exit_code == 2
    assert "AFAD holds no pictures of the age that the source 'afad' is asked for" in result.stderr
    assert "Ages there: 18, 20, 31." in result.stderr


@pytest.mark.parametrize("age", ["young", "25-18", "-3", "20,21", ""])
def test_an_age_that_is_none_is_refused(prepare, afad: Path, cartoons: Path, age: str) -> None:
    result = prepare(afad, cartoons, "--source", "afad", "--source-option", f"age={age}")
    assert result.exit_code == 2
    assert "should be an age, such as 20, or a range, such as 18-25" in result.stderr


def test_a_misspelt_gender_gets_the_nearest(prepare, afad: Path, cartoons: Path) -> None:
    result = prepare(afad, cartoons, "--source", "afad", "--source-option", "gender=femal")
    assert result.exit_code == 2
    assert "Did you mean 'female'?" in result.stderr


def test_another_layout_is_refused_with_what_was_looked_for(prepare, photos: Path, cartoons: Path) -> None:
    result = prepare(photos, cartoons, "--source", "afad")
    assert result.exit_code == 2
    assert "photos holds no folder such as 20/111" in result.stderr
    assert "<age>/<111 (male) or 112 (female)>/*.jpg" in result.stderr


def test_cartoons_are_asked_for(prepare, afad: Path) -> None:
    result = prepare(afad, "--source", "afad")
    assert result.exit_code == 2
    assert "the source 'afad' needs a folder of cartoons" in result.stderr
