"""Presets: everything that a training run needs, as data, and the one place that checks it."""

from toonify.training.presets.settings import (
    AdversarialSettings,
    BackboneSettings,
    DataSettings,
    DiscriminatorSettings,
    GeneratorSettings,
    MeasuringSettings,
    OptimizerSettings,
    PhaseSettings,
    Precision,
    Settings,
    TermSettings,
    fitting_detail,
    load_preset,
    preset_names,
    preset_text,
)

__all__ = [
    "AdversarialSettings",
    "BackboneSettings",
    "DataSettings",
    "DiscriminatorSettings",
    "GeneratorSettings",
    "MeasuringSettings",
    "OptimizerSettings",
    "PhaseSettings",
    "Precision",
    "Settings",
    "TermSettings",
    "fitting_detail",
    "load_preset",
    "preset_names",
    "preset_text",
]
