"""Presets: everything that a training run needs, as data, and the one place that checks it."""

from toonify.training.presets.ranges import Ranged, Seed
from toonify.training.presets.reading import read_tables
from toonify.training.presets.settings import (
    AdversarialSettings,
    ContentSettings,
    DataSettings,
    GeneratorSettings,
    InitialisationSettings,
    OptimizerSettings,
    PairedSettings,
    Settings,
    load_preset,
    preset_names,
)

__all__ = [
    "AdversarialSettings",
    "ContentSettings",
    "DataSettings",
    "GeneratorSettings",
    "InitialisationSettings",
    "OptimizerSettings",
    "PairedSettings",
    "Ranged",
    "Seed",
    "Settings",
    "load_preset",
    "preset_names",
    "read_tables",
]
