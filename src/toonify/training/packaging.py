"""A checkpoint becomes a style: the folder that `convert` and `export` take.

Only a run's files are needed, and TensorFlow. Where Keras runs on something else, a second process
does it: `python -m toonify.training.packaging RUN STEP [STYLE]`, into the run's `style/` or that folder.
"""

from __future__ import annotations

import functools
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

from toonify.backend_import import failing_in_words, import_tensorflow, in_tensorflow_process, installed
from toonify.decoding import DETAILS
from toonify.errors import ToonifyError
from toonify.inference import Runtime
from toonify.inference.verification import TOLERANCE, compare, make_probes, tile_difference
from toonify.plugins import Generator, create, plugin_in_use, read_options
from toonify.storage import StyleFolder, StyleManifest, make_folder, replacing, strangers
from toonify.storage.checksums import LIST
from toonify.styles import COLOUR, defaults
from toonify.text import for_shell
from toonify.training.checkpoints import Checkpoint, Checkpoints
from toonify.training.objectives import make_objectives
from toonify.training.promises import read_exported
from toonify.training.runs import Run, recorded_run, style_name
from toonify.training.tables import STEP, read_table

SIZE, WIDE = 256, 700  # of the presets' datasets, and at what size a network then knows faces and houses


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
        package_style(run, Checkpoints(run.files).load(step))
        return True
    if not installed("tensorflow"):
        return False
    in_tensorflow_process(__name__, str(run.folder), str(step))
    return True


def package_style(run: Run, checkpoint: Checkpoint, folder: Path | None = None) -> None:
    """Write the style whole or not at all. Needs Keras on TensorFlow.

    What lies in its folder and is not of its network stays there: a description, exports.

    Args:
        run: What was trained.
        checkpoint: Its state.
        folder: Of the style; `None` for that of the run itself. One beside it is called after its step, too.

    Raises:
        ToonifyError: as `package`.
    """
    from toonify.networks import round_to_half, save_weights

    plugin, model = _inference_model(run, checkpoint)
    if run.settings.style_weights == "float16":
        round_to_half(model)
    style = folder or run.files.style
    make_folder(style.parent)
    with replacing(style) as part:
        part.mkdir(parents=True)
        save_weights(model, StyleFolder(part).weights)
        generator = run.settings.generator.name
        difference = write_generator(plugin, model, StyleFolder(part).generator, generator)
        _check_halo(plugin, StyleFolder(part).generator, run)
        name = style_name(run.folder, run.settings, checkpoint.step if folder else None)
        _card(run, name, plugin, checkpoint.step, difference).write(part)
        _copy_others(style, part)


def _copy_others(style: Path, part: Path) -> None:
    """Copy what a style's folder holds beside its network; not move, for the old one stays if this fails."""
    made_anew = (StyleManifest.FILE, LIST, *(file.name for file in StyleFolder(style).network))
    for name in strangers(style, made_anew) if style.is_dir() else ():
        if (style / name).is_dir() and not (style / name).is_symlink():
            shutil.copytree(style / name, part / name, symlinks=True)
        else:
            shutil.copy2(style / name, part / name, follow_symlinks=False)


def write_generator(plugin: Generator, model: Any, path: Path, name: str) -> float:
    """Write the network as ONNX, with its controls.

    Args:
        plugin: The generator.
        model: Its network.
        path: Where to.
        name: What the generator is called.

    Returns:
        The largest difference between the network's pictures and ONNX Runtime's, in [-1, 1]: with every
        control at its default, and with each at either end of its range.

    Raises:
        ToonifyError: if it is larger than the tolerance, or toonify will not run what was written.
    """
    from toonify.networks import to_onnx

    to_onnx(plugin.controlled(model), path, defaults(plugin.controls))
    runtime = _open(plugin, path, name)
    ends = [{name: end} for name, c in plugin.controls.items() for end in (c.minimum, c.maximum)]
    return max(_difference(plugin, model, runtime, path, chosen) for chosen in [{}, *ends])


def _inference_model(run: Run, checkpoint: Checkpoint) -> tuple[Generator, Any]:
    """The averaged generator if there is one, else the generator itself; in float32."""
    plugin: Generator = create("generators", run.settings.generator.name, run.settings.generator.options)
    model = plugin.build()
    checkpoint.restore_drawing(model.variables)
    return plugin, model


def _card(run: Run, name: str, plugin: Generator, step: int, difference: float) -> StyleManifest:
    settings = run.settings
    figures = _figures(run.files.metrics, step) | _figures(run.files.measures, step)
    return StyleManifest(
        name=name,
        generator=settings.generator.name,
        generator_options=read_options("generators", settings.generator.name, settings.generator.options),
        halo=plugin.halo,
        multiple=plugin.multiple,
        detail=fitting_detail(settings.detail, run.dataset.size),
        enlarge=settings.enlarge,
        close_up=settings.close_up,
        keeps_grey=settings.keeps_grey and COLOUR in plugin.controls,
        controls=dict(plugin.controls),
        licence=settings.licence,
        sources=settings.sources,
        description=settings.description,
        training=_training(run, step),
        figures=figures | {"onnx_difference": difference},
    )


def fitting_detail(detail: int, size: int) -> int:
    """The `detail` of a style that learnt from a dataset of `size`² pictures.

    What a preset says of 256² pictures goes up and down with them. Where it says 0, every size, smaller
    pictures set a bound: in a full photograph all that a network of 64² pictures knows would be too large.
    """
    if not detail and size >= SIZE:
        return 0
    return min(max(round((detail or WIDE) * size / SIZE), DETAILS.start), DETAILS.stop - 1)


def _training(run: Run, step: int) -> dict[str, Any]:
    """How the style was trained, for its card."""
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
    game, plugins = settings.adversarial, dict(run.plugins)
    if game and game.epochs and make_objectives(settings)["adversarial"].adversaries:
        training["loss"] = game.loss
    elif game:  # no adversary, whose loss it would be
        del plugins[f"losses/{game.loss}"]
    if run.start_from:
        training["from"] = dict(run.start_from)
    return training | {"plugins": plugins}


def _figures(table: Path, step: int) -> dict[str, float]:
    """The newest row of a table up to a step."""
    columns = read_table(table)
    steps = columns.get("step", np.zeros(0))
    if not np.any(steps <= step):
        return {}
    row = np.flatnonzero(steps <= step)[-1]
    told = {name: values[row] for name, values in columns.items() if name not in STEP}
    return {name: float(value) for name, value in told.items() if np.isfinite(value)}


def _open(plugin: Generator, path: Path, name: str) -> Runtime:
    return Runtime(read_exported(plugin, path, name), controls=defaults(plugin.controls))


def _difference(
    plugin: Generator, model: Any, runtime: Runtime, path: Path, chosen: dict[str, float]
) -> float:
    import keras

    numbers = {name: np.float32(number) for name, number in (defaults(plugin.controls) | chosen).items()}
    controlled = plugin.controlled(model) if chosen else model

    def original(pictures: Any) -> Any:
        given = {"picture": pictures, **numbers} if chosen else pictures
        drawn = keras.ops.convert_to_numpy(controlled(given, training=False))
        if not np.isfinite(drawn).all():
            raise ToonifyError(
                "the network no longer draws pictures, but values that are no numbers, or infinite ones",
                "Train anew with a lower `learning_rate`, or take an earlier checkpoint's style: RUN@STEP.",
            )
        return drawn

    probes = [probe for probe in make_probes(original, plugin.multiple) if not probe.odd]
    made = functools.partial(runtime.run, controls=chosen)
    return compare(made, probes, path.name, original="the network").largest


def _check_halo(plugin: Generator, path: Path, run: Run) -> None:
    """Raise a `ToonifyError` if tiles differ from the whole by more than the tolerance."""
    if plugin.halo is None:
        return
    name = run.settings.generator.name
    seams = tile_difference(_open(plugin, path, name).run, plugin.halo, plugin.multiple)
    if not seams <= TOLERANCE:
        raise ToonifyError(
            f"{plugin_in_use('generators', name)} sees further than its `halo` of {plugin.halo} pixels: "
            f"what it draws in tiles differs from the whole by {seams:.2g} of 2, in seams",
            "Give the generator a larger `halo`, or None, which keeps pictures whole; "
            f"then the run makes its style: toonify train --resume {for_shell(str(run.folder))}",
        )


def main(folder: str, step: str, style: str = "") -> None:
    """The entry point of the second process, which `toonify.styles.checkpoints` starts, too."""
    with failing_in_words():
        import_tensorflow()
        run = recorded_run(Path(folder))
        checkpoint = Checkpoints(run.files).load(int(step))
        package_style(run, checkpoint, Path(style) if style else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
