"""Beginning with the weights of a style that was trained before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError, usage_error
from toonify.plugins import read_options
from toonify.styles import Style, load_style
from toonify.training.presets import GeneratorSettings

if TYPE_CHECKING:
    from toonify.training.models import Models


@dataclass(frozen=True)
class Start:
    """A style whose weights fit a run's generator.

    Attributes:
        style: The style.
        weights: Its weights, as they are in their file.
    """

    style: Style
    weights: bytes

    @property
    def record(self) -> dict[str, str]:
        """What `run.json` and the card of the new style say of it: its name, and the weights' SHA-256."""
        digest = hashlib.sha256(self.weights).hexdigest()
        return {"style": self.style.manifest.name, "weights": digest}

    def load(self, models: Models) -> None:
        """Put the weights into the generator, and into its average where there is one.

        Raises:
            ToonifyError: if they are damaged, or of another network.
        """
        from toonify.networks import load_weights

        for model in filter(None, (models.generator, models.average)):
            load_weights(model, self.style.files.weights, self.weights)


def find_start(name_or_path: str | Path, generator: GeneratorSettings) -> Start:
    """The style, or the one that a run has made, of the very generator that is to be trained.

    Raises:
        ToonifyError: if there is none, it has no weights, or its generator is another.
    """
    style = load_style(name_or_path)
    card = style.manifest
    weights = style.weights_bytes()
    if weights is None:
        raise ToonifyError(
            f"the style '{card.name}' comes without its weights, so nothing can begin with them"
        )
    if card.generator != generator.name:
        raise usage_error(
            f"the style '{card.name}' has the generator '{card.generator}', not '{generator.name}'",
            f"Give the `generator` {card.generator}, or begin with another style.",
        )
    theirs, ours = (
        _options(generator.name, options) for options in (card.generator_options, generator.options)
    )
    different = [name for name in ours if theirs.get(name) != ours[name]]
    if different:
        said = ", ".join(f"{name} {theirs.get(name)}, not {ours[name]}" for name in different)
        needed = " and ".join(f"{name}={theirs.get(name)}" for name in different)
        raise usage_error(
            f"the generator of the style '{card.name}' has other options: {said}",
            f"Give the `generator_options` {needed}, or begin with another style.",
        )
    return Start(style, weights)


def _options(generator: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """All of them, defaults included, as a card has them."""
    return dict(json.loads(json.dumps(read_options("generators", generator, options))))
