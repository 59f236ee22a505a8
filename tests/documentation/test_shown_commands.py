"""Commands that pages show are commands that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doc_pages import PAGES, ROOT, blocks, commands, section, text
from PIL import Image
from typer.main import get_command

from toonify.cli.app import app

COMMANDS = get_command(app).commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_can_be_typed(page):
    """Typer takes its name, options and values; nothing runs."""
    for name, *arguments in commands(text(page)):
        if name.startswith("-"):
            continue
        assert name in COMMANDS, f"{page.name} shows toonify {name}"
        COMMANDS[name].make_context(name, arguments)


def test_there_are_many():
    assert sum(len(list(commands(text(page)))) for page in PAGES) > 60


def test_the_first_commands_of_the_readme_draw(run, picture_file):
    pytest.importorskip("av")
    from films import film

    picture_file("photo.jpg")
    picture_file("photos/a.jpg")
    film(Path("film.mp4"), scenes=1)
    shown = [words for words in commands(section(ROOT / "README.md", "Convert photographs")) if words]
    assert len(shown) == 3
    for words in shown:
        assert run(*words).exit_code == 0, words
    for cartoon in ("photo.cartoon.jpg", "cartoons/a.jpg", "cartoon.mp4"):
        assert Path(cartoon).is_file()


def test_the_commands_for_films_draw(run, picture_file):
    """All of them, on a film of two seconds, of which they take the first."""
    pytest.importorskip("av")
    from films import film

    film(Path("film.mp4"), scenes=2)
    film(Path("holidays/film.mp4"), scenes=1)
    picture_file("holidays/a.jpg")
    for words in commands(text(ROOT / "docs" / "films.md")):
        done = run(*({"1:20": "0:00", "1:30": "0:01"}.get(word, word) for word in words))
        assert done.exit_code == 0, (words, done.output)
    assert {path.name for path in Path("cartoons").iterdir()} == {"film.mp4", "a.jpg"}


def test_the_first_program_of_the_readme_draws(picture_file):
    picture_file("photo.jpg")
    names: dict[str, Any] = {}
    exec(blocks(text(ROOT / "README.md"), "python")[0], names)
    assert isinstance(names["cartoon"], Image.Image)


def test_the_front_page_shows_what_works(run, picture_file):
    picture_file("photo.jpg")
    (words,) = commands(text(ROOT / "docs" / "index.md"))
    assert run(*words).exit_code == 0
    assert Path("photo.cartoon.jpg").is_file()
