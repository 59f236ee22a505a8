"""Nothing leaves the machine, and nothing is written but the output and the documented caches."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest

from toonify.privacy import SWITCHES, import_onnxruntime, stay_private

ROOT = Path(__file__).resolve().parents[1]
MOVED = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME", "TFHUB_CACHE_DIR", "MPLCONFIGDIR")


def documented_caches() -> set[Path]:
    """The table of docs/privacy.md, relative to the home folder."""
    rows = re.findall(r"^\| `(\.[^`]+)` \|", (ROOT / "docs" / "privacy.md").read_text("utf-8"), re.MULTILINE)
    return {Path(row) for row in rows}


@pytest.fixture
def home(tmp_path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def toonify(home: Path, *arguments: object) -> None:
    """A command in a process of its own: that home folder, none of our switches, no backend chosen before."""
    unset = {*SWITCHES, *MOVED, "KERAS_BACKEND"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "toonify", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def undocumented(home: Path) -> list[Path]:
    """What lies below the home folder, the documented caches and the way to them left out."""
    caches = documented_caches()
    assert caches, "docs/privacy.md lists no caches"
    found = [path.relative_to(home) for path in home.rglob("*")]
    return [
        path
        for path in found
        if not any(path.is_relative_to(cache) or cache.is_relative_to(path) for cache in caches)
    ]


def test_converting_and_exporting_leave_the_home_folder_empty(home, picture_file):
    photo = picture_file("photo.png")
    toonify(home, "convert", photo, "cartoon.png")
    toonify(home, "export", "comic")
    assert list(home.iterdir()) == []


def test_preparing_writes_no_more_than_the_documented_caches(home, picture_file):
    for seed in range(4):
        picture_file(f"photos/{seed}.png", seed=seed)
    toonify(home, "prepare", "photos", "--source", "portrait", "--size", 32, "--workers", 1)
    assert undocumented(home) == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_training_writes_no_more_than_the_documented_caches(home, picture_file, engine):
    for seed in range(4):
        picture_file(f"photos/{seed}.png", (64, 64), seed=seed)
    toonify(home, "prepare", "photos", "--source", "comic", "--size", 64, "--workers", 1)
    toonify(
        *(home, "train", "--preset", "pairs", "--engine", engine, "--tensorboard", "-o", "run"),
        *("--epochs", 1, "--steps-per-epoch", 2, "--batch-size", 2),
    )
    toonify(home, "export", "run", "--to", "onnx,saved-model")
    assert undocumented(home) == []


def test_what_the_user_has_set_stays(monkeypatch):
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    stay_private()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
    assert {os.environ[name] for name in SWITCHES if name != "ORT_DISABLE_TELEMETRY"} == {"0", "1"}


@pytest.mark.parametrize(("wish", "calls"), [("", 1), ("1", 1), ("0", 0)])
def test_where_onnx_runtime_knows_no_variable_it_is_called(monkeypatch, wish, calls):
    """On Windows, that is."""
    called = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: called.append(1))
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    if wish:
        monkeypatch.setenv("ORT_DISABLE_TELEMETRY", wish)
    assert import_onnxruntime() is onnxruntime
    assert len(called) == calls


def test_a_plugin_that_imports_a_library_by_itself_finds_it_switched_off(run, install, monkeypatch):
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    install(
        "acme",
        {"losses": {"calm": "acme:Calm"}},
        acme="""
            import os
            from toonify.plugins import AdversarialLoss
            assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
            class Calm(AdversarialLoss):
                def generator(self, fake): ...
                def discriminator(self, real, fake): ...
        """,
    )
    assert run("plugins", "losses", "calm", "--check").exit_code == 0


REACH = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=1)"


def test_the_suite_refuses_the_network_to_its_processes(tmp_path):
    notes = tmp_path / "attempts.txt"  # not the suite's own, which would fail by it
    environment = os.environ | {"TOONIFY_TESTS_ATTEMPTS": str(notes)}
    done = subprocess.run([sys.executable, "-c", REACH], env=environment, capture_output=True, text=True)
    assert "PermissionError: the tests do without the network" in done.stderr
    assert "192.0.2.1" in notes.read_text()


def test_the_suite_leaves_loopback_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=10).close()
        server.accept()[0].close()
