"""The settings of a training run, as a tree, and the presets that fill it."""

from __future__ import annotations

import importlib.resources
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from toonify.errors import one_line, refusal, unknown, usage_error
from toonify.training.presets.ranges import Count, Detail, Natural, Ranged, Rate, Share, Weight
from toonify.training.presets.reading import read_tables

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ScheduleName = Literal["constant", "cosine"]

PHASES = ("paired", "initialisation", "adversarial")  # in the order of a run


@dataclass(frozen=True)
class GeneratorSettings:
    """Which generator, and its constructor's arguments."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSettings(Ranged):
    """How pictures of the dataset become a batch.

    Attributes:
        crop: Side of the random crops, in pixels; 0, or more than the dataset's pictures have,
            for whole pictures. Rounded down to what the generator needs.
        flip: Mirror half of the pictures, left to right.
        tint: Multiply each colour channel by a random factor in [1 - tint, 1 + tint], the same for a
            photo and its flat colours; 0 for none.
    """

    crop: Natural = 0
    flip: bool = True
    tint: Share = 0.0


@dataclass(frozen=True)
class OptimizerSettings(Ranged):
    """Of Adam (Kingma and Ba, 2015), one for each network."""

    beta_1: Share = 0.9
    beta_2: Share = 0.999


@dataclass(frozen=True)
class ContentSettings(Ranged):
    """The content loss: weight · mean |features of the photo - features of its cartoon|.

    Features of one backbone are numbers about 0.1, of another about 100. Divided by the photo's own,
    the same weight means the same for all of them.

    Attributes:
        backbone: The plugin that gives the features.
        weights: `imagenet`, the path of a file, or `none`.
        layer: Whose output; empty for the backbone's default.
        weight: ω of CartoonGAN, eq. 4.
        relative: Divide by mean |features of the photo|.
    """

    backbone: str
    weights: str = "imagenet"
    layer: str = ""
    weight: Weight = 10.0
    relative: bool = True


@dataclass(frozen=True)
class PhaseSettings(Ranged):
    """What every phase has.

    Attributes:
        epochs: How often it sees as many pictures as the dataset has.
        learning_rate: The generator's, after warming up.
        schedule: `constant`, or `cosine`: falling to 0 at the phase's end along half a cosine.
        warmup_steps: Steps over which the rate rises linearly.
    """

    epochs: Natural
    learning_rate: Rate
    schedule: ScheduleName = "constant"
    warmup_steps: Natural = 0


@dataclass(frozen=True)
class PairedSettings(PhaseSettings):
    """The generator's heads learn from pairs.

    Attributes:
        colour: Weight of mean |colour - target|, colours in [-1, 1].
        gradient: Weight of the same between neighbouring pixels' differences, both directions
            added.
        ink: Weight of the ink mask's binary cross-entropy.
        ink_emphasis: An inked pixel counts 1 + this.
    """

    colour: Weight = 2.0
    gradient: Weight = 2.0
    ink: Weight = 1.0
    ink_emphasis: Weight = 6.0


@dataclass(frozen=True)
class InitialisationSettings(PhaseSettings):
    """The generator learns to reproduce content, before any adversary (CartoonGAN, section 3.3)."""


@dataclass(frozen=True)
class AdversarialSettings(PhaseSettings):
    """Generator against discriminator, content held by the content loss.

    Attributes:
        loss: The plugin that has both sides' losses.
        options: Its constructor's arguments.
        weight: Of the generator's adversarial loss.
        discriminator_learning_rate: The discriminator's.
    """

    loss: str = "gan"
    options: dict[str, Any] = field(default_factory=dict)
    weight: Weight = 1.0
    discriminator_learning_rate: Rate = 2e-4


@dataclass(frozen=True)
class Settings(Ranged):
    """Everything that a training run needs; the phases that are there run in this order:
    paired, initialisation, adversarial.

    Attributes:
        description: A sentence.
        batch_size: Pictures in a step.
        steps_per_epoch: 0 for as many as the dataset has whole batches.
        checkpoint_every: Steps between checkpoints.
        sample_every: Steps between sample grids.
        detail: Of the style: side in pixels of the square at whose size larger pictures are drawn
            best, for a network that learnt from pictures made smaller; 0 for every size.
    """

    description: str
    generator: GeneratorSettings
    batch_size: Count = 8
    steps_per_epoch: Natural = 0
    checkpoint_every: Count = 250
    sample_every: Count = 500
    detail: Detail = 0
    data: DataSettings = field(default_factory=DataSettings)
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    content: ContentSettings | None = None
    paired: PairedSettings | None = None
    initialisation: InitialisationSettings | None = None
    adversarial: AdversarialSettings | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not any(getattr(self, phase) for phase in PHASES):
            raise usage_error("there is no phase to train: neither paired, initialisation nor adversarial")
        if (self.initialisation or self.adversarial) and not self.content:
            raise usage_error("the initialisation and adversarial phases need a content loss")


def preset_names() -> list[str]:
    """The presets that come with toonify."""
    files = importlib.resources.files(__package__).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load_preset(name: str) -> Settings:
    """The settings of a preset.

    Args:
        name: One of `preset_names()`, or the path of a `.toml` file of one's own.

    Raises:
        ToonifyError: if there is none of that name, or the file is not a sound preset.
    """
    if name.endswith(".toml"):
        return read_tables(Settings, _read_file(Path(name)), name)
    if name not in preset_names():
        raise unknown("preset", name, preset_names())
    text = importlib.resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8")
    return read_tables(Settings, tomllib.loads(text), f"the preset '{name}'")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise usage_error(f"the preset {path} cannot be read: {refusal(error)}") from error
    except ValueError as error:
        raise usage_error(f"the preset {path} cannot be read: {one_line(error)}") from error
    except RecursionError as error:
        raise usage_error(f"the preset {path} cannot be read: its values are nested too deeply") from error
