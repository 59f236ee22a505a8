"""Which engine, on which devices; and what is said when that cannot be."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.storage import RunManifest, StyleManifest
from toonify.training.batches import make_batches
from toonify.training.engines import choose_backend, worker_index
from toonify.training.engines.tensorflow import TensorFlowEngine
from toonify.training.request import TrainRequest
from toonify.training.runs import new_run

CLUSTER = {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}
FLAGS = ("--preset", "pairs", "--generator-option", "width=1", "--batch-size", "4", "--epochs", "1")


def without_a_backend() -> dict[str, str]:
    """The environment of a process that chooses for itself, and does not try to be quick."""
    mine = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return mine | {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}


def config(cluster, **task) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0, **task}})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "--strategy multiworker needs TF_CONFIG, which is not set"),
        ("{cluster:", "TF_CONFIG is not JSON: Expecting property name"),
        ("[]", "TF_CONFIG lacks cluster.worker, task.type or task.index"),
        (json.dumps({"cluster": CLUSTER}), "TF_CONFIG lacks cluster.worker, task.type or task.index"),
        (config({"worker": 3}), "a list of host:port"),
        (config(CLUSTER, index=2), "one of the 2 workers, not"),
        (config(CLUSTER, type="chief"), "one of the 2 workers, not"),
    ],
)
def test_a_cluster_that_is_none_is_refused_at_once(run, pairs, monkeypatch, text, complaint):
    monkeypatch.setenv("TF_CONFIG", text)
    result = run("train", pairs, *FLAGS, "--strategy", "multiworker")
    assert result.exit_code == 2
    message = " ".join(result.stderr.split())
    assert complaint in message
    assert 'Give each worker its own, such as TF_CONFIG=\'{"cluster": {"worker": ["host1:2222"' in message
    assert not Path("runs").exists()


def test_each_machine_knows_its_place(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config(CLUSTER, index=1))
    assert worker_index("multiworker") == 1
    assert worker_index("none") == worker_index("mirrored") == 0


def test_an_engine_that_is_not_installed_is_named_with_its_extra(run, pairs, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jax" else real(name))
    result = run("train", pairs, *FLAGS, "--engine", "jax")
    assert result.exit_code == 2
    expected = (
        "the engine 'jax' needs JAX, which is not installed Install it: pip install \"toonify-gan[jax]\""
    )
    assert expected in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        (("--engine", "jaxx"), "called 'jaxx'. Did you mean 'jax'?"),
        (("--strategy", "miror"), "called 'miror'. Did you mean 'mirrored'?"),
        (("--precision", "mixed_float8"), "called 'mixed_float8'. Did you mean 'mixed_float16'?"),
    ],
)
def test_a_misspelt_choice_offers_the_nearest(run, pairs, option, answer):
    result = run("train", pairs, *FLAGS, *option)
    assert result.exit_code == 2
    assert answer in " ".join(result.stderr.split())


def test_keras_on_another_backend_is_told():
    with pytest.raises(ToonifyError, match="the engine is 'jax', but Keras runs on 'tensorflow'"):
        choose_backend("jax")


def test_the_first_machines_number_reaches_all(monkeypatch):
    engine = TensorFlowEngine()
    assert engine.broadcast(7) == 7
    engine.workers, engine.replicas = 2, 4
    told = []
    monkeypatch.setattr(engine, "_summed", lambda number: told.append(number) or 7.0)
    assert engine.broadcast(7) == 7
    engine.worker = 1
    assert engine.broadcast(3) == 7
    assert told == [3.5, 0.0]  # two replicas of the first machine add up to its number


def test_a_batch_that_cannot_be_shared_out_is_refused(pairs):
    engine = TensorFlowEngine()
    engine.replicas = 3
    run = new_run(TrainRequest(pairs, preset="pairs", batch_size=4))
    with pytest.raises(ToonifyError, match="of 4 pictures cannot be shared out evenly over 3 devices"):
        make_batches(run, None, engine, 2)


@pytest.mark.slow
def test_where_there_is_no_tensorflow_a_run_is_packaged_later(run, pairs):
    without = "import sys; sys.modules['tensorflow'] = None; from toonify.cli import main; main()"
    command = [sys.executable, "-c", without, "train", pairs, *FLAGS, "-o", "run", "--engine", "jax"]
    done = subprocess.run([*command, "--json"], env=without_a_backend(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["status"], report["steps"], report["style"]) == ("trained, not packaged", 2, None)
    assert "tensorflow" not in json.loads(Path("run/run.json").read_text())["versions"]

    packaged = run("train", "--resume", "run", "--engine", "tensorflow")
    assert packaged.exit_code == 0, packaged.output
    card = StyleManifest.read(Path("run/style"))
    assert card.training["steps"] == 2
    with np.load("run/checkpoints/step-0000002.npz") as saved, np.load("run/style/generator.npz") as style:
        np.testing.assert_array_equal(style["down2/kernel"], saved["generator/0000"])


@pytest.mark.slow
def test_jax_makes_the_style_in_a_second_process(pairs):
    command = [sys.executable, "-m", "toonify", "train", pairs, *FLAGS, "-o", "run", "--engine", "jax"]
    flags = ["--precision", "mixed_bfloat16", "--ema", "0.9"]
    done = subprocess.run([*command, *flags], env=without_a_backend(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    card = StyleManifest.read(Path("run/style"))
    assert card.figures["onnx_difference"] < 1e-3
    with np.load("run/checkpoints/step-0000002.npz") as saved, np.load("run/style/generator.npz") as style:
        np.testing.assert_array_equal(style["down2/kernel"], saved["average/0000"])
        assert not np.array_equal(style["down2/kernel"], saved["generator/0000"])


def test_a_run_goes_on_where_its_engine_is_missing(run, copied, monkeypatch):
    manifest = RunManifest.read(copied)
    manifest.request["engine"] = "jax"
    manifest.write(copied)
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jax" else real(name))
    result = run("train", "--resume", "run")
    assert result.exit_code == 0, result.output
    assert "the engine 'jax' is not installed here; continuing with 'tensorflow'" in result.stderr
