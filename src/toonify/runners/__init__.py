"""Where work is done: a function mapped over jobs, each exactly once, bounded, on whatever is there."""

from toonify.runners.base import InlineRunner, Outcome, Runner
from toonify.runners.processes import ProcessRunner, processes
from toonify.runners.ray import RayRunner
from toonify.runners.threads import ThreadRunner

__all__ = ["InlineRunner", "Outcome", "ProcessRunner", "RayRunner", "Runner", "ThreadRunner", "processes"]
