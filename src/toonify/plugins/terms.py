"""The contract of a loss term: a part of what a generator minimises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Protocol

Need = Literal["cartoon", "smoothed", "paired", "features"]

CHANCES = 8
"""Random numbers that a step has for each picture."""


class Scene(Protocol):
    """What terms look at: the pictures of a step, and what the networks make of them.

    Pictures are float32 RGB in [-1, 1], (N, H, W, 3). Everything is computed when it is first asked
    for, and once.
    """

    @property
    def photo(self) -> Any:
        """Photographs."""

    @property
    def drawn(self) -> Any:
        """What the generator makes of them."""

    @property
    def cartoon(self) -> Any:
        """Cartoons, which show other things than the photographs."""

    @property
    def smoothed(self) -> Any:
        """The same cartoons with their edges smoothed."""

    @property
    def heads(self) -> Mapping[str, Any]:
        """The generator's parts of the drawing: `colour`, before it is clipped, and `ink`, logits."""

    @property
    def colour(self) -> Any:
        """The flat colours that the drawing should have (pairs only)."""

    @property
    def ink(self) -> Any:
        """The ink that it should have: 1 is ink, (N, H, W, 1), in [0, 1] (pairs only)."""

    @property
    def chance(self) -> Any:
        """Uniform random numbers in [0, 1), (N, 1, 1, `CHANCES`), the same on every engine."""

    def features(self, pictures: Any) -> Any:
        """The backbone's features, float32, (N, h, w, c), of any pictures; of the scene's own, once."""


class Term:
    """A part of the generator's loss; subclass `LossTerm` or `AdversarialTerm`.

    Attributes:
        uses: What it needs besides the photographs and their drawings.
    """

    uses: ClassVar[frozenset[Need]] = frozenset()


class LossTerm(Term, ABC):
    """A number that tells how far a drawing is from what it should be."""

    @abstractmethod
    def loss(self, scene: Scene) -> Any:
        """A scalar to be minimised, before its weight."""


class AdversarialTerm(Term, ABC):
    """A game with a discriminator of the term's own, by the rules of the run's adversarial loss.

    The term says which pictures the discriminator sees. The generator's loss is its opinion of
    `generated`; its own is the game between `real` and all the fakes.

    Attributes:
        shares: How much each of the other fakes counts beside the drawings, 0 to 1; empty when all
            count alike.
    """

    shares: tuple[float, ...] = ()

    @abstractmethod
    def real(self, scene: Scene) -> Any:
        """Pictures that it should take for real, (N, H, W, C)."""

    @abstractmethod
    def generated(self, scene: Scene) -> Any:
        """What it sees of the drawings, of the same shape.

        Looks at `drawn` and `chance` alone: when a run is measured, other pictures stand in for drawings.
        """

    def fakes(self, scene: Scene) -> tuple[Any, ...]:
        """Other pictures that it should take for fake; by default none."""
        return ()
