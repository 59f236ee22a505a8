"""How results are shown."""

from __future__ import annotations

import json

from toonify.cli import console


def test_a_table_shows_cells_as_they_are(capsys):
    console.print_table(("file", "why"), [("[red]a[/].jpg", "bad [b]")])
    assert capsys.readouterr().out.split("\n")[1].split() == ["[red]a[/].jpg", "bad", "[b]"]


def test_json_is_alone_on_standard_output(capsys):
    console.print_json({"a": "ü[/]"})
    assert json.loads(capsys.readouterr().out) == {"a": "ü[/]"}
