"""Errors that name the plugin, and its package, when one fails in use or breaks its contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from toonify.distributions import OWN
from toonify.errors import ToonifyError, one_line
from toonify.plugins.registry import SINGULAR, claims_of


@dataclass(frozen=True)
class PluginInUse:
    """Whose fault it is when a plugin fails or breaks its contract; told the same way by every stage.

    Attributes:
        label: What an error calls it: "the loss 'calm' of acme-losses 1.0"; toonify's own have no package.
        remedy: What to do about its faults; empty for toonify's own.
    """

    label: str
    remedy: str

    @property
    def foreign(self) -> bool:
        """Whether another package brings it."""
        return bool(self.remedy)

    def __str__(self) -> str:
        return self.label

    def error(self, message: str, hint: str = "") -> ToonifyError:
        """The error for a broken promise; its message should name the plugin.

        Args:
            message: What is wrong.
            hint: What to do about it; left out, what there is to do about a fault of this plugin.
        """
        return ToonifyError(message, hint or self.remedy)

    @contextmanager
    def errors(self, where: str = "`toonify --debug …` shows where.") -> Iterator[None]:
        """Whatever the plugin's own code raises inside becomes a `ToonifyError` that names the plugin.

        Args:
            where: It failed, or how to learn that: a sentence.
        """
        try:
            yield
        except ToonifyError:
            raise
        except (Exception, SystemExit) as error:  # one that calls sys.exit does not end everything
            message = f"{self.label} failed: {type(error).__name__}: {one_line(error)}"
            raise ToonifyError(message, f"{where} {self.remedy}".strip()) from error


def plugin_in_use(group: str, name: str, called: str = "") -> PluginInUse:
    """What errors say of a plugin.

    Args:
        group: Its group.
        name: As for `find_plugin`; no package is told of one that is not there, or that two packages offer.
        called: What it is called where it is used, if that is another name.
    """
    claims = claims_of(group, name)
    label = f"the {SINGULAR[group]} '{called or name}'"
    if len(claims) != 1 or claims[0].distribution in OWN or claims[0].entry_point.dist is None:
        return PluginInUse(label, "")
    (plugin,) = claims
    # A style's card names its painter, which nobody can choose.
    instead = "draw without it: `painter` False" if group == "painters" else f"use another {SINGULAR[group]}"
    return PluginInUse(
        f"{label} of {plugin.origin}", f"Tell the authors of {plugin.distribution}, or {instead}."
    )
