"""A style becomes a function on arrays: what `convert`, `export` and the packaging of a run have in common.

Pictures are float32 RGB in [-1, 1], (N, H, W, 3). TensorFlow and Keras are never imported.
"""

from toonify.inference.runtime import OnnxRuntime, Runtime, open_onnx, open_runtime

__all__ = ["OnnxRuntime", "Runtime", "open_onnx", "open_runtime"]
