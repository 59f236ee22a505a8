"""A package with one plugin, to begin one's own with: its code, a test of its contract, and how to use it."""

from __future__ import annotations

import importlib.resources
import keyword
import os
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from toonify.distributions import OWN, WHOLE
from toonify.errors import unknown, usage_error
from toonify.plugins.contracts import CONTRACTS
from toonify.plugins.registry import SINGULAR, find_plugins
from toonify.storage import make_folder, replacing

USES: Mapping[str, str] = {
    "backbones": "toonify train --backbone $name",
    "losses": "toonify train --loss $name",
    "datasets": "toonify prepare photos/ cartoons/ --source $name",
    "generators": "toonify train --generator $name",
    "terms": (
        "toonify presets cartoongan > mine.toml\n"
        "printf '\\n[adversarial.terms.$name]\\nweight = 1.0\\n' >> mine.toml\n"
        "toonify train --preset mine.toml"
    ),
    "exporters": "toonify export comic --to $name",
    "painters": 'toonify convert photo.jpg --style mine  # whose style.json says "painter": "$name"',
}
"""By group, how its plugins are chosen."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def new_package(name: str, group: str, output: Path) -> Path:
    """Write a package whose own tests pass.

    Args:
        name: The plugin's: small letters, digits and hyphens.
        group: One of `CONTRACTS`.
        output: The folder that the package's folder, `toonify-NAME`, is made in.

    Returns:
        The package's folder.

    Raises:
        ToonifyError: if the name is unfit or taken, or the package's would be that of toonify's own, there
            is no such group, the folder is there already, or it cannot be written.
    """
    if group not in CONTRACTS:
        raise unknown("template for plugins of the group", group, CONTRACTS)
    _check_name(name, group)
    names = _names(name, group)
    folder = output / names["package"]
    if os.path.lexists(folder):
        raise usage_error(f"{folder} exists already", "Choose another `name`, or another `output`.")
    make_folder(output)
    with replacing(folder) as part:
        for path, template in _files(names["module"], group).items():
            (part / path).parent.mkdir(parents=True, exist_ok=True)
            (part / path).write_text(_filled(template, names), encoding="utf-8")
    return folder


def _check_name(name: str, group: str) -> None:
    if not _NAME.fullmatch(name):
        raise usage_error(
            f"a plugin's name is a letter, then small letters and digits, with hyphens between, not '{name}'",
            "For example: soft-edges",
        )
    if f"toonify-{name}" in OWN:
        raise usage_error(
            f"a package for '{name}' would be called toonify-{name}, which is toonify's own",
            "Choose another `name`.",
        )
    for plugin in find_plugins(group):
        if plugin.name == name:
            raise usage_error(f"there is a {SINGULAR[group]} '{name}' already, of {plugin.origin}")


def _names(name: str, group: str) -> dict[str, str]:
    """What stands in for the templates' `$…`."""
    class_name = "".join(part.title() for part in name.split("-"))
    names = {
        "name": name,
        "group": group,
        "kind": SINGULAR[group],
        "package": f"toonify-{name}",
        "module": f"toonify_{name.replace('-', '_')}",
        "class_name": f"{class_name}_" if keyword.iskeyword(class_name) else class_name,  # None, say
        # Formats are all that the light distribution can use.
        "needs": "" if group in ("exporters", "painters") else f'"{WHOLE}"',
    }
    return names | {"use": Template(USES[group]).substitute(names)}


def _files(module: str, group: str) -> dict[str, str]:
    """Paths in the package, and their templates."""
    return {
        "pyproject.toml": "pyproject.toml.txt",
        "README.md": "README.md.txt",
        f"src/{module}/__init__.py": f"{group}.py.txt",
        f"tests/test_{module}.py": f"{group}.test.txt",
    }


def _filled(template: str, names: Mapping[str, str]) -> str:
    folder = importlib.resources.files("toonify.plugins") / "templates"
    return Template((folder / template).read_text(encoding="utf-8")).substitute(names)
