"""How well a generator does on pictures that it does not learn from: dataset → pictures → figures.

`Measurer`, which needs Keras, is in `metrics.measurer`; what a request is checked with is here.
"""

from toonify.training.metrics.figures import FIGURES, RANKING, check_best, check_ranks, measurable, preferred
from toonify.training.metrics.pictures import parts_of

__all__ = ["FIGURES", "RANKING", "check_best", "check_ranks", "measurable", "parts_of", "preferred"]
