"""Turn photographs into cartoons, and train your own cartoon style."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("toonify-gan")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
