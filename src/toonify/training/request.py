"""What a training run is asked for, checked when it is made."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

from toonify.decoding import Count, Kind, Natural, Rate, Seed, Share, Weight, decode
from toonify.errors import unknown, usage_error
from toonify.request import MaybePath, OnePath, Request, Taken, Texts, as_given, default, or_none
from toonify.storage import AnyPath, check_no_address
from toonify.training.presets import load_preset
from toonify.training.settings import AdversarialSettings, BackboneSettings, Precision, Settings

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
    "sample_every",
    "measure_every",
    "best",
    "engine",
    "strategy",
    "tensorboard",
    "name",
    "licence",
    "sources",
)
"""What a run that goes on may change without becoming another run."""

Beginning = Annotated[
    Taken[AnyPath | None, str | Path | None], Kind("a style's name, a path or none", or_none(as_given))
]


class TrainRequest(Request):
    """What to train; what is `None` or empty comes from the preset. Text will do for a path or a number.

    Attributes:
        dataset: What `toonify prepare` wrote.
        output: The run's folder; `None` for `runs/<preset>-<n>`, the next one that is free.
        preset: Where everything else comes from.
        seed: The same seed gives the same run.
        generator: A generator plugin; the preset's options are then left out, if it is another.
        generator_options: Arguments of its constructor.
        backbone: A backbone plugin; the preset's layer and options are then left out, if it is another.
        backbone_options: Arguments of its constructor.
        backbone_weights: `imagenet`, a file, or `none`.
        content_layer: Whose features the content loss compares.
        loss: A plugin with both sides' adversarial losses; options as for the others.
        loss_options: Arguments of its constructor.
        term_weights: Of terms of the loss, by their names in the preset.
        epochs: Of the last phase.
        paired_epochs: Of the paired phase; 0 leaves it out.
        init_epochs: Of the initialisation phase; 0 leaves it out.
        steps_per_epoch: Of every phase.
        batch_size: Pictures in a step.
        learning_rate: Of every phase and network.
        precision: What layers compute in: `float32`, `mixed_bfloat16` or `mixed_float16`.
        ema: Decay of the running average of the generator's weights; 0 for none.
        keep: Checkpoints that stay, beside the best.
        sample_every: Steps between sample grids; 0 for some thirty, spread over the run.
        measure_every: Epochs between measurements on the validation split; 0 for each phase's end.
        best: The figure that chooses the best checkpoint, from which the style is then made.
        engine: `tensorflow` or `jax`; `None` for the one the run began on, else Keras' own choice.
        strategy: `none` for one device, `mirrored` for all of this machine's, `multiworker` for those of
            all machines that `TF_CONFIG` names; `None` for what the run began with.
        tensorboard: Also write event files for TensorBoard.
        name: Of the style; by default what the run's folder is called.
        licence: Of the style, for its card: an SPDX identifier, or words.
        sources: Where the training pictures come from, for the card, as `"NAME; LICENCE; URL"`, of which the
            last two may be left out.
        start_from: A style, or a run that has made one, with whose weights the generator begins: a
            name, a style folder or a run folder. Its generator and options are taken over; those that are
            given must be the same.
        resume: A run folder to go on with. Only what `CHANGEABLE` names may change then; `dataset` says where
            the same dataset is now, if it has moved.

    Raises:
        ToonifyError: (usage) that names the field, if a value is of another type or outside its range, or
            none of the choices, or `start_from` comes with `resume`.
    """

    dataset: OnePath = default(Path("dataset"))
    output: MaybePath = default(None)
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
    term_weights: Mapping[str, Weight] = field(default_factory=dict)
    epochs: Natural | None = None
    paired_epochs: Natural | None = None
    init_epochs: Natural | None = None
    steps_per_epoch: Count | None = None
    batch_size: Count | None = None
    learning_rate: Rate | None = None
    precision: str | None = None
    ema: Share | None = None
    keep: Count | None = None
    sample_every: Natural | None = None
    measure_every: Natural | None = None
    best: str | None = None
    engine: str | None = None
    strategy: str | None = None
    tensorboard: bool = False
    name: str | None = None
    licence: str | None = None
    sources: Texts = default(())
    start_from: Beginning = default(None)
    resume: MaybePath = default(None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.output is not None:
            check_no_address(self.output, "output")
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise unknown(f"choice for `{name}` called", value, choices)
        for name in ("name", "licence", "sources"):
            if not "".join(getattr(self, name) or "").isprintable():
                raise usage_error(f"`{name}` should hold no control characters")
        if self.start_from is not None and self.resume is not None:
            raise usage_error("`start_from` begins a run, `resume` goes on with one: give one of them")

    def settings(self) -> Settings:
        """The preset with what was asked for put over it.

        Raises:
            ToonifyError: if the preset is unknown, or lacks the part that a field is about.
        """
        settings = load_preset(self.preset)
        top = _given(
            batch_size=self.batch_size,
            steps_per_epoch=self.steps_per_epoch,
            precision=self.precision,
            ema=self.ema,
        )
        settings = dataclasses.replace(settings, **top)
        parts = {
            "generator": _chosen(settings.generator, "name", self.generator, self.generator_options),
            "backbone": self._backbone(settings.backbone),
            "adversarial": _chosen(settings.adversarial, "loss", self.loss, self.loss_options),
            "paired": _given(epochs=self.paired_epochs),
            "initialisation": _given(epochs=self.init_epochs),
        }
        for part, values in parts.items():
            settings = _over(settings, self.preset, part, values)
        return self.changed(_weighted(settings, self.term_weights))

    def changed(self, settings: Settings) -> Settings:
        """The settings of a run with what may change while it is under way."""
        top = _given(
            keep=self.keep,
            sample_every=self.sample_every,
            name=self.name,
            licence=self.licence,
            sources=[_source(text) for text in self.sources] or None,
        )
        measuring = _given(every=self.measure_every, best=self.best)
        settings = dataclasses.replace(
            settings, measuring=dataclasses.replace(settings.measuring, **measuring), **top
        )
        settings = _scheduled(settings, epochs=self.epochs, learning_rate=self.learning_rate)
        return decode(Settings, dataclasses.asdict(settings), "the request")

    def _backbone(self, current: BackboneSettings | None) -> dict[str, Any]:
        weights = self.backbone_weights
        if weights not in (None, "imagenet", "none") and "://" not in weights:
            weights = str(Path(weights).resolve())  # the run may be resumed from another folder
        values = _chosen(current, "name", self.backbone, self.backbone_options)
        if current and self.backbone not in (None, current.name):
            values["layer"] = ""  # one network's layers mean nothing to another
        return values | _given(weights=weights, layer=self.content_layer)


def _chosen(current: Any, key: str, name: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """A part's plugin and its options, if either is asked for: the part's own stay the same plugin's."""
    if not (name or options):
        return {}
    before = getattr(current, key, None)
    kept = current.options if current and name in (None, before) else {}
    # A run's file holds paths as text.
    plain = {option: str(value) if isinstance(value, Path) else value for option, value in options.items()}
    return {key: name or before, "options": kept | plain}


def _source(text: str) -> dict[str, str]:
    """A source of pictures, as people type it."""
    parts = [part.strip() for part in text.split(";")]
    if not parts[0] or len(parts) > 3:
        raise usage_error(
            f"`sources` should be NAME; LICENCE; URL, not '{text}'",
            "An example: 'Landscapes of the Met; CC0-1.0; https://www.metmuseum.org'.",
        )
    return {key: part for key, part in zip(("name", "licence", "url"), parts, strict=False) if part}


def _scheduled(settings: Settings, *, epochs: int | None, learning_rate: Rate | None) -> Settings:
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


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


FIELDS = {
    "backbone": "`backbone`, `backbone_options`, `backbone_weights` and `content_layer`",
    "adversarial": "`loss` and `loss_options`",
    "paired": "`paired_epochs`",
    "initialisation": "`init_epochs`",
}


def _over(settings: Settings, preset: str, part: str, values: dict[str, Any]) -> Settings:
    if not values:
        return settings
    current = getattr(settings, part)
    if current is None:
        raise usage_error(
            f"the preset '{preset}' has no {part} part, so {FIELDS[part]} cannot be given",
            "Choose another `preset`, or leave them out.",
        )
    return dataclasses.replace(settings, **{part: dataclasses.replace(current, **values)})
