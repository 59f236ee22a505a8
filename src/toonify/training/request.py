"""What a training run is asked for, and what it reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toonify.errors import usage_error
from toonify.training.presets import Ranged, Seed, Settings, load_preset
from toonify.training.presets.settings import PHASES


@dataclass(frozen=True)
class TrainRequest(Ranged):
    """What to train; what is `None` or empty comes from the preset.

    Attributes:
        dataset: What `toonify prepare` wrote.
        output: The run's folder; `None` for `runs/<preset>-<n>`, the next one that is free.
        preset: Where everything else comes from.
        seed: The same seed gives the same run.
        generator: A generator plugin; options of the preset's own are then left out.
        generator_options: Arguments of its constructor.
        backbone: A backbone plugin.
        backbone_weights: `imagenet`, a file, or `none`.
        content_layer: Whose features the content loss compares.
        loss: A plugin with both sides' adversarial losses.
        loss_options: Arguments of its constructor.
        epochs: Of the last phase.
        init_epochs: Of the initialisation phase.
        steps_per_epoch: Of every phase.
        batch_size: Pictures in a step.
        learning_rate: Of every phase and network.
        resume: A run folder to go on with. Only `epochs` and `learning_rate` may change then.
    """

    dataset: Path = Path("dataset")
    output: Path | None = None
    preset: str = "cartoongan"
    seed: Seed = 0
    generator: str | None = None
    generator_options: Mapping[str, Any] = field(default_factory=dict)
    backbone: str | None = None
    backbone_weights: str | None = None
    content_layer: str | None = None
    loss: str | None = None
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    init_epochs: int | None = None
    steps_per_epoch: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    resume: Path | None = None

    def settings(self) -> Settings:
        """The preset with what was asked for put over it.

        Raises:
            ToonifyError: if the preset is unknown, or lacks the part that an option is about.
        """
        settings = load_preset(self.preset)
        top = _given(batch_size=self.batch_size, steps_per_epoch=self.steps_per_epoch)
        settings = dataclasses.replace(settings, **top)
        settings = _over(settings, self.preset, "generator", self._generator(settings))
        settings = _over(settings, self.preset, "content", self._content())
        settings = _over(settings, self.preset, "adversarial", self._adversarial())
        settings = _over(settings, self.preset, "initialisation", _given(epochs=self.init_epochs))
        return with_schedule(settings, epochs=self.epochs, learning_rate=self.learning_rate)

    def _generator(self, settings: Settings) -> dict[str, Any]:
        options = dict(self.generator_options)
        if self.generator not in (None, settings.generator.name):
            return {"name": self.generator, "options": options}
        return {"options": settings.generator.options | options} if options else {}

    def _content(self) -> dict[str, Any]:
        weights = self.backbone_weights
        if weights not in (None, "imagenet", "none"):
            weights = str(Path(weights).resolve())  # the run may be resumed from another folder
        values = _given(backbone=self.backbone, weights=weights, layer=self.content_layer)
        # A layer's name means nothing to another backbone.
        return {"layer": "", **values} if self.backbone else values

    def _adversarial(self) -> dict[str, Any]:
        values = _given(loss=self.loss)
        if self.loss or self.loss_options:
            values["options"] = dict(self.loss_options)
        return values


def with_schedule(settings: Settings, *, epochs: int | None, learning_rate: float | None) -> Settings:
    """The settings with other epochs of the last phase, and another learning rate of every phase."""
    phases = {name: getattr(settings, name) for name in PHASES}
    present = {name: phase for name, phase in phases.items() if phase is not None}
    last = list(present)[-1]
    if epochs is not None:
        present[last] = dataclasses.replace(present[last], epochs=epochs)
    if learning_rate is not None:
        for name, phase in present.items():
            rates = {"learning_rate": learning_rate}
            if name == "adversarial":
                rates["discriminator_learning_rate"] = learning_rate
            present[name] = dataclasses.replace(phase, **rates)
    return dataclasses.replace(settings, **present)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _over(settings: Settings, preset: str, part: str, values: dict[str, Any]) -> Settings:
    if not values:
        return settings
    current = getattr(settings, part)
    if current is None:
        raise usage_error(
            f"the preset '{preset}' has no {part} part, so {', '.join(values)} cannot be set",
            "Choose another --preset, or leave the option out.",
        )
    return dataclasses.replace(settings, **{part: dataclasses.replace(current, **values)})
