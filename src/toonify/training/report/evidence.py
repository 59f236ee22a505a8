"""What a run folder tells of its run, however far it came and whatever befell it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toonify.errors import ToonifyError
from toonify.plugins import load_plugin
from toonify.storage import RunFolder, RunManifest, StyleManifest
from toonify.training.metrics import FIGURES, preferred
from toonify.training.report.balance import KINDS, MEASUREMENTS, imbalance
from toonify.training.tables import MEASUREMENT, STEP, Columns, read_table


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
    def settings(self) -> dict[str, Any]:
        settings = self.manifest.request.get("settings") if self.manifest else None
        return settings if isinstance(settings, dict) else {}

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
        return [name for name in self.measured if name in FIGURES and FIGURES[name].ranks]

    @property
    def best(self) -> tuple[str, int] | None:
        """The figure that the best checkpoint is chosen by, and the row of its measurement."""
        measuring = self.settings.get("measuring")
        asked = measuring.get("best") if isinstance(measuring, dict) else None
        name = preferred(asked if asked in self.ranking else "", self.ranking)
        if not name:
            return None
        last = self.measures["phase"] == self.measures["phase"][-1]  # a run ends with its drawings
        values = np.where(last, self.measures[name], np.nan)
        return (name, int(np.nanargmin(values))) if np.isfinite(values).any() else None

    def warnings(self) -> Iterator[tuple[int, str]]:
        """What was wrong between the two networks, with the step at which it was found."""
        rows = [
            (step, dict(zip(KINDS, shares, strict=True)))
            for step, *shares in zip(*self._rates(), strict=True)
            if math.isfinite(shares[0]) and math.isfinite(shares[2])
        ]
        critic = bool(rows) and self._critic()
        for end in range(1, len(rows) + 1):
            history = [shares for _, shares in rows[max(0, end - MEASUREMENTS - 1) : end]]
            if warning := imbalance(history, critic=critic):
                yield int(rows[end - 1][0]), warning

    def _critic(self) -> bool:
        """Whether the adversary is one, or is not known here, so that nothing can be held against it."""
        adversarial = self.settings.get("adversarial")
        loss = adversarial.get("loss") if isinstance(adversarial, dict) else None
        try:
            plugin: Any = load_plugin("losses", str(loss))
        except ToonifyError:
            return True
        return plugin.boundary is None

    def _rates(self) -> list[list[float]]:
        steps = self.measures.get("step", np.empty(0))
        unknown = np.full(len(steps), np.nan)
        return [steps.tolist(), *(self.measures.get(kind, unknown).tolist() for kind in KINDS)]


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
        samples=sorted(_samples(files.samples)),
        figures=figures,
        damage=damage,
    )


def _samples(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.glob("step-*.png"):
        if found := re.fullmatch(r"step-([0-9]+)", path.stem):
            yield int(found[1]), path
