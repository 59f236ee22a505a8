"""What a shell offers when Tab is pressed: names of styles, presets and plugins, and their options.

Typer asks the functions of the table `VALUES`, in a process that starts anew for each Tab: nothing may be
imported but what `toonify plugins` needs. Whatever goes wrong, nothing is offered.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import typer
from typer.models import ParameterInfo

from toonify.errors import ToonifyError

Complete = Callable[..., list[str]]


def names(group: str) -> Complete:
    """Complete the name of a plugin of a group."""

    def complete(incomplete: str) -> list[str]:
        return _beginning(_names(group), incomplete)

    return complete


def names_with_commas(group: str) -> Complete:
    """Complete the last of several names of a group, separated by commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in _beginning(_names(group), last)]

    return complete


def words(metavar: str) -> Complete:
    """Complete one of the choices of `a|b|c`; a word in capitals is a placeholder."""

    def complete(incomplete: str) -> list[str]:
        return _beginning((word for word in metavar.split("|") if not word.isupper()), incomplete)

    return complete


def options(group: str, field: str) -> Complete:
    """Complete the options, as KEY=DEFAULT, of the plugin that the command line so far names in `field`."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        from toonify.plugins import find_plugin
        from toonify.plugins.source_code import written_options

        with contextlib.suppress(ToonifyError):
            found = written_options(find_plugin(group, str(ctx.params.get(field) or "")))
            return _beginning((f"{key}={default}" for key, default in found.items()), incomplete)
        return []

    return complete


def weights(incomplete: str) -> list[str]:
    """Complete the name of a loss term."""
    return _beginning((f"{name}=" for name in _names("terms")), incomplete)


def presets(incomplete: str) -> list[str]:
    """Complete the name of a preset that comes with toonify."""
    from toonify.training.presets import preset_names

    return _beginning(preset_names(), incomplete)


def groups(incomplete: str) -> list[str]:
    """Complete the name of a group of plugins."""
    from toonify.plugins.registry import SINGULAR

    return _beginning(SINGULAR, incomplete)


def names_of_group(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a plugin of the group that the command line names."""
    with contextlib.suppress(ToonifyError):
        return _beginning(_names(str(ctx.params.get("group") or "")), incomplete)
    return []


def controls(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the controls, as CONTROL=DEFAULT, of the style that the command line names.

    The card is read as plain JSON: checking it, as whoever converts does, takes longer than a Tab may.
    """
    from toonify.plugins import find_plugin, own_name

    with contextlib.suppress(ToonifyError, OSError, ValueError, AttributeError, KeyError, TypeError):
        style = ctx.params.get("style") or own_name("styles", "comic")
        folder = find_plugin("styles", str(style)).folder()
        card: dict[str, Any] = json.loads((folder / "style.json").read_text(encoding="utf-8"))
        found = {name: control["default"] for name, control in card["controls"].items()}
        return _beginning((f"{name}={default}" for name, default in found.items()), incomplete)
    return []


def _names(group: str) -> list[str]:
    from toonify.plugins import plugin_names

    return list(plugin_names(group))


def _beginning(found: Iterable[str], incomplete: str) -> list[str]:
    return [text for text in found if text.startswith(incomplete)]


VALUES: Mapping[str, Complete] = {
    "backbone": names("backbones"),
    "backbone_options": options("backbones", "backbone"),
    "controls": controls,
    "convert.style": names_with_commas("styles"),
    "formats": names_with_commas("exporters"),
    "generator": names("generators"),
    "generator_options": options("generators", "generator"),
    "group": groups,
    "loss": names("losses"),
    "loss_options": options("losses", "loss"),
    "plugins.name": names_of_group,
    "preset": presets,
    "presets.name": presets,
    "preview.styles": names_with_commas("styles"),
    "source": names("datasets"),
    "source_options": options("datasets", "source"),
    "start_from": names("styles"),
    "style": names("styles"),
    "styles": names("styles"),
    "term_weights": weights,
}
"""By the name of a parameter, or COMMAND.PARAMETER where that is not enough."""


def answer_first_tab() -> None:
    """Let the script for zsh answer the first Tab in a terminal, too.

    zsh loads Typer's script by that Tab, and the script says what completes, without calling it: until the
    second, nothing is offered. Where Typer keeps its scripts elsewhere, they stay as they are.
    """
    from typer import _completion_shared

    scripts = getattr(_completion_shared, "_completion_scripts", {})
    if "zsh" in scripts and "loadautofunc" not in scripts["zsh"]:
        scripts["zsh"] += "[[ $zsh_eval_context[-1] != loadautofunc ]] || %(complete_func)s\n"


def complete_values(command: Callable[..., Any]) -> None:
    """Give a command's parameters what completes them; a metavar such as `a|b` says that by itself."""
    # Not `typing.get_type_hints`: before Python 3.11 it wraps what may be left out in another `Optional`.
    hints = inspect.get_annotations(command, eval_str=True)
    command.__annotations__ = hints  # as text, they would be made anew, without what is added here
    for name, hint in hints.items():
        info = next((each for each in typing.get_args(hint) if isinstance(each, ParameterInfo)), None)
        if info is None:
            continue
        chosen = VALUES.get(f"{command.__name__}.{name}", VALUES.get(name))
        if chosen is None and info.metavar and "|" in info.metavar:
            chosen = words(info.metavar)
        info.autocompletion = chosen
