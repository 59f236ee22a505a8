"""The contract of a loss term: a part of what a generator minimises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

Need = str
"""What a term looks at: an array of the dataset (`cartoon`, `smoothed`, `paired`, or one that a source
declares), the backbone's `features`, or the generator's `heads`."""

NOISE_CHANNELS = 8
"""Random numbers that a step has for each picture."""


class LossContext(Protocol):
    """What terms look at: the pictures of a step, and what the networks make of them.

    Pictures are float32 RGB in [-1, 1], (N, H, W, 3). Everything is computed when it is first asked
    for, and once.
    """

    @property
    def photo(self) -> Any:
        """Photographs."""

    @property
    def generated(self) -> Any:
        """What the generator makes of them."""

    @property
    def cartoon(self) -> Any:
        """Cartoons, which show other things than the photographs."""

    @property
    def smoothed(self) -> Any:
        """The same cartoons with their edges smoothed, pixel by pixel."""

    @property
    def heads(self) -> Mapping[str, Any]:
        """The generator's heads by name, float32, (N, H, W, C).

        Those of `lite` are `colour`, before it is clipped, and `ink`, logits.
        """

    @property
    def colour(self) -> Any:
        """The flat colours that the drawing should have (pairs only)."""

    @property
    def ink(self) -> Any:
        """The ink that it should have: 1 is ink, (N, H, W, 1), in [0, 1] (pairs only)."""

    @property
    def drawing(self) -> Any:
        """The drawing that it should be: these colours, covered by this ink as much as the generator's
        ink covers its own (pairs only).
        """

    @property
    def noise(self) -> Any:
        """Uniform random numbers in [0, 1), (N, 1, 1, `NOISE_CHANNELS`), the same on every engine."""

    def array(self, name: str) -> Any:
        """An array of the dataset as it was prepared: float32, 0 to 255, (N, H, W, C).

        It shows the same pixels as the pictures that its source derived it from.
        """

    def colours(self, name: str) -> Any:
        """An array of colours made of the photographs, in [-1, 1]; of three channels, tinted as they are."""

    def features(self, pictures: Any) -> Any:
        """The backbone's features, float32, (N, h, w, c), of any pictures; of the context's own, once."""


class Term:
    """A part of the generator's loss; subclass `LossTerm` or `AdversarialTerm`.

    Attributes:
        uses: What it needs besides the photographs and their drawings; see `Need`. A term whose options
            decide may set it in its constructor.
    """

    uses: frozenset[Need] = frozenset()


class LossTerm(Term, ABC):
    """A number that tells how far a drawing is from what it should be."""

    @abstractmethod
    def loss(self, context: LossContext) -> Any:
        """A scalar to be minimised, before its weight."""


class AdversarialTerm(Term, ABC):
    """A game with a discriminator of the term's own, by the rules of the run's adversarial loss.

    The term says which pictures the discriminator sees. The generator's loss is that of the logits of
    `generated`; the discriminator's is the game between `real` and all the fakes.

    Attributes:
        fake_weights: How much each of the other fakes counts beside the drawings, 0 to 1; empty when
            all count alike.
    """

    fake_weights: tuple[float, ...] = ()

    @property
    def judges_features(self) -> bool:
        """Whether the discriminator sees features, `context.features(…)` of pictures, in place of pictures:
        it does where `uses` names `features`.
        """
        return "features" in self.uses

    @abstractmethod
    def real(self, context: LossContext) -> Any:
        """Pictures that it should take for real, (N, H, W, 3); or their features, (N, h, w, c)."""

    @abstractmethod
    def generated(self, context: LossContext) -> Any:
        """What it sees of the drawings, of the same shape.

        Looks at `context.generated`, its features and `context.noise` alone: when a run is measured, other
        pictures stand in for drawings.
        """

    def fakes(self, context: LossContext) -> tuple[Any, ...]:
        """Others that it should take for fake; by default none."""
        return ()
