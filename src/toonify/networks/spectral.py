"""Spectral normalisation of convolutions."""

from __future__ import annotations

from typing import Any

from keras import layers, ops

from toonify.networks.layers import Shape

TINY = 1e-12


class SpectralConv2D(layers.Conv2D):
    """A convolution whose kernel is divided by its largest singular value.

    Miyato et al., 2018, algorithm 1: one step of power iteration a call while training, from the
    singular vector of the call before. Keras' own `SpectralNormalization` writes the divided kernel
    back over the trained one; here the kernel keeps its length, as in the paper, and derivatives go
    through the division.
    """

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        self.vector = self.add_weight(
            name="vector",
            shape=(1, self.filters),
            initializer="random_normal",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        value = self._largest_singular_value(training)
        kernel = self.kernel / ops.cast(value, self.compute_dtype)
        return self.activation(self.convolution_op(inputs, kernel) + self.bias)

    def _largest_singular_value(self, training: bool) -> Any:
        matrix = ops.reshape(ops.cast(self.kernel, "float32"), (-1, self.filters))
        constant = ops.stop_gradient(matrix)
        left = _unit(ops.matmul(self.vector, ops.transpose(constant)))
        right = _unit(ops.matmul(left, constant))
        if training:
            self.vector.assign(right)
        return ops.sum(ops.matmul(left, matrix) * right)


def _unit(vector: Any) -> Any:
    return vector / (ops.norm(vector) + TINY)
