"""Checkpoints: one npz of every variable with its metadata inside, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.storage import RunFolder, replacing, sweep
from toonify.storage.arrays import Unreadable, open_arrays
from toonify.training.runs import RESUME, recording

SCHEMA = 1
_METADATA = "metadata"


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run after `step` steps: arrays by owner, in the order of its variables."""

    path: Path
    step: int
    arrays: Mapping[str, list[np.ndarray]]

    def restore_drawing(self, variables: Sequence[Any]) -> None:
        """Put the weights that draw, averaged if they are, into a generator's variables.

        Raises:
            ToonifyError: if they do not fit; no variable is changed then.
        """
        owner = "average" if "average" in self.arrays else "generator"
        Checkpoint(self.path, self.step, {owner: self.arrays.get(owner, [])}).restore({owner: variables})

    def restore(self, parts: Mapping[str, Sequence[Any]]) -> None:
        """Put the arrays into the variables, by owner.

        Raises:
            ToonifyError: if they do not fit; no variable is changed then.
        """
        if {k: _shapes(v) for k, v in parts.items()} != {k: _shapes(v) for k, v in self.arrays.items()}:
            raise ToonifyError(
                f"{self.path} does not fit the networks that the run's settings make",
                "Was a plugin updated since? Resume with the version in run.json, or train anew.",
            )
        for owner, variables in parts.items():
            for variable, array in zip(variables, self.arrays[owner], strict=True):
                variable.assign(array)


def _shapes(values: Sequence[Any]) -> list[tuple[int, ...]]:
    return [tuple(value.shape) for value in values]


class Checkpoints:
    """The checkpoints of a run; the newest are kept, and the best.

    Args:
        files: The run's; their folder is made when the first one is saved.
        keep: How many of the newest stay.
    """

    def __init__(self, files: RunFolder, keep: int = 2) -> None:
        self.folder = files.checkpoints
        self._files = files
        self._keep = keep

    def save(self, step: int, parts: Mapping[str, Sequence[Any]], best: int | None = None) -> Path | None:
        """Write a checkpoint beside, flush it to the disk, rename it, then drop old ones.

        Args:
            step: Steps done.
            parts: Variables by owner.
            best: The step of the checkpoint that stays in any case.

        Returns:
            Its path; `None` if a variable is not finite: nothing is written then.

        Raises:
            ToonifyError: if the disk is full or the folder cannot be written.
        """
        arrays: dict[str, Any] = {
            f"{owner}/{index:04d}": np.asarray(variable)
            for owner, variables in parts.items()
            for index, variable in enumerate(variables)
        }
        if not all(np.all(np.isfinite(array)) for array in arrays.values()):
            return None
        paths = {owner: [variable.path for variable in variables] for owner, variables in parts.items()}
        arrays[_METADATA] = np.asarray(json.dumps({"schema": SCHEMA, "step": step, "paths": paths}))
        path = self._files.checkpoint(step)
        _write(path, arrays)
        self._drop(path, best)
        return path

    def _drop(self, newest: Path, best: int | None) -> None:
        """Keep the newest and the best; drop later ones, given up by now, and what killed processes left."""
        paths = self._newest_first()
        kept = {*paths[paths.index(newest) :][: self._keep]}
        if best is not None:
            kept.add(self._files.checkpoint(best))
        for old in {*paths} - kept:
            old.unlink(missing_ok=True)
        sweep(self.folder)

    def has(self, step: int) -> bool:
        """Whether there is a checkpoint of a step."""
        return self._files.checkpoint(step).exists()

    def load(self, step: int) -> Checkpoint:
        """The checkpoint of a step.

        Raises:
            ToonifyError: if it is not there, damaged, or one of another schema version.
        """
        path = self._files.checkpoint(step)
        if not path.exists():
            raise ToonifyError(f"there is no checkpoint {path}")
        return _read(path)

    def newest(self, progress: Progress) -> Checkpoint | None:
        """The newest checkpoint that is whole; of damaged ones, and where there is none, it warns.

        Raises:
            ToonifyError: if it is one of another schema version.
        """
        paths = self._newest_first()
        for path in paths:
            try:
                return _read(path)
            except Unreadable as error:
                progress.warn(f"{error.message}; using the one before")
        found = (
            f"no checkpoint in {self.folder} is whole"
            if paths
            else f"there is no checkpoint in {self.folder}"
        )
        progress.warn(f"{found}; starting again at step 0")
        return None

    def newest_path(self) -> Path | None:
        """The file of the newest checkpoint, whole or not."""
        return next(iter(self._newest_first()), None)

    def _newest_first(self) -> list[Path]:
        return [self._files.checkpoint(step) for step in reversed(self._files.steps)]


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    with recording(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, RESUME) as part, open(part, "wb") as file:
        np.savez(file, **arrays)


def _read(path: Path) -> Checkpoint:
    """A checkpoint in a file; nothing is unpacked that is larger than the file.

    Raises:
        Unreadable: if the system does not give the file; `Damaged` if it is not a whole checkpoint.
        ToonifyError: if it is one of another schema version.
    """
    with open_arrays(path) as stored:
        # It was stored without compression, so more than its own size cannot be in it.
        if sum(array.size for array in stored.values()) > path.stat().st_size:
            raise ValueError("it claims to hold more than its size")
        metadata = json.loads(str(stored[_METADATA].read()))
        if metadata["schema"] != SCHEMA:
            raise ToonifyError(
                f"{path} has schema version {metadata['schema']}; this toonify reads version {SCHEMA}",
                "Resume with the toonify that wrote it.",
            )
        owners = {
            owner: [stored[f"{owner}/{index:04d}"] for index in range(len(paths))]
            for owner, paths in metadata["paths"].items()
        }
        step = metadata["step"]
        if type(step) is not int or step < 0:
            raise ValueError(f"its step is {step!r}")
        if any(array.dtype.kind not in "biuf" for owned in owners.values() for array in owned):
            raise ValueError("it holds more than numbers")
        read = {owner: [array.read() for array in owned] for owner, owned in owners.items()}
        if not all(np.isfinite(array).all() for owned in read.values() for array in owned):
            raise ValueError("it holds values that are no numbers, or infinite ones")
    return Checkpoint(path, step, read)
