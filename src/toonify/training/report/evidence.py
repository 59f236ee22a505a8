"""Reading a run folder for the report, even if the run is unfinished or some of its files are damaged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from toonify.decoding import decode
from toonify.errors import ToonifyError
from toonify.media import open_rgb
from toonify.plugins import load_plugin, plain_name
from toonify.storage import RunFolder, RunManifest, StyleManifest
from toonify.training.balance import game, imbalances
from toonify.training.grids import split_grid
from toonify.training.metrics import RANKING, preferred
from toonify.training.metrics.image_metrics import change_figures, picture_changes
from toonify.training.settings import Settings
from toonify.training.tables import MEASUREMENT, STEP, Columns, measurements, read_table
from toonify.training.verdict import LATE, USUAL_RATE, Standing, Verdict, judge

MAX_PIXELS = 100_000_000  # of a sample grid
CRITICS = {"gan": False, "lsgan": False, "hinge": False, "wgan": True, "wgan-gp": True}
"""Of our own losses, so that whoever only looks at runs need not wait for Keras."""


@dataclass(frozen=True)
class Evidence:
    """What was found.

    Attributes:
        folder: The run's.
        manifest: Its request, dataset and versions; `None` if it cannot be read.
        steps: The columns of `metrics.csv`.
        measures: The columns of `measures.csv`.
        samples: Step and file of each sample grid, oldest first.
        figures: Those on the style's card.
        damage: What could not be read, in words.
    """

    folder: Path
    manifest: RunManifest | None
    steps: Columns
    measures: Columns
    samples: list[tuple[int, Path]]
    figures: Mapping[str, Any]
    damage: list[str]

    @property
    def raw_settings(self) -> dict[str, Any]:
        """As they are in `run.json`; nothing if they are no table."""
        settings = self.manifest.request.get("settings") if self.manifest else None
        return settings if isinstance(settings, dict) else {}

    @cached_property
    def settings(self) -> Settings | None:
        """The same, read; `None` if they are not as this toonify has them."""
        try:
            return decode(Settings, self.raw_settings, "the settings")
        except ToonifyError:
            return None

    @property
    def losses(self) -> list[str]:
        return [name for name in self.steps if name not in STEP]

    @property
    def measured(self) -> list[str]:
        """Names of the figures of `measures.csv` that were ever measured."""
        names = [name for name in self.measures if name not in MEASUREMENT]
        return [name for name in names if np.isfinite(self.measures[name]).any()]

    @property
    def ranking(self) -> list[str]:
        """Those of them by which checkpoints can be compared; less is better."""
        return [name for name in self.measured if name in RANKING]

    @property
    def best(self) -> tuple[str, int] | None:
        """The figure that the best checkpoint is chosen by, and the row of its measurement."""
        asked = self.settings.measuring.best if self.settings else ""
        name = preferred(asked if asked in self.ranking else "", self.ranking)
        if not name:
            return None
        last = self.measures["phase"] == self.measures["phase"][-1]  # a run ends with its drawings
        values = np.where(last, self.measures[name], np.nan)
        return (name, int(np.nanargmin(values))) if np.isfinite(values).any() else None

    @property
    def preset(self) -> str:
        """What it began with."""
        return str((self.manifest and self.manifest.request.get("preset")) or "")

    @property
    def done(self) -> int:
        """Steps that were kept."""
        return int(self.steps["step"][-1]) if len(self.steps.get("step", ())) else 0

    @property
    def newest(self) -> dict[str, float]:
        """The figures of the newest measurement."""
        return {
            name: value for name in self.measured if math.isfinite(value := float(self.measures[name][-1]))
        }

    @cached_property
    def verdict(self) -> Verdict | None:
        """Where it stands; `None` before the first step."""
        return judge(self._standing()) if self.done else None

    def _standing(self) -> Standing:
        phase, rates = str(self.steps["phase"][-1]), self.steps.get("learning_rate", np.full(1, np.nan))
        settings = self.settings and self.settings.phases.get(phase)
        late = {name: _mean(self.steps[name][-LATE:]) for name in self.losses}
        measured = measurements(self.measures)
        state = game([figures for _, figures in measured])
        return Standing(
            phase,
            rate=float(rates[-1]),
            reach=float(np.nansum(rates)),
            terms=settings.terms if settings else {},
            losses={name: value for name, value in late.items() if math.isfinite(value)},
            measured=measured,
            look=self._look(),
            game="" if state == "won" and self._critic else state,
            chosen_rate=settings.learning_rate if settings else USUAL_RATE,
            stray=any(self._went_astray(name) for name in self.losses),
        )

    def _went_astray(self, name: str) -> bool:
        """Whether a loss is no number in the newest step; one that the phase does not have never was one.

        The whole loss, which every phase has, may be none at a phase's very first step.
        """
        here = self.steps[name][self.steps["phase"] == self.steps["phase"][-1]]
        return not math.isfinite(here[-1]) and (name == "loss" or bool(np.isfinite(here).any()))

    def _look(self) -> dict[str, float]:
        """What the newest samples show, if they are newer than what was measured."""
        step, path = self.samples[-1] if self.samples else (0, Path())
        if not step or step <= max(self.measures.get("step", [0]), default=0):
            return {}
        try:
            rows = split_grid(np.asarray(open_rgb(path, max_pixels=MAX_PIXELS)))
        except ToonifyError:
            return {}  # whoever shows them says so
        return {} if rows is None else change_figures(picture_changes(rows[1], rows[0]))

    def warnings(self) -> Iterator[tuple[int, str]]:
        """What was wrong between the two networks, with the step at which it was found."""
        history = [figures for _, figures in measurements(self.measures)]
        critic = {"real", "generated"} <= {*self.measured} and self._critic
        for place, warning in imbalances(history, critic=critic):
            yield int(self.measures["step"][place]), warning

    @cached_property
    def _critic(self) -> bool:
        """Whether the adversary is one, or is not known here, so that nothing can be held against it."""
        adversarial = self.settings and self.settings.adversarial
        if not adversarial:
            return True
        if (name := plain_name(adversarial.loss)) in CRITICS:
            return CRITICS[name]
        try:
            plugin: Any = load_plugin("losses", adversarial.loss)
        except ToonifyError:
            return True
        return plugin.boundary is None


def read_run(folder: Path) -> Evidence:
    """Everything that can be read; what cannot is told, not raised."""
    damage: list[str] = []
    files = RunFolder(folder)
    manifest, figures = None, {}
    try:
        manifest = RunManifest.read(folder)
    except ToonifyError as error:
        damage.append(error.message)
    if files.style.exists():
        try:
            figures = StyleManifest.read(files.style).figures
        except ToonifyError as error:
            damage.append(error.message)
    return Evidence(
        folder=folder,
        manifest=manifest,
        steps=read_table(files.metrics),
        measures=read_table(files.measures),
        samples=files.grids,
        figures=figures,
        damage=damage,
    )


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan
