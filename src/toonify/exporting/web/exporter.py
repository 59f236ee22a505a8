"""A page for the browser: a folder that any static host serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting import float16
from toonify.exporting.base import need_own
from toonify.exporting.web.checking import open_network, verify_others
from toonify.exporting.web.runtime import need_runtime
from toonify.exporting.web.site import make_site, own_files
from toonify.plugins import Draw, Exporter

if TYPE_CHECKING:
    from toonify.styles import Style


class Web(Exporter):
    """A page that draws in the reader's browser, with one style or several to choose from."""

    suffix = "-web"
    several = True
    takes_pictures = False
    close_ups = True
    least_psnr = float16.LEAST_PSNR

    def check(self, style: Style, path: Path) -> None:
        """ONNX Runtime Web must be there, and only such a page may be replaced."""
        need_runtime()
        own = own_files(path)
        need_own(path, "page of a style", bool(own), own)

    def write(self, style: Style, path: Path) -> None:
        self.write_several([style], path)

    def write_several(self, styles: Sequence[Style], path: Path) -> None:
        for name, data in make_site(styles).items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        verify_others(styles, path, self.least_psnr)

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"ONNX Runtime": open_network}
