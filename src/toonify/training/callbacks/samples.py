"""Sample grids: what the generator makes of a few pictures that it does not train on."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from toonify.errors import ToonifyError
from toonify.media import Picture, save_picture
from toonify.storage import make_folder
from toonify.training.callbacks.base import Callback, Pause, SampleEvent
from toonify.training.grids import join
from toonify.training.metrics.image_metrics import change_figures, picture_changes
from toonify.training.plan import Phase, Plan
from toonify.training.runs import RESUME, Run, recording

COLUMNS = 6


class RequestFile:
    """A file that anyone may create to request something, looked for once a second.

    Args:
        path: Of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found = False
        self._looked = 0.0

    def there(self) -> bool:
        """Whether the request was made."""
        now = time.monotonic()
        if now - self._looked >= 1:  # each look may be a question to a server
            self._looked, self._found = now, self._path.exists()
        return self._found

    def done(self) -> None:
        """The request is fulfilled: remove the file."""
        if self._found:
            self._found = False
            with recording(self._path):
                self._path.unlink(missing_ok=True)


class DrawSamples(Callback):
    """Draws the same pictures again and again: photos above, cartoons beneath, targets last.

    Every few steps, at each phase's end, when the run stops, and whenever somebody makes the file
    `samples.now` in its folder.

    Args:
        run: Its dataset's `val` split is used, or `train` where that is empty.
        plan: Whose first phase says which array, and whose length how often.
        side: Of the pictures' middle that is shown, in pixels.
        draw: From RGB in [-1, 1], (N, H, W, 3), to the same.
    """

    def __init__(self, run: Run, plan: Plan, side: int, draw: Callable[..., Any]) -> None:
        dataset, array = run.dataset, plan.phases[0].arrays[0]
        split = "val" if dataset.count(array, "val") else "train"
        shards = dataset.shards(array, split)
        # Spread over the split: neighbours are often alike.
        chosen = np.unique(np.linspace(0, len(shards) - 1, min(COLUMNS, len(shards))).astype(int))
        start = (dataset.size - side) // 2
        window = slice(start, start + side)
        self._pictures = np.stack([shards[int(index)][window, window] for index in chosen])
        self._every = plan.sample_every(run.settings.sample_every)
        self._files = run.files
        self._draw = draw
        self._request = RequestFile(run.files.samples_now)

    def due(self, phase: Phase, step: int) -> bool:
        return step == phase.end or step % self._every == 0 or self._request.there()

    def on_begin(self, step: int, everyone: Callback) -> None:
        if step == 0:
            everyone.on_sample(self._sample(step))

    def on_pause(self, pause: Pause, everyone: Callback) -> None:
        if pause.stopping or self.due(pause.phase, pause.step):
            everyone.on_sample(self._sample(pause.step))
            self._request.done()

    def _sample(self, step: int) -> SampleEvent:
        """Draw the grid of a step, and write it.

        Raises:
            ToonifyError: if it cannot be written.
        """
        photos = self._pictures[..., :3]
        generated = keras.ops.convert_to_numpy(self._draw(photos.astype(np.float32) / 127.5 - 1))
        generated = np.nan_to_num(generated, nan=-1)  # a run that has gone astray stops at its next step
        drawings = np.clip((generated + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)
        rows = [photos, drawings]
        if self._pictures.shape[-1] > 3:
            ink = self._pictures[..., 6:].astype(np.float32) / 255
            rows.append((self._pictures[..., 3:6] * (1 - ink)).astype(np.uint8))
        path = self._files.grid(step)
        make_folder(path.parent)
        try:
            save_picture(Picture(Image.fromarray(join(rows))), path, "PNG")
        except ToonifyError as error:
            raise ToonifyError(f"{path} {error.message}", RESUME) from error
        return SampleEvent(step, path, change_figures(picture_changes(drawings, photos)))
