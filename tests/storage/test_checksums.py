"""What comes with toonify is what was published, or it is not used."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from tiny_style import make_style

import toonify
from toonify.errors import ToonifyError
from toonify.storage.checksums import LIST, read_checked
from toonify.styles import load_style

PACKAGE = Path(toonify.__file__).parent
HELD = (".onnx", ".npz")
FOLDERS = sorted({path.parent for suffix in HELD for path in PACKAGE.rglob(f"*{suffix}")})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_model_and_style_has_hashes_that_are_true(folder):
    """`make hashes` writes them."""
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = [path for path in folder.iterdir() if path.suffix in (*HELD, ".json")]
    assert told == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_styles_and_models_of_faces_are_among_them():
    names = {folder.name for folder in FOLDERS}
    assert names >= {"comic", "drawn", "yunet", "models"}


@pytest.fixture
def style(tmp_path) -> Path:
    """A copy of the bundled style, with its hashes."""
    return Path(shutil.copytree(PACKAGE / "styles" / "bundled" / "comic", tmp_path / "comic"))


@pytest.mark.parametrize("name", ["generator.onnx", "generator.npz", "style.json"])
def test_one_byte_more_is_told(style, name):
    with open(style / name, "ab") as file:
        file.write(b"\n")
    with pytest.raises(ToonifyError, match=rf"{name} is damaged or was changed: its SHA-256") as caught:
        found = load_style(style)
        assert found.weights_bytes()
        found.network()
    assert caught.value.hint.endswith("If you changed it yourself, remove SHA256SUMS.")
    (style / LIST).unlink()
    assert load_style(style).weights_bytes()


def test_convert_does_not_use_it(run, picture_file, style):
    data = bytearray((style / "generator.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (style / "generator.onnx").write_bytes(data)
    done = run("convert", picture_file("a.png"), "b.png", "--style", style)
    assert done.exit_code == 1
    assert "generator.onnx is damaged or was changed" in done.stderr
    assert not Path("b.png").exists()


def test_a_style_without_hashes_is_taken_as_it_is(tmp_path):
    assert load_style(make_style(tmp_path / "mine")).network()


@pytest.mark.parametrize("name", ["face_detection_yunet_2023mar_any_size.onnx", "face_mesh.onnx"])
def test_models_of_faces_are_read_as_checked(tmp_path, name):
    (path,) = PACKAGE.rglob(name)
    folder = shutil.copytree(path.parent, tmp_path / "models")
    assert read_checked(folder / name) == path.read_bytes()
    (folder / name).write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ToonifyError, match="is damaged or was changed"):
        read_checked(folder / name)


@pytest.mark.parametrize("text", ["nonsense\n", "\x00", f"{'0' * 63}  a\n", f"{'0' * 64}  \n", "x" * 100_000])
def test_a_list_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "a").write_text("a")
    (tmp_path / LIST).write_text(text)
    with pytest.raises(ToonifyError, match=LIST):
        read_checked(tmp_path / "a")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_place_of_the_list_is_not_waited_for(tmp_path):
    (tmp_path / "a").write_text("a")
    os.mkfifo(tmp_path / LIST)
    with pytest.raises(ToonifyError, match="no list"):
        read_checked(tmp_path / "a")
