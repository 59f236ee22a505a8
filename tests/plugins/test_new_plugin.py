"""`toonify new-plugin`: a package that passes its own tests from the first moment."""

from __future__ import annotations

import inspect
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toonify.decoding import read_value
from toonify.errors import ToonifyError
from toonify.plugins import create
from toonify.plugins.contracts import CONTRACTS

OF_EACH_KIND = [["exporters"], pytest.param(list(CONTRACTS), marks=pytest.mark.slow)]


@pytest.mark.parametrize("groups", OF_EACH_KIND, ids=["one", "of each kind"])
def test_installed_they_pass_their_own_tests_and_are_found(run, tmp_path, groups):
    for group in groups:
        done = run("new-plugin", f"soft-{group}", "--group", group)
        assert done.exit_code == 0, done.stderr
        assert f"pip install -e ./toonify-soft-{group}" in done.stdout
    site = tmp_path / "site"
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    folders = [f"./toonify-soft-{group}" for group in groups]
    call("pip", "install", "--quiet", *options, "--target", site, *folders, path=site)
    shown = json.loads(call("toonify", "plugins", "--check", "--json", path=site))["plugins"]
    found = {plugin["group"]: plugin for plugin in shown if plugin["name"] == f"soft-{plugin['group']}"}
    assert found.keys() == set(groups)
    assert all(found[group]["distribution"] == f"toonify-soft-{group}" for group in groups)
    assert {plugin["problem"] for plugin in found.values()} == {""}
    alone = ("-c", os.devnull, "--rootdir", tmp_path, "-p", "no:cacheprovider")
    passed = call("pytest", "-v", *alone, *folders, path=site)
    assert all(f"toonify-soft-{group}/tests/" in passed for group in groups)


def call(module: str, *arguments: object, path: Path) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(path), os.environ["PYTHONPATH"]])}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made(run, name: str, group: str) -> dict[str, Any]:
    """What the module of a new plugin holds."""
    assert run("new-plugin", name, "--group", group).exit_code == 0
    (code,) = Path(f"toonify-{name}", "src").glob("*/__init__.py")
    return runpy.run_path(str(code))


def test_the_loss_to_begin_with_is_that_of_its_paper(run):
    soft, least_squares = made(run, "soft", "losses")["Soft"](), create("losses", "lsgan", {})
    real, fake = np.array([0.5, 2.0], np.float32), np.array([-1.0, 3.0], np.float32)
    assert float(soft.generator(fake)) == float(least_squares.generator(fake))
    assert float(soft.discriminator(real, fake)) == float(least_squares.discriminator(real, fake))


def test_a_channel_that_there_is_not_is_no_option_of_the_term_to_begin_with(run):
    hint = inspect.signature(made(run, "soft", "terms")["Soft"]).parameters["channel"].annotation
    assert read_value(2, hint, "channel") == 2
    with pytest.raises(ToonifyError, match="channel should be -1 or 0 or 1 or 2, not 3"):
        read_value(3, hint, "channel")


def test_a_name_that_is_a_word_of_pythons_becomes_a_class(run):
    assert "None_" in made(run, "none", "losses")


def test_its_readme_says_how_it_is_chosen(run):
    run("new-plugin", "soft-edges", "--group", "terms", "-o", "mine")
    readme = Path("mine/toonify-soft-edges/README.md").read_text()
    assert "[adversarial.terms.soft-edges]" in readme
    assert "$" not in readme


def test_as_json(run):
    document = json.loads(run("new-plugin", "soft-edges", "--json").stdout)
    assert document["folder"] == "toonify-soft-edges"
    assert "src/toonify_soft_edges/__init__.py" in document["files"]
    assert all((Path(document["folder"]) / file).is_file() for file in document["files"])


@pytest.mark.parametrize("name", ["Soft", "soft_edges", "-soft", "soft--edges", "1st", "../soft", "söft"])
def test_a_name_that_is_no_name_is_refused(run, name):
    done = run("new-plugin", "--", name)
    assert done.exit_code == 2
    assert "a letter, then small letters and digits" in done.stderr
    assert not list(Path().iterdir())


def test_a_name_that_is_taken_is_refused(run):
    done = run("new-plugin", "lsgan")
    assert done.exit_code == 2
    assert "there is a loss 'lsgan' already, of toonify-gan" in done.stderr


@pytest.mark.parametrize("name", ["gan", "gan-light"])
def test_a_name_that_would_make_it_toonifys_own_package_is_refused(run, name):
    done = run("new-plugin", name, "--group", "generators")
    assert done.exit_code == 2
    assert f"would be called toonify-{name}, which is toonify's own" in done.stderr
    assert not list(Path().iterdir())


def test_a_style_is_no_code(run):
    done = run("new-plugin", "mine", "--group", "styles")
    assert done.exit_code == 2
    assert "there is no template for plugins of the group 'styles'" in done.stderr
    assert "Choices: backbones, datasets" in done.stderr


def test_what_is_there_stays(run):
    Path("toonify-mine").mkdir()
    Path("toonify-mine/notes").write_text("keep")
    done = run("new-plugin", "mine")
    assert done.exit_code == 2
    assert "toonify-mine exists already" in done.stderr
    assert "--output" in done.stderr
    assert [path.name for path in Path("toonify-mine").iterdir()] == ["notes"]
