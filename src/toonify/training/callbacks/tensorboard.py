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

from toonify.distributions import needs
from toonify.training.callbacks.base import Callback, MeasureEvent, SampleEvent, StepEvent
from toonify.training.runs import recording


def need_tensorboard() -> None:
    """Make sure that events can be written, before anything is begun.

    Raises:
        ToonifyError: if the package is not installed.
    """
    try:
        import tensorboardX  # noqa: F401
    except ImportError as error:
        raise needs("`tensorboard`", "tensorboardX") from error


class TensorBoard(Callback):
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
        self._before = time.perf_counter()
        with recording(self._folder):
            folder.mkdir(parents=True, exist_ok=True)
            # Named after the second it is made in: without the step, a run resumed at once would replace it.
            self._file = EventsWriter(str(folder / "events"), f".{step}")
        # https://github.com/tensorflow/tensorboard: `START` hides events of its step and later ones.
        self._write(step + 1, session_log=SessionLog(status=SessionLog.START))
        self._write(step, summary=text("request", f"```\n{json.dumps(request, indent=2)}\n```"))

    def on_step(self, event: StepEvent) -> None:
        now = time.perf_counter()
        pace = 1 / max(now - self._before, 1e-9)
        self._before = now
        losses = {f"losses/{name}": value for name, value in event.losses.items()}
        speed = {"speed/steps a second": pace, "speed/pictures a second": pace * self._batch_size}
        schedule = {"schedule/learning rate": event.learning_rate, "schedule/epoch": event.epoch}
        self._scalars(event.step, {**losses, **speed, **schedule})

    def on_measure(self, event: MeasureEvent) -> None:
        self._scalars(event.step, {f"validation/{name}": value for name, value in event.figures.items()})

    def on_sample(self, event: SampleEvent) -> None:
        from tensorboardX.proto.summary_pb2 import Summary

        with recording(self._folder):
            data = event.path.read_bytes()
            with Image.open(event.path) as grid:
                width, height = grid.size
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=data)
        self._write(event.step, summary=Summary(value=[Summary.Value(tag="samples", image=image)]))

    def on_checkpoint(self, step: int) -> None:
        with recording(self._folder):
            self._file.flush()

    def on_end(self) -> None:
        with recording(self._folder):
            self._file.close()

    def _scalars(self, step: int, values: Mapping[str, float]) -> None:
        from tensorboardX.proto.summary_pb2 import Summary

        scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(step, summary=Summary(value=scalars))

    def _write(self, step: int, **content: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        with recording(self._folder):
            self._file.write_event(Event(wall_time=time.time(), step=step, **content))
