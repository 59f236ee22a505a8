"""YuNet, the face detector, as Keras operations: through them a generator learns what makes a face."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from toonify.plugins import read_detector
from toonify.training.terms import ops

if TYPE_CHECKING:
    from onnx import NodeProto

STRIDES = (8, 16, 32)  # pixels between the places at which it looks for small, middling and large faces
FIRST_OF_HEADS = re.compile(r"bbox_head\.multi_level_cls\.(\d)\.conv1\.weight")  # of each stride


class YuNet:
    """The network behind `find_faces`, with gradients; its weights are constants.

    Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20, 2023.

    It is computed node by node from the file that `find_faces` runs, so that both see the same.
    """

    def __init__(self) -> None:
        import onnx
        from onnx import numpy_helper

        self._graph = onnx.load_model_from_string(read_detector()).graph
        self._weights = {weight.name: numpy_helper.to_array(weight) for weight in self._graph.initializer}

    def __call__(self, pictures: Any) -> dict[str, Any]:
        """What it sees in RGB of [-1, 1], (N, H, W, 3).

        Returns:
            By name, for each stride of 8, 16 and 32 pixels, (N, H / stride, W / stride, C), of H and W made
            multiples of 32 by black on the right and below: `cls_8` and
            `obj_8`, logits of a face, C = 1; `bbox_8`, its middle from here, and the logarithms of its width
            and height, in strides, C = 4; `kps_8`, x and y of its five points from here, in strides, C = 10;
            `features_8`, what these four are read from, C = 64.
        """
        values = {self._graph.input[0].name: _padded((pictures[..., ::-1] + 1) * 127.5)}  # blue first
        features = {}
        for node in self._graph.node:
            pixels = [values[name] for name in node.input if name in values]
            values[node.output[0]] = self._compute(node, *pixels)
            head = FIRST_OF_HEADS.fullmatch(node.input[-2]) if node.op_type == "Conv" else None
            if head:
                features[f"features_{STRIDES[int(head[1])]}"] = pixels[0]
        return {output.name: values[output.name] for output in self._graph.output} | features

    def _compute(self, node: NodeProto, pixels: Any, *others: Any) -> Any:
        match node.op_type:
            case "Conv":
                return self._convolve(node, pixels)
            case "Relu":
                return ops.relu(pixels)
            case "MaxPool":
                return ops.max_pool(pixels, 2, strides=2, padding="valid")
            case "Resize":
                return ops.repeat(ops.repeat(pixels, 2, axis=1), 2, axis=2)
            case "Add":
                return pixels + others[0]
        return pixels  # the last nodes arrange the heads otherwise, and make scores of logits

    def _convolve(self, node: NodeProto, pixels: Any) -> Any:
        attributes = {attribute.name: attribute for attribute in node.attribute}
        kernel, bias = (self._weights[name] for name in node.input[1:])
        margin, stride = attributes["pads"].ints[0], attributes["strides"].ints[0]
        padded = ops.pad(pixels, [[0, 0], [margin, margin], [margin, margin], [0, 0]])
        if attributes["group"].i > 1:
            return ops.depthwise_conv(padded, kernel.transpose(2, 3, 0, 1), stride, padding="valid") + bias
        return ops.conv(padded, kernel.transpose(2, 3, 1, 0), stride, padding="valid") + bias


def _padded(pictures: Any) -> Any:
    below, right = (-side % STRIDES[-1] for side in ops.shape(pictures)[1:3])
    return ops.pad(pictures, [[0, 0], [0, below], [0, right], [0, 0]])
