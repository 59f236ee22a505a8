"""report.html: a run on one page, made from the run folder alone, whatever befell it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from markupsafe import Markup
from PIL import Image

from toonify.errors import ToonifyError
from toonify.storage import RunFolder, RunManifest
from toonify.training.callbacks import MeasureEvent, StepEvent
from toonify.training.callbacks.tables import MeasureTable, StepTable
from toonify.training.grids import GAP, join, split_grid
from toonify.training.report import write_report
from toonify.training.report.curves import POINTS, curve, phase_starts
from toonify.training.report.evidence import CRITICS
from toonify.training.rewinding import rewind

SETTINGS = {
    "description": "For <b>tests</b>",
    "generator": {"name": "lite"},
    "batch_size": 4,
    "data": {"flip": True},
    "adversarial": {
        "epochs": 12,
        "learning_rate": 2e-4,
        "terms": {"adversarial": {"weight": 1.0}},
        "loss": "lsgan",
    },
    "paired": None,
    "measuring": {"best": "kid"},
}
KEPT = {"kid_of_photos": 0.625, "change": 30.0, "likeness": 0.9, "contrast": 1.0}


@pytest.fixture
def run(tmp_path) -> Path:
    return write_run(tmp_path / "cartoongan-1")


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    """The report of such a run, with its charts."""
    return report(write_run(tmp_path_factory.mktemp("runs") / "cartoongan-1"))


@pytest.fixture
def without_charts(monkeypatch) -> None:
    """They take longer than all the rest."""
    monkeypatch.setattr("toonify.training.report.page.line_chart", lambda *series, **options: Markup(""))


def write_run(folder: Path) -> Path:
    """A run of two phases, 40 steps, four measurements and three sample grids."""
    folder.mkdir()
    request = {"preset": "cartoongan", "seed": 7, "settings": SETTINGS}
    RunManifest(request, "/data/set", "0123abcd", 64, {"toonify": "1.2.3", "keras": "3.4.5"}).write(folder)
    steps = StepTable(folder / "metrics.csv", ("loss", "content", "discriminator", "never"))
    for step in range(1, 41):
        adversarial = {"discriminator": 0.5} if step > 10 else {}
        phase = "adversarial" if step > 10 else "initialisation"
        losses = {"loss": 1 / step, "content": 2 / step, **adversarial}
        steps.on_step(StepEvent(step, phase, 3, 2e-4, losses))
    steps.on_end()
    measures = MeasureTable(folder / "measures.csv", ("content", "kid", *KEPT, "real", "generated"))
    for step, kid in ((10, 0.5), (20, 0.125), (30, 0.25), (40, 0.375)):
        figures = {**KEPT, "content": 1 / step, "kid": kid, "real": 1, "generated": 0}
        measures.on_measure(MeasureEvent(step, "adversarial", 1, figures))
    measures.on_end()
    for step in (0, 20, 40):
        write_grid(folder, step)
    return folder


def write_grid(folder: Path, step: int) -> None:
    chance = np.random.default_rng(step)
    (folder / "samples").mkdir(exist_ok=True)
    grid = join(list(chance.integers(0, 250, (2, 4, 16, 16, 3), np.uint8)))
    Image.fromarray(grid).save(folder / "samples" / f"step-{step:07d}.png")


def report(folder: Path) -> str:
    return write_report(folder).read_text(encoding="utf-8")


def words(page: str) -> str:
    """The text of a page, without tags and charts' paths."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


class TestReport:
    def test_says_where_the_run_stands(self, page):
        text = words(page)
        for said in (
            "Training of cartoongan-1",
            "preset cartoongan, seed 7. For &lt;b&gt;tests&lt;/b&gt;",
            "steps done 40",
            "phase adversarial epoch 3 of 12",
            "loss 0.025",
            "best step 20, by kid 0.125",
            "Learnt. Drawings differ from the photographs by 30.0 of 255 levels and have come 40% of",
        ):
            assert said in text

    def test_begins_with_the_verdict(self, page):
        text = words(page)
        assert text.index("Where it stands Learnt.") < text.index("Warning")
        assert "content 0.05 0.025 distance of a drawing" in text
        assert "the price of drawing, not a goal" in text

    def test_judges_samples_where_nothing_was_measured_since(self, run, without_charts):
        write_grid(run, 41)
        assert "Where it stands Gone astray." in words(report(run))  # noise, where photographs were

    @pytest.mark.parametrize("strayed", ["nan", "inf"])
    def test_says_that_a_phase_ended_at_its_very_first_step(self, run, strayed, without_charts):
        rewind(RunFolder(run), 10)  # to the end of the phase before
        with open(run / "metrics.csv", "a") as table:
            table.write(f"11,adversarial,1,0.0002,{strayed},0.1,0.5,\n")
        assert "Where it stands Gone astray." in words(report(run))

    def test_warns_of_a_discriminator_that_wins(self, page):
        text = words(page)
        assert text.count("Warning, at step 30: the discriminator wins outright") == 1
        assert text.count("Warning") == 1

    @pytest.mark.parametrize("loss", ["wgan", "not installed"])
    def test_does_not_warn_of_a_critic_or_a_loss_that_it_does_not_know(self, run, loss, without_charts):
        settings = {**SETTINGS, "adversarial": {**SETTINGS["adversarial"], "loss": loss}}
        RunManifest({"settings": settings}, "", "", 64, {}).write(run)
        assert "Warning" not in words(report(run))

    def test_knows_our_own_critics_without_importing_them(self):
        from toonify.plugins import find_plugins, load_plugin

        ours = [plugin.name for plugin in find_plugins("losses") if "toonify-gan" in plugin.origin]
        assert {name: load_plugin("losses", name).boundary is None for name in ours} == CRITICS

    def test_draws_the_losses_with_the_phases(self, page):
        charts = re.findall(r'<figure class="chart" role="img" aria-label="([^"]*)"', page)
        assert charts[:4] == [
            f"{name} over the steps" for name in ("loss", "content", "discriminator", "learning rate")
        ]
        loss = page[page.index("loss over the steps") : page.index("content over the steps")]
        assert "initialisation" in words(loss) and "adversarial" in words(loss)

    def test_draws_the_validation_figures_with_the_best_step(self, page):
        charts = re.findall(r'aria-label="([^"]*) over the steps"', page)
        assert charts[4:] == ["content", "kid", "share taken for real"]
        kid = words(page[page.index('"kid over the steps') : page.index('"share taken for real')])
        assert "best kid" in kid
        text = words(page)
        assert "figure best by kid, step 20 newest, step 40 what it says" in text
        assert "kid 0.125 0.375 distance of the drawings" in text

    def test_says_what_was_not_measured(self, run, without_charts):
        measures = MeasureTable(run / "measures.csv", ("content", "kid"))
        measures.on_measure(MeasureEvent(50, "adversarial", 1, {"content": 0.5}))
        measures.on_end()
        assert "kid 0.125 not measured" in words(report(run))

    def test_shows_settings_and_versions(self, page):
        text = words(page)
        for said in (
            "general batch size 4",
            "learning rate 0.0002",
            "data flip yes",
            "adversarial loss lsgan",
            "toonify 1.2.3",
            "dataset /data/set",
        ):
            assert said in text

    def test_shows_samples_and_three_photos_with_their_drawings(self, page):
        assert page.count('alt="a photo and its drawing"') == 3
        assert re.findall(r'alt="sample grid of step (\d+)"', page) == ["40", "0", "20"]

    def test_is_the_same_for_the_same_run(self, run, page):
        assert report(run) == page

    def test_holds_at_most_thirty_grids_the_first_and_the_newest_among_them(self, run, without_charts):
        for step in range(100, 150):
            write_grid(run, step)
        shown = re.findall(r'alt="sample grid of step (\d+)"', report(run))
        assert len(shown) == 30
        assert (shown[0], shown[1]) == ("149", "0")

    def test_of_a_run_that_just_began(self, run, without_charts):
        for path in (run / "metrics.csv", run / "measures.csv", *run.glob("samples/*")):
            path.unlink()
        text = words(report(run))
        assert "No step has been kept yet." in text and "general batch size 4" in text

    def test_of_a_run_with_only_one_step(self, run, without_charts):
        rewind(RunFolder(run), 1)
        assert "steps done 1" in words(report(run))

    def test_of_an_empty_folder(self, tmp_path):
        assert "has no run.json" in words(report(tmp_path))


@pytest.mark.usefixtures("without_charts")
class TestDamage:
    @pytest.mark.parametrize(
        "content", [b"", b"{", b'{"schema": 1, "request": {"settings": 3}}', b"\xff" * 9]
    )
    def test_of_the_manifest_costs_only_itself(self, run, content):
        (run / "run.json").write_bytes(content)
        text = words(report(run))
        assert "What could not be read" in text and "steps done 40" in text

    @pytest.mark.parametrize(
        "settings",
        [
            None,
            [],
            {"measuring": 3, "adversarial": []},
            {"adversarial": {"epochs": "x", "loss": 3}},
            {"measuring": {"best": []}},
        ],
    )
    def test_of_the_settings_costs_only_themselves(self, run, settings):
        RunManifest({"settings": settings}, "", "", 64, {}).write(run)
        assert "steps done 40" in words(report(run))

    def test_of_a_sample_costs_only_itself(self, run):
        newest = run / "samples" / "step-0000040.png"
        newest.write_bytes(newest.read_bytes()[:300])
        page = report(run)
        assert re.findall(r'alt="sample grid of step (\d+)"', page) == ["20", "0"]
        assert page.count('alt="a photo and its drawing"') == 3
        assert "step-0000040.png: damaged or cut short" in words(page)

    def test_of_a_table_costs_only_the_rows(self, run):
        for name in ("metrics.csv", "measures.csv"):
            data = (run / name).read_bytes()
            (run / name).write_bytes(data[: len(data) // 2] + b'\0"\xff,,\n' + data[len(data) // 2 :])
        assert "steps done 40" in words(report(run))

    @pytest.mark.parametrize("name", ["metrics.csv", "measures.csv", "run.json", "samples", "style"])
    def test_of_what_is_no_file_or_no_folder(self, run, name):
        path = run / name
        if path.is_dir():
            path.rename(run / "gone")
            path.write_text("a file")
        else:
            path.unlink(missing_ok=True)
            path.mkdir()
        assert "Training of" in words(report(run))

    def test_of_figures_that_are_no_numbers(self, run):
        (run / "metrics.csv").write_text(
            "step,phase,epoch,learning_rate,loss\n1,a,1,nan,inf\n2,a,nan,1,nan\n"
        )
        (run / "measures.csv").write_text(
            "step,phase,epoch,kid,real,generated\n1,a,1,inf,nan,2\n2,a,1,nan,1,1\n"
        )
        assert "steps done 2" in words(report(run))

    def test_of_the_place_it_goes_to_is_told_in_a_line(self, run):
        (run / "report.html").mkdir()
        with pytest.raises(ToonifyError, match=r"report\.html cannot be written"):
            write_report(run)


class TestCurves:
    def test_of_many_steps_keep_extremes_and_means(self):
        steps = np.arange(1.0, 200_001)
        values = np.where(steps % 2 == 0, 1.0, -1.0)
        values[123_456] = 9.0
        phases = np.where(steps <= 10_000, "initialisation", "adversarial")
        drawn = curve(steps, values, phases)
        assert len(drawn.raw[0]) <= 2 * POINTS + 1
        assert len(drawn.smooth[0]) <= POINTS + 1
        assert np.nanmax(drawn.raw[1]) == 9.0
        assert np.nanmin(drawn.raw[1]) == -1.0
        np.testing.assert_allclose(drawn.smooth[1][np.isfinite(drawn.smooth[1])], 0, atol=0.05)
        assert -1.5 < drawn.limits[0] < -1 and 1 < drawn.limits[1] < 1.5

    def test_of_a_constant_are_flat_whatever_is_lost_in_sums(self):
        steps = np.arange(1.0, 3001)
        drawn = curve(steps, np.full(3000, 2e-4), np.where(steps <= 100, "a", "b"))
        assert np.nanmin(drawn.smooth[1]) == np.nanmax(drawn.smooth[1]) == 2e-4
        assert drawn.limits == pytest.approx((1.75e-4, 2.25e-4))

    def test_are_broken_between_phases(self):
        drawn = curve(np.arange(4.0), np.array([1.0, 1.0, 5.0, 5.0]), np.array(["a", "a", "b", "b"]))
        np.testing.assert_array_equal(drawn.raw[1], [1, 1, np.nan, 5, 5])
        np.testing.assert_array_equal(drawn.smooth[1], [1, 1, np.nan, 5, 5])

    def test_of_nothing_are_none(self):
        assert curve(np.arange(2.0), np.full(2, np.nan), np.array(["a", "a"])) is None
        assert curve(np.empty(0), np.empty(0), np.empty(0, str)) is None

    def test_phases_begin_in_the_order_of_the_run(self):
        phases = np.array(["paired", "paired", "adversarial"])
        assert list(phase_starts(np.array([1.0, 2.0, 3.0]), phases).items()) == [
            ("paired", 1),
            ("adversarial", 3),
        ]


class TestGrids:
    @pytest.mark.parametrize(("rows", "count"), [(2, 6), (3, 1), (3, 4)])
    def test_are_taken_apart_as_they_were_joined(self, rows, count):
        pictures = np.random.default_rng(0).integers(0, 255, (rows, count, 8, 8, 3), np.uint8)
        grid = join(list(pictures))
        assert grid.shape == (rows * (8 + GAP), count * (8 + GAP), 3)
        np.testing.assert_array_equal(split_grid(grid), pictures)

    def test_other_pictures_are_no_grids(self):
        assert split_grid(np.zeros((24, 48, 3), np.uint8)) is None
        assert split_grid(np.full((1, 1, 3), 255, np.uint8)) is None
