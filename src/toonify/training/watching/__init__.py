"""Watching a run: who is told what happens in it, and what they make of it."""

from toonify.training.watching.balance import imbalance
from toonify.training.watching.report import write_report
from toonify.training.watching.screen import Screen
from toonify.training.watching.tables import STEP, MeasureTable, StepTable, read_table
from toonify.training.watching.tensorboard import TensorBoard, need_tensorboard
from toonify.training.watching.watcher import Watcher

__all__ = [
    "STEP",
    "MeasureTable",
    "Screen",
    "StepTable",
    "TensorBoard",
    "Watcher",
    "imbalance",
    "need_tensorboard",
    "read_table",
    "write_report",
]
