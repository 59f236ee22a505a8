"""Measures a generator on a fixed set of pictures, again and again while it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from keras import ops

from toonify.plugins import AdversarialLoss
from toonify.training.dataset import Dataset
from toonify.training.metrics.features import distance_moved, kernel_inception_distance, pooled
from toonify.training.metrics.figures import FIGURES, measurable
from toonify.training.metrics.image_metrics import aftermath, beside, edge_clarity, flatness, luminance
from toonify.training.metrics.pictures import Pictures, parts_of, photo_array

BATCH_SIZE = 4  # no gradients are kept, so that this needs far less memory than a step
TINY = 1e-6  # photos without any features must not divide by 0
HEADS = ("colour", "ink")  # of a generator, that pairs are measured by

Network = Callable[..., Any]  # called as network(pictures, training=False)
Seen = dict[str, np.ndarray]  # a row for each picture


class Measurer:
    """Measures a generator; holds everything else that the figures need.

    The same weights give the same figures, bit for bit on one machine's CPU. Pictures are read and
    drawn in batches of one shape, and what is kept of each is a few numbers; what is to be known of
    the cartoons is computed when it is first needed and kept.

    Networks are Keras models or compiled functions of the same arguments, which take a third of the memory.

    Args:
        dataset: Its `val` split is used; `train` for pictures of which that has fewer than 4.
        multiple: Of the generator; pictures are cut around their middle to sides that it can take.
        backbone: From RGB in [-1, 1], (N, H, W, 3), to features, (N, h, w, c).
        discriminator: From the same to logits, (N, h, w, 1).
        gan_loss: For the boundary between real and fake.
        heads: Share their weights with the generator that is measured. From the same to `colour`,
            (N, H, W, 3), and `ink`, logits, (N, H, W, 1).
        limit: How many pictures of a kind at most.
        batch_size: How many at a time.

    Attributes:
        names: The figures that can be measured, some of `FIGURES` in their order.
        learnt_from: Arrays whose pictures are from the `train` split, so that its figures flatter.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        multiple: int,
        backbone: Network | None = None,
        discriminator: Network | None = None,
        gan_loss: AdversarialLoss | None = None,
        heads: Network | None = None,
        limit: int = 100,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._backbone = backbone
        self._discriminator = discriminator
        self._boundary = gan_loss.boundary if gan_loss else 0.0
        self._heads = heads
        networks = {"backbone": backbone, "discriminator": discriminator, "heads": heads}
        there = [name for name, network in networks.items() if network is not None]
        self.names = measurable(parts_of(dataset, there))
        needed = {part for name in self.names for part in FIGURES[name].needs}
        arrays = {
            "photos": photo_array(dataset),
            "cartoons": "cartoon",
            "smoothed": "smoothed",
            "pairs": "paired",
        }
        self._pictures = {
            part: Pictures(dataset, array, limit=limit, multiple=multiple, batch_size=batch_size)
            for part, array in arrays.items()
            if part in needed
        }
        self._kid_of_photos: float | None = None
        learnt_from = (arrays[part] for part, pictures in self._pictures.items() if pictures.split == "train")
        self.learnt_from = tuple(dict.fromkeys(learnt_from))  # pairs may be the photos, too

    def measure(self, generator: Network) -> dict[str, float]:
        """The figures of a generator, by the `names`.

        Args:
            generator: From RGB in [-1, 1], (N, H, W, 3), to the same.
        """
        figures: dict[str, float] = {}
        if "photos" in self._pictures:
            generated = self._seen("photos", lambda batch: self._look_at_generated(generator, batch))
            figures |= self._of_generated(generated)
        if "pairs" in self._pictures:
            errors = self._seen("pairs", lambda batch: self._errors(generator, batch))
            figures |= {name: float(np.mean(error)) for name, error in errors.items()}
        return {name: figures[name] for name in self.names}

    def _of_generated(self, generated: Seen) -> dict[str, float]:
        figures = aftermath(generated)
        if "features" in generated:
            figures["content"] = float(generated["change"].sum() / (generated["wanted"].sum() + TINY))
        if "cartoons" not in self._pictures:
            return figures
        cartoons = self._cartoons
        for name in ("clarity", "flatness"):
            figures[name] = float(np.abs(generated[name].mean() - cartoons[name].mean()))
        if "features" in generated:
            kid = kernel_inception_distance(generated["features"], cartoons["features"])
            figures["kid"], figures["kid_error"] = kid
            figures |= self._yardsticks(generated)
        if self._discriminator:
            logits = self._logits(self._discriminator) | {"generated": generated["logits"]}
            figures |= rates(logits, self._boundary)
        return figures

    def _yardsticks(self, generated: Seen) -> dict[str, float]:
        """What `kid` is to be compared with: the photographs' own, and the distance from them."""
        photos, cartoons = generated["photo_features"], self._cartoons["features"]
        if self._kid_of_photos is None:
            self._kid_of_photos = kernel_inception_distance(photos, cartoons)[0]
        moved = distance_moved(generated["features"], photos, cartoons)
        return {"kid_of_photos": self._kid_of_photos, "kid_from_photos": moved}

    def _look_at_generated(self, generator: Network, batch: np.ndarray) -> Seen:
        photo = _signed(batch[..., :3])
        generated = _run(generator, photo)
        levels = np.clip((generated + 1) * 127.5, 0, 255)
        with np.errstate(invalid="ignore"):  # of weights that are not finite, which the checkpoint tells of
            seen = _image_metrics((levels + 0.5).astype(np.uint8)) | beside(levels, batch[..., :3])
        if self._backbone:
            wanted, features = _run(self._backbone, photo), _run(self._backbone, generated)
            seen["change"], seen["wanted"] = _size(features - wanted), _size(wanted)
            seen["features"], seen["photo_features"] = pooled(features), pooled(wanted)
        if self._discriminator:
            seen["logits"] = _run(self._discriminator, generated)
        return seen

    @cached_property
    def _cartoons(self) -> Seen:
        return self._seen("cartoons", self._look_at_cartoons)

    def _look_at_cartoons(self, batch: np.ndarray) -> Seen:
        seen = _image_metrics(batch)
        if self._backbone:
            seen["features"] = pooled(_run(self._backbone, _signed(batch)))
        return seen

    def _logits(self, discriminator: Network) -> Seen:
        """The discriminator's, which change while it learns, of cartoons as they are and smoothed."""

        def look(batch: np.ndarray) -> Seen:
            return {"logits": _run(discriminator, _signed(batch))}

        kinds = {"cartoons": "real", "smoothed": "smoothed"}
        present = {part: kind for part, kind in kinds.items() if part in self._pictures}
        return {kind: self._seen(part, look)["logits"] for part, kind in present.items()}

    def _errors(self, generator: Network, batch: np.ndarray) -> Seen:
        """How far drawings and heads are from their targets; the target is inked in black."""
        assert self._heads
        photo, colour, ink = _signed(batch[..., :3]), _signed(batch[..., 3:6]), batch[..., 6:] / 255.0
        heads = self._heads(photo, training=False)
        logits = _numbers(heads["ink"])
        target = (colour + 1) * (1 - ink) - 1
        return {
            "target": _size(_run(generator, photo) - target),
            "target_of_photos": _size(photo - target),
            "colour": _size(_numbers(heads["colour"]) - colour),
            "ink": _size(np.logaddexp(0, logits) - ink * logits),
        }

    def _seen(self, part: str, look: Callable[[np.ndarray], Seen]) -> Seen:
        """What `look` sees in each picture, batch by batch, without those that only fill up the last."""

        def rows() -> Iterator[Seen]:
            for batch, count in self._pictures[part].batches():
                yield {name: array[:count] for name, array in look(batch).items()}

        every = list(rows())
        return {name: np.concatenate([seen[name] for seen in every]) for name in every[0]}


def rates(logits: Mapping[str, np.ndarray], boundary: float | None) -> dict[str, float]:
    """The share of patches that the discriminator takes for real, by kind of picture.

    Args:
        logits: By kind, `real`, `generated` and perhaps `smoothed`; of any shape.
        boundary: `AdversarialLoss.boundary`; where it is `None`, halfway between the mean of the real
            and the mean of the generated ones.
    """
    if boundary is None:
        boundary = float(np.mean(logits["real"]) + np.mean(logits["generated"])) / 2
    return {kind: float(np.mean(values > boundary)) for kind, values in logits.items()}


def _image_metrics(pictures: np.ndarray) -> Seen:
    light = luminance(pictures)
    return {"clarity": edge_clarity(light), "flatness": flatness(light)}


def _run(network: Network, pictures: np.ndarray) -> np.ndarray:
    return _numbers(network(pictures, training=False))


def _numbers(tensor: Any) -> np.ndarray:
    """float32 whatever the precision of the network."""
    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float32")))


def _signed(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / 127.5 - 1


def _size(numbers: np.ndarray) -> np.ndarray:
    """The mean absolute number of each picture, (n,)."""
    return np.abs(numbers).mean(axis=(1, 2, 3), dtype=np.float64)
