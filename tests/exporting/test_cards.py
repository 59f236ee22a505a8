"""The card beside every export: what it says, and that its programs draw what `convert` draws."""

from __future__ import annotations

import dataclasses
import gzip
import re
from pathlib import Path

import onnxruntime
import pytest
from chromium import running
from PIL import ExifTags, Image
from programs import difference
from web_pages import static_host

from toonify.exporting import ExportRequest, export_style
from toonify.exporting.web import runtime as web
from toonify.inference.devices import is_exact_in_int8
from toonify.storage import StyleManifest

ROOT = Path(__file__).resolve().parents[2]


def program(card: Path, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", card.read_text("utf-8"), re.DOTALL)
    assert found, f"{card} has no program in {language}"
    return found[1]


def make_photo(width: int, height: int) -> Path:
    """In the folder at hand, lying on its side; a PNG whatever its name: all decoders agree."""
    lying = Image.Exif()
    lying[ExifTags.Base.Orientation] = 6
    with Image.open(ROOT / "samples" / "cat.jpg") as sample:
        small = sample.convert("RGB").resize((height, width), Image.Resampling.LANCZOS)
    small.save("photo.jpg", "PNG", exif=lying)
    return Path("photo.jpg").absolute()


@pytest.mark.parametrize("fixture", ["litert", "keras_file", "saved_model"])
def test_the_python_program_draws_as_convert_does(request, fixture, styles, monkeypatch):
    exported, photo = request.getfixturevalue(fixture), make_photo(83, 61)
    monkeypatch.chdir(exported.path.parent)
    Path("photo.jpg").write_bytes(photo.read_bytes())
    exec(compile(program(Path(f"{exported.path}.md"), "python"), "card", "exec"), {})
    assert difference(styles("lite"), photo) < 0.1


@pytest.mark.parametrize("format_", ["onnx", "onnx-float16", "onnx-int8"])
def test_the_python_program_of_onnx_draws_at_the_style_s_detail(run, style, format_, monkeypatch):
    folder = style()
    dataclasses.replace(StyleManifest.read(folder), detail=90).write(folder)
    make_photo(161, 121)  # less than twice as large as it is drawn
    assert run("export", folder, "--to", format_, "-o", "out").exit_code == 0
    if format_ == "onnx-int8" and not is_exact_in_int8(onnxruntime.__version__):
        pytest.skip("this ONNX Runtime draws 8 bits wrong on some processors, as the program says")
    (file,) = Path("out").glob("*.onnx")
    Path("photo.jpg").rename("out/photo.jpg")
    monkeypatch.chdir("out")
    exec(compile(program(Path(f"{file.name}.md"), "python"), "card", "exec"), {})
    assert difference(folder, Path("photo.jpg")) < (2 if format_ == "onnx-int8" else 0.1)


PAGE = (
    """<!doctype html><script type="importmap">{"imports": {"onnxruntime-web": "./ort.wasm.js"}}</script>"""
)


def test_the_javascript_program_draws_as_convert_does(run, web_runtime, chromium_program, styles, tmp_path):
    folder, photo = tmp_path / "site", make_photo(80, 64)
    assert run("export", styles("lite"), "-o", folder).exit_code == 0
    (folder / "photo.jpg").write_bytes(photo.read_bytes())
    (folder / "index.html").write_text(PAGE)
    (folder / "ort.wasm.js").write_bytes((web.FOLDER / "ort.wasm.js").read_bytes())
    wasm = gzip.decompress((web.FOLDER / "ort.wasm.wasm.gz").read_bytes())
    (folder / "ort-wasm-simd-threaded.wasm").write_bytes(wasm)
    code = program(folder / "tiny-lite.onnx.md", "javascript")
    (folder / "program.js").write_text(
        f"{code}\nexport default [...new Uint8Array(await drawing.arrayBuffer())];"
    )
    with static_host(folder) as address, running(chromium_program, tmp_path / "profile") as page:
        page.open(f"{address}index.html")
        drawing = page.run("import('./program.js').then((made) => made.default)")
    Path("cartoon.png").write_bytes(bytes(drawing))
    assert difference(styles("lite"), photo) < 0.1


def test_it_says_what_goes_in_and_comes_out(run, tmp_path):
    assert run("export", "drawn", "--to", "onnx,style", "-o", tmp_path).exit_code == 0
    card = (tmp_path / "drawn.onnx.md").read_text("utf-8")
    for line in (
        "# drawn, for ONNX Runtime",
        "| licence of the style | CC-BY-SA-4.0 |",
        "| `picture`, in | float32, (batch, height, width, 3), RGB in [-1, 1] |",
        "| sides | multiples of 32, 32 at least |",
        "| `line` | a number from -4 to 4, 0 if left out: weight of the lines: below 0 finer and fewer",
        "| tiles | match, with 448 pixels around each, on a grid of 32 |",
        "| faces | toonify paints over those that drawn draws; no other program does |",
        "- Dragonfly by Bolly: CC-BY-SA-4.0, https://",
    ):
        assert line in card
    assert "toonify convert photo.jpg --style ./drawn.toonify" in (tmp_path / "drawn.toonify.md").read_text()


def test_controls_that_are_fixed_are_told(litert):
    card = Path(f"{litert.path}.md").read_text("utf-8")
    assert "| `ink` | fixed at 1: strength of the lines" in card
    assert 'context.assets.open("tiny-lite.tflite")' in program(Path(f"{litert.path}.md"), "kotlin")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"name": "My photographs"}, "- My photographs"),
        ({"name": "Met", "url": "https://a.b"}, "- Met, https://a.b"),
        ({"name": "Met", "licence": "CC0-1.0", "url": "https://a.b"}, "- Met: CC0-1.0, https://a.b"),
        ({}, "- unnamed"),
    ],
)
def test_sources_are_told_as_far_as_they_are_known(style, tmp_path, source, told):
    folder = style()
    dataclasses.replace(StyleManifest.read(folder), sources=[source]).write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path / "out")).exported
    assert told in Path(f"{exported.path}.md").read_text("utf-8").splitlines()


def test_words_of_strangers_stay_words(style, tmp_path):
    folder = style()
    card = dataclasses.replace(
        StyleManifest.read(folder),
        name="evil`| <script>alert(1)</script>",
        description="![see](http://tracker) |\n\n```python\nboom()\n```",
        sources=[{"name": "<img src=x>", "licence": "| x |", "url": "javascript:alert(1)\n"}],
    )
    card.write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path / "out")).exported
    text = Path(f"{exported.path}.md").read_text("utf-8")
    assert "<script" not in text.replace("\\<", "") and "<img" not in text.replace("\\<", "")
    assert "boom()\n" not in text and "![see]" not in text
    rows = [line for line in text.splitlines() if line.startswith("| licence")]
    assert len(rows) == 1 and text.count("```python") == 1


def test_a_style_is_called_by_its_whole_name(style, tmp_path):
    folder = style()
    dataclasses.replace(StyleManifest.read(folder), name="Ann's ink/wash").write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path / "out")).exported
    text = Path(f"{exported.path}.md").read_text("utf-8")
    assert "# Ann's ink/wash, for" in text and "It is the style Ann's ink/wash in the format" in text


def test_another_file_of_its_name_stays(run, styles, tmp_path):
    (tmp_path / "export").mkdir()
    notes = tmp_path / "export" / "tiny-lite.onnx.md"
    notes.write_text("my notes")
    result = run("export", styles("lite"))
    assert result.exit_code == 2 and "tiny-lite.onnx.md exists already" in result.stderr
    result = run("export", styles("lite"), "--overwrite")
    assert result.exit_code == 2 and "is no card of an export: it is not replaced" in result.stderr
    assert notes.read_text() == "my notes" and [*notes.parent.iterdir()] == [notes]
