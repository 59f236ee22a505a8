"""The run folder: `run.json`, and where everything else lies."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from toonify import __version__
from toonify.errors import ToonifyError, refusal, usage_error
from toonify.manifests import RunManifest
from toonify.training.presets import Ranged, Seed, Settings, read_tables
from toonify.training.request import TrainRequest, with_schedule
from toonify.training.shards import Dataset

RUNS = Path("runs")


@dataclass(frozen=True)
class Run:
    """A run folder and what it is to do.

    Attributes:
        folder: Where it is, or will be: `write` makes it, so a request that fails leaves nothing behind.
        preset: The name of the preset that the settings began with.
        settings: Everything, after defaults.
        seed: Of networks and batches.
        dataset: What it learns from.
    """

    folder: Path
    preset: str
    settings: Settings
    seed: int
    dataset: Dataset

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def metrics(self) -> Path:
        return self.folder / "metrics.csv"

    @property
    def samples(self) -> Path:
        return self.folder / "samples"

    @property
    def style(self) -> Path:
        return self.folder / "style"

    def write(self) -> None:
        """Write `run.json`.

        Raises:
            ToonifyError: if the folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToonifyError(f"{self.folder} cannot be made: {refusal(error)}") from error
        request = {"preset": self.preset, "seed": self.seed, "settings": dataclasses.asdict(self.settings)}
        RunManifest(
            request=request,
            dataset=str(self.dataset.folder.resolve()),
            dataset_hash=self.dataset.manifest.content_hash,
            versions={
                "toonify": __version__,
                **{name: version(name) for name in ("keras", "numpy", "tensorflow")},
            },
        ).write(self.folder)


@dataclass(frozen=True)
class _Begun(Ranged):
    """The request in `run.json`."""

    preset: str
    seed: Seed
    settings: Settings


def new_run(request: TrainRequest) -> Run:
    """A run as requested; nothing is written yet.

    Raises:
        ToonifyError: if the request makes no sense, the dataset cannot be used, or the output
            folder is in use.
    """
    settings = request.settings()
    dataset = Dataset(request.dataset)
    preset = Path(request.preset).stem
    folder = request.output or _free(preset)
    if (folder / RunManifest.FILE).exists():
        raise usage_error(
            f"{folder} holds a run already",
            f"Go on with it: toonify train --resume {folder}. Or choose another -o.",
        )
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise usage_error(f"{folder} is not an empty folder", "Choose another -o.")
    return Run(folder, preset, settings, request.seed, dataset)


def resumed_run(request: TrainRequest) -> Run:
    """A run that was begun before, with more epochs or another learning rate if asked for.

    Raises:
        ToonifyError: if it is none, is damaged, or its dataset is gone or has changed.
    """
    assert request.resume is not None
    _only_schedule(request)
    manifest = RunManifest.read(request.resume)
    where = str(request.resume / RunManifest.FILE)
    begun = read_tables(_Begun, manifest.request, where)
    dataset = Dataset(Path(manifest.dataset))
    if dataset.manifest.content_hash != manifest.dataset_hash:
        raise ToonifyError(
            f"the dataset {dataset.folder} has changed since {request.resume} began",
            "Put the old one back, or begin a new run.",
        )
    settings = with_schedule(begun.settings, epochs=request.epochs, learning_rate=request.learning_rate)
    return Run(request.resume, begun.preset, settings, begun.seed, dataset)


def _only_schedule(request: TrainRequest) -> None:
    """Whatever else changed would make another run of it."""
    fresh = TrainRequest(resume=request.resume, epochs=request.epochs, learning_rate=request.learning_rate)
    for item in dataclasses.fields(TrainRequest):
        if getattr(request, item.name) != getattr(fresh, item.name):
            raise usage_error(
                f"--resume goes on as the run began: {item.name.replace('_', '-')} cannot change",
                "Only --epochs and --learning-rate may be given with it.",
            )


def _free(preset: str) -> Path:
    return next(path for n in itertools.count(1) if not (path := RUNS / f"{preset}-{n}").exists())
