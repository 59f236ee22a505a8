"""White-box cartoonization's adversary of textures."""

from __future__ import annotations

from typing import Any

from toonify.plugins import AdversarialTerm, LossContext
from toonify.training.terms.colours import LUMA, in_three, weighted

CERTAIN = 0.8  # the paper's α


class Texture(AdversarialTerm):
    """Cartoons and drawings in one channel, whose mix of colours is drawn at random each time.

    Brightness and colour then tell little, lines and textures do (White-box cartoonization: Wang and
    Yu, CVPR 2020, section 3.3). The drawing and the cartoon beside it are mixed alike.
    """

    uses = frozenset({"cartoon"})

    def real(self, context: LossContext) -> Any:
        return colour_shift(context.cartoon, context.noise)

    def generated(self, context: LossContext) -> Any:
        return colour_shift(context.generated, context.noise)


def colour_shift(pictures: Any, noise: Any) -> Any:
    """(1 - α) (β₁ R + β₂ G + β₃ B) + α Y with α = 0.8 and β uniform in [-1, 1): the paper's random
    colour shift. Its published code draws shares within 0.1 of the luma's instead.

    Args:
        pictures: RGB in [-1, 1], (N, H, W, 3).
        noise: Uniform random numbers in [0, 1), (N, 1, 1, 3 or more); the first three are β.

    Returns:
        The same in all three channels, (N, H, W, 3), in [-1.4, 1.4].
    """
    mix = 2 * noise[..., :3] - 1
    return in_three((1 - CERTAIN) * weighted(pictures, mix) + CERTAIN * weighted(pictures, LUMA))
