"""Conformance checks: a plugin's own test calls the one for its kind, and knows that it keeps its contract.

    from toonify.testing import check_loss

    def test_it_keeps_the_contract():
        check_loss(MyLoss(margin=0.5))

Each raises an `AssertionError` that says what was promised and what was found. Keras runs on whichever
backend is chosen by then, TensorFlow if none is.
"""

from toonify.testing.backbones import check_backbone
from toonify.testing.datasets import check_dataset
from toonify.testing.generators import check_generator
from toonify.testing.losses import check_loss
from toonify.testing.terms import check_term

__all__ = ["check_backbone", "check_dataset", "check_generator", "check_loss", "check_term"]
