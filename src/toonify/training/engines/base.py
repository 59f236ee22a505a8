"""The contract of an engine: the little that differs between Keras' backends.

Networks, losses and steps are ordinary Keras code; a step is a function of a batch that changes
variables and returns figures.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

Batch = Mapping[str, Any]
Figures = dict[str, Any]
Step = Callable[[Batch], Figures]


class Engine(ABC):
    """Differentiates, compiles and places."""

    @abstractmethod
    def scope(self) -> AbstractContextManager[Any]:
        """Where variables must be made."""

    @abstractmethod
    def value_and_grad(
        self, function: Callable[[], tuple[Any, Any]], variables: Sequence[Any]
    ) -> tuple[tuple[Any, Any], list[Any]]:
        """`function()` is a scalar and something beside it; both, and the scalar's derivatives."""

    @abstractmethod
    def input_gradient(self, function: Callable[[Any], Any], x: Any) -> Any:
        """The derivative of the sum of `function(x)` by `x`; may itself be differentiated."""

    @abstractmethod
    def apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """One update of `variables`."""

    @abstractmethod
    def compile(self, step: Step, variables: Sequence[Any]) -> Step:
        """The step, made fast; `variables` are all that it may read or change."""

    @abstractmethod
    def put(self, batch: Mapping[str, np.ndarray]) -> Batch:
        """The batch where the step will want it."""

    @abstractmethod
    def reduce(self, figures: Figures) -> dict[str, float]:
        """A step's figures as plain numbers."""
