"""What `toonify prepare` makes of duplicates and doubtful pictures, and how it tells."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps
from prepared import (
    Pairs,
    array,
    contents,
    draw,
    draw_cartoons,
    draw_photos,
    drawing,
    manifest,
    reasons,
)

from toonify.plugins import Domain, SourceItem
from toonify.preparing import PrepareRequest
from toonify.preparing import prepare as prepare_dataset
from toonify.preparing.filtering import FilteredFiles, together
from toonify.preparing.plan import split as split_domains
from toonify.preparing.scan import Scan


def save(image: Image.Image, path: str, **options: object) -> Path:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return Path(path)


def photo(name: str) -> Image.Image:
    """Large enough that nothing of it is tiny."""
    return drawing(name, 240, 180)


def add_doubtful(photos: Path) -> None:
    """A copy, a file that is no picture, and a small one."""
    shutil.copy(photos / "0.png", photos / "copy.png")
    (photos / "<b>bold.jpg").write_text("not a picture")
    draw(photos / "small.png", 20, 20)


def listed(folder: str = "dataset") -> dict[str, dict[str, str]]:
    """`survey.csv`, by name."""
    with open(Path(folder, "survey.csv"), newline="", encoding="utf-8") as file:
        return {row["picture"]: row for row in csv.DictReader(file)}


def flags(folder: str = "dataset") -> dict[str, str]:
    return {name: row["flags"] for name, row in listed(folder).items() if row["flags"]}


def page(folder: str = "dataset") -> str:
    return Path(folder, "report.html").read_text(encoding="utf-8")


def headings(folder: str = "dataset") -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<h2>(.*?)</h2>", page(folder))]


class TestExactDuplicates:
    def test_are_left_out_and_named(self, prepare, photos: Path, cartoons: Path) -> None:
        (photos / "more" / "9.png").write_bytes((photos / "3.png").read_bytes())
        (photos / "z.png").write_bytes((photos / "3.png").read_bytes())
        result = prepare(photos, cartoons)
        assert reasons(Path("dataset")) == {"more/9.png": "the same as 3.png", "z.png": "the same as 3.png"}
        assert {entry["kind"] for entry in manifest(Path("dataset"))["rejected"]} == {"duplicate"}
        assert "2  the same as another, such as more/9.png" in result.stdout
        assert sum(counts["photo"] for counts in manifest(Path("dataset"))["counts"].values()) == 12

    def test_pairs_made_of_the_photos_are_none(self, prepare, offer, photos: Path, cartoons: Path) -> None:
        offer("pairs", Pairs)
        prepare(photos, cartoons, "--source", "pairs")
        assert reasons(Path("dataset")) == {}
        assert "both" not in " ".join(flags().values())


class TestNearDuplicates:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Ten photographs, each saved again at another quality; colours tell which is which."""
        for index in range(10):
            image = photo(f"{index}")
            save(image, f"many/{index}.png")
            save(image, f"many/again/{index}.jpg", quality=60)
        return tmp_path / "many"

    def test_are_kept_and_flagged(self, prepare, folder: Path, cartoons: Path) -> None:
        result = prepare(folder, cartoons)
        assert reasons(Path("dataset")) == {}
        assert set(flags().values()) == {"near"} and len(flags()) == 20
        rows = listed()
        groups = [rows[f"{index}.png"]["group"] for index in range(10)]
        assert groups == [rows[f"again/{index}.jpg"]["group"] for index in range(10)]
        assert len(set(groups)) == 10
        assert manifest(Path("dataset"))["flags"] == {"photo": {"near": 20}, "cartoon": {}}
        assert "20  near: nearly the same as another" in result.stdout

    def test_are_mirror_images_too(self, prepare, folder: Path, cartoons: Path) -> None:
        save(ImageOps.mirror(photo("4")), "many/mirrored.jpg", quality=80)
        prepare(folder, cartoons)
        groups = Counter(row["group"] for row in listed().values())
        assert groups[listed()["mirrored.jpg"]["group"]] == 3
        assert listed()["mirrored.jpg"]["group"] == listed()["4.png"]["group"]

    @pytest.mark.parametrize("fraction", ["0.2", "0.5", "0.8"])
    def test_are_on_one_side_of_the_split(self, prepare, folder: Path, cartoons: Path, fraction: str) -> None:
        """Each is nearer to its other half than to any other picture."""
        prepare(folder, cartoons, "--val-fraction", fraction, "--crop", "center")
        for split in ("train", "val"):
            pictures = array(Path("dataset"), split, "photo").astype(int)
            distances = np.abs(pictures[:, None] - pictures[None]).mean((2, 3, 4))
            np.fill_diagonal(distances, 255)
            assert len(pictures) % 2 == 0
            assert (distances.min(1) < 8).all()

    @pytest.mark.parametrize("fraction", [0.2, 0.5, 0.8])
    def test_are_so_where_photos_and_cartoons_have_the_same_names(self, fraction: float) -> None:
        names: dict[Domain, list[str]] = {"photo": [], "cartoon": []}
        groups: dict[Domain, list[int]] = {"photo": [], "cartoon": []}
        for number in range(20):  # the second of each pair is called alike
            for domain, first in (("photo", "b"), ("cartoon", "a")):
                names[domain] += [f"{first}{number}", f"c{number}"]
                groups[domain] += [2 * number + 1 + (domain == "cartoon")] * 2
        items = {domain: [SourceItem(name, Path(name)) for name in names[domain]] for domain in names}
        files = {domain: FilteredFiles(Scan(items[domain]), {}) for domain in items}
        for domain, each in files.items():
            each.group[:] = groups[domain]
        for sides in split_domains(items, together(files), fraction).values():
            for side in sides:
                assert set(Counter(item.identity[1:] for item in side).values()) == {2}

    def test_only_the_largest_stays_if_they_are_rejected(self, prepare, folder: Path, cartoons: Path) -> None:
        save(photo("4").resize((480, 360), Image.Resampling.BICUBIC), "many/large.png")
        prepare(folder, cartoons, "--reject", "near")
        assert reasons(Path("dataset")) == {
            f"again/{index}.jpg": f"nearly the same as {index}.png" for index in range(10) if index != 4
        } | {"4.png": "nearly the same as large.png", "again/4.jpg": "nearly the same as large.png"}
        assert flags() == {}

    def test_flat_pictures_are_none(self, prepare: Path, cartoons: Path) -> None:
        for index in range(4):
            save(Image.new("RGB", (60, 60), (index, 255, 0)), f"flat/{index}.png")
        prepare("flat", cartoons, "--reject", "none")
        assert set(flags().values()) == {"flat"}


class TestPicturesThatAreBoth:
    @pytest.fixture(autouse=True)
    def twin(self, photos: Path, cartoons: Path) -> None:
        shutil.copy(photos / "5.png", cartoons / "drawn.png")

    def test_are_flagged_and_said(self, prepare, photos: Path, cartoons: Path) -> None:
        result = prepare(photos, cartoons)
        assert "warning: 1 of the 7 cartoons are among the photos, too, such as drawn.png" in result.stderr
        assert flags() == {"5.png": "both", "drawn.png": "both"}
        assert reasons(Path("dataset")) == {}

    @pytest.mark.parametrize(
        "seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
    )
    def test_are_on_one_side(self, prepare, photos: Path, cartoons: Path, seed: int) -> None:
        for fraction in ("0.01", "0.3", "0.6", "0.99"):
            output = f"d{fraction}"
            prepare(
                photos, cartoons, "--val-fraction", fraction, "--crop", "center", "--seed", seed, "-o", output
            )
            square = Image.open(cartoons / "drawn.png")
            left = (square.width - 48) // 2
            wanted = np.asarray(
                square.crop((left, 0, left + 48, 48)).resize((32, 32), Image.Resampling.LANCZOS)
            )
            sides = [
                split
                for split in ("train", "val")
                for name in ("photo", "cartoon")
                if (np.abs(array(Path(output), split, name).astype(int) - wanted).mean((1, 2, 3)) < 2).any()
            ]
            assert len(sides) == 2 and len(set(sides)) == 1

    def test_can_be_left_out(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--reject", "both")
        assert set(reasons(Path("dataset"))) == {"5.png", "drawn.png"}


class TestDoubtfulPictures:
    @pytest.fixture
    def doubtful(self, tmp_path: Path) -> Path:
        """One of each kind, and a good one."""
        save(photo("good"), "odd/good.png")
        save(Image.new("RGB", (90, 90), (250, 250, 250)), "odd/flat.png")
        save(photo("b").filter(ImageFilter.GaussianBlur(6)), "odd/blurred.png")
        save(drawing("t", 24, 20), "odd/tiny.png")
        save(photo("g").convert("L"), "odd/grey.png")
        return tmp_path / "odd"

    def test_are_flagged(self, prepare, doubtful: Path, cartoons: Path) -> None:
        prepare(doubtful, cartoons, "--reject", "none")
        assert flags() == {f"{kind}.png": kind for kind in ("flat", "blurred", "tiny", "grey")}
        assert reasons(Path("dataset")) == {}

    def test_what_is_unusable_is_left_out_by_default(self, prepare, doubtful: Path, cartoons: Path) -> None:
        prepare(doubtful, cartoons)
        assert reasons(Path("dataset")) == {
            "flat.png": "flat: hardly any contrast: a blank page, a black frame"
        }
        assert manifest(Path("dataset"))["flags"]["photo"] == {"blurred": 1, "tiny": 1, "grey": 1}

    def test_the_user_says_which_are_left_out(self, prepare, doubtful: Path, cartoons: Path) -> None:
        result = prepare(doubtful, cartoons, "--reject", "blurred, grey,")
        assert {name: why.split(":")[0] for name, why in reasons(Path("dataset")).items()} == {
            "blurred.png": "blurred",
            "grey.png": "grey",
        }
        assert manifest(Path("dataset"))["request"]["reject"] == ["blurred", "grey"]
        assert "2 files were left out" in result.stdout

    def test_an_unknown_kind_is_refused(self, prepare, doubtful: Path, cartoons: Path) -> None:
        result = prepare(doubtful, cartoons, "--reject", "flat,blured")
        assert result.exit_code == 2
        assert "'blured'. Did you mean 'blurred'?" in result.stderr

    @pytest.mark.parametrize(
        ("kinds", "complaint"),
        [
            ("none,blurred", "--reject none leaves nothing out, and cannot go with blurred"),
            (",", "there is no kind to --reject ','"),
        ],
    )
    def test_a_list_that_makes_no_sense_is_refused(self, prepare, doubtful: Path, cartoons, kinds, complaint):
        result = prepare(doubtful, cartoons, "--reject", kinds)
        assert result.exit_code == 2
        assert complaint in result.stderr

    def test_all_of_them_left_out_is_one_error(self, prepare, cartoons: Path) -> None:
        for index in range(3):
            save(photo(str(index)).convert("L"), f"grey/{index}.png")
        result = prepare("grey", cartoons, "--reject", "grey")
        assert result.exit_code == 1
        assert result.stderr.splitlines() == [
            "error: none of the 3 pictures in grey can be used: grey: no colours",
            "       Leave grey out of --reject to keep some.",
        ]


class TestReport:
    @pytest.fixture(scope="class")
    def made(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A folder with a dataset in it, reported in full."""
        folder = tmp_path_factory.mktemp("report")
        photos, cartoons = draw_photos(folder), draw_cartoons(folder)
        add_doubtful(photos)
        prepare_dataset(PrepareRequest(photos, cartoons, folder / "dataset", size=32, workers=1))
        return folder

    @pytest.fixture(autouse=True)
    def _in_its_folder(self, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(made)

    def test_has_a_sheet_for_what_was_taken_left_out_and_flagged(self) -> None:
        assert headings() == [
            "Pictures",
            "Files to choose from: photo",
            "Files to choose from: cartoon",
            "Left out",
            "Flagged: tiny (1)",
            "Figures",
            "Request",
        ]
        assert page().count('<img src="data:image/jpeg;base64,') == 13 + 6 + 1 + 1
        assert "copy.png (the same as 0.png)" in page()

    def test_has_histograms_of_size_brightness_and_sharpness(self) -> None:
        figures = page().partition("<h2>Figures</h2>")[2]
        assert figures.count("<svg") == 3
        for label in ("short side in pixels", "brightness: mean luminance", "sharpness at 160 pixels"):
            assert label in figures

    def test_shows_names_as_they_are(self) -> None:
        assert "<b>" not in page()
        assert "&lt;b&gt;bold.jpg" in page()

    def test_knows_nothing_of_where_it_was_made(self, made: Path) -> None:
        for name in ("report.html", "survey.csv"):
            assert str(made) not in Path("dataset", name).read_text()

    def test_lists_every_file_for_a_spreadsheet(self) -> None:
        rows = listed()
        assert len(rows) == 15 + 6
        assert (rows["small.png"]["width"], rows["small.png"]["flags"]) == ("20", "tiny")
        assert (rows["copy.png"]["left out"], rows["copy.png"]["reason"]) == (
            "duplicate",
            "the same as 0.png",
        )
        assert (rows["<b>bold.jpg"]["left out"], rows["<b>bold.jpg"]["width"]) == ("unusable", "")


def test_a_table_is_on_the_terminal(prepare, photos: Path, cartoons: Path) -> None:
    add_doubtful(photos)
    lines = [line.split() for line in prepare(photos, cartoons).stdout.splitlines()[:3]]
    assert lines[0] == ["found", "left", "out", "flagged", "train", "val"]
    assert lines[1][:4] == ["photo", "15", "2", "1"] and int(lines[1][4]) + int(lines[1][5]) == 13
    assert lines[2][:4] == ["cartoon", "6", "0", "0"]


@pytest.mark.usefixtures("pictured")
def test_what_is_left_aside_is_counted_by_kind(prepare, photos: Path, cartoons: Path) -> None:
    for path in (photos / "a.psd", photos / "more" / "b.mp4", cartoons / "c.mp4", cartoons / ".d.png"):
        path.touch()
    result = prepare(photos, cartoons)
    assert result.exit_code == 0, result.output
    assert "4 files left aside: 2 .mp4, 1 .psd, 1 hidden\n" in result.stdout
    assert "Left aside" in headings()
    report = json.loads(prepare(photos, cartoons, "--dry-run", "--json").stdout)
    assert report["left_aside"] == {".psd": 1, ".mp4": 2, "hidden": 1}


def test_films_that_the_source_reads_are_not_left_aside(run, photos: Path, cartoons: Path) -> None:
    pytest.importorskip("av")
    (photos / "film.mp4").write_text("no film")
    options = ("--source", "video", "--size", 32, "--workers", 1, "--json", "--dry-run")
    report = json.loads(run("prepare", photos, cartoons, *options).stdout)
    assert report["left_aside"] == {}
    assert [entry["picture"] for entry in report["rejected"]] == ["film.mp4"]


class TestDryRun:
    def test_reports_without_writing(self, prepare, photos: Path, cartoons: Path) -> None:
        (photos / "broken.jpg").write_text("not a picture")
        before = set(Path().rglob("*"))
        result = prepare(photos, cartoons, "--dry-run")
        assert result.exit_code == 0, result.output
        assert set(Path().rglob("*")) == before
        assert "nothing was written" in result.stdout
        assert "1  not a picture in a known format, such as broken.jpg" in result.stdout
        assert "report.html" not in result.stdout

    @pytest.mark.parametrize(
        "options", [(), ("--count", "40"), ("--count", "9", "--crop", "center"), ("--crop", "face")]
    )
    def test_foresees_what_will_be_made(self, prepare, photos: Path, cartoons: Path, options) -> None:
        (photos / "broken.jpg").write_text("not a picture")
        foreseen = json.loads(prepare(photos, cartoons, *options, "--dry-run", "--json").stdout)
        made = json.loads(prepare(photos, cartoons, *options, "--json").stdout)
        for report in (foreseen, made):
            del report["seconds"]
        assert (foreseen.pop("dry_run"), made.pop("dry_run")) == (True, False)
        assert foreseen == made
        faceless = 12 if "face" in options else 0
        assert made["files"]["photo"] == {"found": 13, "left out": 1, "flagged": faceless}

    def test_minds_no_dataset_that_is_there(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons)
        before = contents(Path("dataset"))
        assert prepare(photos, cartoons, "--dry-run").exit_code == 0
        assert contents(Path("dataset")) == before
