"""Core ML packages: converted from a style's network by Apple's coremltools, and opened again."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.backend_import import no_standard_error
from toonify.errors import one_line
from toonify.exporting.keras_model import cannot_convert, open_in_float32, pictures_of
from toonify.inference.padding import padded_side
from toonify.plugins import Draw

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from toonify.styles import Style

PARTS = "Data/com.apple.CoreML"
MANIFEST, SPECIFICATION = "Manifest.json", f"{PARTS}/model.mlmodel"
WEIGHTS = f"{PARTS}/weights/weight.bin"
FILES = (MANIFEST, SPECIFICATION, WEIGHTS)

LARGEST_SIDE, LARGEST_BATCH, USUAL_SIDE = 4096, 16, 512
"""Core ML wants a bound of whatever is free, and a shape to make itself ready for."""


def save(style: Style, path: Path, size: tuple[int, int] | None = None) -> None:
    """Write a package: `picture` in, `cartoon` out, float32 RGB in [-1, 1], (N, H, W, 3).

    In float32, since what float16 makes of a style nobody sees before it runs on Apple's hardware. The same
    bytes for the same style.

    Args:
        style: Whose network.
        path: Of the folder to make.
        size: Width and height of a single picture; otherwise N, H and W are free.

    Raises:
        ToonifyError: if the generator is not installed or fails, its weights do not fit, or it needs an
            operator that Core ML lacks.
    """
    model = open_in_float32(style)
    import tensorflow as tf

    draw = tf.function(
        lambda picture: tf.identity(model(picture, training=False), name="cartoon"),
        input_signature=[pictures_of(size)],
    )
    with no_standard_error():  # bars of progress
        converted = _with_output_named(_converted(draw, style, size), "cartoon")
        card = style.manifest
        converted.short_description, converted.license = card.description, card.licence  # Xcode shows both
        converted.save(str(path))
    _make_reproducible(path)


def _make_reproducible(path: Path) -> None:
    """Write the specification's tables in order, name the package's items after their paths, and let them be
    read by whoever reads what is around them: coremltools copies them from its own temporary files.
    """
    from coremltools.proto.Model_pb2 import Model

    specification, manifest = path / SPECIFICATION, path / MANIFEST
    model = Model.FromString(specification.read_bytes())
    model.description.metadata.userDefined.pop("com.github.apple.coremltools.conversion_date", None)
    specification.write_bytes(model.SerializeToString(deterministic=True))
    shutil.copymode(manifest, specification)
    shutil.copymode(path, (path / WEIGHTS).parent)
    document = json.loads(manifest.read_bytes())
    items = document["itemInfoEntries"]
    names = {random: str(uuid.uuid5(uuid.NAMESPACE_OID, item["path"])) for random, item in items.items()}
    document["itemInfoEntries"] = {names[random]: item for random, item in items.items()}
    document["rootModelIdentifier"] = names[document["rootModelIdentifier"]]
    manifest.write_text(json.dumps(document, indent=4, sort_keys=True), encoding="utf-8")


def _converted(draw: Any, style: Style, size: tuple[int, int] | None) -> Any:
    """What coremltools makes of a function of TensorFlow, as a model that cannot run yet."""
    import coremltools as ct

    try:
        return ct.convert(
            [draw.get_concrete_function()],
            source="tensorflow",
            inputs=[ct.TensorType("picture", ct.Shape(_sides(size, style.manifest.multiple)))],
            compute_precision=ct.precision.FLOAT32,
            minimum_deployment_target=ct.target.iOS16,
            skip_model_load=True,
        )
    except Exception as error:  # of whatever class the converter's passes raise
        raise cannot_convert(style, f"coremltools refuses it: {one_line(error)}", size) from error


def is_one(path: Path) -> bool:
    """Whether a folder is a Core ML package."""
    return (path / MANIFEST).is_file() and (path / PARTS).is_dir()


def run(path: Path) -> Draw:
    """A package in Core ML, on macOS alone."""
    model = _open(path, load=True)
    return lambda pictures: model.predict({"picture": pictures})["cartoon"]


def interpret(path: Path) -> Draw:
    """What a package holds, read back from its files, and drawn by TensorFlow operator for operator.

    Raises:
        ToonifyError: if it holds an operator that is not known here.
    """
    from toonify.exporting.coreml.interpreter import check_operators, interpret_program

    model = _open(path, load=False)
    with no_standard_error():
        from coremltools.converters.mil.frontend.milproto.load import load

        spec = model.get_spec()
        program = load(spec, spec.specificationVersion, model.weights_dir)
    function = program.functions["main"]
    check_operators(function)

    def draw(pictures: NDArray[float32]) -> NDArray[float32]:
        cartoons: NDArray[float32] = interpret_program(function, {"picture": pictures})["cartoon"].numpy()
        return cartoons

    return draw


def _sides(size: tuple[int, int] | None, multiple: int) -> tuple[Any, ...]:
    """Batch, height, width and channels, as coremltools takes them."""
    import coremltools as ct

    if size:
        return 1, size[1], size[0], 3
    smallest, usual = padded_side(1, multiple), padded_side(USUAL_SIDE, multiple)
    height, width = (ct.RangeDim(smallest, LARGEST_SIDE, usual) for _ in range(2))
    return ct.RangeDim(1, LARGEST_BATCH, 1), height, width, 3


def _with_output_named(model: Any, name: str) -> Any:
    """The same with its only output named; the converter names it by TensorFlow's graph."""
    import coremltools as ct

    spec = model.get_spec()
    (output,) = spec.description.output
    ct.utils.rename_feature(spec, output.name, name)
    return ct.models.MLModel(spec, weights_dir=model.weights_dir, skip_model_load=True)


def _open(path: Path, *, load: bool) -> Any:
    """A package in coremltools, made ready to run or not."""
    with no_standard_error():
        import coremltools as ct

        return ct.models.MLModel(str(path), skip_model_load=not load)
