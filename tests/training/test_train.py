"""`toonify train`, whole: on tiny datasets, through the command line."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image
from tiny_dataset import write_dataset
from tiny_plugins import Tiny

from toonify.errors import INTERRUPTED, ToonifyError
from toonify.networks import load_weights
from toonify.progress import Progress, Task
from toonify.storage import StyleManifest
from toonify.training import TrainRequest, TrainResult, train
from toonify.training.presets import load_preset
from toonify.training.runs import new_run

TINY = {"generator": "tiny", "batch_size": 4, "learning_rate": 0.3}
FLAGS = ("--generator", "tiny", "--batch-size", "4")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("pairs"), "paired")


@pytest.fixture(scope="module")
def unpaired(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("unpaired"), "photo", "cartoon", "smoothed", count=4)


@pytest.fixture(scope="module")
def trained(pairs, tmp_path_factory) -> TrainResult:
    """A comic run of 16 steps, never interrupted; leave it as it is."""
    output = tmp_path_factory.mktemp("runs") / "straight"
    return train(TrainRequest(pairs, output, preset="comic", epochs=8, **TINY))


class Interrupter(Progress):
    """Sends a signal to this process while step `after` is counted."""

    def __init__(self, after: int, number: int = signal.SIGINT) -> None:
        self.after = after
        self.number = number
        self.warnings: list[str] = []

    def watch(self, *arguments: Any, **options: Any) -> Any:
        interrupter = self

        class Interrupting(Task):
            def advance(self, amount: int = 1, /, **figures: float) -> None:
                interrupter.after -= amount
                if interrupter.after == 0:
                    os.kill(os.getpid(), interrupter.number)

        class Manager:
            def __enter__(self) -> Task:
                return Interrupting()

            def __exit__(self, *error: object) -> None:
                return None

        return Manager()

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def metrics(run: Path) -> list[dict[str, str]]:
    with open(run / "metrics.csv", newline="") as file:
        return list(csv.DictReader(file))


def weights(run: Path) -> dict[str, np.ndarray]:
    with np.load(run / "style" / "generator.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def test_losses_fall(trained):
    rows = metrics(trained.run)
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 17)]
    for name in ("loss", "ink"):
        early, late = (np.mean([float(row[name]) for row in part]) for part in (rows[:4], rows[-4:]))
        assert late < 0.9 * early


def test_a_run_folder_holds_everything(trained):
    run = trained.run
    assert (trained.status, trained.exit_code, trained.steps) == ("trained", 0, 16)
    assert sorted(path.name for path in run.iterdir()) == [
        ".lock",
        "checkpoints",
        "measures.csv",
        "metrics.csv",
        "report.html",
        "run.json",
        "samples",
        "style",
    ]
    request = json.loads((run / "run.json").read_text())["request"]
    assert request["settings"]["generator"] == {"name": "tiny", "options": {}}
    assert request["settings"]["paired"]["epochs"] == 8
    samples = sorted(path.name for path in (run / "samples").iterdir())
    assert samples == ["step-0000000.png", "step-0000016.png"]


def test_samples_show_photos_drawings_and_targets(trained):
    with Image.open(trained.run / "samples" / "step-0000016.png") as grid:
        assert grid.size == (2 * (32 + 4), 3 * (32 + 4))
        top = np.asarray(grid)[:32, :32]
    shown = np.load(next(iter(sorted(_dataset_of(trained).glob("val/paired-*.npy")))))[0, ..., :3]
    np.testing.assert_array_equal(top, shown)


def _dataset_of(report: TrainResult) -> Path:
    return Path(json.loads((report.run / "run.json").read_text())["dataset"])


def test_the_style_draws_what_the_network_draws(trained):
    card = StyleManifest.read(trained.run / "style")
    assert (card.generator, card.halo, card.multiple) == ("tiny", 2, 2)
    assert card.training["steps"] == 16
    model = Tiny().build()
    load_weights(model, trained.run / "style" / "generator.npz")
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 24, 40, 3)).astype("float32")
    session = onnxruntime.InferenceSession(trained.run / "style" / "generator.onnx")
    (drawn,) = session.run(["cartoon"], {"picture": picture})
    np.testing.assert_allclose(drawn, model(picture), atol=1e-4)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_an_interrupted_run_goes_on_bit_for_bit(trained, pairs, tmp_path, number):
    output = tmp_path / "interrupted"
    request = TrainRequest(pairs, output, preset="comic", epochs=8, **TINY)
    stopped = train(request, Interrupter(7, number))
    # While a step is told of, the next one is under way; it is finished.
    assert (stopped.status, stopped.exit_code, stopped.steps) == ("interrupted", INTERRUPTED, 8)
    assert f"--resume {output}" in stopped.summary
    assert not (output / "style").exists()
    finished = train(TrainRequest(resume=output))
    assert (finished.status, finished.steps) == ("trained", 16)
    assert (output / "metrics.csv").read_text() == (trained.run / "metrics.csv").read_text()
    straight = weights(trained.run)
    for name, array in weights(output).items():
        np.testing.assert_array_equal(array, straight[name])


def test_signals_are_as_before_afterwards(trained):
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_damaged_checkpoint_costs_only_itself(pairs, tmp_path):
    output = tmp_path / "damaged"
    train(TrainRequest(pairs, output, preset="comic", epochs=8, **TINY), Interrupter(3))
    train(TrainRequest(resume=output), Interrupter(2))
    (output / "checkpoints" / "step-0000007.npz").write_bytes(b"PK")
    listener = Interrupter(1)
    assert train(TrainRequest(resume=output), listener).steps == 6
    assert "step-0000007.npz is damaged" in listener.warnings[0]
    assert [row["step"] for row in metrics(output)] == ["1", "2", "3", "4", "5", "6"]


def test_a_finished_run_says_so_trains_on_and_packages_what_is_missing(run, pairs, tmp_path):
    folder = tmp_path / "short"
    first = run("train", pairs, "--preset", "comic", "-o", folder, "--epochs", "1", *FLAGS)
    assert first.exit_code == 0, first.output
    again = run("train", "--resume", folder)
    assert again.exit_code == 0
    assert "finished before" in again.stdout
    assert f"toonify train --resume {folder} --epochs" in again.stdout

    onwards = run("train", "--resume", folder, "--epochs", "2", "--json")
    report = json.loads(onwards.stdout)
    assert (report["status"], report["steps"], report["total_steps"]) == ("trained", 4, 4)
    assert json.loads((folder / "run.json").read_text())["request"]["settings"]["paired"]["epochs"] == 2

    for path in (folder / "style").iterdir():
        path.unlink()
    (folder / "style").rmdir()
    assert run("train", "--resume", folder).exit_code == 0
    assert (folder / "style" / "generator.onnx").is_file()


@pytest.mark.parametrize("loss", ["gan", "lsgan", "wgan"])
def test_the_phases_of_cartoongan(run, unpaired, loss):
    result = run(
        *("train", unpaired, *FLAGS, "--backbone", "tiny", "--loss", loss),
        *("--init-epochs", "1", "--epochs", "2", "--json"),
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["run"] == "runs/cartoongan-1"
    rows = metrics(Path(report["run"]))
    assert [row["phase"] for row in rows] == ["initialisation", "adversarial", "adversarial"]
    assert [bool(row["discriminator"]) for row in rows] == [False, True, True]
    assert [row["epoch"] for row in rows] == ["1", "1", "2"]
    card = StyleManifest.read(Path(report["style"]))
    assert (card.training["backbone"], card.training["loss"]) == ("tiny", loss)


@pytest.mark.slow
def test_the_readmes_command_with_the_papers_generator(run, unpaired):
    result = run(
        *("train", unpaired, "--backbone", "resnet101", "--loss", "lsgan", "--backbone-weights", "none"),
        *("--generator-option", "width=4", "--batch-size", "2", "--steps-per-epoch", "1"),
        *("--init-epochs", "1", "--epochs", "1", "-o", "run"),
    )
    assert result.exit_code == 0, result.output
    assert StyleManifest.read(Path("run/style")).halo is None


@pytest.mark.parametrize(
    "changes",
    [{"loss": "wgan", "loss_options": {"clip": "0.1"}}, {"preset": "whitebox"}],
    ids=["one discriminator", "two, spectral"],
)
def test_an_interrupted_adversary_goes_on_bit_for_bit(unpaired, tmp_path, changes):
    options = {
        **changes,
        "generator": "tiny",
        "backbone": "tiny",
        "batch_size": 2,
        "init_epochs": 1,
        "epochs": 2,
    }
    straight = train(TrainRequest(unpaired, tmp_path / "straight", **options))
    train(TrainRequest(unpaired, tmp_path / "stopped", **options), Interrupter(3))
    train(TrainRequest(resume=tmp_path / "stopped"))
    assert (tmp_path / "stopped" / "metrics.csv").read_text() == (straight.run / "metrics.csv").read_text()
    for name, array in weights(tmp_path / "stopped").items():
        np.testing.assert_array_equal(array, weights(straight.run)[name])


def test_runs_are_numbered(pairs):
    Path("runs/comic-1").mkdir(parents=True)
    assert new_run(TrainRequest(pairs, preset="comic")).folder == Path("runs/comic-2")


def test_the_bundled_styles_generator_and_preset(run, pairs):
    flags = ("--generator-option", "width=4", "--batch-size", "4", "--epochs", "1", "-o", "run")
    result = run("train", pairs, "--preset", "comic", *flags)
    assert result.exit_code == 0, result.output
    card = StyleManifest.read(Path("run/style"))
    assert (card.generator, card.halo, card.multiple) == ("lite", 96, 8)
    assert card.generator_options["width"] == 4
    assert card.detail == load_preset("comic").detail > 0
    assert card.figures["onnx_difference"] < 1e-3


def test_training_that_goes_astray_names_the_last_good_checkpoint(pairs, tmp_path):
    output = tmp_path / "astray"
    request = TrainRequest(pairs, output, preset="comic", epochs=8, **TINY)
    train(request, Interrupter(2))
    with pytest.raises(ToonifyError, match=r"went astray at step \d+: .*step-0000003\.npz") as caught:
        train(TrainRequest(resume=output, learning_rate=1e30))
    assert "--learning-rate LOWER" in caught.value.hint
    assert [path.name for path in (output / "checkpoints").iterdir()] == ["step-0000003.npz"]
    assert train(TrainRequest(resume=output, learning_rate=1e-4)).status == "trained"


def test_a_run_that_is_not_a_number_from_the_first_step_says_so(run, pairs):
    flags = ("--preset", "comic", *FLAGS, "--epochs", "4", "--learning-rate", "1e30", "-o", "astray")
    result = run("train", pairs, *flags)
    assert result.exit_code == 1
    message = " ".join(result.stderr.split())
    assert "went astray at step 2, before the first checkpoint: loss is" in message
    assert "Train anew with a lower --learning-rate." in message
    assert not Path("astray/checkpoints").exists()
    assert Path("astray/report.html").is_file()


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_run_of_mixed_precision_makes_a_style_of_float32(pairs, tmp_path, precision):
    output = tmp_path / "mixed"
    report = train(TrainRequest(pairs, output, preset="comic", epochs=2, precision=precision, **TINY))
    assert report.status == "trained"
    with np.load(output / "checkpoints" / "step-0000004.npz") as saved:
        assert saved["generator/0000"].dtype == np.float32
        np.testing.assert_array_equal(weights(output)["pixels/kernel"], saved["generator/0000"])
    assert StyleManifest.read(output / "style").figures["onnx_difference"] < 1e-3


def test_an_interrupted_run_with_an_average_goes_on_bit_for_bit(pairs, tmp_path):
    options = {"preset": "comic", "epochs": 4, "ema": 0.9, "precision": "mixed_float16", **TINY}
    straight = train(TrainRequest(pairs, tmp_path / "straight", **options))
    train(TrainRequest(pairs, tmp_path / "stopped", **options), Interrupter(3))
    train(TrainRequest(resume=tmp_path / "stopped"))
    for name, array in weights(tmp_path / "stopped").items():
        np.testing.assert_array_equal(array, weights(straight.run)[name])


def test_a_style_that_cannot_be_put_in_place_is_told_in_a_line(pairs, tmp_path):
    output = tmp_path / "run"
    request = TrainRequest(pairs, output, preset="comic", epochs=2, **TINY)
    train(request, Interrupter(1))
    (output / "style").write_text("a file")
    with pytest.raises(ToonifyError) as caught:
        train(TrainRequest(resume=output))
    assert caught.value.message == f"{output / 'style'} cannot be written: not a directory"
    assert not list(output.glob(".style*"))
