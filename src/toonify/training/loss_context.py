"""What loss terms look at: a batch as pictures in [-1, 1], and what the networks make of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from keras import ops

from toonify.networks.inking import with_ink
from toonify.plugins import plugin_in_use
from toonify.training.engines.base import Batch
from toonify.training.models import Models


class BatchContext:
    """A batch as `toonify.plugins.LossContext`; each network runs at most once, when first asked for.

    Args:
        batch: As `Batches` makes them.
        models: The networks.
    """

    def __init__(self, batch: Batch, models: Models) -> None:
        self._batch = batch
        self._models = models
        self._seen: list[tuple[Any, Any]] = []

    @cached_property
    def photo(self) -> Any:
        return self.colours("photo")

    @cached_property
    def generated(self) -> Any:
        return ops.cast(self._models.generator(self.photo, training=True), "float32")

    @cached_property
    def cartoon(self) -> Any:
        return signed(self._given("cartoon"))

    @cached_property
    def smoothed(self) -> Any:
        return signed(self._given("smoothed"))

    @cached_property
    def heads(self) -> Mapping[str, Any]:
        if self._models.heads is None:
            raise LookupError(_undeclared("heads"))
        heads = self._models.heads(self.photo, training=True)
        return {name: ops.cast(head, "float32") for name, head in heads.items()}

    @cached_property
    def colour(self) -> Any:
        return tinted(signed(self._given("paired")[..., 3:6]), self._batch["tint"])

    @cached_property
    def ink(self) -> Any:
        return ops.cast(self._given("paired")[..., 6:], "float32") / 255

    @cached_property
    def drawing(self) -> Any:
        strength = getattr(self._models.plugin, "ink_strength", 1.0)
        return with_ink(self.colour, strength * self.ink)

    @property
    def noise(self) -> Any:
        return self._batch["noise"]

    def array(self, name: str) -> Any:
        if name == "photo" and "paired" in self._batch:
            return ops.cast(self._batch["paired"][..., :3], "float32")
        return ops.cast(self._given(name), "float32")

    def colours(self, name: str) -> Any:
        colours = signed(self.array(name))
        return tinted(colours, self._batch["tint"]) if colours.shape[-1] == 3 else colours

    def _given(self, name: str) -> Any:
        """An array of the batch: what a phase's terms use, all of them together."""
        if name not in self._batch:
            raise LookupError(_undeclared(name))
        return self._batch[name]

    def features(self, pictures: Any) -> Any:
        for known, features in self._seen:
            if known is pictures:
                return features
        if self._models.backbone is None:
            raise LookupError(_undeclared("features"))
        with plugin_in_use("backbones", self._models.backbone_name).errors():
            features = ops.cast(self._models.backbone(pictures, training=False), "float32")
        self._seen.append((pictures, features))
        return features


def _undeclared(what: str) -> str:
    return f"it asks for {what}, which its `uses` does not name"


def signed(picture: Any) -> Any:
    """0 to 255, of any type, as float32 in [-1, 1]."""
    return ops.cast(picture, "float32") / 127.5 - 1


def tinted(picture: Any, tint: Any) -> Any:
    """A picture in [-1, 1] with its channels multiplied, black being 0; what gets too bright is clipped."""
    return ops.minimum((picture + 1) * tint - 1, 1.0)
