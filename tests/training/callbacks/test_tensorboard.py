"""Event files, read back with TensorBoard's own reader."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from toonify.errors import USAGE, ToonifyError
from toonify.training.callbacks import MeasureEvent, SampleEvent, StepEvent
from toonify.training.callbacks.tensorboard import TensorBoard, need_tensorboard

REQUEST = {"preset": "cartoongan", "settings": {"batch_size": 8}}


def tell(folder: Path, first: int, last: int, *, done: int = 0) -> None:
    board = TensorBoard(folder, REQUEST, done, batch_size=8)
    for step in range(first, last + 1):
        board.on_step(StepEvent(step, "adversarial", 2, 2e-4, {"loss": step / 8, "content": float("nan")}))
    board.on_measure(MeasureEvent(last, "adversarial", 2, {"kid": 0.25}))
    Image.new("RGB", (12, 8), "red").save(folder / "grid.png")
    board.on_sample(SampleEvent(last, folder / "grid.png", {}))
    board.on_checkpoint(last)
    board.on_end()


def read(folder: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder)).Reload()


def test_figures_samples_and_the_request_are_there(tmp_path):
    tell(tmp_path, 1, 3)
    events = read(tmp_path)
    assert set(events.Tags()["scalars"]) == {
        "losses/loss",
        "losses/content",
        "schedule/learning rate",
        "schedule/epoch",
        "speed/steps a second",
        "speed/pictures a second",
        "validation/kid",
    }
    assert [(event.step, event.value) for event in events.Scalars("losses/loss")] == [
        (1, 0.125),
        (2, 0.25),
        (3, 0.375),
    ]
    assert [(event.step, event.value) for event in events.Scalars("validation/kid")] == [(3, 0.25)]
    (sample,) = events.Images("samples")
    assert (sample.step, sample.width, sample.height) == (3, 12, 8)
    assert sample.encoded_image_string == (tmp_path / "grid.png").read_bytes()
    (text,) = events.Tensors("request/text_summary")
    assert b'"batch_size": 8' in text.tensor_proto.string_val[0]


def test_a_resumed_run_hides_what_came_after_its_checkpoint(tmp_path):
    tell(tmp_path, 1, 5)
    tell(tmp_path, 4, 4, done=3)
    assert [event.step for event in read(tmp_path).Scalars("losses/loss")] == [1, 2, 3, 4]


def test_without_the_package_the_command_to_install_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ToonifyError) as caught:
        need_tensorboard()
    assert caught.value.exit_code == USAGE
    assert caught.value.hint == 'Install it: pip install "toonify-gan[tensorboard]"'


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ToonifyError, match="cannot be written: file exists"):
        TensorBoard(tmp_path / "file", REQUEST, 0, batch_size=8)
