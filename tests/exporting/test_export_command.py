"""`toonify export` as people type it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def test_onnx_into_the_folder_export_is_what_it_does_by_itself(run, style, tmp_path):
    result = run("export", style())
    assert result.exit_code == 0, result.output
    assert (tmp_path / "export" / "tiny-lite.onnx").is_file()
    assert "export/tiny-lite.onnx" in result.stdout and "to within 0 in ONNX Runtime" in result.stdout


def test_formats_are_separated_by_commas(run, style, tmp_path):
    result = run("export", style(), "-o", tmp_path / "out", "--to", "saved-model, onnx", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["style"] == "tiny lite"
    assert [one["format"] for one in report["exported"]] == ["saved-model", "onnx"]
    assert all(one["bytes"] > 1000 for one in report["exported"])
    assert set(report["exported"][0]["differences"]) == {"TensorFlow", "TensorFlow Hub"}


def test_a_run_stands_for_its_style(run, style, tmp_path):
    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    style().rename(folder / "style")
    assert run("export", folder).exit_code == 0
    assert (tmp_path / "export" / "tiny-lite.onnx").is_file()


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["nosuchstyle"], 2, "there is no style 'nosuchstyle'"),
        (["./nowhere"], 1, "there is no style folder nowhere"),
    ],
)
def test_a_style_that_does_not_exist(run, arguments, exit_code, message):
    result = run("export", *arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr


def test_an_unknown_format(run, style):
    result = run("export", style(), "--to", "onyx")
    assert result.exit_code == 2
    assert "Did you mean 'onnx'?" in result.stderr


def test_what_exists_already(run, style):
    folder = style()
    run("export", folder)
    result = run("export", folder)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert run("export", folder, "--overwrite").exit_code == 0


def test_onnx_needs_no_tensorflow(style, tmp_path):
    code = (
        "import sys\n"
        "from toonify.cli.app import app\n"
        "app(['export', sys.argv[1]], standalone_mode=False)\n"
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code, str(style())], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]", result.stderr


@pytest.mark.slow
def test_a_saved_model_is_written_without_the_noise_of_its_libraries(style):
    command = [sys.executable, "-m", "toonify", "export", str(style()), "--to", "saved-model"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stderr == ""
