"""Runners map a function over jobs, each exactly once, few at a time: in threads, processes or a cluster."""

from toonify.runners.base import InlineRunner, Outcome, Runner
from toonify.runners.processes import ProcessRunner, processes
from toonify.runners.ray import RayRunner
from toonify.runners.threads import ThreadRunner

__all__ = ["InlineRunner", "Outcome", "ProcessRunner", "RayRunner", "Runner", "ThreadRunner", "processes"]
