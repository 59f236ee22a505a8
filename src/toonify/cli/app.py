"""The `toonify` command: its subcommands, and how errors become exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import click
import typer

from toonify.cli import console

app = typer.Typer(
    name="toonify",
    help="Turn photographs into cartoons, and train your own cartoon style.",
    epilog="Start here:  toonify convert photo.jpg cartoon.jpg",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
