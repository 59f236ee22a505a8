"""Work that is watched: a panel on a terminal of any size, elsewhere a line a minute."""

from __future__ import annotations

import io
import math
import re

import pytest
from rich.console import Console

from toonify.cli import console
from toonify.cli.live_panel import LivePanel, in_a_line, trend
from toonify.cli.live_task import RECENT, LiveTask
from toonify.cli.progress import ConsoleProgress, MinuteTask

PARTS = {"initialisation": 10, "adversarial": 90}


class Clock:
    """A clock that goes only when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(clock) -> LiveTask:
    return LiveTask("runs/[x]", PARTS, 8, 0, clock)


def steps(live: LiveTask, clock: Clock, count: int, seconds: float = 2.0, **figures: float) -> None:
    for _ in range(count):
        live.advance(1, **figures)
        clock.now += seconds


def drawn(live: LiveTask, width: int = 100, height: int = 40) -> str:
    screen = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    screen.print(LivePanel(live))
    return screen.file.getvalue()


class TestTask:
    def test_knows_part_pace_and_time_left(self, live, clock):
        steps(live, clock, 4, loss=1.0)
        clock.now -= 2
        now = live.snapshot()
        assert (now.part.name, now.part.done, now.part.steps) == ("initialisation", 4, 10)
        assert (now.whole.done, now.whole.steps) == (4, 100)
        assert (now.rate, now.pictures) == (0.5, 4.0)
        assert (now.part.left.seconds, now.whole.left.seconds) == (12, 192)
        clock.now += 5  # the time left runs on while a slow step is at work
        assert live.snapshot().part.left.seconds == 7

    def test_goes_by_what_was_done_on_this_screen(self, clock):
        live = LiveTask("run", PARTS, 8, 50, clock)
        assert live.snapshot().rate == 0
        steps(live, clock, 3)
        clock.now -= 2
        assert live.snapshot().rate == 0.5
        assert (live.snapshot().part.name, live.snapshot().part.done) == ("adversarial", 43)

    def test_takes_up_the_pace_of_late(self, live, clock):
        steps(live, clock, 20, seconds=100.0)
        steps(live, clock, 80, seconds=1.0)
        assert live.snapshot().rate == pytest.approx(1.0, rel=0.05)

    def test_ends_in_the_last_part(self, live, clock):
        steps(live, clock, 100)
        part = live.snapshot().part
        assert (part.name, part.done, part.steps, part.left.seconds) == ("adversarial", 90, 90, 0)

    def test_forgets_the_figures_of_the_part_before_and_of_long_ago(self, live, clock):
        steps(live, clock, 2, loss=1.0, colour=2.0)
        steps(live, clock, 1, loss=1.0, discriminator=3.0)
        assert live.snapshot().figures == {"loss": (1.0,), "discriminator": (3.0,)}
        steps(live, clock, RECENT + 5, loss=1.0, discriminator=3.0)
        assert len(live.snapshot().figures["loss"]) == RECENT


class TestTrend:
    def test_runs_from_the_least_to_the_greatest(self):
        assert trend([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"

    def test_takes_means_of_what_does_not_fit(self):
        assert trend([0, 0, 7, 7, 7, 7, 0, 0], 4) == "▁██▁"

    def test_few_values_are_few_letters(self):
        assert trend([2, 1], 24) == "█▁"
        assert trend([1], 24) == "▁"
        assert trend([], 24) == ""

    def test_what_is_no_number_is_a_gap(self):
        assert trend([1, math.nan, math.inf, 2], 4) == "▁  █"
        assert trend([math.nan], 4) == " "


class TestPanel:
    def test_shows_everything(self, live, clock):
        steps(live, clock, 4, loss=0.123456, content=2.0)
        live.show("schedule", epoch="1 of 5", learning_rate=2e-4)
        live.show("validation", step=1200, kid=0.0213)
        live.show("memory", device="8.2 GB")
        live.show("verdict", "nothing yet: drawings differ by 1.0 of 255 levels. Let it go on.")
        live.warn("beware of [/]")
        text = drawn(live)
        for words in (
            "runs/[x]",
            "4 of 10 steps",
            "4 of 100 steps",
            "steps/s",
            "of initialisation, ",
            "0.1235     ▁▁▁▁",
            "epoch 1 of 5  learning rate 0.0002",
            "validation",
            "step 1,200  kid 0.0213",
            "device 8.2 GB",
            "nothing yet: drawings differ by 1.0 of 255 levels. Let it go on.",
            "beware of [/]",
        ):
            assert words in text
        assert re.search("process [0-9.]+ [MG]B", text)

    def test_is_there_before_the_first_step(self, live):
        text = drawn(live)
        assert re.search("pace +not known yet", text) and re.search("time left +not known yet", text)

    def test_keeps_every_part_on_a_small_terminal_and_cuts_the_longest_short(self, live, clock):
        steps(live, clock, 30, loss=1.0, content=1.0, adversarial=1.0, discriminator=1.0)
        live.show("schedule", epoch="1 of 5", learning_rate=2e-4)
        live.show("validation", step=1200, kid=0.0213, real=0.8, smoothed=0.31, generated=0.2)
        live.show("verdict", "nothing yet: " + "drawings differ from the photographs " * 9)
        live.warn("beware")
        text = drawn(live, width=40, height=24)
        assert len(text.splitlines()) <= 24
        for words in (r"time left +0:\d\d", "loss", "validation", "verdict +nothing yet", "…", "beware"):
            assert re.search(words, text), words

    @pytest.mark.parametrize("width", [20, 40, 80])
    @pytest.mark.parametrize("losses", [0, 3, 40])
    def test_fits_any_terminal(self, live, clock, width, losses):
        figures = {f"a_long_name_of_a_loss_{number}": math.nan for number in range(losses)}
        steps(live, clock, 30, **figures)
        live.show("schedule", epoch="1 of 5", learning_rate=2e-4)
        lines = drawn(live, width, height=24).splitlines()
        assert {len(line) for line in lines} == {width}
        assert len(lines) <= 24 or width < 40

    def test_says_how_many_losses_have_no_room(self, live, clock):
        steps(live, clock, 3, **{f"loss_{number}": 1.0 for number in range(40)})
        text = drawn(live, height=20)
        shown = text.count("loss_")
        assert f"and {40 - shown} more" in text and shown > 5

    def test_has_no_blocks_where_there_are_none(self, live, clock):
        steps(live, clock, 3, loss=1.0)
        screen = Console(file=io.TextIOWrapper(io.BytesIO(), "ascii"), width=80, force_terminal=True)
        screen.print(LivePanel(live))
        screen.file.flush()
        assert b"loss" in screen.file.buffer.getvalue()


class TestProgress:
    def test_draws_on_a_terminal_and_keeps_warnings_above(self, monkeypatch):
        screen = Console(stderr=True, force_terminal=True, width=100, record=True)
        monkeypatch.setattr(console, "stderr", screen)
        progress = ConsoleProgress()
        with progress.watch("runs/a", PARTS, size=8) as task:
            task.advance(1, loss=0.123456)
            progress.warn("beware")
        text = screen.export_text()
        assert "warning: beware" in text and "loss" in text and "0.1235" in text
        progress.warn("afterwards")
        assert "warning: afterwards" in screen.export_text()

    def test_elsewhere_says_a_line_a_minute(self, clock, capsys):
        live = MinuteTask("runs/a", PARTS, 8, 0, clock)
        steps(live, clock, 59, loss=0.25)
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.splitlines() == [
            "adversarial: step 31 of 100; loss 0.25; 0.5 steps/s, 4 pictures/s; 0:02:18 left"
        ]

    def test_a_line_says_nothing_of_a_time_that_is_not_known(self):
        line = in_a_line(LiveTask("runs/a", PARTS, 8, 0).snapshot())
        assert line.endswith("not known yet") and "left" not in line

    def test_a_bar_tells_the_time_left_on_a_narrow_terminal_too(self, monkeypatch):
        screen = Console(stderr=True, force_terminal=True, width=40, record=True)
        monkeypatch.setattr(console, "stderr", screen)
        with ConsoleProgress().task("Preparing a dataset of many pictures", 12_000) as task:
            task.advance(50, loss=0.25)
        assert re.search(r"50/12000 +[-:0-9]+ +left", screen.export_text())

    def test_a_short_task_says_nothing(self, capsys):
        with ConsoleProgress().watch("runs/a", PARTS) as task:
            task.advance(1, loss=1.0)
            task.show("validation", kid=1.0)
        assert capsys.readouterr() == ("", "")

    def test_quiet_says_nothing(self, monkeypatch, capsys):
        monkeypatch.setattr("toonify.cli.progress.MINUTE", 0.0)
        with ConsoleProgress(quiet=True).watch("runs/a", PARTS) as task:
            task.advance(1, loss=1.0)
            task.advance(1, loss=1.0)  # the first of which a line is told
        assert capsys.readouterr() == ("", "")
