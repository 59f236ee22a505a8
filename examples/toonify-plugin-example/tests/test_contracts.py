from pathlib import Path

import toonify_example
from toonify_example.gabor import Gabor
from toonify_example.packed import Packed
from toonify_example.pastel import Pastel
from toonify_example.smoothgan import SmoothGAN
from toonify_example.vividness import Vividness

import toonify
from toonify.testing import check_backbone, check_generator, check_loss, check_term

POSTER = Path(toonify_example.__file__).parent / "poster"


def test_the_contracts_are_kept():
    check_backbone(Gabor())
    check_generator(Pastel(width=4))
    check_loss(SmoothGAN(smoothing=0.2))
    check_term(Vividness())


def test_the_format_holds_the_network(tmp_path):
    style = toonify.load_style(POSTER)
    Packed().write(style, tmp_path / "poster.onnx.z")
    assert set(Packed().runtimes()) == {"ONNX Runtime"}
    assert (tmp_path / "poster.onnx.z").stat().st_size < style.size


def test_the_style_leaves_few_tones():
    from PIL import Image

    ramp = Image.linear_gradient("L").convert("RGB")
    assert len(toonify.convert(ramp, style=POSTER, controls={"tones": 3}).getcolors()) == 3
