"""Starting a run from the weights of a style, or of another run's checkpoint."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError, usage_error
from toonify.plugins import read_options
from toonify.progress import Progress
from toonify.storage import RunFolder
from toonify.styles import find_checkpoint, load_style
from toonify.training.checkpoints import Checkpoints
from toonify.training.request import TrainRequest
from toonify.training.runs import settings_of, style_name
from toonify.training.settings import GeneratorSettings, Settings

if TYPE_CHECKING:
    import keras

    from toonify.training.models import Models

LEAVE_OUT = (
    "Leave `generator` and `generator_options` out to take the style's own, or begin with another style."
)


@dataclass(frozen=True)
class Start:
    """Weights to begin with, and the generator that they fit.

    Attributes:
        name: Of the style.
        generator: Its generator, with the options that it was trained with.
        digest: The SHA-256 of the file with its weights, a style's `.npz` or a checkpoint.
        restore: Puts them into a model. Raises a `ToonifyError` if they are damaged, or of another network.
    """

    name: str
    generator: GeneratorSettings
    digest: str
    restore: Callable[[keras.Model], None]

    @property
    def record(self) -> dict[str, str]:
        """What `run.json` and the card of the new style say of it."""
        return {"style": self.name, "weights": self.digest}

    def put_into(self, settings: Settings, request: TrainRequest) -> Settings:
        """The settings with the style's generator in place of the preset's.

        Raises:
            ToonifyError: if the request asks for another.
        """
        if request.generator not in (None, self.generator.name):
            raise usage_error(
                f"the style '{self.name}' has the generator '{self.generator.name}', "
                f"not '{request.generator}'",
                LEAVE_OUT,
            )
        options = self.generator.options | dict(request.generator_options)
        return dataclasses.replace(settings, generator=GeneratorSettings(self.generator.name, options))

    def check(self, wanted: GeneratorSettings) -> None:
        """Make sure that the weights fit the generator with all that was asked for. Imports Keras.

        Raises:
            ToonifyError: if an option is another.
        """
        has, asked = _options(self.generator), _options(wanted)
        different = [option for option in asked if has.get(option) != asked[option]]
        if different:
            said = ", ".join(f"{option} {has.get(option)}, not {asked[option]}" for option in different)
            raise usage_error(
                f"the generator of the style '{self.name}' has other options: {said}", LEAVE_OUT
            )

    def load(self, models: Models) -> None:
        """Put the weights into the generator, and into its average where there is one.

        Raises:
            ToonifyError: as `restore`.
        """
        for model in filter(None, (models.generator, models.average)):
            self.restore(model)


def find_start(name_or_path: str | Path, progress: Progress | None = None) -> Start:
    """The style, or the one that a run has made.

    Of a run that has made none it is the last checkpoint itself, or that of the step in `RUN@STEP`: no style
    is made of it, which only TensorFlow can.

    Args:
        name_or_path: As for `load_style`.
        progress: Is told which of a run's checkpoints is taken, unless that goes without saying.

    Raises:
        ToonifyError: if there is none, or it has no weights.
    """
    if at := find_checkpoint(name_or_path, progress):
        return _of_checkpoint(*at)
    style = load_style(name_or_path, progress)
    card = style.manifest
    weights = style.weights_bytes()
    if weights is None:
        raise ToonifyError(
            f"the style '{card.name}' comes without its weights, so nothing can begin with them"
        )

    def restore(model: keras.Model) -> None:
        from toonify.networks import load_weights

        load_weights(model, style.files.weights, weights)

    generator = GeneratorSettings(style.generator, card.generator_options)
    return Start(card.name, generator, hashlib.sha256(weights).hexdigest(), restore)


def _of_checkpoint(run: Path, step: int) -> Start:
    settings = settings_of(run)
    name = style_name(run, settings, step)
    checkpoint = Checkpoints(RunFolder(run)).load(step)
    digest = hashlib.sha256(checkpoint.path.read_bytes()).hexdigest()
    return Start(name, settings.generator, digest, lambda model: checkpoint.restore_drawing(model.variables))


def _options(generator: GeneratorSettings) -> Mapping[str, Any]:
    """All of them, defaults included, as a card has them."""
    return dict(json.loads(json.dumps(read_options("generators", generator.name, generator.options))))
