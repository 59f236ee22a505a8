"""Every style, and every control of each, on one's own photographs: a page to choose from by looking."""

from toonify.converting.preview.pipeline import preview
from toonify.converting.preview.request import PreviewRequest
from toonify.converting.preview.result import PreviewResult

__all__ = ["PreviewRequest", "PreviewResult", "preview"]
