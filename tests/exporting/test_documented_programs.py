"""The programs in docs/export.md draw what `convert` draws."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from documentation.doc_pages import DOCS, ROOT, blocks, text
from PIL import Image
from programs import difference

from toonify.styles import load_style

PAGE = DOCS / "export.md"


def execute(mark: str, **names: Any) -> dict[str, Any]:
    """Run the one Python program that says so; the names that it has in the end."""
    (program,) = (code for code in blocks(text(PAGE), "python") if mark in code)
    exec(compile(program, PAGE.name, "exec"), names)
    return names


@pytest.fixture
def large_photo() -> Path:
    """Larger than the style's detail, of odd sides, and lying on its side."""
    detail = load_style("comic").manifest.detail
    size = (2 * detail + 101, detail + 53)
    with Image.open(ROOT / "samples" / "cat.jpg") as photo:
        exif = Image.Exif()
        exif[0x0112] = 6
        photo.convert("RGB").resize(size, Image.Resampling.BICUBIC).save("photo.jpg", quality=95, exif=exif)
    return Path("photo.jpg")


def test_in_onnx_runtime(run, large_photo):
    assert run("export", "comic").exit_code == 0
    names = execute("InferenceSession(")
    assert difference("comic", large_photo) < 0.1
    pale = execute("pale = ", **names)["pale"]
    assert pale.mean() > names["session"].run(["cartoon"], {"picture": names["picture"]})[0].mean()


def test_in_onnx_runtime_small_pictures_get_as_wide_a_margin_as_convert_gives_them(run, styles):
    with Image.open(ROOT / "samples" / "cat.jpg") as photo:
        photo.convert("RGB").resize((40, 3)).save("photo.jpg", quality=95)
    assert run("export", styles("cartoongan")).exit_code == 0
    Path("export/tiny-cartoongan.onnx").rename("export/comic.onnx")
    execute("InferenceSession(")
    assert difference(styles("cartoongan"), Path("photo.jpg")) < 0.1


@pytest.mark.slow
def test_in_tensorflow(large_photo, capsys):
    """First exported as the page does it from Python."""
    execute("ExportRequest(")
    said = capsys.readouterr().out
    assert "models/comic.onnx " in said and "models/comic-saved-model " in said
    Path("models").rename("export")
    names = execute("tensorflow_hub.load(")
    assert difference("comic", large_photo) < 0.1
    served = execute("serving_bytes", Path=Path)["png"]
    with Image.open(io.BytesIO(served)) as drawn, Image.open(large_photo) as photo:
        assert drawn.size == photo.size  # lying on its side
    picture = np.asarray(names["small"], np.float32)[None] / 127.5 - 1
    layer = execute("TFSMLayer(", picture=picture)["cartoon"]
    assert np.abs(layer.numpy()[0] - names["cartoon"]).max() < 1e-5


@pytest.mark.slow
def test_in_keras(run):
    assert run("export", "comic", "--to", "keras,onnx").exit_code == 0
    multiple = load_style("comic").manifest.multiple
    picture = np.random.default_rng(0).uniform(-1, 1, (1, multiple, multiple, 3)).astype(np.float32)
    drawn = execute("load_model(", picture=picture)["cartoon"]
    session = onnxruntime.InferenceSession("export/comic.onnx")
    assert np.abs(drawn.numpy() - session.run(["cartoon"], {"picture": picture})[0]).max() < 1e-3
