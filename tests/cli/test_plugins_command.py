"""`toonify plugins`: who brings what, and whether it works."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from toonify import __version__

SOUND = "toonify.datasets.folder:Folder"


@pytest.fixture
def known(monkeypatch):
    """`known(name=value, …)`: from now on these are the only dataset sources."""

    def know(**sources: str) -> None:
        points = [EntryPoint(name, value, "toonify.datasets") for name, value in sources.items()]
        monkeypatch.setattr(
            importlib.metadata,
            "entry_points",
            lambda *, group: importlib.metadata.EntryPoints(points).select(group=group),
        )

    return know


def rows(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def test_it_lists_name_group_distribution_and_version(run):
    done = run("plugins")
    assert done.exit_code == 0
    header, *lines = rows(done.stdout)
    assert header == ["name", "group", "distribution", "version"]
    assert ["folder", "datasets", "toonify-gan", __version__] in lines
    assert ["lsgan", "losses", "toonify-gan", __version__] in lines


def test_a_group_alone(run):
    lines = rows(run("plugins", "losses").stdout)[1:]
    assert lines
    assert {line[1] for line in lines} == {"losses"}


def test_json_holds_the_same(run):
    done = run("plugins", "datasets", "--json")
    assert done.exit_code == 0
    assert {
        "name": "folder",
        "group": "datasets",
        "distribution": "toonify-gan",
        "version": __version__,
    } in json.loads(done.stdout)["plugins"]


def test_listing_does_not_load(run, known):
    known(broken="this:breaks")
    done = run("plugins")
    assert done.exit_code == 0
    assert "broken" in done.stdout
    assert "this" not in sys.modules


def test_checking_says_ok_of_what_loads(run, known):
    known(fine=SOUND)
    done = run("plugins", "--check")
    assert done.exit_code == 0
    assert rows(done.stdout)[1][-1] == "ok"


def test_checking_shows_what_is_wrong_and_fails(run, known):
    known(fine=SOUND, broken="no_such_module:Source")
    done = run("plugins", "datasets", "--check")
    assert done.exit_code == 1
    shown = " ".join(done.stdout.split())
    assert "No module named" in shown
    assert "Traceback" not in done.output
    fine = next(row for row in rows(done.stdout) if row[0] == "fine")
    assert fine[-1] == "ok"


def test_checking_as_json(run, known):
    known(fine=SOUND, broken="json:loads")
    done = run("plugins", "--check", "--json")
    assert done.exit_code == 1
    problems = {row["name"]: row["problem"] for row in json.loads(done.stdout)["plugins"]}
    assert problems["fine"] == ""
    assert "is not a subclass of toonify.plugins.DatasetSource: it is no class" in problems["broken"]


@pytest.mark.slow
def test_every_built_in_plugin_passes_its_check_in_silence():
    command = [sys.executable, "-m", "toonify", "plugins", "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""


WORDY = """
    from toonify.plugins import Count, DatasetSource

    class Wordy(DatasetSource):
        \"\"\"Pictures from a wall.

        They hang there.

        Args:
            wall: Which one; north
                unless another is given.
            nails: How many.

        Raises:
            ToonifyError: if the wall is bare.
        \"\"\"

        domains = frozenset({"photo"})

        def __init__(self, wall: str = "north", nails: Count = 3, *, lamp: bool | None = None) -> None:
            self.nails = nails

        def items(self, domain, root): ...

    class Fussy(Wordy):
        def __init__(self, frame: str) -> None: ...

    class Broken(Wordy):
        def __init__(self) -> None:
            raise KeyError("hammer")
"""


@pytest.fixture
def wordy(install):
    names = {name: f"acme:{name.title()}" for name in ("wordy", "fussy", "broken")}
    install("acme", {"datasets": names}, acme=WORDY)


def test_one_plugin_shows_its_docstring_options_and_source(run, wordy, tmp_path):
    done = run("plugins", "datasets", "wordy")
    assert done.exit_code == 0
    shown = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert shown[:4] == [
        "wordy",
        "group datasets",
        "from acme 1.0",
        f"source {tmp_path / 'site-packages' / 'acme.py'}:4",
    ]
    assert "They hang there." in shown
    assert "Args:" not in shown
    assert shown[-4:] == [
        "option type default what it is",
        "wall str 'north' Which one; north unless another is given.",
        "nails int: 1 or more 3 How many.",
        "lamp bool | None None",
    ]


def test_an_option_that_must_be_given_says_so(run, wordy):
    assert run("plugins", "datasets", "fussy").stdout.split("\n")[-2].split() == [
        *("frame", "str", "must", "be", "given"),
    ]


def test_one_plugin_as_json(run, wordy):
    (row,) = json.loads(run("plugins", "datasets", "acme:wordy", "--json").stdout)["plugins"]
    assert row["options"][1] == {
        **{"name": "nails", "type": "int: 1 or more"},
        **{"default": "3", "description": "How many."},
    }
    assert row["distribution"] == "acme"


def test_a_style_is_shown_with_the_command_for_its_card(run):
    done = run("plugins", "styles", "comic")
    assert done.exit_code == 0
    assert "toonify styles comic" in done.stdout


def test_checking_makes_each_with_its_defaults(run, wordy):
    done = run("plugins", "datasets", "--check", "--json")
    assert done.exit_code == 1
    problems = {row["name"]: row["problem"] for row in json.loads(done.stdout)["plugins"]}
    assert problems.pop("broken") == "cannot be made with its defaults: KeyError: 'hammer'"
    assert not any(problems.values())


def test_checking_a_generator_that_settles_no_halo(run, install):
    code = """
        from toonify.plugins import Generator
        class Wide(Generator):
            multiple = 4
            def build(self): ...
    """
    install("acme", {"generators": {"wide": "acme:Wide"}}, acme=code)
    done = run("plugins", "generators", "wide", "--check")
    assert done.exit_code == 1
    assert "check its constructor sets no halo" in " ".join(done.stdout.split())


ODD = """
    import functools
    from toonify.plugins import Exporter, Painter
    from toonify.plugins import AdversarialLoss

    def halved(x):
        return x / 2

    class Shy:
        def __repr__(self):
            raise ValueError("not in public")

    class Needy(Painter):
        def __init__(self, brush):
            self.brush = brush

        def paint(self, photo, cartoon, controls):
            return cartoon

    class Sized(Exporter):
        suffix = ".odd"

        def __init__(self, size):
            self.size = size

        def write(self, style, path): ...
        def runtimes(self): ...

    class Chosen(AdversarialLoss):
        def __init__(self, how=halved, twice=functools.partial(halved, 2), rate=0.5, whom=Shy()): ...
        def discriminator(self, real, *fakes): ...
        def generator(self, fake): ...
"""


@pytest.fixture
def odd(install):
    plugins = {
        "painters": {"needy": "acme:Needy"},
        "exporters": {"sized": "acme:Sized"},
        "losses": {"chosen": "acme:Chosen"},
    }
    install("acme", plugins, acme=ODD)


def test_checking_finds_an_option_that_nobody_can_give(run, odd):
    done = run("plugins", "painters", "--check", "--json")
    problems = {row["name"]: row["problem"] for row in json.loads(done.stdout)["plugins"]}
    assert problems["needy"] == "it needs the option brush, and painters are given none of that name"
    assert problems["faces"] == ""
    assert done.exit_code == 1
    assert "ok" in run("plugins", "exporters", "sized", "--check").stdout  # `size` can be given


def test_a_default_that_is_no_literal_is_told_by_its_name(run, odd):
    shown = run("plugins", "losses", "chosen", "--json").stdout
    options = json.loads(shown)["plugins"][0]["options"]
    assert [option["default"] for option in options] == ["halved", "a partial", "0.5", "a Shy"]
    assert "0x" not in shown
