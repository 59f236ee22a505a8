"""The report on a run: what its folder tells, its curves, and what to worry about, on one page."""

from toonify.training.report.comparison import as_json, figures_shown, list_runs, write_comparison
from toonify.training.report.evidence import read_run
from toonify.training.report.page import write_report

__all__ = [
    "as_json",
    "figures_shown",
    "list_runs",
    "read_run",
    "write_comparison",
    "write_report",
]
