"""The command reference is what the commands are."""

from __future__ import annotations

import make_reference
import pytest
from typer.models import OptionInfo

from toonify.cli.app import app

COMMANDS = [command.callback for command in app.registered_commands]


def test_the_page_has_not_drifted():
    assert make_reference.reference() == make_reference.PAGE.read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_the_page_names_what_the_command_takes(run, command):
    """Against what Typer makes of the same declarations."""
    help_text = run(command.__name__.replace("_", "-"), "--help").stdout
    for parameter in make_reference.parameters(command):
        if isinstance(parameter.info, OptionInfo):
            for spelling in parameter.spellings():
                assert all(name in help_text for name in spelling.split("/"))
        assert parameter.info.help, f"{parameter.name} is not explained"
