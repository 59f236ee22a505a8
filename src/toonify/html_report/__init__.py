"""Reports as HTML pages that need nothing but themselves: no network, no scripts but one, no further files.

    page = Page("Dataset", "made from photos/ and cartoons/")
    page.section("Sizes", histogram({"photo": sides}, alt="Sizes", across="pixels"), "A sentence.")
    page.section("Counts", table(["array", "pictures"], [["photo", "12"]]))
    write_page(folder / "report.html", page)

One script moves the lines of sliders, on pages that have any; browsers are told its hash, and run no other.
Everything that is not `Markup` made here is escaped: names of files may hold anything.
"""

from toonify.html_report.charts import histogram, line_chart
from toonify.html_report.page import Page, check_name, check_place, write_page
from toonify.html_report.parts import columns, command, facts, gallery, picture, slider, strip, table, verdict

__all__ = [
    "Page",
    "check_name",
    "check_place",
    "columns",
    "command",
    "facts",
    "gallery",
    "histogram",
    "line_chart",
    "picture",
    "slider",
    "strip",
    "table",
    "verdict",
    "write_page",
]
