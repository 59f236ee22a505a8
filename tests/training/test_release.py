"""What toonify 0.1.0 wrote is read, and a run that it began goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from toonify.storage import DatasetManifest, RunManifest, StyleManifest
from toonify.styles import load_style

WRITTEN = Path(__file__).parents[1] / "data" / "release-0.1.0"


def test_a_run_of_the_first_release_goes_on_to_its_end(run, tmp_path, no_report, uncompiled):
    dataset = Path(shutil.copytree(WRITTEN / "dataset", tmp_path / "dataset"))
    folder = Path(shutil.copytree(WRITTEN / "run", tmp_path / "run"))
    manifest = (folder / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_text(
        manifest.replace('"DATASET"', json.dumps(str(dataset))), encoding="utf-8"
    )
    before = load_style(folder)
    assert (before.manifest.generator, before.manifest.training["steps"]) == ("lite", 4)
    assert DatasetManifest.read(dataset).counts["train"]["cartoon"] > 0

    result = run("train", "--resume", folder, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["status"], report["steps"]) == ("trained", 4)
    assert "warning" not in result.stderr
    assert (folder / "checkpoints" / "step-0000004.npz").is_file()
    card = StyleManifest.read(folder / "style")
    assert card.generator_options == before.manifest.generator_options | {"lines": False}  # has come since
    assert list(card.controls) == ["ink", "colour", "line"]
    assert card.training["dataset_hash"] == DatasetManifest.read(dataset).content_hash
    assert card.figures["onnx_difference"] < 1e-3
    assert RunManifest.read(folder).plugins["generators/lite"].startswith("toonify-gan ")
