"""The one registry: finds plugins without importing them, checks and loads them by name."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import sys
import typing
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toonify.distributions import OWN, WHOLE, missing
from toonify.errors import ToonifyError, one_line, unknown, usage_error
from toonify.plugins.conformity import broken_contract, broken_default
from toonify.plugins.contracts import CONTRACTS
from toonify.plugins.description import required
from toonify.privacy import stay_private
from toonify.storage import StyleManifest

DISABLE = "TOONIFY_DISABLE_PLUGINS"
SINGULAR = {
    "backbones": "backbone",
    "losses": "loss",
    "datasets": "source",
    "generators": "generator",
    "terms": "term",
    "exporters": "export format",
    "painters": "painter",
    "styles": "style",
}
"""The groups: those of `CONTRACTS`, whose plugins are classes, and styles, which are folders."""

GIVEN = {"exporters": ("size", "calibrate"), "painters": ()}
"""The options that a plugin may be given, in groups where that is not for the plugin to say."""


@dataclass(frozen=True)
class Plugin:
    """An entry point, before anything of it is imported."""

    group: str
    name: str
    distribution: str
    version: str
    entry_point: importlib.metadata.EntryPoint

    @property
    def origin(self) -> str:
        return f"{self.distribution} {self.version}"

    @property
    def label(self) -> str:
        """What an error calls it."""
        return f"the {SINGULAR[self.group]} '{self.name}' of {self.origin}"

    def load(self) -> type:
        """Import the class and check it against its group's contract.

        Raises:
            ToonifyError: naming the distribution, whatever goes wrong inside it.
        """
        if self.group not in CONTRACTS:
            raise usage_error(
                f"the {SINGULAR[self.group]} '{self.name}' is a folder, and no class to make something of",
                f"In Python, `toonify.load_style` reads it: toonify.load_style('{self.name}').",
            )
        if not self.entry_point.pattern.match(self.entry_point.value):
            raise ToonifyError(
                f"{self.label} does not load: '{self.entry_point.value}' is no entry point, MODULE:CLASS",
                f"Update or uninstall {self.distribution}, or set {DISABLE}=1.",
            )
        try:
            stay_private()  # whatever libraries its module imports
            loaded = self.entry_point.load()
        except (ToonifyError, KeyboardInterrupt):
            raise
        except BaseException as error:  # a plugin that calls sys.exit costs only itself
            lacking = isinstance(error, ModuleNotFoundError) and missing(error, self.label)
            if lacking:
                raise lacking from error
            raise ToonifyError(
                f"{self.label} does not load: {type(error).__name__}: {one_line(error)}",
                f"Update or uninstall {self.distribution}, or set {DISABLE}=1.",
            ) from error
        complaint = broken_contract(loaded, CONTRACTS[self.group])
        if complaint:
            raise ToonifyError(
                f"{self.label} {complaint}", f"Tell the authors of {self.distribution}, or set {DISABLE}=1."
            )
        return typing.cast(type, loaded)

    def folder(self) -> Path:
        """The folder of a style, without importing anything of the package that it lies in.

        Raises:
            ToonifyError: if it is not there.
        """
        package, *below = self.entry_point.value.split(".")
        try:
            spec = importlib.util.find_spec(package)
        except (ImportError, ValueError):
            spec = None
        for location in (spec and spec.submodule_search_locations) or ():
            if (folder := Path(location, *below)).is_dir():
                return folder
        raise ToonifyError(
            f"the style '{self.name}' of {self.origin} is not there: no package holds a folder "
            f"{self.entry_point.value}",
            f"Update or uninstall {self.distribution}, or set {DISABLE}=1.",
        )

    def check(self) -> str:
        """What is wrong with it, in a line; empty when it loads, keeps its contract, and can be made.

        It is made with its defaults, unless one of its options has none.
        """
        try:
            plugin = find_plugin(self.group, self.name)
            if self.group not in CONTRACTS:
                StyleManifest.read(plugin.folder())
                return ""
            loaded = plugin.load()
        except ToonifyError as error:
            return error.message
        needed = required(loaded)
        lost = [option for option in needed if option not in GIVEN.get(self.group, needed)]
        if lost:
            return f"it needs the option {', '.join(lost)}, and {self.group} are given none of that name"
        return "" if needed else broken_default(loaded)


def find_plugins(group: str | None = None) -> list[Plugin]:
    """All plugins by group and name, without importing any.

    Raises:
        ToonifyError: if there is no such group.
    """
    if group is not None and group not in SINGULAR:
        raise unknown("plugin group", group, SINGULAR)
    own_only = os.environ.get(DISABLE, "") not in ("", "0")
    places = tuple((place, _changed(place)) for place in sys.path)
    return [
        plugin
        for wanted in sorted([group] if group else SINGULAR)
        for plugin in _installed(importlib.metadata.entry_points, places, wanted)
        if not own_only or plugin.distribution in OWN
    ]


@functools.lru_cache(maxsize=64)
def _installed(
    read: Callable[..., Any], places: tuple[tuple[str, int], ...], group: str
) -> tuple[Plugin, ...]:
    """The plugins of a group by name, read once while nothing is installed: whatever a run, a preset or a
    card names is looked up among them, and all packages' metadata take hundredths of a second.

    Args:
        read: `importlib.metadata.entry_points`.
        places: Where it looks, and when something was added there or taken out.
        group: As in `SINGULAR`.
    """
    found: dict[tuple[str, str, str], Plugin] = {}
    origins: dict[int, tuple[str, str]] = {}  # metadata are parsed anew whenever they are asked for
    for entry_point in read(group=f"toonify.{group}"):
        origin = id(entry_point.dist)
        if origin not in origins:
            origins[origin] = _distribution(entry_point)
        distribution, version = origins[origin]
        # Where both of toonify's own are installed, they are one.
        key = (entry_point.name, _canonical(distribution), entry_point.value)
        found.setdefault(key, Plugin(group, entry_point.name, distribution, version, entry_point))
    return tuple(found[key] for key in sorted(found))


def _changed(place: str) -> int:
    """When something was added to a folder, or taken out; 0 where there is none."""
    try:
        return os.stat(place or os.curdir).st_mtime_ns  # noqa: PTH116 - of every folder, for every name
    except OSError:
        return 0


def _canonical(distribution: str) -> str:
    return WHOLE if distribution in OWN else distribution


def _distribution(entry_point: importlib.metadata.EntryPoint) -> tuple[str, str]:
    name = version = ""
    if entry_point.dist is not None:
        # Half removed, say, for which each version of Python has errors of its own.
        with contextlib.suppress(Exception):
            name, version = entry_point.dist.metadata["Name"], entry_point.dist.version
    return (name or "an unknown distribution").replace("_", "-").lower(), version or ""


def load_plugin(group: str, name: str) -> type:
    """The class behind a name.

    Raises:
        ToonifyError: as `find_plugin`, or if it does not load.
    """
    return find_plugin(group, name).load()


def find_plugin(group: str, name: str) -> Plugin:
    """What a name stands for; not imported.

    Raises:
        ToonifyError: if no distribution offers the name, or two do: `distribution:name` settles that.
    """
    claims = claims_of(group, name)
    if not claims:
        there = find_plugins(group)
        if not any(plugin.distribution in OWN for plugin in there):
            raise ToonifyError(
                f"there is no {SINGULAR[group]} '{name}': the metadata of toonify's own package are missing",
                "Install it with pip; a frozen program, as of PyInstaller, must include its metadata.",
            )
        raise unknown(SINGULAR[group], name, [plugin.name for plugin in there])
    if len(claims) > 1:
        raise usage_error(
            f"the {SINGULAR[group]} '{name}' is offered by "
            + " and by ".join(plugin.origin for plugin in claims),
            "Say which: "
            + " or ".join(f"{plugin.distribution}:{name}" for plugin in claims)
            + f". {DISABLE}=1 uses only what comes with toonify.",
        )
    return claims[0]


def own_name(group: str, name: str) -> str:
    """What stands for a plugin of toonify's own, where toonify itself names one and nobody typed it.

    That is the name, and `distribution:name` as soon as another package claims the name, too: so no package
    can take away what a default, a bundled preset or the card of a bundled style means.
    """
    return f"{WHOLE}:{name}" if len(claims_of(group, name)) > 1 else name


def plain_name(name: str) -> str:
    """A name by which toonify's own plugins are known to it: without what `own_name` may put before it."""
    return name.removeprefix(f"{WHOLE}:")


def plugin_names(group: str) -> dict[str, Plugin]:
    """Every plugin of a group by what can be typed for it, sorted: `distribution:name` where the name alone
    is that of another, too.
    """
    plugins = find_plugins(group)
    times = Counter(plugin.name for plugin in plugins)
    return {
        plugin.name if times[plugin.name] == 1 else f"{plugin.distribution}:{plugin.name}": plugin
        for plugin in plugins
    }


def plugin_origin(group: str, name: str) -> str:
    """Distribution and version of what a name stands for; "not installed" where there is nothing."""
    claims = claims_of(group, name)
    return claims[0].origin.strip() if claims else "not installed"


def claims_of(group: str, name: str) -> list[Plugin]:
    """The plugins of a name, or of a `distribution:name`."""
    distribution, _, short = name.rpartition(":")
    wanted = _canonical(distribution.replace("_", "-").lower())
    return [
        plugin
        for plugin in find_plugins(group)
        if plugin.name == name or (plugin.name == short and _canonical(plugin.distribution) == wanted)
    ]
