"""Turn photographs into cartoons, and train your own cartoon style.

    import toonify

    cartoon = toonify.convert("photo.jpg")  # or a Pillow image, or an array

Nothing heavy is loaded before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError

if TYPE_CHECKING:
    from toonify.converting import Converter, convert
    from toonify.styles import Style, load_style

    __version__: str

__all__ = ["Converter", "Style", "ToonifyError", "__version__", "convert", "load_style"]

_HOMES = {
    "Converter": "toonify.converting",
    "convert": "toonify.converting",
    "Style": "toonify.styles",
    "load_style": "toonify.styles",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'toonify' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("toonify-gan")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+unknown"
