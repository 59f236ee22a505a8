"""A trained generator becomes a style: the folder that `convert` and `export` take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from toonify.errors import ToonifyError, refusal
from toonify.manifests import StyleManifest, put_in_place, remove
from toonify.networks import save_weights, to_onnx
from toonify.plugins import read_options
from toonify.styles import GENERATOR_FILE, WEIGHTS_FILE
from toonify.styles.running import start_session
from toonify.training.models import Models
from toonify.training.runs import Run

TOLERANCE = 1e-3  # of [-1, 1]: an eighth of a step of 8-bit colour
PROBE = 96  # side of the picture that is compared, in pixels


def package_style(run: Run, models: Models, steps: int, figures: dict[str, float]) -> Path:
    """Write the run's `style/`: beside first, then renamed.

    Raises:
        ToonifyError: if it cannot be written, or ONNX Runtime's picture is not the model's.
    """
    beside = run.folder / ".style.part"
    try:
        remove(beside)
        beside.mkdir(parents=True)
        save_weights(models.generator, beside / WEIGHTS_FILE)
        to_onnx(models.generator, beside / GENERATOR_FILE)
        difference = _verify(models, beside / GENERATOR_FILE)
        _card(run, models, steps, figures | {"onnx_difference": difference}).write(beside)
        put_in_place(beside, run.style)
    except OSError as error:
        raise ToonifyError(f"{run.style} cannot be written: {refusal(error)}") from error
    finally:
        remove(beside)
    return run.style


def _card(run: Run, models: Models, steps: int, figures: dict[str, float]) -> StyleManifest:
    settings = run.settings
    training: dict[str, Any] = {
        "preset": run.preset,
        "seed": run.seed,
        "steps": steps,
        "batch_size": settings.batch_size,
        "dataset_hash": run.dataset.manifest.content_hash,
    }
    if settings.content:
        training |= {
            "backbone": settings.content.backbone,
            "backbone_weights": Path(settings.content.weights).name,
        }
    if settings.adversarial:
        training["loss"] = settings.adversarial.loss
    return StyleManifest(
        name=run.folder.resolve().name,
        generator=settings.generator.name,
        generator_options=read_options("generators", settings.generator.name, settings.generator.options),
        halo=models.plugin.halo,
        multiple=models.plugin.multiple,
        detail=settings.detail,
        description=settings.description,
        training=training,
        figures=figures,
    )


def _verify(models: Models, path: Path) -> float:
    """The largest difference between the model's picture and ONNX Runtime's, in [-1, 1].

    Raises:
        ToonifyError: if it is larger than `TOLERANCE`.
    """
    multiple = models.plugin.multiple
    side = -(-PROBE // multiple) * multiple
    probe = np.random.default_rng(0).uniform(-1, 1, (1, side, side + multiple, 3)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(models.generator(probe, training=False))
    (made,) = start_session(path.read_bytes()).run(["cartoon"], {"picture": probe})
    difference = float(np.max(np.abs(made - expected)))
    if not difference <= TOLERANCE:
        raise ToonifyError(f"{path.name} does not draw what the model draws: they differ by {difference:.2g}")
    return difference
