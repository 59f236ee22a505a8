"""The report on a run: what its folder tells, its curves, and what to worry about, on one page."""

from toonify.training.report.balance import KINDS, imbalance
from toonify.training.report.page import write_report

__all__ = ["KINDS", "imbalance", "write_report"]
