"""Turn photographs into cartoons: read, tile, run, blend, write. Never TensorFlow."""

from toonify.converting.converter import Converter, convert
from toonify.converting.report import ConvertReport, Outcome
from toonify.converting.request import ConvertRequest
from toonify.converting.stage import convert_all

__all__ = ["ConvertReport", "ConvertRequest", "Converter", "Outcome", "convert", "convert_all"]
