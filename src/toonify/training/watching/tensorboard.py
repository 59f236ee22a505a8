"""TensorBoard: the run's figures, samples and request, as event files that it reads.

By tensorboardX, which needs neither TensorFlow nor PyTorch. Its `SummaryWriter` hands events to a thread
that a full disk ends, after which the next step would wait for ever; so events are written here, into a
buffer that goes onto the disk with the checkpoints.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from toonify.errors import usage_error
from toonify.training.watching.watcher import Watcher, writing


def need_tensorboard() -> None:
    """Make sure that events can be written, before anything is begun.

    Raises:
        ToonifyError: if the package is not installed.
    """
    try:
        import tensorboardX  # noqa: F401
    except ImportError as error:
        raise usage_error(
            "--tensorboard needs the package tensorboardX, which is not installed",
            "Install it: pip install 'toonify-gan[tensorboard]'",
        ) from error


class TensorBoard(Watcher):
    """Writes an event file; `tensorboard --logdir RUN` shows it.

    Args:
        folder: Where it goes; files of the run's earlier stretches stay beside it.
        request: What is shown as the run's text.
        step: Steps that were done before; what earlier files tell of later ones is then hidden.
        batch_size: Pictures in a step.

    Raises:
        ToonifyError: if the package is missing, or the file cannot be written, as any method may.
    """

    def __init__(self, folder: Path, request: Mapping[str, Any], step: int, batch_size: int) -> None:
        need_tensorboard()
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import SessionLog
        from tensorboardX.summary import text

        self._folder = folder
        self._batch_size = batch_size
        self._before = time.monotonic()
        with writing(self._folder):
            folder.mkdir(parents=True, exist_ok=True)
            # Named after the second it is made in: without the step, a run resumed at once would replace it.
            self._file = EventsWriter(str(folder / "events"), f".{step}")
        # https://github.com/tensorflow/tensorboard: `START` hides events of its step and later ones.
        self._write(step + 1, session_log=SessionLog(status=SessionLog.START))
        self._write(step, summary=text("request", f"```\n{json.dumps(request, indent=2)}\n```"))

    def stepped(self, done: int, phase: str, epoch: int, rate: float, figures: Mapping[str, float]) -> None:
        now = time.monotonic()
        pace = 1 / max(now - self._before, 1e-9)
        self._before = now
        losses = {f"losses/{name}": value for name, value in figures.items()}
        speed = {"speed/steps a second": pace, "speed/pictures a second": pace * self._batch_size}
        self._scalars(done, {**losses, **speed, "schedule/learning rate": rate, "schedule/epoch": epoch})

    def measured(self, done: int, phase: str, epoch: int, figures: Mapping[str, float]) -> None:
        self._scalars(done, {f"validation/{name}": value for name, value in figures.items()})

    def sampled(self, done: int, path: Path) -> None:
        from tensorboardX.proto.summary_pb2 import Summary

        with writing(self._folder):
            data = path.read_bytes()
            with Image.open(path) as grid:
                width, height = grid.size
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=data)
        self._write(done, summary=Summary(value=[Summary.Value(tag="samples", image=image)]))

    def flush(self) -> None:
        with writing(self._folder):
            self._file.flush()

    def close(self) -> None:
        with writing(self._folder):
            self._file.close()

    def _scalars(self, done: int, values: Mapping[str, float]) -> None:
        from tensorboardX.proto.summary_pb2 import Summary

        scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(done, summary=Summary(value=scalars))

    def _write(self, done: int, **content: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        with writing(self._folder):
            self._file.write_event(Event(wall_time=time.time(), step=done, **content))
