"""Make a style's generator in 8 bits, `generator.int8.onnx`, beside the one that it is made of.

    python recipes/int8.py runs/mine/style PHOTOS

As the export format `onnx-int8`, but for processors with VNNI alone, since `convert` uses it on no others:
weights have all of their 8 bits. PHOTOS is a folder of photographs of people and places.

It pays for `lite`, which the preset `pairs` trains. For `unet`, of which the bundled styles are made, it
does not: it is slower in 8 bits (0.76 to 0.9 times as fast), for its convolutions are small and its colours
are mixed from paints.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx

from toonify.exporting.calibration import calibration_pictures
from toonify.exporting.onnx_int8 import quantise
from toonify.styles import defaults, load_style
from toonify.styles.style import MADE_OF


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("style", type=Path, help="its folder")
    parser.add_argument("photos", type=Path, help="a folder")
    arguments = parser.parse_args()
    style = load_style(arguments.style)
    card = style.manifest
    pictures = calibration_pictures(arguments.photos, card.multiple)
    quantised = onnx.load_model_from_string(
        quantise(style.onnx_bytes(), pictures, defaults(card.controls), exact=True)
    )
    onnx.helper.set_model_props(quantised, {MADE_OF: style.fingerprint})
    style.files.int8.write_bytes(quantised.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
