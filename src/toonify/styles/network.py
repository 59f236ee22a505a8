"""A generator's network that may be run: its bytes, and what drawing a batch of pictures with it takes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Batch = tuple[int, int, int, int]
"""Of pictures: how many, height, width, 3."""


@dataclass
class Footprint:
    """What operators take.

    Attributes:
        peak: The most bytes that their values take up at once, each dropped after its last use, in the
            order of the file or in that of a walk back from the result, such as ONNX Runtime's, whichever
            is worse.
        total: Bytes of them all, should there be an order in which none is dropped.
        operations: Multiply-adds, about.
        longest: Those of the operator that has the most.
    """

    peak: int = 0
    total: int = 0
    operations: int = 0
    longest: int = 0


@dataclass(frozen=True)
class Network:
    """A generator as ONNX, whose operators are known and whose weights are no more than they seem.

    Attributes:
        data: The model, as a runtime takes it.
        origin: Where it comes from, or what it is, for messages.
        controls: Numbers that it takes beside the picture, by name, with their shapes, () or (1,).
        metadata: What the file says of itself, by key.
        footprint: What drawing a batch takes; raises what `check` does.
    """

    data: bytes
    origin: Path | str
    controls: Mapping[str, tuple[int, ...]]
    metadata: Mapping[str, str]
    footprint: Callable[[Batch], Footprint]

    def check(self, batch: Batch) -> Footprint:
        """What drawing a batch takes.

        Args:
            batch: Shape of the pictures, (N, H, W, 3).

        Raises:
            ToonifyError: if it would take more than a generator does, how much cannot be worked out, or
                something else comes of it than pictures of the same shape.
        """
        footprint: Footprint = self._remembered(batch)
        return footprint

    @functools.cached_property
    def _remembered(self) -> Any:
        return functools.lru_cache(maxsize=64)(self.footprint)
