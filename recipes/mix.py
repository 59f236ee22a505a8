"""Make a style whose weights lie between those of two, one of which was trained from the other.

    python recipes/mix.py STYLE OTHER SHARE OUTPUT [--option NAME=VALUE ...]

STYLE and OTHER are names, folders or files; SHARE, from 0 to 1, is what STYLE has of the mixture. What an
adversary overdoes, textures most of all, fades sooner than what it taught (Wang et al., "Deep network
interpolation for continuous imagery effect transition", CVPR 2019). OUTPUT is the new style's folder.
An --option of the generator, such as saturation=1.3, is set for drawing alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np

from toonify.backend_import import import_tensorflow
from toonify.errors import ToonifyError
from toonify.plugins import create, parse_options, read_options
from toonify.storage import StyleFolder
from toonify.styles import Style, load_style
from toonify.training.packaging import write_generator

Weights = dict[str, np.ndarray]


def weights_of(style: Style) -> Weights:
    """By name.

    Raises:
        ToonifyError: if it has none.
    """
    data = style.weights_bytes()
    if data is None:
        raise ToonifyError(f"{style.path} has no generator.npz to mix")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def mixed(one: Weights, other: Weights, share: float) -> Weights:
    """`share` of one and the rest of the other.

    Raises:
        ToonifyError: if they are not of one network.
    """
    if {name: array.shape for name, array in one.items()} != {n: a.shape for n, a in other.items()}:
        raise ToonifyError("the two styles have different networks, which cannot be mixed")
    rest = np.float32(1 - share)
    return {name: np.float32(share) * array + rest * other[name] for name, array in one.items()}


def write(style: Style, other: Style, share: float, options: dict[str, str], folder: Path) -> None:
    """The mixture as a style folder, drawn with `options`, with what both cards say of training."""
    from toonify.networks import load_weights, round_to_half, save_weights

    files, card = StyleFolder(folder), style.manifest
    drawn_with = read_options("generators", card.generator, {**card.generator_options, **options})
    buffer = io.BytesIO()
    arrays: dict[str, Any] = dict(mixed(weights_of(style), weights_of(other), share))
    np.savez(buffer, **arrays)
    plugin = create("generators", card.generator, drawn_with)
    model = plugin.build()
    load_weights(model, files.weights, buffer.getvalue())
    round_to_half(model)
    folder.mkdir(parents=True)
    save_weights(model, files.weights)
    figures = {"onnx_difference": write_generator(plugin, model, files.generator, card.generator)}
    training = dict(card.training)
    if share < 1:
        training["mixed_with"] = {"style": other.manifest.name, "share": round(1 - share, 6)}
    dataclasses.replace(
        card,
        name=folder.name,
        generator_options=drawn_with,
        halo=plugin.halo,
        training=training,
        figures=figures,
    ).write(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("style")
    parser.add_argument("other")
    parser.add_argument("share", type=float)
    parser.add_argument("output", type=Path)
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    if not 0 <= options.share <= 1:
        parser.error(f"SHARE should be from 0 to 1, not {options.share}")
    if options.output.exists():
        parser.error(f"{options.output} is there already: give another OUTPUT")
    try:
        import_tensorflow()
        write(
            load_style(options.style),
            load_style(options.other),
            options.share,
            parse_options(options.option, "--option"),
            options.output,
        )
    except ToonifyError as error:
        parser.exit(1, f"error: {error}\n")
    print(f"The style is {options.output}.")


if __name__ == "__main__":
    main()
