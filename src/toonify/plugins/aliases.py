"""Names that plugins knew before, kept for one release with a warning."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

MODULE_NAMES: Mapping[str, str] = {
    "CHANCES": "NOISE_CHANNELS",
    "Scene": "LossContext",
    "blaming": "plugin_errors",
}
"""What `toonify.plugins` called them, and what it calls them now."""


class OldContextNames:
    """A loss context's attributes by their old names."""

    generated: Any
    noise: Any

    @property
    def drawn(self) -> Any:
        warn("context.drawn", "context.generated")
        return self.generated

    @property
    def chance(self) -> Any:
        warn("context.chance", "context.noise")
        return self.noise


class OldTermNames:
    """An adversarial term that calls its `fake_weights` by their old name, `shares`."""

    fake_weights: tuple[float, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "shares" in vars(cls):
            warn("AdversarialTerm.shares", "AdversarialTerm.fake_weights")
            cls.fake_weights = vars(cls)["shares"]
            del cls.shares

    @property
    def shares(self) -> tuple[float, ...]:
        warn("AdversarialTerm.shares", "AdversarialTerm.fake_weights")
        return self.fake_weights

    @shares.setter
    def shares(self, weights: tuple[float, ...]) -> None:
        warn("AdversarialTerm.shares", "AdversarialTerm.fake_weights")
        self.fake_weights = weights


def warn(old: str, new: str) -> None:
    """Tell whoever wrote the plugin, whose code is two frames up."""
    warnings.warn(f"{old} is called {new} now", DeprecationWarning, stacklevel=3)
