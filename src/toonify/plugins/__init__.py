"""What a plugin is, and the one registry that finds, checks and makes them.

A plugin is a class that a distribution names under one of seven entry-point groups:
`toonify.backbones`, `toonify.losses`, `toonify.datasets`, `toonify.generators`, `toonify.terms`,
`toonify.exporters`, `toonify.painters`; or a folder with a style, under `toonify.styles`.
The built-in ones come in by the same door. A plugin needs to import nothing of toonify but this module:

    from toonify.plugins import AdversarialLoss
"""

from toonify.decoding import Count, Fraction, Natural, Range, Rate, Share, Weight
from toonify.errors import ToonifyError, one_line, unknown, usage_error
from toonify.faces import Face, find_faces, read_detector
from toonify.media import FILM_SUFFIXES, Film, FilmFrame, find_pictures, megapixels, open_rgb
from toonify.plugins.contracts.backbones import Backbone
from toonify.plugins.contracts.datasets import DatasetSource, Domain, SourceItem
from toonify.plugins.contracts.exporters import Draw, Exporter
from toonify.plugins.contracts.generators import Generator
from toonify.plugins.contracts.losses import AdversarialLoss
from toonify.plugins.contracts.painters import Painter
from toonify.plugins.contracts.terms import (
    NOISE_CHANNELS,
    AdversarialTerm,
    LossContext,
    LossTerm,
    Need,
    Term,
)
from toonify.plugins.description import Description, Option, describe
from toonify.plugins.in_use import PluginInUse, plugin_in_use
from toonify.plugins.options import create, parse_numbers, parse_options, read_options
from toonify.plugins.registry import (
    Plugin,
    find_plugin,
    find_plugins,
    load_plugin,
    own_name,
    plain_name,
    plugin_names,
    plugin_origin,
)
from toonify.privacy import import_onnxruntime
from toonify.storage import Control, read_checked
from toonify.storage.arrays import Damaged, StoredArray, open_arrays

__all__ = [
    "FILM_SUFFIXES",
    "NOISE_CHANNELS",
    "AdversarialLoss",
    "AdversarialTerm",
    "Backbone",
    "Control",
    "Count",
    "Damaged",
    "DatasetSource",
    "Description",
    "Domain",
    "Draw",
    "Exporter",
    "Face",
    "Film",
    "FilmFrame",
    "Fraction",
    "Generator",
    "LossContext",
    "LossTerm",
    "Natural",
    "Need",
    "Option",
    "Painter",
    "Plugin",
    "PluginInUse",
    "Range",
    "Rate",
    "Share",
    "SourceItem",
    "StoredArray",
    "Term",
    "ToonifyError",
    "Weight",
    "create",
    "describe",
    "find_faces",
    "find_pictures",
    "find_plugin",
    "find_plugins",
    "import_onnxruntime",
    "load_plugin",
    "megapixels",
    "one_line",
    "open_arrays",
    "open_rgb",
    "own_name",
    "parse_numbers",
    "parse_options",
    "plain_name",
    "plugin_in_use",
    "plugin_names",
    "plugin_origin",
    "read_checked",
    "read_detector",
    "read_options",
    "unknown",
    "usage_error",
]
