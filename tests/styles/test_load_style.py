"""Finding a style: by name, by folder, by the run that made it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_style import make_style

from toonify.errors import USAGE, ToonifyError
from toonify.styles import load_style


def refusal(name_or_path: str | Path) -> ToonifyError:
    with pytest.raises(ToonifyError) as raised:
        load_style(name_or_path)
    return raised.value


def test_a_name_means_the_style_that_comes_with_toonify():
    assert load_style("comic").manifest.name == "comic"


def test_such_a_name_is_not_taken_over_by_a_folder_that_lies_there(tmp_path, monkeypatch):
    make_style(tmp_path / "here" / "comic")
    monkeypatch.chdir(tmp_path / "here")
    assert load_style("comic").manifest.name == "comic"
    assert load_style("./comic").manifest.name == "tiny"


@pytest.mark.parametrize("path", [Path("comic"), Path("./comic")])
def test_a_path_is_a_path_whatever_comes_with_toonify(tmp_path, monkeypatch, path):
    make_style(tmp_path / "here" / "comic")
    monkeypatch.chdir(tmp_path / "here")
    assert load_style(path).manifest.name == "tiny"
    monkeypatch.chdir(tmp_path)
    assert refusal(path).message == "there is no style folder comic"


def test_a_folder_may_be_named_by_a_word(tmp_path):
    make_style(tmp_path / "mine")  # the working directory
    assert load_style("mine").manifest.name == "tiny"


@pytest.mark.skipif(os.name != "posix", reason="Windows asks no table of users")
def test_a_home_may_be_named_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_style("~/" + make_style(tmp_path / "mine").name).manifest.name == "tiny"
    assert refusal("~nobody-here/mine").message == "there is no style folder ~nobody-here/mine"


def test_an_unknown_name_offers_the_nearest_one():
    error = refusal("comik")
    assert error.message == "there is no style 'comik'. Did you mean 'comic'?"
    assert error.hint == "Choices: comic, drawn, lines, storybook."
    assert error.exit_code == USAGE


def test_a_folder_is_a_style_and_so_is_a_file_of_it(tmp_path):
    folder = make_style(tmp_path / "mine")
    assert load_style(folder).path == folder
    assert load_style(str(folder)).path == folder
    assert load_style(folder / "style.json").path == folder


def test_a_run_stands_for_the_style_it_made(tmp_path):
    make_style(tmp_path / "run" / "style")
    (tmp_path / "run" / "run.json").write_text("{}")
    assert load_style(tmp_path / "run").path == tmp_path / "run" / "style"


def test_a_run_without_a_style_says_how_to_get_one(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    error = refusal(tmp_path)
    assert "no style yet" in error.message
    assert f"toonify train --resume {tmp_path}" in error.hint


def test_a_path_that_does_not_exist_is_named(tmp_path):
    assert str(tmp_path / "no") in refusal(tmp_path / "no").message
    assert "runs/no" in refusal("runs/no").message


def test_a_folder_without_a_card_is_no_style(tmp_path):
    assert "has no style.json" in refusal(tmp_path).message


def test_weights_are_optional(tmp_path):
    folder = make_style(tmp_path / "mine")
    assert load_style(folder).weights_bytes() is None
    (folder / "generator.npz").write_bytes(b"weights")
    assert load_style(folder).weights_bytes() == b"weights"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"halo": -1}, "'halo' is -1"),
        ({"halo": 100_000}, "'halo' is 100000"),
        ({"halo": 1.5}, "halo should be a whole number, not 1.5"),
        ({"multiple": 0}, "'multiple' is 0"),
        ({"multiple": True}, "multiple should be a whole number, not True"),
        ({"name": "\x1b[2Jcomic"}, "control characters"),
        ({"schema": 99}, "schema version 99"),
    ],
)
def test_a_card_that_cannot_be_true_is_refused(tmp_path, values, named):
    card = make_style(tmp_path / "mine") / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | values))
    error = refusal(tmp_path / "mine")
    assert named in error.message
    assert str(card) in error.message


@pytest.mark.parametrize("name", ["style.json", "generator.onnx", "generator.npz"])
def test_links_out_of_the_folder_are_refused(tmp_path, name):
    folder = make_style(tmp_path / "mine")
    (folder / "generator.npz").write_bytes(b"")
    outside = tmp_path / "outside"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)
    with pytest.raises(ToonifyError, match=f"{name} is a link that leaves"):
        found = load_style(folder)
        found.onnx_bytes()
        assert found.weights_bytes()


@pytest.mark.parametrize("name", ["style.json", "generator.onnx", "generator.npz"])
def test_links_that_lead_nowhere_are_refused(tmp_path, name):
    folder = make_style(tmp_path / "mine")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(name)
    with pytest.raises(ToonifyError, match=f"{name} is not a regular file"):
        found = load_style(folder)
        found.onnx_bytes()
        assert found.weights_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_place_of_the_generator_does_not_hang(tmp_path):
    folder = make_style(tmp_path / "mine")
    (folder / "generator.onnx").unlink()
    os.mkfifo(folder / "generator.onnx")
    with pytest.raises(ToonifyError, match="not a regular file"):
        load_style(folder).onnx_bytes()


def test_reading_the_card_loads_no_framework(tmp_path):
    folder = make_style(tmp_path / "mine")
    code = (
        "import sys; from toonify.styles import load_style; load_style(sys.argv[1]);"
        "print([m for m in ('onnx', 'onnxruntime', 'numpy', 'keras', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
