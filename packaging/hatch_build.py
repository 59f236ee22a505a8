"""What the light distribution takes from the whole one, so that nothing stands twice."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CHECKOUT = Path(__file__).resolve().parents[1]


class WholeSources(BuildHookInterface):
    """Puts the package into the wheel; an editable install looks for it where it lies."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by Hatchling before it builds; `version` is `standard` or `editable`."""
        if version == "standard":
            build_data["force_include"][str(CHECKOUT / "src" / "toonify")] = "toonify"


class WholeProject(MetadataHookInterface):
    """Fills each field that is `dynamic` in; of the dependencies and extras, what the light set keeps.

    Classifiers are those of the whole, and its own. So are extras: its own bring back what it leaves out.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by Hatchling with the table `project`."""
        whole = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        extras = {name: whole["optional-dependencies"][name] for name in self.config["extras"]}
        dependencies = {_name(line): line for line in whole["dependencies"]}
        for name, parts in self.config["own-extras"].items():
            extras[name] = [dependencies[part] for part in parts]
        taken = whole | {
            "classifiers": whole["classifiers"] + self.config["classifiers"],
            "dependencies": [
                line for name, line in dependencies.items() if name not in self.config["without"]
            ],
            "optional-dependencies": extras,
        }
        metadata |= {field: taken[field] for field in metadata["dynamic"]}


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]
