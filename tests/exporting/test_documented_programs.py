"""The programs in docs/export.md draw what `convert` draws."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import toonify
from toonify.styles import load_style

ROOT = Path(__file__).resolve().parents[2]


def program(heading: str) -> str:
    """The first Python program below a heading."""
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {heading}\n.*?```python\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    assert found, f"docs/export.md has no program below {heading}"
    return found[1]


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


def difference(photo: Path) -> float:
    """Between what the program has written and what `convert` makes, the mean in steps of 8-bit colour."""
    expected = np.asarray(toonify.convert(photo, "comic"), np.float32)
    with Image.open("cartoon.png") as drawn:
        assert drawn.size == (expected.shape[1], expected.shape[0])
        return float(np.abs(np.asarray(drawn.convert("RGB"), np.float32) - expected).mean())


def test_in_onnx_runtime(run, large_photo):
    assert run("export", "comic").exit_code == 0
    exec(compile(program("ONNX Runtime"), "docs/export.md", "exec"), {})
    assert difference(large_photo) < 0.1


@pytest.mark.slow
def test_in_tensorflow_hub(run, large_photo):
    assert run("export", "comic", "--to", "saved-model").exit_code == 0
    exec(compile(program("TensorFlow and TensorFlow Hub"), "docs/export.md", "exec"), {})
    assert difference(large_photo) < 0.1


def test_the_report_says_at_what_size_to_draw(run):
    detail = load_style("comic").manifest.detail
    assert f"larger than {detail} × {detail} at that size" in run("export", "comic").stdout
    assert json.loads(run("export", "comic", "--overwrite", "--json").stdout)["detail"] == detail
