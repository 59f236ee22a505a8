"""Turn photographs into cartoons: read, tile, run, blend, write. Never TensorFlow."""

from toonify.converting.converter import Converter
from toonify.converting.in_memory import convert
from toonify.converting.pipeline import convert_all
from toonify.converting.request import ConvertRequest
from toonify.converting.result import ConvertResult, Outcome
from toonify.converting.single_film import convert_film
from toonify.converting.streams import convert_stream, names_a_stream
from toonify.converting.watching import WatchResult, watch

__all__ = [
    "ConvertRequest",
    "ConvertResult",
    "Converter",
    "Outcome",
    "WatchResult",
    "convert",
    "convert_all",
    "convert_film",
    "convert_stream",
    "names_a_stream",
    "watch",
]
