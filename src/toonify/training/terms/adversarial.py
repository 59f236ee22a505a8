"""CartoonGAN's adversary."""

from __future__ import annotations

from typing import Any

from toonify.plugins import AdversarialTerm, Scene


class Adversarial(AdversarialTerm):
    """Cartoons are real; edge-smoothed cartoons and drawings are fake (CartoonGAN, eq. 3)."""

    uses = frozenset({"cartoon", "smoothed"})

    def real(self, scene: Scene) -> Any:
        return scene.cartoon

    def generated(self, scene: Scene) -> Any:
        return scene.drawn

    def fakes(self, scene: Scene) -> tuple[Any, ...]:
        return (scene.smoothed,)
