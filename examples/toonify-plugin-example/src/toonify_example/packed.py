"""`--to packed`: the network, compressed."""

import zlib

import onnxruntime

from toonify.plugins import Exporter


class Packed(Exporter):
    """One file, which zlib makes smaller."""

    suffix = ".onnx.z"

    def write(self, style, path):
        path.write_bytes(zlib.compress(style.onnx_bytes()))

    def runtimes(self):
        return {"ONNX Runtime": unpacked}


def unpacked(path):
    session = onnxruntime.InferenceSession(zlib.decompress(path.read_bytes()))
    return lambda pictures: session.run(None, {"picture": pictures})[0]
