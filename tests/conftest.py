"""What all tests share: nothing of the user's environment, small pictures, the command line.

Never imports TensorFlow: tests that need none must not wait for it.
"""

from __future__ import annotations

import functools
import gc
import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer.testing
from chromium import find_chromium
from drawing import draw_picture
from offline.sitecustomize import NOTES, refuse_the_network
from typer.testing import CliRunner, Result

OFFLINE = Path(__file__).parent / "offline"
"""On the path of every process that tests start: its `sitecustomize` refuses the network."""

FOREIGN = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "CLICOLOR_FORCE", "COLUMNS")
"""Variables by which Rich and Typer would colour or fold what they print."""


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is imported, because Keras and Rich look at the environment but once."""
    home = Path(tempfile.mkdtemp(prefix="toonify-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in filter(_is_foreign, list(os.environ)):
        del os.environ[name]
    folders = {"HOME": "", "KERAS_HOME": "keras", "TFHUB_CACHE_DIR": "hub", "XDG_CACHE_HOME": "cache"}
    os.environ |= {name: str(home / folder) for name, folder in folders.items()}
    os.environ |= {"TERMINAL_WIDTH": "100", "TF_CPP_MIN_LOG_LEVEL": "3", "ORT_DISABLE_TELEMETRY": "1"}
    _go_offline(config, home)
    # Or all commands, with all their options, would be built anew for every one that a test gives.
    typer.testing._get_command = functools.cache(typer.testing._get_command)


def _is_foreign(name: str) -> bool:
    return name in FOREIGN or (name.startswith("TOONIFY_") and name != NOTES)


def _go_offline(config: pytest.Config, home: Path) -> None:
    """For this process and all that it starts; those of xdist share the file of attempts."""
    if not hasattr(config, "workerinput"):
        os.environ[NOTES] = str(home / "attempts.txt")
    paths = [str(OFFLINE), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    refuse_the_network()


def pytest_collection_finish() -> None:
    """What is imported by now stays, and need not be looked through for garbage while tests run."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Attempts to reach the network fail the suite, also those whose error was swallowed."""
    attempts = Path(os.environ[NOTES])
    if not hasattr(session.config, "workerinput") and attempts.exists():
        sys.stderr.write(f"\nAttempts to reach the network:\n{attempts.read_text(encoding='utf-8')}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs with a default name (`dataset`, `runs`) must not land in the checkout."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run() -> Callable[..., Result]:
    """`run("plugins", "--check")`: a command in this process, with its exit code, stdout and stderr."""
    from toonify.cli.app import app

    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def picture_file(tmp_path: Path) -> Callable[..., Path]:
    """`picture_file("photos/a.jpg", (64, 48))`: writes a picture below `tmp_path`, gives its path."""

    def write(
        name: str | Path,
        size: tuple[int, int] = (64, 48),
        mode: str = "RGB",
        *,
        seed: int = 0,
        **options: Any,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_picture(size, seed).convert(mode).save(path, **options)
        return path

    return write


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme="class Calm: ...")`.

    A distribution as pip leaves it: a `.dist-info` folder with entry points beside its modules.
    """
    site = tmp_path / "site-packages"
    monkeypatch.syspath_prepend(site)
    brought: set[str] = set()

    def install(
        distribution: str,
        entry_points: dict[str, dict[str, str]],
        *,
        version: str = "1.0",
        **modules: str,
    ) -> None:
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        lines = []
        for group, names in entry_points.items():
            lines += [f"[toonify.{group}]", *(f"{name} = {value}" for name, value in names.items())]
        (info / "entry_points.txt").write_text("\n".join(lines))
        for name, code in modules.items():
            (site / f"{name}.py").write_text(textwrap.dedent(code))
            sys.modules.pop(name, None)
            brought.add(name)
        importlib.invalidate_caches()

    yield install
    for name in brought:  # the next test may bring another of that name
        sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def web_runtime(request: pytest.FixtureRequest) -> None:
    """ONNX Runtime Web is there; `make test` fetches it where there is npm, `make test-all` must."""
    from toonify.errors import ToonifyError
    from toonify.exporting.web.runtime import need_runtime

    try:
        need_runtime()
    except ToonifyError as problem:
        lacking(request, str(problem))


@pytest.fixture(scope="session")
def chromium_program(request: pytest.FixtureRequest) -> str:
    """Any Chromium on the path."""
    return find_chromium() or lacking(
        request, "no Chromium is on the path: CONTRIBUTING.md says how to get one"
    )


@pytest.fixture(scope="session")
def mkdocs(request: pytest.FixtureRequest) -> None:
    """What builds the documentation site; `make docs` and `make test-all` install it."""
    if not importlib.util.find_spec("material"):
        lacking(request, "MkDocs Material is not installed: make docs")


@pytest.fixture(scope="session")
def cluster_libraries(request: pytest.FixtureRequest) -> None:
    """What the group `cluster` of pyproject.toml brings, which `make test-all` installs."""
    for name in ("boto3", "moto", "ray", "s3fs"):
        if importlib.util.find_spec(name) is None:
            lacking(request, f"{name} is not installed, of the dependency group `cluster`")


def lacking(request: pytest.FixtureRequest, what: str) -> NoReturn:
    """Skip, but fail where all tests were asked for."""
    if request.config.getoption("markexpr") == "slow or not slow":
        pytest.fail(what)
    pytest.skip(what)
