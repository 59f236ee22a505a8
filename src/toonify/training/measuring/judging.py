"""How the game between generator and discriminator stands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

CERTAIN = 0.98  # the share of patches from which one may speak of all of them


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


def warning(figures: Mapping[str, float], boundary: float | None) -> str | None:
    """What is wrong with the game, in words; `None` when nothing is, or it was not measured.

    A critic without a boundary of its own (`None`) should be as far ahead as it can, so that it never
    wins too much.

    Args:
        figures: With `real` and `generated`, as `rates` gives them.
        boundary: As for `rates`.
    """
    if not {"real", "generated"} <= figures.keys():
        return None
    real, generated = figures["real"], figures["generated"]
    if min(real, generated) >= CERTAIN or max(real, generated) <= 1 - CERTAIN:
        verdict = "real" if real >= CERTAIN else "fake"
        return (
            f"the discriminator has collapsed: it takes nearly every patch for {verdict}, cartoons' and "
            "drawings' alike, and teaches the generator nothing"
        )
    if boundary is not None and real >= CERTAIN and generated <= 1 - CERTAIN:
        return (
            f"the discriminator wins outright: it takes {real:.0%} of the cartoons' patches for real and "
            f"{generated:.0%} of the drawings', and leaves the generator little to learn from"
        )
    return None
