"""A batch that is shared out over devices and machines teaches what it teaches one."""

from __future__ import annotations

import functools
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from replaying import finish, start
from tiny_dataset import write_dataset

from toonify.errors import INTERRUPTED
from toonify.storage import StyleManifest

SMALL = {
    "preset": "cartoongan",
    "backbone": "tiny",
    "backbone_weights": "none",
    "init_epochs": 1,
    "epochs": 1,
    "steps_per_epoch": 5,
}
PLAIN = SMALL | {"sgd": True, "learning_rate": 1e-3, "loss": "lsgan"}
CASES = {
    "an average": PLAIN | {"ema": 0.9},
    "a constraint and two spectral discriminators": PLAIN
    | {"preset": "whitebox", "loss": "wgan", "loss_options": {"clip": 0.05}},
    "a penalty": PLAIN | {"loss": "wgan-gp"},
    "pairs": {"preset": "pairs", "sgd": True, "learning_rate": 1e-3, "steps_per_epoch": 5, "epochs": 2},
}


@pytest.fixture(scope="module")
def alone(replayed):
    return replayed(CASES)


def shared_out(cases: dict[str, dict], strategy: str) -> dict[str, dict]:
    return {name: case | {"strategy": strategy} for name, case in cases.items()}


def agree(alone, shared) -> None:
    for case, expected in alone.items():
        for here, there in zip(shared[case]["figures"], expected["figures"], strict=True):
            assert here == pytest.approx(there, rel=5e-4, abs=1e-5), case
        assert shared[case]["weights"] == pytest.approx(expected["weights"], rel=1e-4, abs=1e-5), case


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_two_devices_do_what_one_does_with_every_kind_of_loss(alone, replayed, engine):
    agree(alone, replayed(shared_out(CASES, "mirrored"), engine=engine, devices=2))


@pytest.mark.slow
def test_two_machines_do_what_one_does(alone, replayed):
    ports = [free_port() for _ in range(2)]
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    asked = replayed.asked(shared_out(CASES, "multiworker"))
    processes = [
        start(asked, TF_CONFIG=json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}))
        for index in range(2)
    ]
    for process in processes:
        agree(alone, finish(process))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_a_gradient_that_is_not_finite_on_one_device_is_skipped_on_all(replayed, engine):
    # The small weight keeps all other gradients inside float16, which are scaled by 2^15.
    case = {"flaw": SMALL | {"precision": "mixed_float16", "term_weights": {"content": 1e-3}, "flaw": True}}
    done = replayed(shared_out(case, "mirrored"), engine=engine, devices=2)["flaw"]
    assert all(math.isfinite(value) for step in done["figures"] for value in step.values())
    # The other device would not know of it by itself.
    assert done["first"] == done["start"] != done["second"]


@pytest.mark.slow
def test_two_machines_train_a_run_together_and_stop_together(tmp_path):
    dataset = write_dataset(tmp_path / "dataset", "photo", "cartoon", "smoothed", count=8, val=4)
    flags = ("--generator", "lite", "--generator-option", "width=4", "--content-layer", "block1_conv1")
    asked = ("train", dataset, *flags, "--backbone-weights", "none", "--batch-size", "4")
    epochs = ("--init-epochs", "1", "--epochs", "400", "--strategy", "multiworker", "--json")
    first, late = cluster_of([*asked, *epochs])
    machines = [first()]
    run = Path("runs/cartoongan-1")
    while not run.exists():  # the other one begins once the first has a folder
        assert machines[0].poll() is None, machines[0].communicate()
        time.sleep(0.1)
    machines.append(late())
    table = run / "metrics.csv"
    while not table.exists() or len(table.read_text().splitlines()) < 6:
        assert all(machine.poll() is None for machine in machines), machines[0].communicate()
        time.sleep(0.1)
    machines[1].send_signal(signal.SIGINT)
    reports = [report_of(machine, INTERRUPTED) for machine in machines]
    assert reports[0]["steps"] == reports[1]["steps"]
    assert [report["run"] for report in reports] == [str(run)] * 2

    steps = reports[0]["steps"]
    more = ("train", "--resume", run, "--epochs", str(steps // 2 + 1), "--json")
    reports = [report_of(machine, 0) for machine in [begin() for begin in cluster_of(more)]]
    assert [report["status"] for report in reports] == ["trained", "trained"]
    rows = table.read_text().splitlines()
    assert len(rows) == 1 + reports[0]["steps"] and reports[0]["steps"] > steps
    assert StyleManifest.read(run / "style").training["steps"] == reports[0]["steps"]


def cluster_of(command) -> list[Callable[[], subprocess.Popen[str]]]:
    """Two machines; each begins when called."""
    workers = {"worker": [f"127.0.0.1:{free_port()}" for _ in range(2)]}
    tasks = [{"cluster": workers, "task": {"type": "worker", "index": index}} for index in range(2)]

    def begin(task: dict) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "toonify", *map(str, command)],
            env={**os.environ, "TF_CONFIG": json.dumps(task)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return [functools.partial(begin, task) for task in tasks]


def report_of(machine: subprocess.Popen[str], exit_code: int) -> dict:
    out, error = machine.communicate(timeout=300)
    assert machine.returncode == exit_code, error
    return json.loads(out)
