"""What is shown of a stage at work, and where."""

from __future__ import annotations

import pytest
from rich.console import Console

from toonify.cli import console
from toonify.cli.progress import ConsoleProgress, RateColumn, _bars
from toonify.cli.train import FIELDS
from toonify.training.balance import ADVICE


@pytest.fixture
def terminal(monkeypatch):
    """Standard error as a terminal of 100 columns; what was drawn is `terminal.export_text()`."""
    screen = Console(stderr=True, force_terminal=True, width=100, record=True)
    monkeypatch.setattr(console, "stderr", screen)
    return screen


def test_notices_and_warnings_go_to_standard_error_unfolded(capsys):
    progress = ConsoleProgress()
    progress.say("word " * 40 + "[x]")
    progress.warn("beware of [y]")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == ["word " * 40 + "[x]", "warning: beware of [y]"]


def test_quiet_keeps_the_warnings(capsys):
    progress = ConsoleProgress(quiet=True)
    progress.say("nothing much")
    progress.warn("beware")
    assert capsys.readouterr().err == "warning: beware\n"


def test_a_trainings_warnings_name_options(capsys):
    for advice in ADVICE.values():
        ConsoleProgress(fields=FIELDS).warn(advice)
    told = capsys.readouterr().err
    assert "choose another --loss." in told and "a lower --learning-rate." in told
    assert "`" not in told


def test_without_a_terminal_no_bar_is_drawn(capsys):
    with ConsoleProgress().task("cartooning", 3) as task:
        task.advance(loss=0.5)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_a_bar_counts_and_shows_figures(terminal):
    with ConsoleProgress().task("cartooning [all]", 8, done=3) as task:
        task.advance(2, loss=0.123456)
    drawn = terminal.export_text()
    assert "cartooning [all]" in drawn
    assert "5/8" in drawn
    assert "loss 0.1235" in drawn


def test_the_rate_counts_only_what_was_done_on_this_screen(terminal, monkeypatch):
    with _bars() as bars:
        identity = bars.add_task("x", total=100, completed=40, unit="steps", done=40, figures="")
        task = bars.tasks[identity]
        assert RateColumn().render(task).plain == ""
        bars.update(identity, advance=10)
        monkeypatch.setattr(type(task), "elapsed", 4.0)
        assert RateColumn().render(task).plain == "2.5 steps/s"
