"""The contract of an engine: the little that differs between Keras' backends.

Networks, losses and steps are ordinary Keras code; a step is a function of a batch that changes
variables and returns figures.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

Batch = Mapping[str, Any]
Figures = dict[str, Any]
Step = Callable[[Batch], Figures]


class Engine(ABC):
    """Differentiates, compiles and places.

    Attributes:
        replicas: Copies of the networks that share out a batch, on all machines together.
        worker: Which of the machines this is.
        workers: How many machines there are; the first one writes the run's files.
        failures: What a framework raises when a device or another machine fails.
    """

    replicas: int = 1
    worker: int = 0
    workers: int = 1
    failures: tuple[type[Exception], ...] = ()

    def scope(self) -> AbstractContextManager[Any]:
        """Where variables must be made."""
        return nullcontext()

    @abstractmethod
    def seed(self, seed: int) -> None:
        """Seed the random weights of the networks that are built next."""

    @abstractmethod
    def value_and_grad(
        self, function: Callable[[], tuple[Any, Any]], variables: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        """Of a `function` that gives a scalar and auxiliary output: the latter, and the gradients."""

    @abstractmethod
    def input_gradient(self, function: Callable[[Any], Any], x: Any) -> Any:
        """The derivative of the sum of `function(x)` by `x`; may itself be differentiated."""

    @abstractmethod
    def apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """One update of `variables`, by the mean of all replicas' gradients."""

    @abstractmethod
    def compile(self, step: Step, variables: Sequence[Any]) -> Step:
        """Compile a step; `variables` are all that it may read or change."""

    @abstractmethod
    def forward(self, model: Any) -> Callable[..., Any]:
        """Compile a model for inference: pictures in, its output out."""

    @abstractmethod
    def put(self, batch: Mapping[str, np.ndarray]) -> Batch:
        """Move this machine's part of a batch to the devices, without waiting."""

    @abstractmethod
    def fetch(self, figures: Figures) -> dict[str, float]:
        """A step's figures as plain numbers, averaged over the replicas; waits for the step."""

    def agreed(self, wanted: bool) -> bool:
        """Logical or over all machines; all must call it after the same step."""
        return wanted

    def broadcast(self, number: int) -> int:
        """The first machine's number, on all of them; all must call it together. Exact below 2²⁴."""
        return number
