"""What became of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from toonify.errors import INTERRUPTED
from toonify.text import for_shell, visible
from toonify.training.callbacks.best import Best
from toonify.training.plan import Plan
from toonify.training.report import read_run
from toonify.training.runs import Run
from toonify.training.verdict import Verdict


@dataclass(frozen=True)
class TrainResult:
    """What became of a run.

    Attributes:
        run: Its folder.
        status: `trained`; `trained, not packaged` where there is no TensorFlow; `interrupted`; or
            `finished before` for a run that had nothing left to do.
        steps: Done so far.
        total_steps: That the settings ask for.
        figures: The last step's losses.
        style: The folder of the style; `None` while there is none.
        best: Which checkpoint is best, and by what; `None` when nothing was measured.
        hint: How to go on.
        verdict: Where the run stands; `None` before its first step.
    """

    run: Path
    status: str
    steps: int
    total_steps: int
    figures: Mapping[str, float]
    style: Path | None
    hint: str
    best: Best | None = None
    verdict: Verdict | None = None

    @property
    def exit_code(self) -> int:
        return INTERRUPTED if self.status == "interrupted" else 0

    @property
    def summary(self) -> str:
        """What became of it and how to go on, in a few lines."""
        figures = ", ".join(f"{name} {value:.4g}" for name, value in self.figures.items())
        # Fewer than are done may be asked for, when a run goes on.
        of = f" of {self.total_steps:,}" if self.steps <= self.total_steps else ""
        done = f"{self.status}: {self.run}, step {self.steps:,}{of}"
        lines = [f"{done}{', ' + figures if figures else ''}"]
        if self.best:
            lines.append(f"best by {self.best.figure} ({self.best.value:.4g}): step {self.best.step:,}")
        if self.verdict:
            lines.append(str(self.verdict))
        return "\n".join(map(visible, [*lines, *self.hint.splitlines()]))

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "run": str(self.run),
            "status": self.status,
            "steps": self.steps,
            "total_steps": self.total_steps,
            "figures": dict(self.figures),
            "style": str(self.style) if self.style else None,
            "best": dataclasses.asdict(self.best) if self.best else None,
            "verdict": dataclasses.asdict(self.verdict) if self.verdict else None,
        }


HINTS = {
    "trained": "Draw with it: toonify convert PHOTOS OUTPUT --style {run}",
    "trained, not packaged": "Make the style where TensorFlow is: toonify train --resume {run}",
    "interrupted": "Go on with it: toonify train --resume {run}\n"
    "Draw with it as it is: toonify convert PHOTOS OUTPUT --style {now}",
    "finished before": "To train on: toonify train --resume {run} --epochs MORE",
}


def make_result(
    run: Run,
    plan: Plan,
    status: str,
    done: int,
    losses: Mapping[str, float] = MappingProxyType({}),
    best: Best | None = None,
) -> TrainResult:
    """The result of a run as it stands after `done` steps."""
    style = run.files.style if run.files.style.exists() else None
    best = best if best and best.step is not None else None
    folder, newest = (for_shell(visible(f"{run.folder}{step}")) for step in ("", f"@{done}"))
    # A run that was finished once stands for the style that it made then.
    hint = HINTS[status].format(run=folder, now=newest if style else folder)
    verdict = read_run(run.folder).verdict
    return TrainResult(run.folder, status, done, plan.steps, losses, style, hint, best, verdict)
