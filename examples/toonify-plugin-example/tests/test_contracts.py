from toonify_example.gabor import Gabor
from toonify_example.smoothgan import SmoothGAN
from toonify_example.vividness import Vividness

from toonify.testing import check_backbone, check_loss, check_term


def test_the_contracts_are_kept():
    check_backbone(Gabor())
    check_loss(SmoothGAN(smoothing=0.2))
    check_term(Vividness())
