"""Checks of a run before its networks are built, the cheapest first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from toonify.distributions import OWN
from toonify.errors import usage_error
from toonify.plugins import create, find_plugin
from toonify.training.batches import crop_size
from toonify.training.callbacks.tensorboard import need_tensorboard
from toonify.training.engines import check_backend, choose_backend
from toonify.training.metrics import check_best, check_ranks, parts_of
from toonify.training.objectives import Objective, make_objectives, networks_used
from toonify.training.plan import Plan, make_plan
from toonify.training.promises import check_numbers
from toonify.training.runs import Run
from toonify.training.start import Start


def check_run(run: Run, start: Start | None) -> tuple[dict[str, Objective], Plan]:
    """Look at all of a run that shows without its networks; afterwards Keras runs on its engine.

    Args:
        run: What is to be trained.
        start: Weights that it should begin with.

    Returns:
        What it minimises in each phase, and its steps.

    Raises:
        ToonifyError: if it cannot be trained.
    """
    _check_names(run)
    check_backend(run.engine)
    if not _own_terms(run):
        choose_backend(run.engine)  # a stranger's may import Keras
    objectives = make_objectives(run.settings)
    plan = make_plan(run.settings, objectives, run.dataset)
    _check_plan(run, objectives)
    choose_backend(run.engine)
    if start:
        start.check(run.settings.generator)
    _check_plugins(run)
    return objectives, plan


def _check_names(run: Run) -> None:
    """Raise a `ToonifyError` for what cannot be, before a framework is started: that takes seconds."""
    for group, name in run.parts:
        find_plugin(group, name)
    if run.settings.measuring.best:
        check_ranks(run.settings.measuring.best)


def _own_terms(run: Run) -> bool:
    """Whether every term is toonify's own: those import Keras only once they compute something."""
    terms = (find_plugin(group, name) for group, name in run.parts if group == "terms")
    return all(term.distribution in OWN for term in terms)


def _check_plan(run: Run, objectives: Mapping[str, Objective]) -> None:
    """Raise a `ToonifyError` for what the terms show to be impossible, before a framework is started."""
    settings, networks = run.settings, networks_used(objectives)
    if settings.measuring.best:
        check_best(settings.measuring.best, parts_of(run.dataset, networks))
    if settings.backbone and "backbone" in networks:
        _check_weights(settings.backbone.weights)
    if run.tensorboard:
        need_tensorboard()


def _check_weights(weights: str) -> None:
    """Raise a `ToonifyError` for a backbone's file, or folder, that is not there."""
    if weights not in ("imagenet", "none") and "://" not in weights and not Path(weights).exists():
        raise usage_error(
            f"`backbone_weights`: there is no file {weights}",
            "It should be 'imagenet', 'none' or a file; for the `backbone` hub a folder or a handle.",
        )


def _check_plugins(run: Run) -> None:
    """Raise a `ToonifyError` for what would fail later, before weights are downloaded."""
    settings = run.settings
    generator = create("generators", settings.generator.name, settings.generator.options)
    check_numbers(generator, settings.generator.name)
    crop_size(settings.data, run.dataset.size, generator.multiple)
    if settings.backbone:
        create("backbones", settings.backbone.name, settings.backbone.options)
    if settings.adversarial:
        create("losses", settings.adversarial.loss, settings.adversarial.options)
