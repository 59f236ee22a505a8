"""Replays steps from given weights and batches on one engine: `python replay.py REQUEST`, in JSON.

A process of its own for each engine and number of devices, since Keras chooses its backend once.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tiny_entry_points import tiny_plugins

from toonify.training import TrainRequest
from toonify.training.batches import Batches
from toonify.training.dataset import Dataset
from toonify.training.engines import choose_backend, make_engine

OURS = ("sgd", "flaw", "strategy", "measured")  # what a case has beside the request


def replay(case: dict[str, Any], dataset: Path, weights: Path, engine_name: str) -> Any:
    """Figures of every step of a run, and sums of the weights; begins by reading or writing `weights`."""
    from toonify.training.models import build_models
    from toonify.training.objectives import make_objectives
    from toonify.training.plan import make_plan
    from toonify.training.steps import make_step

    sgd, flaw, strategy = case.get("sgd", False), case.get("flaw", False), case.get("strategy", "none")
    options = {name: value for name, value in case.items() if name not in OURS}
    request = TrainRequest(**{"generator": "tiny", "batch_size": 4, **options})
    settings = request.settings()
    objectives = make_objectives(settings)
    plan = make_plan(settings, objectives, Dataset(dataset))
    engine = make_engine(engine_name, strategy)
    models = build_models(settings, objectives, engine, seed=0)
    if sgd:
        _descend_plainly(models, engine)
    _same_weights(models, weights)
    part = (engine.worker, engine.workers)
    batches = Batches(Dataset(dataset), plan, settings, crop=16, seed=0, part=part)
    if flaw:
        _spoil(models, float(batches[0]["noise"][-1, 0, 0, 0]))
    measured = _measure(models, engine, Dataset(dataset)) if case.get("measured") else {}
    figures: list[dict[str, float]] = []
    states = [_sums(models)]
    for phase in plan.phases:
        step = engine.compile(make_step(phase.name, settings, models, engine), models.variables())
        for number in range(phase.first, phase.end):
            figures.append(engine.fetch(step(engine.put(batches[number]))))
            states.append(_sums(models))
    return {
        "measured": measured,
        "figures": figures,
        **dict(zip(("start", "first", "second"), states, strict=False)),
        "weights": states[-1],
    }


def _measure(models: Any, engine: Any, dataset: Dataset) -> dict[str, float]:
    """As a run that has just begun is measured."""
    from toonify.training.metrics.measurer import Measurer

    (discriminator,) = models.discriminators.values()
    measurer = Measurer(
        dataset,
        multiple=2,
        backbone=engine.forward(models.backbone),
        discriminator=engine.forward(discriminator.network),
    )
    return measurer.measure(engine.forward(models.generator))


def _sums(models: Any) -> list[float]:
    return [float(np.sum(np.abs(np.asarray(variable)))) for variable in models.generator.variables]


def _descend_plainly(models: Any, engine: Any) -> None:
    """Adam forgives a gradient that is twice as long; plain descent shows it."""
    import keras

    with engine.scope():
        models.generator_optimizer = keras.optimizers.SGD()
        models.generator_optimizer.build(models.generator.trainable_variables)
        for name, discriminator in models.discriminators.items():
            optimizer = keras.optimizers.SGD()
            optimizer.build(discriminator.network.trainable_variables)
            models.discriminators[name] = dataclasses.replace(discriminator, optimizer=optimizer)


def _spoil(models: Any, chance: float) -> None:
    """Add a term without a derivative for the one picture with this random number."""
    from keras import ops

    from toonify.plugins import LossTerm
    from toonify.training.objectives import Objective

    class Flawed(LossTerm):
        def loss(self, context: Any) -> Any:
            # The root's derivative at 0 is infinite, and times 0 not a number.
            sound = ops.cast(context.noise[..., :1] != np.float32(chance), "float32")
            return ops.mean(ops.sqrt(ops.square(context.generated) * sound + 1e-3 * sound))

    first = models.objectives["initialisation"]
    spoilt = Objective({**first.terms, "flawed": Flawed()}, {**first.weights, "flawed": 1e-3})
    models.objectives = {**models.objectives, "initialisation": spoilt}


def _same_weights(models: Any, path: Path) -> None:
    if not path.exists():
        np.savez(path, *(np.asarray(variable) for variable in models.variables()))
        return
    with np.load(path) as archive:
        for variable, name in zip(models.variables(), archive.files, strict=True):
            variable.assign(archive[name])


def _divide_processor(parts: int) -> None:
    import tensorflow as tf

    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * parts)


def replay_all(asked: dict[str, Any]) -> Any:
    """Every case, on the engine that Keras runs on."""
    dataset, weights = Path(asked["dataset"]), Path(asked["weights"])
    return {
        name: replay(case, dataset, weights / _file_name(case), asked["engine"])
        for name, case in asked["cases"].items()
    }


def _file_name(case: dict[str, Any]) -> str:
    """The same wherever a case is replayed, and another for every other case."""
    same = {name: value for name, value in case.items() if name != "strategy"}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()[:16] + ".npz"


def main(request: str) -> None:
    asked = json.loads(request)
    choose_backend(asked["engine"])
    if asked["engine"] == "tensorflow":
        _divide_processor(int(os.environ["VIRTUAL_CPUS"]))
    with tiny_plugins():
        print("\n" + json.dumps(replay_all(asked)))


if __name__ == "__main__":
    main(sys.argv[1])
