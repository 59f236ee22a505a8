"""Every built-in loss term, worked out by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from toonify.plugins import AdversarialTerm, create, find_plugins
from toonify.training.terms.content import content_distance


def picture(values) -> np.ndarray:
    return np.asarray(values, "float32")


def loss(name: str, scene: SimpleNamespace, **options) -> float:
    return float(create("terms", name, options).loss(scene))


@pytest.mark.parametrize("name", [plugin.name for plugin in find_plugins("terms")])
def test_every_term_says_what_it_is_and_needs_no_options(name):
    term = create("terms", name, {})
    assert type(term).__doc__
    assert term.uses <= {"cartoon", "smoothed", "paired", "features"}


def test_relative_content_does_not_hang_on_the_backbones_scale():
    drawn, wanted = picture([[1.0, 4.0], [4.0, 4.0]]), picture([[2.0, 2.0], [8.0, 0.0]])
    assert float(content_distance(drawn, wanted, relative=False)) == pytest.approx((1.5 + 4) / 2)
    for scale in (1, 1000):
        distance = content_distance(scale * drawn, scale * wanted, relative=True)
        assert float(distance) == pytest.approx((0.75 + 1) / 2, rel=1e-5)


def test_content_compares_the_features_of_photo_and_drawing():
    scene = SimpleNamespace(
        photo="photo", drawn="drawn", features={"photo": picture([[2.0]]), "drawn": picture([[3.0]])}.get
    )
    assert loss("content", scene) == pytest.approx(0.5, rel=1e-5)
    assert loss("content", scene, relative=False) == 1


def test_colour_and_gradient_by_hand():
    # Errors 0, 0.5 / 0, 1 in one channel; the other two are right.
    error = np.zeros((1, 2, 2, 3), "float32")
    error[0, :, :, 0] = [[0, 0.5], [0, 1]]
    scene = SimpleNamespace(heads={"colour": error + 0.25}, colour=np.full_like(error, 0.25))
    assert loss("colour", scene) == pytest.approx(1.5 / 12)
    # Down: 0, 0.5 over 6 numbers; across: 0.5, 1 over 6.
    assert loss("gradient", scene) == pytest.approx(0.5 / 6 + 1.5 / 6)


def test_ink_counts_more_where_there_is_some():
    logits = picture([0.0, 2.0]).reshape(1, 1, 2, 1)
    ink = picture([0.0, 1.0]).reshape(1, 1, 2, 1)
    scene = SimpleNamespace(heads={"ink": logits}, ink=ink)
    expected = (math.log(2) + 7 * math.log(1 + math.exp(-2))) / 2
    assert loss("ink", scene, emphasis=6.0) == pytest.approx(expected, rel=1e-5)


def test_cartoongans_discriminator_sees_cartoons_smoothed_ones_and_drawings():
    scene = SimpleNamespace(cartoon="cartoon", smoothed="smoothed", drawn="drawn")
    term = create("terms", "adversarial", {})
    assert isinstance(term, AdversarialTerm)
    assert (term.real(scene), term.fakes(scene), term.generated(scene)) == ("cartoon", ("smoothed",), "drawn")
