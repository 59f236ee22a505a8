"""Where work is done: a function mapped over jobs, each exactly once, bounded, on whatever is there."""

from toonify.runners.base import Outcome, Runner

__all__ = ["Outcome", "Runner"]
