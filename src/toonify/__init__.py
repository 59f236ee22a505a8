"""Turn photographs into cartoons, and train your own cartoon style.

    import toonify

    cartoon = toonify.convert("photo.jpg")  # or bytes, a Pillow image, an array

Everything that the command line does is here too: a stage takes a request and answers with a result.

    toonify.prepare(toonify.PrepareRequest("photos", "cartoons", output="dataset"))
    toonify.train(toonify.TrainRequest(dataset="dataset", preset="comic", output="runs/mine"))
    toonify.convert_all(toonify.ConvertRequest(["photos"], "out", style="runs/mine"))
    toonify.convert_film("film.mp4", "cartoon.mp4")
    toonify.watch(toonify.ConvertRequest(["photos"], "out"))  # what appears there, from now on
    toonify.preview(toonify.PreviewRequest(["photo.jpg"]))  # every style, on one page
    toonify.export(toonify.ExportRequest("runs/mine", formats=("onnx",)))

Nothing heavy is loaded before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError

if TYPE_CHECKING:
    from toonify.converting import (
        Converter,
        ConvertRequest,
        ConvertResult,
        convert,
        convert_all,
        convert_film,
        watch,
    )
    from toonify.converting.preview import PreviewRequest, PreviewResult, preview
    from toonify.exporting import ExportRequest, ExportResult
    from toonify.exporting import export_style as export
    from toonify.preparing import PrepareRequest, PrepareResult, prepare
    from toonify.styles import Style, load_style
    from toonify.training import TrainRequest, TrainResult, train

    __version__: str

__all__ = [
    "ConvertRequest",
    "ConvertResult",
    "Converter",
    "ExportRequest",
    "ExportResult",
    "PrepareRequest",
    "PrepareResult",
    "PreviewRequest",
    "PreviewResult",
    "Style",
    "ToonifyError",
    "TrainRequest",
    "TrainResult",
    "__version__",
    "convert",
    "convert_all",
    "convert_film",
    "export",
    "load_style",
    "prepare",
    "preview",
    "train",
    "watch",
]

_ROOMS = {
    "toonify.converting": "Converter ConvertRequest ConvertResult convert convert_all convert_film watch",
    "toonify.converting.preview": "PreviewRequest PreviewResult preview",
    "toonify.exporting": "ExportRequest ExportResult export",
    "toonify.preparing": "PrepareRequest PrepareResult prepare",
    "toonify.styles": "Style load_style",
    "toonify.training": "TrainRequest TrainResult train",
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names.split()}
_CALLED = {"export": "export_style"}  # at home


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from toonify.distributions import own_version

        return own_version()
    if name not in _HOMES:
        raise AttributeError(f"module 'toonify' has no attribute '{name}'")
    import importlib

    try:
        room = importlib.import_module(_HOMES[name])
    except ModuleNotFoundError as error:
        from toonify.distributions import missing

        if lacking := missing(error, f"toonify.{name}"):
            raise lacking from error
        raise
    return getattr(room, _CALLED.get(name, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
