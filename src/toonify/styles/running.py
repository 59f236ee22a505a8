"""ONNX Runtime, given what was checked and nothing else."""

from __future__ import annotations

from typing import Any

import onnxruntime

SILENT = 4  # no messages: what goes wrong comes as an exception


def start_session(model: bytes, **options: Any) -> onnxruntime.InferenceSession:
    """A generator in ONNX Runtime, on the CPU.

    Args:
        model: It, serialised, as `checks.check_generator` saw it.
        options: Attributes of `onnxruntime.SessionOptions`.

    Raises:
        Exception: if the runtime refuses it; its errors have no common base.
    """
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = SILENT
    # Or bytes that are ONNX could be read as the runtime's own format, and be another network then.
    settings.add_session_config_entry("session.load_model_format", "ONNX")
    for name, value in options.items():
        setattr(settings, name, value)
    return onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
