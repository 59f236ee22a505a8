"""A checkpoint becomes a style: the folder that `convert` and `export` take.

Only a run's files are needed, and TensorFlow. Where Keras runs on something else, a second process
does it: `python -m toonify.training.packaging RUN STEP`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from toonify.errors import ToonifyError, one_line, refusal
from toonify.inference import OnnxRuntime
from toonify.plugins import Generator, create, read_options
from toonify.storage import StyleFolder, StyleManifest, put_in_place, remove
from toonify.training.checkpoints import Checkpoint, Checkpoints
from toonify.training.engines import installed
from toonify.training.runs import Run, resumed_run
from toonify.training.watching import STEP, read_table

TOLERANCE = 1e-3  # of [-1, 1]: an eighth of a step of 8-bit colour
PROBE = 96  # side of the picture that is compared, in pixels


def package(run: Run, step: int) -> bool:
    """Write the run's `style/` from the checkpoint of a step, here or in a process with TensorFlow.

    Returns:
        Whether it could be done: not where there is no TensorFlow.

    Raises:
        ToonifyError: if it cannot be written, or ONNX Runtime's picture is not the model's.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        package_style(run, Checkpoints(run.checkpoints).load(step))
        return True
    if not installed("tensorflow"):
        return False
    command = [sys.executable, "-m", __name__, str(run.folder), str(step)]
    # It needs no accelerator, and must not take memory from one that this process holds.
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        told = done.stderr.strip().splitlines()[-2:] or [f"packaging ended with exit code {done.returncode}"]
        raise ToonifyError("\n".join(told))
    return True


def package_style(run: Run, checkpoint: Checkpoint) -> Path:
    """Beside first, then renamed. Needs Keras on TensorFlow.

    Raises:
        ToonifyError: as `package`.
    """
    from toonify.networks import save_weights, to_onnx

    beside = run.folder / ".style.part"
    plugin, artist = _artist(run, checkpoint)
    try:
        remove(beside)
        beside.mkdir(parents=True)
        save_weights(artist, StyleFolder(beside).weights)
        to_onnx(artist, StyleFolder(beside).generator)
        difference = _verify(artist, plugin.multiple, StyleFolder(beside).generator)
        _card(run, plugin, checkpoint.step, difference).write(beside)
        put_in_place(beside, run.style)
    except OSError as error:
        raise ToonifyError(f"{run.style} cannot be written: {refusal(error)}") from error
    finally:
        remove(beside)
    return run.style


def _artist(run: Run, checkpoint: Checkpoint) -> tuple[Generator, Any]:
    """The network that draws, in float32 whatever it was trained in: the average's, if there is one."""
    plugin: Generator = create("generators", run.settings.generator.name, run.settings.generator.options)
    artist = plugin.build()
    owner = "average" if "average" in checkpoint.arrays else "generator"
    checkpoint.restore({owner: artist.variables}, only=True)
    return plugin, artist


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
    figures = _figures(run.metrics, step) | _figures(run.measures, step)
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


def _verify(artist: Any, multiple: int, path: Path) -> float:
    """The largest difference between the model's picture and ONNX Runtime's, in [-1, 1].

    Raises:
        ToonifyError: if it is larger than `TOLERANCE`.
    """
    import keras

    side = -(-PROBE // multiple) * multiple
    probe = np.random.default_rng(0).uniform(-1, 1, (1, side, side + multiple, 3)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(artist(probe, training=False))
    made = OnnxRuntime(path.read_bytes(), path).run(probe)
    difference = float(np.max(np.abs(made - expected)))
    if not difference <= TOLERANCE:
        raise ToonifyError(f"{path.name} does not draw what the model draws: they differ by {difference:.2g}")
    return difference


def main(folder: str, step: str) -> None:
    """The second process."""
    from toonify.backend_import import import_tensorflow
    from toonify.training.request import TrainRequest

    try:
        import_tensorflow()
        run = resumed_run(TrainRequest(resume=Path(folder)))
        package_style(run, Checkpoints(run.checkpoints).load(int(step)))
    except ToonifyError as error:
        sys.exit(str(error))
    except Exception as error:
        sys.exit(f"the style could not be made: {type(error).__name__}: {one_line(error)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
