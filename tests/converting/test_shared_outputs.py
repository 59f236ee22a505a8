"""What somebody else writes into the output while a run goes on stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing import draw_picture
from films import encode, scene
from PIL import Image

from toonify.converting import Converter, ConvertRequest, Outcome, convert_all


def test_what_appears_in_the_output_meanwhile_stays(style, picture_file):
    picture_file("in/a.png")
    picture_file("in/b.png")
    mine: list[bytes] = []

    def tell(outcome: Outcome) -> None:
        if not mine:
            mine.append(picture_file("out/b.png", seed=5).read_bytes())

    result = convert_all(ConvertRequest(["in"], "out", style, workers=1), tell=tell)
    assert [outcome.result for outcome in result.outcomes] == ["converted", "skipped"]
    assert result.outcomes[1].differs == ("how it was made is not known",)
    assert Path("out/b.png").read_bytes() == mine[0]


@pytest.mark.parametrize("suffix", [".png", ".gif"])
def test_what_appears_in_the_output_while_it_is_drawn_stays(style, picture_file, monkeypatch, suffix):
    frames = [draw_picture((40, 32), seed) for seed in range(2)]
    Path("in").mkdir()
    frames[0].save(f"in/a{suffix}", save_all=suffix == ".gif", append_images=frames[1:])
    draw = Converter.convert

    def convert(*given: Any, **named: Any) -> Any:
        Path(f"out/a{suffix}").write_text("mine")
        return draw(*given, **named)

    monkeypatch.setattr(Converter, "convert", convert)
    Path("out").mkdir()
    result = convert_all(ConvertRequest(["in"], "out", style))
    assert [outcome.result for outcome in result.outcomes] == ["skipped"]
    assert [path.read_text() for path in Path("out").iterdir()] == ["mine"]
    assert convert_all(ConvertRequest(["in"], "out", style, overwrite=True)).count("converted") == 1


@pytest.fixture
def moving() -> None:
    """A GIF of two frames, in a folder by itself."""
    Path("in").mkdir()
    first, second = (draw_picture((40, 32), seed) for seed in range(2))
    first.save("in/a.gif", save_all=True, append_images=[second])


@pytest.fixture
def still(picture_file) -> None:
    picture_file("in/a.png", (40, 32))


@pytest.mark.parametrize("kind", ["still", "moving"])
def test_a_comparison_that_was_left_over_becomes_that_of_the_new_cartoon(style, request, kind):
    request.getfixturevalue(kind)
    asked = ConvertRequest(["in"], "out", style, compare=True)
    assert convert_all(asked).count("converted") == 1
    cartoon, comparison = sorted(Path("out").iterdir(), key=lambda path: ".compare" in path.name)
    cartoon.unlink()
    wanted = comparison.read_bytes()
    with Image.open(comparison) as image:
        Image.new("RGB", (8, 8)).save(comparison, exif=image.info["exif"])
    result = convert_all(asked)
    assert [outcome.result for outcome in result.outcomes] == ["converted"]
    assert comparison.read_bytes() == wanted


def test_the_comparison_of_an_animation_comes_after_its_cartoon(style, moving, monkeypatch):
    """Or it would be in the way of the next run, where it may not say whose it is."""
    asked = ConvertRequest(["in"], "out", style, compare=True, strip="metadata")
    draw, drawn = Converter.convert, []

    def convert(*given: Any, **named: Any) -> Any:
        drawn.append(draw(*given, **named))
        if len(drawn) == 2:
            raise OSError("no space left on device")
        return drawn[-1]

    with monkeypatch.context() as patch:
        patch.setattr(Converter, "convert", convert)
        assert convert_all(asked).count("failed") == 1
    assert list(Path("out").iterdir()) == []
    assert convert_all(asked).count("converted") == 1
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.compare.png", "a.gif"]


@pytest.mark.parametrize("kind", ["still", "moving"])
def test_a_file_of_somebody_elses_that_is_called_like_a_comparison_stays(style, request, kind):
    request.getfixturevalue(kind)
    Path("out").mkdir()
    theirs = Path("out/a.compare.png")
    theirs.write_text("mine")
    asked = ConvertRequest(["in"], "out", style, compare=True)
    result = convert_all(asked)
    assert [outcome.result for outcome in result.outcomes] == ["failed"]
    assert f"{theirs} is there already, and is not known to be toonify's" in result.outcomes[0].reason
    assert [path.read_text() for path in Path("out").iterdir()] == ["mine"]
    assert convert_all(replace(asked, overwrite=True)).count("converted") == 1
    assert theirs.read_bytes() != b"mine"


def test_beside_a_cartoon_that_another_run_wrote_meanwhile_comes_the_comparison(style, still, monkeypatch):
    convert_all(ConvertRequest(["in"], "theirs", style))
    draw = Converter.convert

    def convert(*given: Any, **named: Any) -> Any:
        Path("out").mkdir(exist_ok=True)
        Path("out/a.png").write_bytes(Path("theirs/a.png").read_bytes())
        return draw(*given, **named)

    monkeypatch.setattr(Converter, "convert", convert)
    result = convert_all(ConvertRequest(["in"], "out", style, compare=True))
    assert [outcome.result for outcome in result.outcomes] == ["compared"]
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.compare.png", "a.png"]


def test_a_film_that_another_run_wrote_meanwhile_is_left_and_nothing_is_kept(style, tmp_path, monkeypatch):
    encode(tmp_path / "a.mp4", scene("x", 4))
    draw = Converter.draw

    def drawn(converter: Converter, frame: np.ndarray) -> np.ndarray:
        Path("b.mp4").write_text("theirs")
        return draw(converter, frame)

    monkeypatch.setattr(Converter, "draw", drawn)
    result = convert_all(ConvertRequest([tmp_path / "a.mp4"], "b.mp4", style))
    assert [outcome.result for outcome in result.outcomes] == ["skipped"]
    assert not result.kept
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cartoon") == ["a.mp4", "b.mp4"]
    assert Path("b.mp4").read_text() == "theirs"
