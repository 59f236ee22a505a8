"""When a plugin's own code fails, the message names the plugin, not toonify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from toonify.errors import ToonifyError, one_line


@contextmanager
def blaming(plugin: str) -> Iterator[None]:
    """Whatever fails inside becomes a `ToonifyError`.

    Args:
        plugin: Such as "the loss 'lsgan'".
    """
    try:
        yield
    except ToonifyError:
        raise
    except Exception as error:
        raise ToonifyError(
            f"{plugin} failed: {type(error).__name__}: {one_line(error)}",
            "`toonify plugins` says where it comes from, `toonify --debug …` where it failed.",
        ) from error
