"""Beginning with the weights of a style, or of a run's checkpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError, usage_error
from toonify.plugins import read_options
from toonify.storage import RunFolder
from toonify.styles import find_checkpoint, load_style
from toonify.training.checkpoints import Checkpoints
from toonify.training.presets import GeneratorSettings
from toonify.training.runs import settings_of, style_name

if TYPE_CHECKING:
    import keras

    from toonify.training.models import Models


@dataclass(frozen=True)
class Start:
    """Weights that fit a run's generator.

    Attributes:
        name: Of the style.
        digest: The SHA-256 of the file with its weights, a style's `.npz` or a checkpoint.
        restore: Puts them into a model. Raises a `ToonifyError` if they are damaged, or of another network.
    """

    name: str
    digest: str
    restore: Callable[[keras.Model], None]

    @property
    def record(self) -> dict[str, str]:
        """What `run.json` and the card of the new style say of it."""
        return {"style": self.name, "weights": self.digest}

    def load(self, models: Models) -> None:
        """Put the weights into the generator, and into its average where there is one.

        Raises:
            ToonifyError: as `restore`.
        """
        for model in filter(None, (models.generator, models.average)):
            self.restore(model)


def find_start(name_or_path: str | Path, generator: GeneratorSettings) -> Start:
    """The style, or the one that a run has made, of the very generator that is to be trained.

    Of a run that has made none it is the last checkpoint itself, or that of the step in `RUN@STEP`: no style
    is made of it, which only TensorFlow can.

    Raises:
        ToonifyError: if there is none, it has no weights, or its generator is another.
    """
    if at := find_checkpoint(name_or_path):
        return _of_checkpoint(*at, generator)
    style = load_style(name_or_path)
    card = style.manifest
    weights = style.weights_bytes()
    if weights is None:
        raise ToonifyError(
            f"the style '{card.name}' comes without its weights, so nothing can begin with them"
        )
    _check_same(card.name, GeneratorSettings(card.generator, card.generator_options), generator)

    def restore(model: keras.Model) -> None:
        from toonify.networks import load_weights

        load_weights(model, style.files.weights, weights)

    return Start(card.name, hashlib.sha256(weights).hexdigest(), restore)


def _of_checkpoint(run: Path, step: int, generator: GeneratorSettings) -> Start:
    settings, file = settings_of(run), RunFolder(run).checkpoint(step)
    name = style_name(run, settings, step)
    _check_same(name, settings.generator, generator)
    checkpoint = Checkpoints(file.parent).load(step)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Start(name, digest, lambda model: checkpoint.restore_drawing(model.variables))


def _check_same(name: str, theirs: GeneratorSettings, ours: GeneratorSettings) -> None:
    if theirs.name != ours.name:
        raise usage_error(
            f"the style '{name}' has the generator '{theirs.name}', not '{ours.name}'",
            f"Give the `generator` {theirs.name}, or begin with another style.",
        )
    has, wanted = _options(theirs), _options(ours)
    different = [option for option in wanted if has.get(option) != wanted[option]]
    if different:
        said = ", ".join(f"{option} {has.get(option)}, not {wanted[option]}" for option in different)
        needed = " and ".join(f"{option}={has.get(option)}" for option in different)
        raise usage_error(
            f"the generator of the style '{name}' has other options: {said}",
            f"Give the `generator_options` {needed}, or begin with another style.",
        )


def _options(generator: GeneratorSettings) -> Mapping[str, Any]:
    """All of them, defaults included, as a card has them."""
    return dict(json.loads(json.dumps(read_options("generators", generator.name, generator.options))))
