"""A run: its folder, what it is to do, and `run.json`, which says so."""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from toonify.decoding import Decodable, Seed, decode
from toonify.errors import ToonifyError, nothing_at, usage_error
from toonify.plugins import plugin_origin
from toonify.progress import Progress
from toonify.storage import DatasetManifest, RunFolder, RunManifest, held, sweep, writing
from toonify.storage.layout import step_name
from toonify.text import for_shell
from toonify.training.dataset import Dataset
from toonify.training.engines import Engine, worker_index
from toonify.training.request import CHANGEABLE, EngineName, StrategyName, TrainRequest
from toonify.training.settings import Settings

RUNS = Path("runs")
RESUME = "Then resume the run."
"""The advice, whichever of a run's files cannot be written."""


@dataclass(frozen=True)
class Run:
    """A run folder and what it is to do.

    Attributes:
        folder: Where it is, or will be: `write` makes it, so a request that fails leaves nothing behind.
        preset: The name of the preset that the settings began with.
        settings: Everything, after defaults.
        seed: Of networks and batches.
        dataset: What it learns from.
        engine: `tensorflow` or `jax`.
        strategy: Which devices it uses.
        tensorboard: Whether it also writes event files.
        start_from: The style whose weights it began with: its name, and their hash; empty for none.
        number: Of a folder that nobody named, among those of its preset.
    """

    folder: Path
    preset: str
    settings: Settings
    seed: int
    dataset: Dataset
    engine: str
    strategy: str
    tensorboard: bool
    start_from: Mapping[str, str] = field(default_factory=dict)
    number: int | None = None

    @property
    def files(self) -> RunFolder:
        """Where its files lie."""
        return RunFolder(self.folder)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Group and name of each of its plugins."""
        settings = self.settings
        wanted = {("generators", settings.generator.name)}
        if settings.backbone:
            wanted.add(("backbones", settings.backbone.name))
        if settings.adversarial:
            wanted.add(("losses", settings.adversarial.loss))
        for phase in settings.phases.values():
            wanted |= {("terms", term.term or name) for name, term in phase.terms.items()}
        return sorted(wanted)

    @cached_property
    def plugins(self) -> dict[str, str]:
        """Where each of them comes from, as `{"losses/lsgan": "toonify-gan 0.1.0"}`."""
        return {f"{group}/{name}": plugin_origin(group, name) for group, name in self.parts}

    def together(self, engine: Engine) -> Run:
        """With the first machine's folder on all of them: a late one would find it taken, and count on."""
        if self.number is None:
            return self
        number = engine.broadcast(self.number)
        return dataclasses.replace(self, folder=_numbered(self.preset, number), number=number)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The folder, there and nobody else's; one that nothing was written to is gone afterwards.

        Raises:
            ToonifyError: if it cannot be made, or another process is at work in it.
        """
        busy = ToonifyError(
            f"{self.folder} is in use: another process trains in it",
            "Wait for it, or stop it; then resume the run.",
        )
        with held(self.folder, self.files.lock, busy):
            sweep(self.folder, self.files.checkpoints, self.files.samples)
            yield

    def write(self) -> None:
        """Write `run.json`."""
        begun = _Begun(**{field.name: getattr(self, field.name) for field in dataclasses.fields(_Begun)})
        RunManifest(
            request=dataclasses.asdict(begun),
            dataset=str(self.dataset.folder.resolve()),
            dataset_hash=self.dataset.manifest.content_hash,
            dataset_size=self.dataset.size,
            versions={
                name: importlib.import_module(name).__version__
                for name in ("toonify", "keras", "numpy", self.engine)  # whichever distributions bring them
            },
            plugins=self.plugins,
            start_from=dict(self.start_from),
        ).write(self.folder)


@dataclass(frozen=True)
class _Begun(Decodable):
    """The request in `run.json`."""

    preset: str
    seed: Seed
    settings: Settings
    engine: EngineName
    strategy: StrategyName
    tensorboard: bool


def new_run(request: TrainRequest) -> Run:
    """A run as requested; nothing is written yet.

    Of several machines that begin a run together, only the first looks whether its folder is free.

    Raises:
        ToonifyError: if the request makes no sense, the dataset cannot be used, or the output
            folder is in use.
    """
    settings = request.settings()
    dataset = Dataset(request.dataset)
    dataset.check()
    preset = Path(request.preset).stem
    number = None if request.output else _free(preset)
    folder = request.output or _numbered(preset, number or 1)
    first = worker_index(request.strategy or "none") == 0
    if first and (folder / RunManifest.FILE).exists():
        raise in_use(folder)
    if first and (folder.is_file() or (folder.is_dir() and any(folder.iterdir()))):
        raise usage_error(f"{folder} is not an empty folder", "Choose another `output`.")
    engine = request.engine or os.environ.get("KERAS_BACKEND") or "tensorflow"
    return Run(
        folder=folder,
        preset=preset,
        settings=settings,
        seed=request.seed,
        dataset=dataset,
        engine=engine,
        strategy=request.strategy or "none",
        tensorboard=request.tensorboard,
        number=number,
    )


def style_name(folder: Path, settings: Settings, step: int | None = None) -> str:
    """What the style of a run is called; that of a checkpoint after its step, too."""
    name = settings.name or folder.resolve().name
    return name if step is None else f"{name}-{step_name(step)}"


def settings_of(folder: Path) -> Settings:
    """The settings in a run's folder, whatever became of its dataset.

    Raises:
        ToonifyError: if it is no run, or damaged.
    """
    return _begun(RunManifest.read(folder), folder).settings


def recorded_run(folder: Path) -> Run:
    """A run for those who need none of its pictures: its dataset may be elsewhere, gone, or another by now.

    Raises:
        ToonifyError: if it is no run, or damaged.
    """
    manifest = RunManifest.read(folder)
    known = DatasetManifest(
        request={}, size=manifest.dataset_size, counts={}, shards={}, content_hash=manifest.dataset_hash
    )
    return _run(folder, manifest, Dataset(Path(manifest.dataset), known))


def _run(folder: Path, manifest: RunManifest, dataset: Dataset) -> Run:
    begun = vars(_begun(manifest, folder))
    return Run(folder=folder, dataset=dataset, start_from=manifest.start_from, **begun)


def _begun(manifest: RunManifest, folder: Path) -> _Begun:
    # Nobody asked for it just now: an error is the file's.
    return decode(_Begun, manifest.request, str(folder / RunManifest.FILE), error=ToonifyError)


def in_use(folder: Path) -> ToonifyError:
    """The error for a new run where there is one."""
    return usage_error(
        f"{folder} holds a run already",
        f"Go on with it: toonify train --resume {for_shell(str(folder))}. Or choose another `output`.",
    )


def resumed_run(request: TrainRequest, progress: Progress | None = None) -> Run:
    """A run that was begun before, with what may change about it (`CHANGEABLE`).

    Args:
        request: Which run, and what changes.
        progress: Is warned of plugins that are no longer of the version that the run began with.

    Raises:
        ToonifyError: if it is none, is damaged, or its dataset is gone or has changed.
    """
    assert request.resume is not None
    _only_changeable(request)
    manifest = RunManifest.read(request.resume)
    begun = _run(request.resume, manifest, _same_dataset(request, manifest))
    begun.dataset.check()
    run = dataclasses.replace(
        begun,
        settings=request.changed(begun.settings),
        engine=request.engine or begun.engine,
        strategy=request.strategy or begun.strategy,
        tensorboard=request.tensorboard or begun.tensorboard,
    )
    for plugin, origin in run.plugins.items():
        before = manifest.plugins.get(plugin, origin)
        if progress and origin != before:
            progress.warn(f"the plugin {plugin} was of {before} when the run began, and is now of {origin}")
    return run


def _same_dataset(request: TrainRequest, manifest: RunManifest) -> Dataset:
    """What a run began to learn from: where it was, or where the request says that it is now."""
    before, now = Path(manifest.dataset), request.dataset
    if now == TrainRequest().dataset and (before.is_dir() or not now.is_dir()):  # not given, or not needed
        now = before
    if not now.is_dir():
        moved = f"toonify train DATASET --resume {for_shell(str(request.resume))}"
        raise nothing_at(now, "dataset", f"{request.resume} learns from it. If it has moved: {moved}")
    dataset = Dataset(now)
    if dataset.manifest.content_hash == manifest.dataset_hash:
        return dataset
    if now.resolve() == before:
        raise ToonifyError(
            f"the dataset {now} has changed since {request.resume} began",
            "Put the old one back, or begin a new run.",
        )
    raise ToonifyError(
        f"the dataset {now} is not the one that {request.resume} began with, which was {before}",
        "Give that one, wherever it is now, or begin a new run.",
    )


def recording(path: Path) -> AbstractContextManager[None]:
    """Turn a failure to write a run's `path` into a `ToonifyError` that says how to continue the run."""
    return writing(path, RESUME)


def _only_changeable(request: TrainRequest) -> None:
    """Whatever else changed would make another run of it."""
    fresh = TrainRequest()
    for item in dataclasses.fields(TrainRequest):
        changed = getattr(request, item.name) != getattr(fresh, item.name)
        if changed and item.name not in ("resume", "dataset", *CHANGEABLE):
            *most, last = (f"`{name}`" for name in CHANGEABLE)
            raise usage_error(
                f"`resume` goes on as the run began: `{item.name}` cannot change",
                f"Only {', '.join(most)} and {last} may be given with it.",
            )


def _free(preset: str) -> int:
    return next(n for n in itertools.count(1) if not _numbered(preset, n).exists())


def _numbered(preset: str, number: int) -> Path:
    return RUNS / f"{preset}-{number}"
