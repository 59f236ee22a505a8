"""The report on a run: what its folder tells, its curves, and what to worry about, on one page."""

from toonify.training.report.balance import KINDS, game, imbalance
from toonify.training.report.evidence import read_run
from toonify.training.report.page import write_report

__all__ = ["KINDS", "game", "imbalance", "read_run", "write_report"]
