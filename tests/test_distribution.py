"""What people download: both archives build, are sound, and the wheel works where there is nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> tuple[Path, Path]:
    """The wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--outdir", folder, ROOT, online=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def test_both_archives_are_fit_for_pypi(archives):
    assert "PASSED" in call(sys.executable, "-m", "twine", "check", "--strict", *archives)


def test_the_wheel_holds_the_style_the_presets_and_the_types(archives):
    names = zipfile.ZipFile(archives[0]).namelist()
    wanted = ["styles/bundled/comic/generator.onnx", "training/presets/cartoongan.toml", "py.typed"]
    page = ["page/index.html", "page/drawing/worker.js", "runtime/ort.wasm.wasm.gz", "runtime/LICENSE"]
    wanted += [f"exporting/web/{name}" for name in page]
    assert {f"toonify/{name}" for name in wanted} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_the_source_archive_can_be_tested(archives):
    with tarfile.open(archives[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "Makefile", "tests/conftest.py", "samples/astronaut.jpg"} <= names


def test_the_wheel_converts_a_picture_in_an_empty_environment(archives, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    call(programs / "python", "-m", "pip", "install", "--quiet", archives[0], online=True)
    call(programs / "toonify", "convert", ROOT / "samples" / "cat.jpg", tmp_path / "cartoon.jpg")
    with Image.open(tmp_path / "cartoon.jpg") as cartoon, Image.open(ROOT / "samples" / "cat.jpg") as photo:
        assert cartoon.size == photo.size
        assert cartoon.convert("RGB").tobytes() != photo.convert("RGB").tobytes()
    assert "comic" in call(programs / "toonify", "styles")


def call(*command: object, online: bool = False) -> str:
    """Run a program; its output, or a failure that shows it. What installs may fetch what it needs."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" or not online}
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
