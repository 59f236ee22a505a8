"""A style as a page: a folder that any static host serves, or `toonify serve` on this machine.

`page/` is what a reader's browser gets as it is; `site.py` adds the styles and a `page.json` that names them;
`runtime/` holds ONNX Runtime Web, fetched when a wheel is built.
"""

from toonify.exporting.web.server import PageServer, open_page
from toonify.exporting.web.site import make_site

__all__ = ["PageServer", "make_site", "open_page"]
