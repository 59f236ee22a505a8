"""The contract of an adversarial loss: by which rules generator and discriminator play."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


class AdversarialLoss(ABC):
    """Both sides of the game between generator and discriminator, on raw patch logits.

    Logits are float32, (N, h, w, 1); every method gives a scalar to be minimised.

    Attributes:
        boundary: The logit above which the discriminator takes a patch for real, by which its hits are
            counted while training; `None` for a critic, whose scores mean something only beside each
            other.
    """

    boundary: float | None = 0.0

    @abstractmethod
    def discriminator(self, real: Any, *fakes: Any) -> Any:
        """The discriminator's loss on real cartoons and each kind of fake."""

    @abstractmethod
    def generator(self, fake: Any) -> Any:
        """The generator's loss on the discriminator's opinion of its pictures."""

    def penalty(self, critic: keras.Model, real: Any, fake: Any, *, gradient: Any, epsilon: Any) -> Any:
        """A term added to the discriminator's loss; by default nothing.

        Args:
            critic: The discriminator.
            real: Cartoons, (N, H, W, 3) in [-1, 1].
            fake: Generated pictures of the same shape.
            gradient: `gradient(function, x)` is the derivative of the sum of `function(x)` by `x`.
            epsilon: Uniform random numbers in [0, 1), (N, 1, 1, 1).
        """
        return 0.0

    def constrain(self, critic: keras.Model) -> None:
        """Called after each of the discriminator's updates; by default changes nothing."""
        return
