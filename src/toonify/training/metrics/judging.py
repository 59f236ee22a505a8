"""How the game between generator and discriminator stands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def rates(logits: Mapping[str, np.ndarray], boundary: float | None) -> dict[str, float]:
    """The share of patches that the discriminator takes for real, by kind of picture.

    Args:
        logits: Its opinions by kind: `real`, `generated` and perhaps `smoothed`; of any shape.
        boundary: `AdversarialLoss.boundary`; where it is `None`, halfway between the mean of the real
            and the mean of the generated ones.
    """
    if boundary is None:
        boundary = float(np.mean(logits["real"]) + np.mean(logits["generated"])) / 2
    return {kind: float(np.mean(opinions > boundary)) for kind, opinions in logits.items()}
