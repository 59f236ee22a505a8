"""Runners map a function over jobs, each exactly once, few at a time: in threads, processes or a cluster."""

from toonify.runners.base import Attempt, InlineRunner, Runner
from toonify.runners.processes import ProcessRunner, processes
from toonify.runners.ray import RayRunner
from toonify.runners.threads import ThreadRunner

__all__ = ["Attempt", "InlineRunner", "ProcessRunner", "RayRunner", "Runner", "ThreadRunner", "processes"]
