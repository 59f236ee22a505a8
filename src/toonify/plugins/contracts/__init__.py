"""The contracts: what each kind of plugin promises, one file a group."""

from collections.abc import Mapping

from toonify.plugins.contracts.backbones import Backbone
from toonify.plugins.contracts.datasets import DatasetSource
from toonify.plugins.contracts.exporters import Exporter
from toonify.plugins.contracts.generators import Generator
from toonify.plugins.contracts.losses import AdversarialLoss
from toonify.plugins.contracts.painters import Painter
from toonify.plugins.contracts.terms import Term

CONTRACTS: Mapping[str, type] = {
    "backbones": Backbone,
    "losses": AdversarialLoss,
    "datasets": DatasetSource,
    "generators": Generator,
    "terms": Term,
    "exporters": Exporter,
    "painters": Painter,
}
