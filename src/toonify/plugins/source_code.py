"""The options of a plugin as its source spells them: read, not imported, for that may take seconds."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

from toonify.plugins.registry import Plugin

DEEPEST = 8  # bases and imports that are followed


def written_options(plugin: Plugin) -> dict[str, str]:
    """Arguments of a plugin's constructor by name, with their defaults as Python writes them.

    Of one without a default, or that is no literal, the default is empty; of what cannot be found, such as a
    class that is made when its module runs, nothing is told.
    """
    module, _, name = plugin.entry_point.value.partition(":")
    return _options(module.strip(), name.strip(), DEEPEST) or {}


def _options(module: str, name: str, depth: int) -> dict[str, str] | None:
    """Of a class in a module, or that it imports; `None` when there is no constructor."""
    tree = _tree(module)
    if tree is None or not depth:
        return None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return _of_class(node, module, depth)
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    return _options(_absolute(node, module), alias.name, depth - 1)
    return None


def _of_class(node: ast.ClassDef, module: str, depth: int) -> dict[str, str] | None:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return _arguments(item.args)
    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
    inherited = (_options(module, name, depth - 1) for name in names)
    return next((options for options in inherited if options is not None), None)


def _arguments(arguments: ast.arguments) -> dict[str, str]:
    named = arguments.args[1:]
    missing = [None] * (len(named) - len(arguments.defaults))
    # Where `self` has a default, there are more defaults than names; zip stops then.
    defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
    return {
        argument.arg: _literal(default)
        for argument, default in zip([*named, *arguments.kwonlyargs], defaults, strict=False)
    }


def _literal(default: ast.expr | None) -> str:
    try:
        value = "" if default is None else ast.literal_eval(default)
    except ValueError:
        return ""
    return "none" if value is None else str(value)


def _absolute(node: ast.ImportFrom, module: str) -> str:
    dots = "." * node.level + (node.module or "")
    package = module if _is_package(module) else module.rpartition(".")[0]
    return importlib.util.resolve_name(dots, package) if node.level else dots


def _tree(module: str) -> ast.Module | None:
    path = _file(module)
    try:
        return None if path is None else ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _is_package(module: str) -> bool:
    path = _file(module)
    return path is not None and path.name == "__init__.py"


def _file(module: str) -> Path | None:
    """Where a module's source lies; no package on the way is imported."""
    top, *below = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin:
        return None
    path = Path(spec.origin)
    if not below:
        return path
    inside = path.parent.joinpath(*below)
    choices = (inside / "__init__.py", inside.with_name(f"{inside.name}.py"))
    return next((choice for choice in choices if choice.is_file()), None)
