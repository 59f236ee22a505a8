"""Backbones from keras.applications: cut at a layer, preprocessing inside, weights from anywhere."""

from __future__ import annotations

import contextlib
import difflib
import sys
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import keras

from toonify.backbones.weights import load_file
from toonify.plugins import Backbone, ToonifyError, usage_error

# Means of ImageNet's blue, green and red, 0 to 255, as the "caffe" models of keras.applications want.
MEANS = (103.939, 116.779, 123.68)

SLIP = 0.9  # likeness of two names that differ by a letter or two: those of layers are all alike


class FromSigned(keras.layers.Layer):
    """RGB in [-1, 1] to what the weights were trained on: BGR, 0 to 255, minus the means."""

    def call(self, pictures: Any) -> Any:
        return (pictures[..., ::-1] + 1) * 127.5 - keras.ops.array(MEANS, pictures.dtype)


class Application(Backbone):
    """A network of keras.applications that wants "caffe" preprocessing.

    Attributes:
        name: What it is called on the command line.
        ends_of_blocks: How the names of its layers end that are worth comparing features of; empty
            when all are.
    """

    name: ClassVar[str]
    ends_of_blocks: ClassVar[str] = ""

    @abstractmethod
    def application(self) -> Callable[..., Any]:
        """Its function in keras.applications."""

    def build(self, weights: str, layer: str) -> keras.Model:
        """Frozen; pictures may have any height and width. See `Backbone.build`.

        A convolution gives what comes before its activation function: CartoonGAN, section 3.2.2,
        compares features that are not yet cut off at 0.
        """
        if weights == "imagenet" and layer != self.default_layer:
            self._layer(self._whole(None), layer)  # a wrong name is told before weights are downloaded
        whole = self._whole("imagenet" if weights == "imagenet" else None)
        cut = keras.Model(whole.input, self._layer(whole, layer).output)
        if isinstance(cut.layers[-1], keras.layers.Conv2D):
            cut.layers[-1].activation = keras.activations.linear
        if weights not in ("imagenet", "none"):
            load_file(cut, Path(weights), self.name)
        pictures = keras.Input((None, None, 3), name="picture")
        features = cut(FromSigned(dtype="float32", name="preprocessing")(pictures), training=False)
        model = keras.Model(pictures, features, name=self.name)
        model.trainable = False
        return model

    def _whole(self, weights: str | None) -> keras.Model:
        try:
            # Keras announces downloads on standard output, which belongs to reports.
            with contextlib.redirect_stdout(sys.stderr):
                return self.application()(include_top=False, weights=weights)
        except Exception as error:
            if weights is None:
                raise
            raise ToonifyError(
                f"the ImageNet weights of {self.name} could not be downloaded",
                "Give a file as `backbone_weights`, or `none` for random ones.",
            ) from error

    def _layer(self, whole: keras.Model, name: str) -> Any:
        layers = {layer.name: layer for layer in whole.layers[1:]}
        if name not in layers:
            choices = [layer for layer in layers if layer.endswith(self.ends_of_blocks)]
            near = difflib.get_close_matches(name, layers, n=1, cutoff=SLIP)
            guess = f". Did you mean '{near[0]}'?" if near else ""
            raise usage_error(
                f"{self.name} has no layer '{name}'{guess}",
                f"`content_layer`: {', '.join(choices)}. The usual one is {self.default_layer}.",
            )
        return layers[name]
