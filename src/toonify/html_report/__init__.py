"""Reports as HTML pages that need nothing but themselves: no network, no scripts, no further files.

    page = Page("Dataset", "made from photos/ and cartoons/")
    page.section("Sizes", histogram({"photo": sides}, alt="Sizes", across="pixels"), "A sentence.")
    page.section("Counts", table(["array", "pictures"], [["photo", "12"]]))
    write_page(folder / "report.html", page)

Everything that is not `Markup` made here is escaped: names of files may hold anything.
"""

from toonify.html_report.charts import histogram, line_chart
from toonify.html_report.page import Page, write_page
from toonify.html_report.parts import columns, command, facts, gallery, picture, strip, table

__all__ = [
    "Page",
    "columns",
    "command",
    "facts",
    "gallery",
    "histogram",
    "line_chart",
    "picture",
    "strip",
    "table",
    "write_page",
]
