"""What people type: one file per command. Parsing in, one call, one report out."""

from toonify.cli.app import main

__all__ = ["main"]
