"""`toonify train --from`: a run that begins with the weights of a style."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_dataset import add_array, write_dataset
from tiny_plugins import Tiny

from toonify.networks import load_weights
from toonify.progress import Progress
from toonify.storage import RunFolder, RunManifest, StyleManifest
from toonify.styles import load_style
from toonify.training import TrainRequest
from toonify.training.presets import load_preset
from toonify.training.settings import GeneratorSettings
from toonify.training.start import find_start

FLAGS = ("--preset", "pairs", "--generator", "tiny", "--batch-size", "4", "--epochs", "1")

pytestmark = pytest.mark.usefixtures("no_report", "uncompiled")


def weights(style: Path) -> list[np.ndarray]:
    """In the order of the network's variables."""
    model = Tiny().build()
    load_weights(model, style / "generator.npz")
    return [np.asarray(variable) for variable in model.variables]


def saved(run: Path, step: int, owner: str) -> list[np.ndarray]:
    with np.load(run / "checkpoints" / f"step-{step:07d}.npz") as archive:
        return [archive[name] for name in archive.files if name.startswith(f"{owner}/")]


def test_a_run_begins_with_the_weights_of_another_and_says_so(run, pairs, trained, tmp_path):
    result = run("train", pairs, *FLAGS, "--from", trained, "--ema", "0.9", "-o", "mine", "--keep", "9")
    assert result.exit_code == 0, result.output
    mine = tmp_path / "mine"
    for owner in ("generator", "average"):
        for array, expected in zip(saved(mine, 0, owner), weights(trained / "style"), strict=True):
            np.testing.assert_array_equal(array, expected)
    digest = hashlib.sha256((trained / "style" / "generator.npz").read_bytes()).hexdigest()
    record = {"style": "straight", "weights": digest}
    assert RunManifest.read(mine).start_from == record
    card = StyleManifest.read(mine / "style")
    assert card.training["from"] == record
    assert str(trained.parent) not in json.dumps(card.training)

    assert run("train", "--resume", mine, "--epochs", "2").exit_code == 0
    assert RunManifest.read(mine).start_from == record


@pytest.mark.usefixtures("packaged")
def test_a_style_in_one_file_will_do(run, pairs, trained, tmp_path):
    assert run("export", trained, "--to", "style").exit_code == 0
    shared = tmp_path / "export" / "straight.toonify"
    result = run("train", pairs, *FLAGS, "--from", shared, "-o", "mine", "--keep", "9")
    assert result.exit_code == 0, result.output
    first = saved(tmp_path / "mine", 0, "generator")
    for array, expected in zip(first, weights(trained / "style"), strict=True):
        np.testing.assert_array_equal(array, expected)
    digest = hashlib.sha256((trained / "style" / "generator.npz").read_bytes()).hexdigest()
    assert RunManifest.read(tmp_path / "mine").start_from["weights"] == digest

    shared.write_bytes(shared.read_bytes()[:-1000])
    result = run("train", pairs, *FLAGS, "--from", shared, "-o", "other")
    assert result.exit_code == 1
    assert "straight.toonify is damaged: its end is missing" in " ".join(result.stderr.split())
    assert not (tmp_path / "other").exists()


@pytest.mark.usefixtures("packaged")
@pytest.mark.parametrize("which", [0, -1])
def test_a_run_without_a_style_gives_a_checkpoint_and_no_style_is_made(run, pairs, copied, tmp_path, which):
    shutil.rmtree(copied / "style")
    step = RunFolder(copied).steps[which]
    source = copied if which else f"{copied}@{step}"
    result = run("train", pairs, *FLAGS, "--from", source, "-o", "mine", "--keep", "9")
    assert result.exit_code == 0, result.output
    assert not (copied / "style").exists() and not (copied / "styles").exists()
    for array, expected in zip(
        saved(tmp_path / "mine", 0, "generator"), saved(copied, step, "generator"), strict=True
    ):
        np.testing.assert_array_equal(array, expected)
    checkpoint = RunFolder(copied).checkpoint(step)
    assert RunManifest.read(tmp_path / "mine").start_from == {
        "style": f"run-{checkpoint.stem}",
        "weights": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
    }


@pytest.mark.parametrize(
    ("finished", "told"),
    [
        (True, "trained on since it made its style, of step 14"),
        (False, "taking its last checkpoint, step 99"),
    ],
)
def test_it_says_what_it_takes_of_a_run_that_was_trained_on(copied, finished, told):
    said: list[str] = []
    progress = Progress()
    progress.say = said.append
    files = RunFolder(copied)
    find_start(copied, progress)
    assert said == []
    files.checkpoint(99).write_bytes(files.checkpoint(files.steps[-1]).read_bytes())
    if not finished:
        shutil.rmtree(files.style)
    find_start(copied, progress)
    assert told in " ".join(said)


def test_a_checkpoint_that_is_not_there_or_damaged_is_told(run, pairs, copied):
    result = run("train", pairs, *FLAGS, "--from", f"{copied}@7654321")
    assert result.exit_code == 1
    assert "there is no checkpoint" in " ".join(result.stderr.split())
    shutil.rmtree(copied / "style")
    RunFolder(copied).checkpoint(RunFolder(copied).steps[-1]).write_bytes(b"damaged")
    result = run("train", pairs, *FLAGS, "--from", copied)
    assert result.exit_code == 1
    assert "damaged" in result.stderr


def test_a_run_that_is_killed_early_still_begins_with_them(
    run, pairs, trained, tmp_path, monkeypatch, packaged
):
    with monkeypatch.context() as patch:  # the power fails before the first step
        patch.setattr("toonify.training.trainer.Trainer.fit", lambda self: 1 / 0)
        assert run("train", pairs, *FLAGS, "--from", trained / "style", "-o", "mine").exit_code == 1
    assert saved(tmp_path / "mine", 0, "generator")[0].tolist() == weights(trained / "style")[0].tolist()
    shutil.copytree("mine", "other")
    assert run("train", "--resume", "mine").exit_code == 0

    (tmp_path / "other" / "checkpoints" / "step-0000000.npz").write_bytes(b"damaged")
    result = run("train", "--resume", "other")
    assert result.exit_code == 1
    assert "other began with the weights of 'straight', and has no checkpoint" in " ".join(
        result.stderr.split()
    )


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (
            ("--from", "comic"),
            "the style 'comic' has the generator 'unet', not 'tiny' "
            "Leave --generator and --generator-option out to take the style's own",
        ),
        (
            ("--from", "TRAINED", "--generator-option", "width=8"),
            "the generator of the style 'straight' has other options: width 4, not 8 "
            "Leave --generator and --generator-option out to take the style's own",
        ),
        (("--from", "comik"), "no style 'comik'. Did you mean 'comic'?"),
        (("--from", "TRAINED", "--resume", "run"), "--from begins a run, --resume goes on with one"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(run, pairs, trained, options, answer):
    options = [trained if option == "TRAINED" else option for option in options]
    result = run("train", pairs, *FLAGS, *options)
    assert result.exit_code == 2
    assert answer in " ".join(result.stderr.split())
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", ["comic", "drawn"])
def test_a_bundled_style_fits_the_preset_that_made_it(name):
    start = find_start(name)
    start.check(load_preset(name).generator)
    assert start.record["style"] == name


def test_the_generator_and_its_options_are_those_of_the_style(run, pairs, tmp_path, trained, packaged):
    """Which the preset, `lite`, could not begin with."""
    options = ("--preset", "pairs", "--batch-size", "4", "--epochs", "1", "--steps-per-epoch", "1")
    result = run("train", pairs, *options, "--from", trained, "--generator-option", "width=4", "-o", "mine")
    assert result.exit_code == 0, result.output
    chosen = RunManifest.read(tmp_path / "mine").request["settings"]["generator"]
    assert chosen["name"] == "tiny" and chosen["options"]["width"] == "4"

    request = TrainRequest(preset="cartoongan", generator="unet")
    begun = find_start("comic").put_into(request.settings(), request)
    assert begun.generator == GeneratorSettings("unet", load_style("comic").manifest.generator_options)


def test_a_style_without_a_head_that_the_preset_needs_is_refused(run, tmp_path):
    both = write_dataset(tmp_path / "both", "paired")
    add_array(both, "paired", "regions", lambda pair: pair[..., :1] // 64)
    result = run("train", both, "--preset", "drawn", "--from", "comic", "-o", "mine")
    assert result.exit_code == 2
    assert "the generator 'unet' has the heads colour, ink, and no 'regions' for the term" in " ".join(
        result.stderr.split()
    )
    assert not (tmp_path / "mine").exists()


def test_a_style_without_weights_is_nothing_to_begin_with(run, pairs, copied):
    (copied / "style" / "generator.npz").unlink()
    result = run("train", pairs, *FLAGS, "--from", copied)
    assert result.exit_code == 1
    assert "the style 'straight' comes without its weights" in " ".join(result.stderr.split())
