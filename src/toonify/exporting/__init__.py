"""A style becomes a file that other programs can run, verified in the runtime they will use.

`export_style(ExportRequest("comic", formats=("onnx", "saved-model")))` writes each format beside its
place, lets its runtimes draw test pictures, compares those with what the style itself draws, and
renames it.
"""

from toonify.exporting.pipeline import export_style
from toonify.exporting.request import ExportRequest
from toonify.exporting.result import Exported, ExportResult

__all__ = ["ExportRequest", "ExportResult", "Exported", "export_style"]
