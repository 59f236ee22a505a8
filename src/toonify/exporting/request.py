"""What is asked of `export`, checked when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import unknown, usage_error
from toonify.plugins import find_plugins


@dataclass(frozen=True)
class ExportRequest:
    """A style to be exported. Text will do for a path.

    Attributes:
        style: The name of a style, a style folder or file, or a run folder.
        output: The folder to write into; made when it is not there.
        formats: Names of `toonify.exporters`; a single one may stand for itself.
        overwrite: Replace what an earlier export wrote.
        others: Further styles, for formats that hold several, such as `web`.
        step: Of a run's checkpoint, of which a style is made; `None` for the run's own.

    Raises:
        ToonifyError: if a format is unknown, or there is none.
    """

    style: str | Path
    output: Path = Path("export")
    formats: Sequence[str] = ("onnx",)
    overwrite: bool = False
    others: Sequence[str | Path] = ()
    step: int | None = None

    def __post_init__(self) -> None:
        formats = [self.formats] if isinstance(self.formats, str) else self.formats
        object.__setattr__(self, "formats", tuple(dict.fromkeys(formats)))
        object.__setattr__(self, "output", Path(self.output))
        known = {plugin.name for plugin in find_plugins("exporters")}
        if self.step is not None and (type(self.step) is not int or self.step < 0):
            raise usage_error(f"`step` should be a whole number of 0 or more, not {self.step!r}")
        for name in self.formats:
            if name not in known:
                raise unknown("export format", name, known)
        if not self.formats:
            raise usage_error("`formats` names no export format", f"Choices: {', '.join(sorted(known))}.")
