"""What goes wrong on a device is told in words that help."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import tensorflow as tf

from toonify.training.failures import device_failed
from toonify.training.presets import load_preset

RUN = SimpleNamespace(folder="runs/mine", settings=load_preset("pairs"))


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.ResourceExhaustedError(None, None, "failed to allocate 2 GiB"),
        tf.errors.InternalError(
            None, None, "OOM when allocating tensor with shape[8,256,256,64] and type float on GPU:0"
        ),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes."),
        RuntimeError("CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_too_little_memory_is_recognised_however_it_is_said(error):
    told = device_failed(RUN, error)
    assert told.message == "the memory of the device is too small for batches of 8 pictures"
    assert told.hint == "Give a smaller `batch_size`, or the `precision` mixed_bfloat16."


def test_anything_else_says_how_to_go_on():
    told = device_failed(RUN, tf.errors.UnavailableError(None, None, "a machine is gone\nsee above"))
    assert told.message == "a step failed: a machine is gone"
    assert told.hint == "Go on with it: toonify train --resume runs/mine"
