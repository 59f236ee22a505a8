"""All ways in which a run can stand, in words. `toonify.training.verdict` finds out in which it is."""

from __future__ import annotations

from collections.abc import Mapping

LEARNT, NOTHING, COLLAPSING = "learnt", "nothing yet", "collapsing"
ASTRAY, UNKNOWN = "gone astray", "not measured"

WAYS: Mapping[str, tuple[str, str, str]] = {
    "no figures": (UNKNOWN, "how far the drawings are from {goal} was not measured", ""),
    "no gap": (
        UNKNOWN,
        "the photographs cannot be told from {goal} ({photos}), so nothing can be said of the drawings",
        "See in the dataset's preview.png whether {goal} are drawn. If they are, measure by more pictures "
        "(toonify prepare … --val-fraction 0.2){elsewhere}.",
    ),
    "learnt": (LEARNT, "", ""),
    "learning rate too low": (
        NOTHING,
        "the learning rate is so low that the weights have hardly moved",
        "Start again with a higher one: toonify train … --learning-rate 2e-4.",
    ),
    "too early": (NOTHING, "it is too early to tell", "Keep training."),
    "initialisation": (
        NOTHING,
        "the initialisation phase teaches only to keep what a photograph shows; drawing comes after it",
        "Keep training. A generator that starts as the photograph itself, such as lite, needs no "
        "initialisation: toonify train … --init-epochs 0.",
    ),
    "nothing asks for cartoons": (
        NOTHING,
        "no term of the loss that asks for {wanted} has any weight",
        "Start again with {asking}.",
    ),
    "discriminator gives up": (
        NOTHING,
        "the discriminator cannot tell drawings from cartoons, or not yet, so nothing is learnt from it",
        "If this does not change, raise discriminator_learning_rate in a preset.",
    ),
    "held too fast": (
        NOTHING,
        "the {holding} loss punishes change more than the discriminator can reward it",
        "Start again with {less}.",
    ),
    "discriminator wins": (
        NOTHING,
        "the discriminator wins outright, so the generator learns little from it",
        "Lower discriminator_learning_rate in a preset, or choose another loss: toonify train … --loss NAME.",
    ),
    "no nearer": (NOTHING, "nothing else seems to be in the way", "Keep training."),
    "nearer than before": (NOTHING, "but the drawings come nearer with every measurement", "Keep training."),
    "no number": (
        ASTRAY,
        "training ended because a loss or a weight was no longer a number",
        "Go on from the last checkpoint with a lower learning rate, or start again with one: "
        "toonify train … --learning-rate {slower}.",
    ),
    "one colour": (
        COLLAPSING,
        "the drawings are almost all one colour",
        "Start again, or from an earlier style, with {calmer}{more}a lower learning rate.",
    ),
    "inverted": (
        ASTRAY,
        "light and dark have changed places",
        "Start again with {more}a lower learning rate.",
    ),
    "unlike the photographs": (
        ASTRAY,
        "the drawings no longer show what the photographs show",
        "Start again with {more}a lower learning rate.",
    ),
    "away from the cartoons": (
        ASTRAY,
        "the drawings are moving away from {goal}",
        "Start again with {more}a lower learning rate.",
    ),
    "learning rate too high": (
        ASTRAY,
        "the learning rate is far too high",
        "Start again with a lower one: toonify train … --learning-rate 2e-4.",
    ),
}
"""Each way that a run may be in: its state, why, and what to try, with places for what is told there.

Commands begin a new run. "…" is the rest of the one that began this, of whose preset only the name is known.
"""
