"""Every program that a page shows is run by a test: here, or where the table says."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doc_pages import DOCS, PAGES, ROOT, blocks, text
from training.tiny_dataset import write_dataset

from toonify.media import Film
from toonify.testing import check_dataset
from toonify.training.presets import load_preset, preset_text

HERE = Path(__file__)
TESTS = HERE.parents[1]
EXAMPLE = ROOT / "examples" / "toonify-plugin-example" / "src" / "toonify_example"

RUN_IN: dict[str, dict[str, Path]] = {
    "README.md": {"toonify.convert(": HERE.with_name("test_shown_commands.py")},
    "convert.md": {
        "strength=0.7": TESTS / "converting" / "test_documented_service.py",
        "manifest.detail = 1200": TESTS / "converting" / "test_documented_service.py",
        "def draw(": TESTS / "converting" / "test_documented_service.py",
        "FastAPI()": TESTS / "converting" / "test_documented_service.py",
        "toonify.convert_all(": TESTS / "converting" / "test_documented_service.py",
        "toonify.convert_film(": HERE,
    },
    "datasets.md": {"class Portraits": HERE},
    "export.md": {
        "InferenceSession(": TESTS / "exporting" / "test_documented_programs.py",
        "pale = ": TESTS / "exporting" / "test_documented_programs.py",
        "tensorflow_hub.load(": TESTS / "exporting" / "test_documented_programs.py",
        "serving_bytes": TESTS / "exporting" / "test_documented_programs.py",
        "load_model(": TESTS / "exporting" / "test_documented_programs.py",
        "ExportRequest(": TESTS / "exporting" / "test_documented_programs.py",
        "TFSMLayer(": TESTS / "exporting" / "test_documented_programs.py",
        "import_weights(": HERE,
    },
    "formats.md": dict.fromkeys(
        ["dataset.json", "metrics.csv", "checkpoints", "style.json", "export.json", "getexif"],
        HERE.with_name("test_formats_page.py"),
    ),
    "plugins.md": {
        "class Signed": HERE,
        "find_plugins(": HERE,
        "def test_the_contracts_are_kept": TESTS / "plugins" / "test_docs.py",
    },
    "prepare.md": {"PrepareRequest(": HERE},
    "styles.md": {"style.manifest.halo": HERE},
    "train.md": {"TrainRequest(": HERE},
}
"""By page, what only one of its programs says, and the test that runs it."""


def program(page: str, mark: str) -> str:
    """The one that says so."""
    (found,) = (code for code in blocks(text(DOCS / page), "python") if mark in code)
    return found


def execute(page: str, mark: str, **names: Any) -> dict[str, Any]:
    """Run it; the names that it has in the end."""
    exec(compile(program(page, mark), page, "exec"), names)
    return names


def of_the_example(code: str) -> bool:
    """Files of the example package, which has tests of its own."""
    return any(code == path.read_text(encoding="utf-8") for path in EXAMPLE.glob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_is_run_by_a_test(page):
    marks = RUN_IN.get(page.name, {}) if page.parent in (ROOT, DOCS) else {}
    for code in blocks(text(page), "python"):
        if not of_the_example(code):
            assert sum(mark in code for mark in marks) == 1, f"No test runs this of {page.name}:\n{code}"


def test_the_table_names_programs_that_there_are():
    for name, marks in RUN_IN.items():
        page = text(ROOT / name if name == "README.md" else DOCS / name)
        for mark, test in marks.items():
            assert any(mark in code for code in blocks(page, "python")), mark
            assert test.is_file(), test


def test_a_film():
    pytest.importorskip("av")
    from films import film

    film(Path("film.mp4"), scenes=1)
    execute("convert.md", "toonify.convert_film(", toonify=__import__("toonify"))
    assert len([*Film(Path("cartoon.mp4")).frames()]) == len([*Film(Path("film.mp4")).frames()])


def test_a_source_with_an_array_of_its_own(picture_file, monkeypatch):
    """In a module of its own, as sources are: worker processes look them up there."""
    for seed in range(4):
        picture_file(f"photos/{seed}.png", seed=seed)
    estimate = "def estimate_depth(picture):\n    return picture.max(axis=-1, keepdims=True)\n"
    Path("source_with_depth.py").write_text(f"{program('datasets.md', 'class Portraits')}\n\n{estimate}")
    monkeypatch.syspath_prepend(Path.cwd())
    check_dataset(importlib.import_module("source_with_depth").Portraits(), Path("photos"))


def test_weights_of_the_authors():
    from networks.published import random_arrays

    assert execute("export.md", "import_weights(", arrays=random_arrays(4, 1))["model"].count_params() > 1000


def test_preparing(picture_file):
    for seed in range(4):
        picture_file(f"photos/{seed}.png", (160, 160), seed=seed)
        picture_file(f"cartoons/{seed}.png", (160, 160), seed=10 + seed)
    Path("program.py").write_text(program("prepare.md", "PrepareRequest("), encoding="utf-8")
    done = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'photo': 38" in done.stdout and "'photo': 2" in done.stdout
    assert Path("from-python/dataset.json").is_file()


def test_a_style_and_its_card(picture_file, capsys):
    picture_file("photo.jpg")
    assert execute("styles.md", "style.manifest.halo")["cartoon"].size == (64, 48)
    assert capsys.readouterr().out.startswith("CC-BY-SA-4.0 ")


@pytest.mark.slow
def test_training(capsys):
    write_dataset(Path("pairs"), "paired")
    assert execute("train.md", "TrainRequest(")["result"].status == "trained"
    assert "runs/small/style" in capsys.readouterr().out


def test_a_painter():
    drawn = np.full((48, 64, 3), 255, np.uint8)
    signed = execute("plugins.md", "class Signed")["Signed"]().paint(drawn, drawn, {"ink": 1.0})
    assert signed.shape == drawn.shape and signed.dtype == np.uint8
    assert signed[34:].min() < 9 and (signed[:34] == 255).all()


def test_finding_plugins(capsys):
    assert execute("plugins.md", "find_plugins(")["loss"].clip == 0.02
    assert "lsgan toonify-gan" in capsys.readouterr().out


TABLES = [
    (page, code)
    for page in PAGES
    for code in blocks(text(page), "toml")
    if code.startswith("[") and "[build-system]" not in code and "[project]" not in code
]


@pytest.mark.parametrize(("page", "code"), TABLES, ids=[page.stem for page, _ in TABLES])
def test_tables_for_presets_are_taken(page, code):
    """Each is added to a preset, in place of such tables that it has already."""
    base = "comic" if "head" in code or "[paired" in code else "cartoongan"
    shown = {table.partition("]")[0] for table in f"\n{code}".split("\n[")[1:]}
    kept = [table for table in f"\n{preset_text(base)}".split("\n[") if table.partition("]")[0] not in shown]
    Path("mine.toml").write_text("\n[".join(kept) + f"\n{code}", encoding="utf-8")
    load_preset("mine.toml")
