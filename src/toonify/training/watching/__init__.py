"""Watching a run: who is told what happens in it, and what they make of it."""

from toonify.training.watching.balance import imbalance
from toonify.training.watching.screen import Screen
from toonify.training.watching.tables import MeasureTable, StepTable, read_table
from toonify.training.watching.tensorboard import TensorBoard, need_tensorboard
from toonify.training.watching.watcher import Watcher

__all__ = [
    "MeasureTable",
    "Screen",
    "StepTable",
    "TensorBoard",
    "Watcher",
    "imbalance",
    "need_tensorboard",
    "read_table",
]
