"""Options that a command takes as one group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from toonify.cli.option_groups import OptionGroup, spread


@dataclass(frozen=True)
class Paper(OptionGroup):
    heading = "What it is drawn on"

    weight: Annotated[int, typer.Option("--paper-weight", min=1, help="Grams a square metre.")] = 90
    grain: Annotated[bool, typer.Option("--grain/--no-grain", help="Show its grain.")] = True


def draw(picture: str, *, paper: Paper, copies: Annotated[int, typer.Option("--copies")] = 1) -> None:
    """Draw a picture."""
    print(picture, copies, paper.values())


app = typer.Typer()
app.command()(spread(draw))


def invoke(*arguments: str):
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "120"})


def test_a_group_holds_what_its_options_say_or_their_defaults():
    assert invoke("a.jpg").stdout == "a.jpg 1 {'weight': 90, 'grain': True}\n"
    done = invoke("--no-grain", "a.jpg", "--copies", "2", "--paper-weight", "120")
    assert done.stdout == "a.jpg 2 {'weight': 120, 'grain': False}\n"


def test_options_of_a_group_stand_under_its_heading():
    text = invoke("--help").stdout
    before, _, after = text.partition("What it is drawn on")
    assert "Draw a picture." in before and "--copies" in before
    assert "--paper-weight" in after and "--grain" in after and "--copies" not in after


def test_a_value_out_of_range_is_refused_as_of_any_option():
    done = invoke("a.jpg", "--paper-weight", "0")
    assert done.exit_code == 2 and "--paper-weight" in done.stderr
