"""A batch that is shared out over devices and machines teaches what it teaches one."""

from __future__ import annotations

import json
import math
import socket

import pytest
from replaying import finish, start

SMALL = {
    "preset": "cartoongan",
    "backbone": "tiny",
    "backbone_weights": "none",
    "init_epochs": 1,
    "epochs": 1,
}
PLAIN = SMALL | {"sgd": True, "learning_rate": 1e-3, "loss": "lsgan"}
CASES = {
    "lsgan": PLAIN,
    "wgan": PLAIN | {"loss": "wgan", "loss_options": {"clip": 0.05}},
    "wgan-gp": PLAIN | {"loss": "wgan-gp"},
    "two spectral discriminators": PLAIN | {"preset": "whitebox"},
    "average": PLAIN | {"ema": 0.9},
    "comic": {"preset": "comic", "sgd": True, "learning_rate": 1e-3},
}


@pytest.fixture(scope="module")
def alone(replayed):
    return replayed(CASES)


def agree(alone, shared) -> None:
    for case, expected in alone.items():
        for here, there in zip(shared[case]["figures"], expected["figures"], strict=True):
            assert here == pytest.approx(there, rel=5e-4, abs=1e-5), case
        assert shared[case]["weights"] == pytest.approx(expected["weights"], rel=1e-4, abs=1e-5), case


@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_two_devices_do_what_one_does(alone, replayed, engine):
    agree(alone, replayed(CASES, engine=engine, strategy="mirrored", devices=2))


@pytest.mark.slow
def test_two_machines_do_what_one_does(alone, replayed):
    ports = [free_port() for _ in range(2)]
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    asked = replayed.asked(CASES, strategy="multiworker")
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
    done = replayed(case, engine=engine, strategy="mirrored", devices=2)["flaw"]
    assert all(math.isfinite(value) for step in done["figures"] for value in step.values())
    # The other device would not know of it by itself.
    assert done["first"] == done["start"] != done["second"]
