"""What a training run is asked for, and what it reports."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from toonify.decoding import Seed, decode, read_value
from toonify.errors import unknown, usage_error
from toonify.training.presets import AdversarialSettings, Precision, Settings, load_preset

EngineName = Literal["tensorflow", "jax"]
StrategyName = Literal["none", "mirrored", "multiworker"]
CHOICES = {
    "precision": typing.get_args(Precision),
    "engine": typing.get_args(EngineName),
    "strategy": typing.get_args(StrategyName),
}
CHANGEABLE = (
    "epochs",
    "learning_rate",
    "keep",
    "measure_every",
    "best",
    "engine",
    "strategy",
    "tensorboard",
)
"""What a run that goes on may change without becoming another run."""

FLAGS = {
    "output": "-o",
    "term_weights": "--weight",
    "generator_options": "--generator-option",
    "backbone_options": "--backbone-option",
    "loss_options": "--loss-option",
}


@dataclass(frozen=True)
class TrainRequest:
    """What to train; what is `None` or empty comes from the preset.

    Attributes:
        dataset: What `toonify prepare` wrote.
        output: The run's folder; `None` for `runs/<preset>-<n>`, the next one that is free.
        preset: Where everything else comes from.
        seed: The same seed gives the same run.
        generator: A generator plugin; options of the preset's own are then left out.
        generator_options: Arguments of its constructor.
        backbone: A backbone plugin.
        backbone_options: Arguments of its constructor.
        backbone_weights: `imagenet`, a file, or `none`.
        content_layer: Whose features the content loss compares.
        loss: A plugin with both sides' adversarial losses.
        loss_options: Arguments of its constructor.
        term_weights: Of terms of the loss, by their names in the preset.
        epochs: Of the last phase.
        init_epochs: Of the initialisation phase.
        steps_per_epoch: Of every phase.
        batch_size: Pictures in a step.
        learning_rate: Of every phase and network.
        precision: What layers compute in: `float32`, `mixed_bfloat16` or `mixed_float16`.
        ema: Decay of the running average of the generator's weights; 0 for none.
        keep: Checkpoints that stay, beside the best.
        measure_every: Epochs between measurements on the validation split; 0 for each phase's end.
        best: The figure that chooses the best checkpoint, from which the style is then made.
        engine: `tensorflow` or `jax`; `None` for the one the run began on, else Keras' own choice.
        strategy: `none` for one device, `mirrored` for all of this machine's, `multiworker` for those of
            all machines that `TF_CONFIG` names; `None` for what the run began with.
        tensorboard: Also write event files for TensorBoard.
        resume: A run folder to go on with. Only what `CHANGEABLE` names may change then.
    """

    dataset: Path = Path("dataset")
    output: Path | None = None
    preset: str = "cartoongan"
    seed: Seed = 0
    generator: str | None = None
    generator_options: Mapping[str, Any] = field(default_factory=dict)
    backbone: str | None = None
    backbone_options: Mapping[str, Any] = field(default_factory=dict)
    backbone_weights: str | None = None
    content_layer: str | None = None
    loss: str | None = None
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    term_weights: Mapping[str, float] = field(default_factory=dict)
    epochs: int | None = None
    init_epochs: int | None = None
    steps_per_epoch: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    precision: str | None = None
    ema: float | None = None
    keep: int | None = None
    measure_every: int | None = None
    best: str | None = None
    engine: str | None = None
    strategy: str | None = None
    tensorboard: bool = False
    resume: Path | None = None

    def __post_init__(self) -> None:
        read_value(self.seed, Seed, "seed")
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise unknown(f"choice for --{name} called", value, choices)

    def settings(self) -> Settings:
        """The preset with what was asked for put over it.

        Raises:
            ToonifyError: if the preset is unknown, or lacks the part that an option is about.
        """
        settings = load_preset(self.preset)
        top = _given(
            batch_size=self.batch_size,
            steps_per_epoch=self.steps_per_epoch,
            precision=self.precision,
            ema=self.ema,
        )
        settings = dataclasses.replace(settings, **top)
        settings = _over(settings, self.preset, "generator", self._generator(settings))
        settings = _over(settings, self.preset, "backbone", self._backbone(settings))
        settings = _over(settings, self.preset, "adversarial", self._adversarial())
        settings = _over(settings, self.preset, "initialisation", _given(epochs=self.init_epochs))
        return self.changed(_weighted(settings, self.term_weights))

    def changed(self, settings: Settings) -> Settings:
        """The settings of a run with what may change while it is under way."""
        settings = dataclasses.replace(settings, **_given(keep=self.keep))
        measuring = _given(every=self.measure_every, best=self.best)
        settings = dataclasses.replace(
            settings, measuring=dataclasses.replace(settings.measuring, **measuring)
        )
        settings = with_schedule(settings, epochs=self.epochs, learning_rate=self.learning_rate)
        return decode(Settings, dataclasses.asdict(settings), "the request")

    def _generator(self, settings: Settings) -> dict[str, Any]:
        options = dict(self.generator_options)
        if self.generator not in (None, settings.generator.name):
            return {"name": self.generator, "options": options}
        return {"options": settings.generator.options | options} if options else {}

    def _backbone(self, settings: Settings) -> dict[str, Any]:
        weights = self.backbone_weights
        if weights not in (None, "imagenet", "none") and "://" not in weights:
            weights = str(Path(weights).resolve())  # the run may be resumed from another folder
        values = _given(name=self.backbone, weights=weights, layer=self.content_layer)
        if self.backbone_options:
            values["options"] = dict(self.backbone_options)
        if self.backbone and settings.backbone and self.backbone != settings.backbone.name:
            # Another backbone's layers and options mean nothing to this one.
            return {"layer": "", "options": {}, **values}
        return values

    def _adversarial(self) -> dict[str, Any]:
        values = _given(loss=self.loss)
        if self.loss or self.loss_options:
            values["options"] = dict(self.loss_options)
        return values


def with_schedule(settings: Settings, *, epochs: int | None, learning_rate: float | None) -> Settings:
    """The settings with other epochs of the last phase, and another learning rate of every phase."""
    phases: dict[str, Any] = settings.phases
    last = list(phases)[-1]
    if epochs is not None:
        phases[last] = dataclasses.replace(phases[last], epochs=epochs)
    if learning_rate is not None:
        for name, phase in phases.items():
            rates = {"learning_rate": learning_rate}
            if isinstance(phase, AdversarialSettings):
                rates["discriminator_learning_rate"] = learning_rate
            phases[name] = dataclasses.replace(phase, **rates)
    return dataclasses.replace(settings, **phases)


def _weighted(settings: Settings, weights: Mapping[str, float]) -> Settings:
    """The settings with other weights of terms, in every phase that has them."""
    known = {term for phase in settings.phases.values() for term in phase.terms}
    for name in weights:
        if name not in known:
            raise unknown("term of the preset called", name, known)
    phases: dict[str, Any] = {}
    for phase, current in settings.phases.items():
        terms = {
            name: dataclasses.replace(term, weight=weights.get(name, term.weight))
            for name, term in current.terms.items()
        }
        phases[phase] = dataclasses.replace(current, terms=terms)
    return dataclasses.replace(settings, **phases)


def flag(item: str) -> str:
    """What a field of the request is called on the command line."""
    return FLAGS.get(item, f"--{item.replace('_', '-')}")


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


OPTIONS = {
    "backbone": "--backbone, --backbone-option, --backbone-weights and --content-layer",
    "adversarial": "--loss and --loss-option",
    "initialisation": "--init-epochs",
}


def _over(settings: Settings, preset: str, part: str, values: dict[str, Any]) -> Settings:
    if not values:
        return settings
    current = getattr(settings, part)
    if current is None:
        raise usage_error(
            f"the preset '{preset}' has no {part} part, so {OPTIONS[part]} cannot be given",
            "Choose another --preset, or leave the option out.",
        )
    return dataclasses.replace(settings, **{part: dataclasses.replace(current, **values)})
