"""Disks that are full, or only to be read, as a command meets them."""

from __future__ import annotations

import errno
import os
import pathlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def full_beyond(size: int) -> Iterator[None]:
    """Within, no file can be larger: a disk with room for so many bytes, as far as one file can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only() -> Iterator[None]:
    """Within, nothing can be made below the folder at hand: all that is written is first in a new folder."""
    mkdir, here = os.mkdir, Path.cwd().resolve()

    def refuse(path: str, *arguments: object, **options: object) -> None:
        if Path(path).resolve().is_relative_to(here):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        mkdir(path, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        if accessor := getattr(pathlib, "_NormalAccessor", None):  # Python 3.10 keeps its own
            patch.setattr(accessor, "mkdir", staticmethod(refuse))
        yield


def hidden(folder: Path) -> list[Path]:
    """What is hidden below a folder: nothing, once a command has ended."""
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


def complaint(told: str) -> str:
    """The error of a command that failed: a line after all others, and perhaps one that says what to do."""
    before, _, error = told.rpartition("error: ")
    assert "error: " not in before and len(error.strip().splitlines()) <= 2, told
    return error.splitlines()[0]
