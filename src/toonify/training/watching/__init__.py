"""Watching a run: who is told what happens in it, and what they make of it."""

from toonify.training.watching.tables import STEP, MeasureTable, StepTable, read_table
from toonify.training.watching.watcher import Watcher

__all__ = ["STEP", "MeasureTable", "StepTable", "Watcher", "read_table"]
