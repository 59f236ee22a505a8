"""A checkpoint of a run as a style: made when it is first asked for, kept in the run's `styles/`.

Only training knows how. It does so in a process of its own, so that nobody who draws imports TensorFlow.
"""

from __future__ import annotations

import re
from pathlib import Path

from toonify.backend_import import in_tensorflow_process, installed
from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.storage import RunFolder, RunManifest, StyleManifest
from toonify.text import for_shell

MAKER = "toonify.training.packaging"


def is_run(path: Path) -> bool:
    """Whether a folder holds a run."""
    return (path / RunManifest.FILE).is_file()


def split_step(path: Path) -> tuple[Path, int] | None:
    """The run and the step that `RUN@STEP` means; `None` for anything else, or if it exists itself."""
    found = re.fullmatch(r"(.+)@([0-9]{1,9})", path.name)
    run = path.with_name(found[1]) if found else path
    return (run, int(found[2])) if found and not path.exists() and is_run(run) else None


def last_step(run: Path, progress: Progress) -> int:
    """The step of an unfinished run's last checkpoint.

    Raises:
        ToonifyError: if there is no checkpoint.
    """
    steps = RunFolder(run).steps
    if not steps:
        raise ToonifyError(
            f"the run {run} has made no style yet, and has no checkpoint to make one of",
            f"Go on with its training: toonify train --resume {for_shell(str(run))}",
        )
    progress.say(f"{run} is unfinished: taking its last checkpoint, step {steps[-1]:,}")
    return steps[-1]


def say_if_trained_on(run: Path, card: StyleManifest, style: Path, progress: Progress) -> None:
    """Tell that a run has a newer checkpoint than the style that it made when it was finished."""
    files = RunFolder(run)
    last = max(files.steps, default=0)
    made = card.training.get("steps")
    # With `--best` a style is of an earlier step, but no older.
    if isinstance(made, int) and last > made and _newer(files.checkpoint(last), style / card.FILE):
        progress.say(
            f"{run} has been trained on since it made its style, of step {made:,}; "
            f"that of its last checkpoint is {run}@{last}"
        )


def style_of_step(run: Path, step: int, progress: Progress) -> Path:
    """The folder of the style of a checkpoint.

    Raises:
        ToonifyError: if there is neither the checkpoint nor a style of it, or that cannot be made.
    """
    files = RunFolder(run)
    style, checkpoint = files.style_of(step), files.checkpoint(step)
    if (style / StyleManifest.FILE).exists() and not _newer(checkpoint, style / StyleManifest.FILE):
        return style
    if not checkpoint.exists():
        there = ", ".join(map(str, files.steps)) or "none"
        raise ToonifyError(
            f"the run {run} has no checkpoint of step {step}",
            f"Those that are there: {there}. More of them stay with: "
            f"toonify train --resume {for_shell(str(run))} --keep N",
        )
    if not installed("tensorflow"):
        raise ToonifyError(
            f"a style of {run} at step {step} is still to be made, which needs TensorFlow",
            f"Where it is installed: toonify export {for_shell(str(run))} --step {step} --to style",
        )
    progress.say(f"making a style of {run}, step {step:,}")
    in_tensorflow_process(MAKER, str(run), str(step), str(style))
    return style


def _newer(checkpoint: Path, card: Path) -> bool:
    return checkpoint.exists() and checkpoint.stat().st_mtime_ns > card.stat().st_mtime_ns
