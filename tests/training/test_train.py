"""`toonify train`, whole: on tiny datasets, through the command line."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from listener import Listener
from PIL import Image
from tiny_plugins import Tiny

from toonify.errors import INTERRUPTED, ToonifyError
from toonify.networks import load_weights
from toonify.progress import Task
from toonify.storage import RunManifest, StyleManifest
from toonify.training import TrainRequest, train
from toonify.training.packaging import fitting_detail
from toonify.training.presets import load_preset
from toonify.training.report import read_run

TINY = {"generator": "tiny", "batch_size": 4, "learning_rate": 0.3}
FLAGS = ("--generator", "tiny", "--batch-size", "4")
STRAIGHT = {"preset": "pairs", "epochs": 7, "measure_every": 2, **TINY}
"""What the fixture `trained` is asked for."""

pytestmark = pytest.mark.usefixtures("no_report")


class Interrupter(Task, Listener):
    """Sends Ctrl-C to this process while step `after` is counted."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    @contextmanager
    def watch(self, *arguments: Any, **options: Any) -> Iterator[Task]:
        yield self

    def advance(self, amount: int = 1, /, **figures: float) -> None:
        self.after -= amount
        if self.after == 0:
            os.kill(os.getpid(), signal.SIGINT)


def metrics(run: Path) -> list[dict[str, str]]:
    with open(run / "metrics.csv", newline="") as file:
        return list(csv.DictReader(file))


def state(run: Path, step: int) -> dict[str, np.ndarray]:
    """Every variable of networks and optimizers after a step."""
    with np.load(run / "checkpoints" / f"step-{step:07d}.npz", allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files if name != "metadata"}


def assert_same_state(one: Path, other: Path, step: int) -> None:
    here, there = state(one, step), state(other, step)
    assert here.keys() == there.keys()
    for name, array in here.items():
        np.testing.assert_array_equal(array, there[name], err_msg=name)


def test_losses_fall(trained):
    rows = metrics(trained)
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 15)]
    for name in ("loss", "ink"):
        early, late = (np.mean([float(row[name]) for row in part]) for part in (rows[:4], rows[-4:]))
        assert late < 0.9 * early


def test_a_run_folder_holds_everything(trained):
    assert sorted(path.name for path in trained.iterdir()) == [
        "checkpoints",
        "measures.csv",
        "metrics.csv",
        "report.html",
        "run.json",
        "samples",
        "style",
    ]
    settings = RunManifest.read(trained).request["settings"]
    assert settings["generator"] == {"name": "tiny", "options": {}}
    assert settings["paired"]["epochs"] == 7
    samples = sorted(path.name for path in (trained / "samples").iterdir())
    assert samples == ["step-0000000.png", "step-0000010.png", "step-0000014.png"]


def test_samples_show_photos_drawings_and_targets(trained, pairs):
    with Image.open(trained / "samples" / "step-0000014.png") as grid:
        assert grid.size == (5 * (32 + 4), 3 * (32 + 4))
        top = np.asarray(grid)[:32, :32]
    np.testing.assert_array_equal(top, np.load(min(pairs.glob("val/paired-*.npy")))[0, ..., :3])


def test_the_style_draws_what_the_network_draws(trained):
    card = StyleManifest.read(trained / "style")
    assert (card.generator, card.halo, card.multiple) == ("tiny", 2, 2)
    assert card.generator_options == {"width": 4}
    assert card.detail == fitting_detail(load_preset("pairs").detail, 32) == 88
    assert card.training["steps"] == 14
    assert card.figures["onnx_difference"] < 1e-3
    model = Tiny().build()
    load_weights(model, trained / "style" / "generator.npz")
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 24, 40, 3)).astype("float32")
    session = onnxruntime.InferenceSession(trained / "style" / "generator.onnx")
    (cartoon,) = session.run(["cartoon"], {"picture": picture})
    np.testing.assert_allclose(cartoon, model(picture), atol=1e-4)


def test_the_card_says_who_made_it_of_what_also_afterwards(run, copied):
    card = StyleManifest.read(copied / "style")
    assert (card.name, card.licence, card.sources) == ("straight", "", [])
    flags = (
        "--name",
        "ink",
        "--licence",
        "CC-BY-4.0",
        "--source",
        "Mine",
        "--source",
        "Met; CC0-1.0; https://a.b",
    )
    again = ("train", "--resume", copied, *flags, "--json")
    report = json.loads(run(*again).stdout)
    assert report["status"] == "trained" and report["verdict"]["state"]
    card = StyleManifest.read(copied / "style")
    assert (card.name, card.licence) == ("ink", "CC-BY-4.0")
    assert card.sources == [{"name": "Mine"}, {"name": "Met", "licence": "CC0-1.0", "url": "https://a.b"}]
    assert json.loads(run(*again).stdout)["status"] == "finished before"


def test_an_interrupted_run_goes_on_bit_for_bit(trained, pairs, tmp_path, packaged):
    output = tmp_path / "interrupted"
    stopped = train(TrainRequest(pairs, output, **STRAIGHT), Interrupter(7))
    # While a step is told of, the next one is under way; it is finished.
    assert (stopped.status, stopped.exit_code, stopped.steps) == ("interrupted", INTERRUPTED, 8)
    assert stopped.summary.splitlines()[-2:] == [
        f"Go on with it: toonify train --resume {output}",
        f"Draw with it as it is: toonify convert PHOTOS OUTPUT --style {output}",
    ]
    assert packaged == []
    finished = train(TrainRequest(resume=output))
    assert (finished.status, finished.steps, packaged) == ("trained", 14, [14])
    assert (output / "metrics.csv").read_text() == (trained / "metrics.csv").read_text()
    assert_same_state(output, trained, 14)


def test_a_damaged_checkpoint_costs_only_itself(pairs, tmp_path, uncompiled):
    output = tmp_path / "damaged"
    train(TrainRequest(pairs, output, **STRAIGHT), Interrupter(3))
    train(TrainRequest(resume=output), Interrupter(2))
    (output / "checkpoints" / "step-0000007.npz").write_bytes(b"PK")
    listener = Interrupter(1)
    assert train(TrainRequest(resume=output), listener).steps == 6
    assert "step-0000007.npz is damaged" in listener.warnings[0]
    assert [row["step"] for row in metrics(output)] == ["1", "2", "3", "4", "5", "6"]


def test_one_that_was_finished_once_offers_its_newest_checkpoint(copied, uncompiled):
    stopped = train(TrainRequest(resume=copied, epochs=9), Interrupter(1))
    assert stopped.summary.endswith(f"--style {copied}@{stopped.steps}") and stopped.steps > 14


def test_what_came_after_the_checkpoint_is_gone_also_where_nothing_is_left_to_train(run, copied):
    with open(copied / "metrics.csv", "a") as file:
        file.write("15,paired,8,0.3,9,9,9,9\n")
    shutil.copy(copied / "samples" / "step-0000014.png", copied / "samples" / "step-0000020.png")
    report = json.loads(run("train", "--resume", "run", "--epochs", "1", "--json").stdout)
    assert (report["status"], metrics(copied)[-1]["step"]) == ("finished before", "14")
    assert not (copied / "samples" / "step-0000020.png").exists()


@pytest.mark.parametrize("lost", [False, True], ids=["a checkpoint", "none"])
def test_a_run_that_cannot_go_on_gives_up_nothing(copied, monkeypatch, lost):
    def fail(*given: Any) -> None:
        raise ToonifyError("there are no networks")

    with open(copied / "metrics.csv", "a") as file:
        file.write("15,paired,8,0.3,9,9,9,9\n")
    if lost:
        shutil.rmtree(copied / "checkpoints")
    kept = {path: path.read_bytes() for path in [copied / "metrics.csv", *copied.glob("samples/*")]}
    monkeypatch.setattr("toonify.training.models.build_models", fail)
    with pytest.raises(ToonifyError, match="there are no networks"):
        train(TrainRequest(resume=copied, epochs=9))
    assert len(kept) > 1 and all(path.read_bytes() == held for path, held in kept.items())


def test_a_checkpoint_that_does_not_fit_costs_no_rows(copied):
    file = copied / "checkpoints" / "step-0000014.npz"
    with np.load(file) as saved:
        np.savez(file, **{**saved, "generator/0000": np.zeros(3, "float32")})
    with open(copied / "metrics.csv", "a") as table:
        table.write("15,paired,8,0.3,9,9,9,9\n")
    with pytest.raises(ToonifyError, match="does not fit the networks"):
        train(TrainRequest(resume=copied, epochs=9))
    assert metrics(copied)[-1]["step"] == "15"


def test_a_finished_run_says_so_trains_on_and_packages_what_is_missing(run, copied, uncompiled):
    again = run("train", "--resume", "run")
    assert again.exit_code == 0
    assert "finished before: run, step 14 of 14\n" in again.stdout
    assert "finished before: run, step 14\n" in run("train", "--resume", "run", "--epochs", "1").stdout
    assert "toonify train --resume run --epochs" in again.stdout

    report = json.loads(run("train", "--resume", "run", "--epochs", "8", "--json").stdout)
    assert (report["status"], report["steps"], report["total_steps"]) == ("trained", 16, 16)
    assert RunManifest.read(copied).request["settings"]["paired"]["epochs"] == 8

    shutil.rmtree(copied / "style")
    assert run("train", "--resume", "run").exit_code == 0
    assert (copied / "style" / "generator.onnx").is_file()


def test_commands_can_be_typed_where_a_folder_has_a_blank(run, pairs, copied):
    copied.rename("my run")
    assert "toonify train --resume 'my run' --epochs MORE" in run("train", "--resume", "my run").stdout
    for asked, typed in (
        (("train", pairs, "-o", "my run"), "toonify train --resume 'my run'. Or"),
        (("train", "my pictures"), "toonify prepare PHOTOS CARTOONS -o 'my pictures'"),
        (
            ("convert", pairs / "preview.png", "--style", "my run@3"),
            "toonify train --resume 'my run' --keep N",
        ),
    ):
        assert typed in " ".join(run(*asked).stderr.split())


@pytest.mark.parametrize("left", [1000, None], ids=["cut short", "gone"])
def test_a_finished_run_makes_a_damaged_style_again(copied, packaged, left):
    network = copied / "style" / "generator.onnx"
    whole = network.read_bytes()
    network.unlink()
    if left:
        network.write_bytes(whole[:left])
    assert (train(TrainRequest(resume=copied)).status, packaged) == ("trained", [14])
    network.write_bytes(whole)
    assert (train(TrainRequest(resume=copied)).status, packaged) == ("finished before", [14])


def test_the_phases_of_cartoongan(run, unpaired, small_preset, uncompiled):
    result = run(
        *("train", unpaired, *FLAGS, "--preset", small_preset("cartoongan"), "--backbone", "tiny"),
        *("--loss", "lsgan", "--init-epochs", "1", "--epochs", "2", "--json"),
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["run"] == "runs/cartoongan-1"
    rows = metrics(Path(report["run"]))
    assert [row["phase"] for row in rows] == ["initialisation", "adversarial", "adversarial"]
    assert [bool(row["discriminator"]) for row in rows] == [False, True, True]
    assert [row["epoch"] for row in rows] == ["1", "1", "2"]
    card = StyleManifest.read(Path(report["style"]))
    assert (card.training["backbone"], card.training["loss"]) == ("tiny", "lsgan")


def taught_by(small_preset, term: str) -> Path:
    """A file with the preset `cartoongan`, with another term in place of its adversary."""
    preset = Path(small_preset("cartoongan"))
    text = preset.read_text("utf-8").replace("terms.adversarial]", f"terms.{term}]")
    preset.write_text(text, encoding="utf-8")
    return preset


def test_a_discriminator_of_features_learns_and_is_measured(
    run, unpaired, small_preset, uncompiled, packaged
):
    preset = taught_by(small_preset, "feature_adversarial")
    options = ("--preset", preset, "--backbone", "tiny", "--init-epochs", "0", "--epochs", "2")
    assert run("train", unpaired, *FLAGS, *options, "-o", "run").exit_code == 0
    first, second = (float(row["discriminator"]) for row in metrics(Path("run")))
    assert second < first
    with Path("run", "measures.csv").open(newline="") as file:
        (measures,) = csv.DictReader(file)
    assert 0 <= float(measures["generated"]) <= 1


def test_drawings_may_learn_how_cartoons_vary_without_an_adversary(run, unpaired, small_preset, uncompiled):
    preset = taught_by(small_preset, "feature_distribution")
    options = ("--preset", preset, "--backbone", "tiny", "--init-epochs", "0", "--epochs", "2")
    assert run("train", unpaired, *FLAGS, *options, "--weight", "content=0", "-o", "run").exit_code == 0
    first, second = (float(row["feature_distribution"]) for row in metrics(Path("run")))
    assert second < first
    told = StyleManifest.read(Path("run/style")).training
    assert "loss" not in told and not [name for name in told["plugins"] if name.startswith("losses/")]


SMALL = {"generator": "tiny", "backbone": "tiny", "batch_size": 2, "init_epochs": 0, "epochs": 1}
SMALL |= {"steps_per_epoch": 3}
EVERYTHING = {"loss": "wgan", "ema": 0.9, "precision": "mixed_float16"}


@pytest.mark.parametrize(
    ("preset", "changes"),
    [
        ("whitebox", EVERYTHING),
        pytest.param("whitebox", {}, marks=pytest.mark.slow),
        pytest.param("cartoongan", {"loss": "wgan", "loss_options": {"clip": "0.1"}}, marks=pytest.mark.slow),
        pytest.param("cartoongan", {"loss": "wgan-gp"}, marks=pytest.mark.slow),
    ],
    ids=["all that has a state", "two discriminators, spectral", "a constraint", "a penalty"],
)
def test_an_interrupted_adversary_goes_on_bit_for_bit(
    unpaired, tmp_path, packaged, uncompiled, small_preset, preset, changes
):
    options = {**SMALL, **changes, "preset": small_preset(preset)}
    train(TrainRequest(unpaired, tmp_path / "straight", **options))
    assert train(TrainRequest(unpaired, tmp_path / "stopped", **options), Interrupter(1)).steps == 2
    train(TrainRequest(resume=tmp_path / "stopped"))
    straight, stopped = (metrics(tmp_path / name) for name in ("straight", "stopped"))
    assert straight == stopped
    assert_same_state(tmp_path / "straight", tmp_path / "stopped", 3)


def way(run: Path) -> str:
    verdict = read_run(run).verdict
    assert verdict
    return verdict.way


def test_training_that_goes_astray_names_the_last_good_checkpoint(pairs, tmp_path, packaged, uncompiled):
    output = tmp_path / "astray"
    train(TrainRequest(pairs, output, **STRAIGHT | {"measure_every": 0}), Interrupter(2))
    with pytest.raises(ToonifyError, match=r"went astray at step \d+: .*step-0000003\.npz") as caught:
        train(TrainRequest(resume=output, learning_rate=1e30))
    assert "with a lower `learning_rate`: toonify train --resume" in caught.value.hint
    assert [path.name for path in (output / "checkpoints").iterdir()] == ["step-0000003.npz"]
    assert way(output) == "no number"
    assert train(TrainRequest(resume=output, learning_rate=1e-4)).status == "trained"
    assert way(output) != "no number"


def test_weights_that_are_no_numbers_while_the_losses_still_are(pairs, tmp_path, uncompiled):
    with pytest.raises(ToonifyError, match=r"astray at step 1, .*: a weight is no longer finite"):
        options = STRAIGHT | {"epochs": 1, "batch_size": 8, "learning_rate": 1e39}
        train(TrainRequest(pairs, tmp_path / "astray", **options))
    assert way(tmp_path / "astray") == "no number"


def test_a_run_that_is_not_a_number_from_the_first_step_says_so(run, pairs, monkeypatch, uncompiled):
    reported = []
    monkeypatch.setattr("toonify.training.callbacks.report.write_report", reported.append)
    flags = ("--preset", "pairs", *FLAGS, "--epochs", "4", "--learning-rate", "1e30", "-o", "astray")
    result = run("train", pairs, *flags)
    assert result.exit_code == 1
    message = " ".join(result.stderr.split())
    assert "went astray at step 2, before the first checkpoint: loss is" in message
    assert "Train anew with a lower --learning-rate." in message
    assert not Path("astray/checkpoints").exists()
    assert reported == [Path("astray")]


@pytest.mark.parametrize(
    "precision", ["mixed_bfloat16", pytest.param("mixed_float16", marks=pytest.mark.slow)]
)
def test_a_run_of_mixed_precision_makes_a_style_of_float32(pairs, tmp_path, precision):
    output = tmp_path / "mixed"
    report = train(TrainRequest(pairs, output, preset="pairs", epochs=1, precision=precision, **TINY))
    assert report.status == "trained"
    kernel = state(output, 2)["generator/0000"]
    assert kernel.dtype == np.float32
    with np.load(output / "style" / "generator.npz", allow_pickle=False) as style:
        np.testing.assert_array_equal(style["pixels/kernel"], kernel)
    assert StyleManifest.read(output / "style").figures["onnx_difference"] < 1e-3


def test_a_style_that_cannot_be_put_in_place_is_told_in_a_line(copied):
    shutil.rmtree(copied / "style")
    (copied / "style").write_text("a file")
    before = {path.name for path in copied.iterdir()}
    with pytest.raises(ToonifyError) as caught:
        train(TrainRequest(resume=copied))
    assert caught.value.message == f"{copied / 'style'} cannot be written: not a directory"
    assert {path.name for path in copied.iterdir()} == before
