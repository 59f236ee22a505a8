"""A checkpoint becomes a style: the folder that `convert` and `export` take.

Only a run's files are needed, and TensorFlow. Where Keras runs on something else, a second process
does it: `python -m toonify.training.packaging RUN STEP`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from toonify.backend_import import failing_in_words, import_tensorflow, in_tensorflow_process, installed
from toonify.errors import ToonifyError
from toonify.inference import open_onnx
from toonify.inference.verification import TOLERANCE, make_probes, tile_difference, verify
from toonify.plugins import Generator, create, read_options
from toonify.storage import StyleFolder, StyleManifest, replacing
from toonify.training.checkpoints import Checkpoint, Checkpoints
from toonify.training.request import TrainRequest
from toonify.training.runs import Run, resumed_run
from toonify.training.tables import STEP, read_table


def package(run: Run, step: int) -> bool:
    """Write the run's `style/` from the checkpoint of a step, here or in a process with TensorFlow.

    Returns:
        Whether it could be done: not where there is no TensorFlow.

    Raises:
        ToonifyError: if it cannot be written, ONNX Runtime's picture is not the model's, or the generator
            sees further than it says.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        package_style(run, Checkpoints(run.files.checkpoints).load(step))
        return True
    if not installed("tensorflow"):
        return False
    in_tensorflow_process(__name__, str(run.folder), str(step))
    return True


def package_style(run: Run, checkpoint: Checkpoint) -> None:
    """Write the style whole or not at all. Needs Keras on TensorFlow.

    Raises:
        ToonifyError: as `package`.
    """
    from toonify.networks import round_to_half, save_weights, to_onnx

    plugin, model = _inference_model(run, checkpoint)
    if run.settings.style_weights == "float16":
        round_to_half(model)
    with replacing(run.files.style) as part:
        part.mkdir(parents=True)
        style = StyleFolder(part)
        save_weights(model, style.weights)
        to_onnx(model, style.generator)
        difference = _verify(model, plugin, style.generator, run)
        _card(run, plugin, checkpoint.step, difference).write(part)


def _inference_model(run: Run, checkpoint: Checkpoint) -> tuple[Generator, Any]:
    """The average if there is one, else the generator; float32 whatever it was trained in."""
    plugin: Generator = create("generators", run.settings.generator.name, run.settings.generator.options)
    model = plugin.build()
    owner = "average" if "average" in checkpoint.arrays else "generator"
    checkpoint.restore({owner: model.variables}, only=True)
    return plugin, model


def _card(run: Run, plugin: Generator, step: int, difference: float) -> StyleManifest:
    settings = run.settings
    training: dict[str, Any] = {
        "preset": run.preset,
        "seed": run.seed,
        "steps": step,
        "batch_size": settings.batch_size,
        "dataset_hash": run.dataset.manifest.content_hash,
    }
    if settings.backbone:
        training |= {
            "backbone": settings.backbone.name,
            "backbone_weights": Path(settings.backbone.weights).name,
        }
    if settings.adversarial and settings.adversarial.epochs:
        training["loss"] = settings.adversarial.loss
    if run.start_from:
        training["from"] = dict(run.start_from)
    training["plugins"] = run.plugins
    figures = _figures(run.files.metrics, step) | _figures(run.files.measures, step)
    return StyleManifest(
        name=run.folder.resolve().name,
        generator=settings.generator.name,
        generator_options=read_options("generators", settings.generator.name, settings.generator.options),
        halo=plugin.halo,
        multiple=plugin.multiple,
        detail=settings.detail,
        description=settings.description,
        training=training,
        figures=figures | {"onnx_difference": difference},
    )


def _figures(table: Path, step: int) -> dict[str, float]:
    """What a table says of a step, or last said before it."""
    columns = read_table(table)
    steps = columns.get("step", np.zeros(0))
    if not np.any(steps <= step):
        return {}
    row = np.flatnonzero(steps <= step)[-1]
    told = {name: values[row] for name, values in columns.items() if name not in STEP}
    return {name: float(value) for name, value in told.items() if np.isfinite(value)}


def _verify(model: Any, plugin: Generator, path: Path, run: Run) -> float:
    """The largest difference between the model's pictures and ONNX Runtime's, in [-1, 1].

    Raises:
        ToonifyError: if it is larger than the tolerance, or tiles differ from the whole by more.
    """
    import keras

    def original(pictures: Any) -> Any:
        return keras.ops.convert_to_numpy(model(pictures, training=False))

    probes = [probe for probe in make_probes(original, plugin.multiple) if not probe.odd]
    runtime = open_onnx(path, multiple=plugin.multiple)
    difference = verify(runtime.run, probes, path.name, original="the network")
    if plugin.halo is not None:
        seams = tile_difference(runtime.run, plugin.halo, plugin.multiple)
        if not seams <= TOLERANCE:
            raise _seen_too_far(plugin, run, seams)
    return difference


def _seen_too_far(plugin: Generator, run: Run, seams: float) -> ToonifyError:
    name = run.settings.generator.name
    return ToonifyError(
        f"the generator '{name}' sees further than its `halo` of {plugin.halo} pixels: "
        f"what it draws in tiles differs from the whole by {seams:.2g} of 2, in seams",
        "Give the generator a larger `halo`, or None, which keeps pictures whole; "
        f"then the run makes its style: toonify train --resume {run.folder}",
    )


def main(folder: str, step: str) -> None:
    """The second process."""
    with failing_in_words():
        import_tensorflow()
        run = resumed_run(TrainRequest(resume=Path(folder)))
        package_style(run, Checkpoints(run.files.checkpoints).load(int(step)))


if __name__ == "__main__":
    main(*sys.argv[1:])
