"""What goes wrong while a run trains, told to people."""

from __future__ import annotations

from toonify.errors import ToonifyError, one_line
from toonify.training.checkpoints import Checkpoints
from toonify.training.runs import Run

NO_MEMORY = ("exhausted", "out of memory", "oom when allocating")
"""How frameworks and drivers say that a device's memory is full, in small letters."""


def diverged(run: Run, step: int, why: str) -> ToonifyError:
    """The error for a loss that is NaN or infinite."""
    good = Checkpoints(run.files.checkpoints).newest_path()
    if good is None:
        return ToonifyError(
            f"training went astray at step {step}, before the first checkpoint: {why}",
            "Train anew with a lower `learning_rate`.",
        )
    return ToonifyError(
        f"training went astray at step {step}: {why}. The last good checkpoint is {good}",
        f"Go on from it with a lower `learning_rate`: toonify train --resume {run.folder}",
    )


def device_failed(run: Run, error: Exception) -> ToonifyError:
    """The error for what a framework raises when a device or another machine fails."""
    words = f"{type(error).__name__}: {error}".lower()
    if any(sign in words for sign in NO_MEMORY):
        return ToonifyError(
            f"the memory of the device is too small for batches of {run.settings.batch_size} pictures",
            "Give a smaller `batch_size`, or the `precision` mixed_bfloat16.",
        )
    return ToonifyError(
        f"a step failed: {one_line(error)}", f"Go on with it: toonify train --resume {run.folder}"
    )
