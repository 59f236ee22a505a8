"""`benchmarks/styles.py` and `benchmarks/worst.py`: the figures say what they should."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image
from tiny_style import make_style

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def load(monkeypatch):
    """`load("figures.films")`: a module below benchmarks/."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module


@pytest.fixture
def styles(load) -> ModuleType:
    return load("styles")


@pytest.fixture
def measuring(load) -> ModuleType:
    return load("figures.measuring")


def grey(level: float, size: tuple[int, int] = (64, 64)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


def noise(size: tuple[int, int] = (64, 64)) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)


def test_a_flat_picture_is_flat_and_noise_is_not(measuring):
    flat, noisy = (measuring.drawing_figures(picture, picture) for picture in (grey(120), noise()))
    assert (flat["flat"], flat["clarity"]) == (1.0, 0.0)
    assert noisy["flat"] == 0.0 and noisy["clarity"] > 50


def test_lightness_and_colour_shift_are_those_of_the_drawing(measuring):
    same = measuring.drawing_figures(grey(120), grey(120))
    assert (same["colour"], same["lightness"]) == (0.0, 0.0)
    lighter, darker = (measuring.drawing_figures(grey(120), grey(level)) for level in (140, 100))
    assert lighter["lightness"] > 5 and darker["lightness"] < -5
    assert lighter["colour"] > 5


SHARMA = [  # some of the pairs in table 1 of Sharma, Wu and Dalal (2005)
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


def test_ciede2000_is_that_of_its_published_test_data(load):
    one, other, expected = (np.array(column) for column in zip(*SHARMA, strict=True))
    ciede2000 = load("figures.colours").ciede2000
    np.testing.assert_allclose(ciede2000(one, other), expected, atol=5e-5)
    np.testing.assert_allclose(ciede2000(other, one), expected, atol=5e-5)


@pytest.fixture
def sky() -> np.ndarray:
    """L* of a flat sky, and below it of something that is not flat."""
    lightness = np.full((128, 128), 60.0, np.float32)
    lightness[64:] += np.random.default_rng(0).normal(0, 15, (64, 128)).astype(np.float32)
    return lightness


def test_specks_in_flat_areas_count_and_nothing_else(load, sky):
    artefacts = load("figures.artefacts")
    flat = artefacts.flat_areas(sky)
    assert flat[:50].all() and not flat[70:].any()
    assert artefacts.count_specks(sky, flat) == 0
    drawing = sky.copy()
    drawing[10:12, 10:13] -= 20  # dark
    drawing[10:12, 30:32] += 20  # light
    drawing[30, 20] -= 20  # a single pixel
    drawing[45, 10:60] -= 20  # a line is no speck
    drawing[20, 80] -= 3  # what can hardly be seen is none
    assert artefacts.count_specks(drawing, flat) == 3


@pytest.mark.parametrize("period", [4, 8, 32])
def test_a_grid_shows_at_its_period(load, period):
    artefacts = load("figures.artefacts")
    calm = np.random.default_rng(0).normal(60, 0.5, (256, 256)).astype(np.float32)
    everywhere = np.ones_like(calm, bool)

    def strength(lightness: np.ndarray, side: int) -> float:
        grid = artefacts.Grid(side)
        grid.add(lightness, everywhere)
        return grid.strength()

    pattern = np.zeros_like(calm)
    pattern[::period] = 2  # a row of each period is lighter
    expected = pattern.std()
    assert strength(calm + pattern, period) == pytest.approx(expected, rel=0.2)
    assert strength(calm, period) < expected / 4
    assert strength(calm + pattern, period * 3 - 1) < expected / 2
    assert strength(calm + pattern, period * 2) == pytest.approx(expected, rel=0.2)


def test_a_grid_outside_of_flat_areas_is_not_counted(load, sky):
    grid = load("figures.artefacts").Grid(8)
    drawing = sky.copy()
    drawing[64::8] += 20
    flat = np.zeros_like(sky, bool)
    flat[:50] = True
    grid.add(drawing, flat)
    assert grid.strength() < 0.01


def test_whole_steps_of_a_film_are_undone_exactly(load):
    films = load("figures.films")
    photo = np.asarray(draw_picture((64, 48)))
    whole, parts = (films.flicker(photo, films.STEPS[name], lambda frame: frame) for name in films.STEPS)
    assert whole == 0
    assert 0 < parts < 5


def test_what_stays_while_the_picture_moves_flickers(load):
    films = load("figures.films")
    photo = np.asarray(draw_picture((64, 48)))
    screen = noise((48, 64)) // 8

    def behind_a_screen(frame: np.ndarray) -> np.ndarray:
        return frame // 2 + screen[: frame.shape[0], : frame.shape[1]]

    step = films.STEPS["whole pixels"]
    assert films.flicker(photo, step, lambda frame: frame // 2) == 0
    assert films.flicker(photo, step, behind_a_screen) > 5
    assert films.flicker(photo, step, lambda frame: np.zeros_like(frame)) == 0


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    with Image.open(ROOT / "samples" / "astronaut.jpg") as image:
        return np.asarray(image.convert("RGB"))


def test_a_face_is_kept_where_it_is_and_not_where_it_is_shifted_to(measuring, portrait):
    from toonify.faces import find_faces

    face = find_faces(Image.fromarray(portrait))[0]

    def kept(drawing: np.ndarray) -> float:
        return measuring.face_figures(portrait, drawing, face)["kept"]

    assert kept(portrait) == 1
    assert kept(np.roll(portrait, round(0.02 * face.width), axis=1)) == 1
    assert kept(np.roll(portrait, round(0.12 * face.width), axis=1)) == 0
    assert kept(np.zeros_like(portrait)) == 0


def test_a_face_of_one_colour_is_flat(measuring, portrait):
    from toonify.faces import find_faces

    face = find_faces(Image.fromarray(portrait))[0]
    drawn = measuring.face_figures(portrait, grey(150, portrait.shape[:2]), face)
    photo = measuring.face_figures(portrait, portrait, face)
    assert (drawn["face_flat"], drawn["face_flatter"]) == (1, 1)
    assert photo["face_flatter"] < photo["face_flat"] < 0.2


@pytest.mark.slow
def test_the_content_of_a_picture_is_its_own(load):
    figures = load("figures.features")
    features = figures.vgg19(Path("none"))  # random weights
    photo, other = np.asarray(draw_picture((32, 32))), noise((32, 32))

    def distance(drawing: np.ndarray) -> float:
        return figures.content_distance(features, photo, drawing)

    assert distance(photo) == 0
    assert distance(other) > distance(photo // 8 * 8) > 0


def test_whose_hand_drew_pictures_is_nearer_to_more_of_them_than_to_others(load):
    figures = load("figures.features")

    def features(picture: np.ndarray) -> np.ndarray:  # mean colours stand in for a network's
        return picture.mean((0, 1))[None, None, None, :] / 255

    def pictures(tone: int) -> list[np.ndarray]:
        return [grey(tone + shift, (40 + shift, 64)) for shift in range(8)]

    wanted = figures.hand(features, pictures(200))
    assert wanted.shape == (8, 3)
    near, far = (figures.kid(features, pictures(tone), wanted)["kid"] for tone in (200, 60))
    assert abs(near) < 0.01 < far


@pytest.fixture
def command(styles, tmp_path, picture_file, capsys):
    """`command("--json")`: the script on two small photographs and a tiny style."""
    for number in range(2):
        picture_file(f"photos/{number}.png", (72, 56), seed=number)
    make_style(tmp_path / "mine")

    def run(*arguments: str) -> str:
        style = ("--style", "mine", "--against", "mine", "--repeats", "1")
        styles.main([*style, *(arguments or ("photos",))])
        return capsys.readouterr().out

    return run


def test_it_prints_a_table_with_the_photographs_beside_the_styles(command):
    printed = command()
    assert printed.startswith("2 photographs, 0 faces\n\n| | photographs | mine |\n| --- | --- | --- |\n")
    rows = {line.split("|")[1].strip(): line.split("|")[2:4] for line in printed.splitlines() if "|" in line}
    assert float(rows["colour shift, CIEDE2000"][0]) == 0 < float(rows["colour shift, CIEDE2000"][1])
    assert rows["flicker, whole pixels, levels"][0].strip() == "0.00"
    assert rows["times that of mine"][1].strip() == "1.00"
    assert "features kept, share of faces" not in rows
    assert "no content distance, no KID: give VGG19's weights" in printed


def test_json_has_the_same_figures_by_name(command, styles):
    report = json.loads(command("photos", "--json"))
    assert (report["photographs"], report["faces"]) == (2, 0)
    assert report["figures"]["mine"].keys() <= styles.FIGURES.keys()
    assert report["figures"]["mine"]["megabytes"] > 0
    assert report["figures"]["photographs"]["lightness"] == 0


def test_faces_may_lie_in_a_folder_of_their_own(command, tmp_path):
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "a.jpg").write_bytes((ROOT / "samples" / "astronaut.jpg").read_bytes())
    report = json.loads(command("photos", "--faces", "faces", "--json"))
    assert (report["photographs"], report["faces"]) == (2, 1)
    assert report["figures"]["photographs"]["kept"] == 1


def test_a_folder_without_pictures_is_told_in_a_line(command, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit) as caught:
        command("empty")
    assert caught.value.code == 1
    assert capsys.readouterr().err == "error: there are no pictures in empty\n"


def test_the_worst_are_taken_by_each_figure_in_turn_and_no_picture_twice(load):
    rows = [
        {"colour": 9, "specks": 5},
        {"colour": 1, "specks": 4, "features": 0.1},
        {"colour": 3, "specks": 9},
        {"colour": 2, "specks": 1, "features": float("inf")},
    ]
    worst = load("worst").worst
    assert worst(rows, ["features", "colour", "specks"], 4) == [
        (3, "features"),
        (0, "colour"),
        (2, "specks"),
        (1, "features"),
    ]
    assert worst(rows, ["features"], 4) == [(3, "features"), (1, "features")], "others have no face to lose"
    assert worst(rows, ["specks", "colour"], 1) == [(2, "specks")]
    assert worst([{"specks": 0}, {"specks": 2}], ["specks"], 2) == [(1, "specks")], "0 is not bad"


def test_a_sheet_of_the_worst_is_written_and_the_table_names_them(load, tmp_path, monkeypatch, capsys):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "face.jpg").write_bytes((ROOT / "samples" / "astronaut.jpg").read_bytes())
    Image.fromarray(grey(120)).save(tmp_path / "photos" / "grey.png")
    make_style(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    arguments = ["photos", "--style", str(tmp_path / "mine")]
    load("worst").main([*arguments, "--by", "features", "colour", "-o", "a.jpg"])
    printed = capsys.readouterr().out
    assert "| 1 | face.jpg | features |" in printed and "| 2 | grey.png | colour |  |" in printed
    with Image.open("a.jpg") as sheet:
        width, height = sheet.size
    load("worst").main([*arguments, "--drawings-only", "-o", "b.jpg"])
    with Image.open("b.jpg") as sheet:
        assert sheet.size[0] < width and sheet.size[1] == height
