"""A style becomes a function on arrays: what `convert`, `export` and the packaging of a run have in common.

Pictures are float32 RGB in [-1, 1], (N, H, W, 3). TensorFlow and Keras are never imported.
"""

from toonify.inference.choosing import need_device, open_runtime
from toonify.inference.devices import AUTO, DEVICES, check_device
from toonify.inference.runtime import Runtime, open_onnx

__all__ = ["AUTO", "DEVICES", "Runtime", "check_device", "need_device", "open_onnx", "open_runtime"]
