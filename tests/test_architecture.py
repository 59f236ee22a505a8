"""Who may import whom, read from the source, lazy imports included."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib.util
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
import typer

import toonify
from toonify.cli.app import app

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = Path(toonify.__file__).parent
STAGES = frozenset({"preparing", "training", "converting", "exporting"})
HEAVY = {"cv2", "jax", "keras", "matplotlib", "numpy", "onnx", "onnxruntime"}
HEAVY |= {"tensorflow", "tensorflow_hub", "tf2onnx"}

ANYONE = frozenset({"distributions", "errors", "text", "__version__"})
"""What every room may import; a plugin's not even that."""

MAY_IMPORT = {
    "cli": "backend_import converting ending exporting plugins preparing progress styles training",
    "preparing": "decoding faces html_report media plugins progress request resources runners storage",
    "training": (
        "backend_import decoding ending html_report inference media "
        "networks plugins progress request storage styles"
    ),
    "exporting": (
        "backend_import decoding faces inference media networks "
        "plugins progress request resources storage styles"
    ),
    "converting": (
        "decoding faces html_report inference media places progress request resources runners storage styles"
    ),
    "inference": "privacy resources styles",
    "places": "storage",
    "runners": "ending privacy resources",
    "styles": "backend_import decoding plugins progress request storage",
    "networks": "backend_import plugins storage",
    "backbones": "plugins",
    "losses": "plugins",
    "datasets": "plugins",
    "plugins": "decoding faces media privacy storage",
    "html_report": "storage",
    "faces": "privacy storage",
    "media": "resources storage",
    "storage": "decoding",
    "decoding": "",
    "request": "decoding storage",
    "resources": "",
    "privacy": "",
    "progress": "",
    "backend_import": "ending",
    "ending": "",
    "distributions": "",
    "errors": "",
    "text": "",
    "testing": "inference plugins training",
    "__main__": "cli",
    "": "converting exporting preparing styles training",
}
"""The table: a room and what it may import; `""` is `toonify/__init__.py`."""

MAY_LOAD = {
    **dict.fromkeys(("training", "exporting", "networks", "backbones", "losses"), HEAVY),
    "preparing": {"cv2", "numpy"},
    "converting": {"cv2", "numpy"},
    "datasets": {"cv2", "numpy"},
    "inference": {"numpy"},
    "styles": {"numpy", "onnx"},
    "html_report": {"matplotlib", "numpy"},
    "faces": {"numpy"},
    "media": {"numpy"},
    "storage": {"numpy"},
    "privacy": {"onnxruntime"},
    "testing": {"keras", "numpy"},
}
"""Frameworks that a room may import; all others none, not even inside a function (type checking aside)."""

PLUGIN_ROOMS = frozenset({"backbones", "losses", "datasets"})


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """`toonify.cli.app` is in the room `cli`; `toonify` itself in the room without a name."""
    return module.split(".")[1] if "." in module else ""


@functools.cache
def imported(path: Path) -> tuple[tuple[int, str], ...]:
    """Line and full name of everything a file imports, but for `if TYPE_CHECKING:` blocks."""
    name = module_name(path)
    return tuple(_imported(path, name if path.name == "__init__.py" else name.rpartition(".")[0]))


def _imported(path: Path, package: str) -> Iterator[tuple[int, str]]:
    for node in executed(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level + (node.module or "")
            source = importlib.util.resolve_name(dots, package)
            # `from toonify import errors` imports the module toonify.errors.
            whole = source == "toonify"
            yield from ((node.lineno, f"toonify.{a.name}" if whole else source) for a in node.names)


def executed(part: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a syntax tree that can run."""
    for node in ast.iter_child_nodes(part):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from executed(node)


def at(path: Path, line: int) -> str:
    return f"{path.relative_to(PACKAGE.parent)}:{line}"


def test_every_room_is_in_the_table():
    rooms = {room(module_name(path)) for path in sources()}
    assert rooms == set(MAY_IMPORT), "A new room? Say in MAY_IMPORT what it may import."


def test_rooms_import_only_what_the_table_allows():
    breaches = [
        f"{at(path, line)}: {here or 'toonify'} imports {name}"
        for path in sources()
        for line, name in imported(path)
        if name.split(".")[0] == "toonify"
        and (here := room(module_name(path))) != (there := room(name))
        and there not in ANYONE.union(MAY_IMPORT[here].split())
    ]
    assert not breaches, mend(
        breaches,
        "Stages speak to each other through files only: what two of them need belongs into a room that "
        "both may import (plugins, pictures, manifests, styles, networks, errors). Plugins of all kinds "
        "find what they need in `toonify.plugins`.",
    )


def test_built_in_plugins_are_written_as_a_stranger_would():
    plugins = {entry.module for entry in distribution("toonify-gan").entry_points if "." in entry.group}
    breaches = [
        f"{at(path, line)}: imports {name}"
        for path in sources()
        if (module := module_name(path)) in plugins or room(module) in PLUGIN_ROOMS
        for line, name in imported(path)
        if name.split(".")[0] == "toonify" and room(name) != room(module) and name != "toonify.plugins"
    ]
    assert not breaches, mend(breaches, "Import it from `toonify.plugins`, which may re-export it.")


def test_frameworks_stay_in_their_rooms():
    breaches = [
        f"{at(path, line)}: {here or 'toonify'} imports {name}"
        for path in sources()
        for line, name in imported(path)
        if name.split(".")[0] in HEAVY - MAY_LOAD.get(here := room(module_name(path)), set())
    ]
    assert not breaches, mend(
        breaches,
        "Move the code into the stage that needs the framework (`training`, `exporting`, `networks`), or "
        "put the import under `if TYPE_CHECKING:` when only an annotation needs it.",
    )


def test_pools_say_their_strides():
    breaches = [
        at(path, node.lineno)
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("ops.average_pool", "ops.max_pool")
        and "strides" not in {keyword.arg for keyword in node.keywords}
    ]
    assert not breaches, mend(breaches, "Pass `strides=`: by default those of Keras 3.15 fail on JAX.")


def test_onnx_runtime_is_imported_where_its_telemetry_is_switched_off():
    breaches = [
        at(path, line)
        for path in sources()
        if path != PACKAGE / "privacy.py"
        for line, name in imported(path)
        if name.split(".")[0] == "onnxruntime"
    ]
    assert not breaches, mend(breaches, "Call `import_onnxruntime()`; plugins find it in `toonify.plugins`.")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 knows too few packages by what they hold")
def test_every_import_is_a_declared_dependency():
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    declared = {re.split(r"[^\w-]", line)[0].lower() for line in lines}
    brings = packages_distributions()
    breaches = [
        f"{at(path, line)}: imports {name}"
        for path in sources()
        for line, name in imported(path)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names | {"toonify", "tomli"}
        and not declared & {name.lower().replace("_", "-") for name in (top, *brings.get(top, ()))}
    ]
    assert not breaches, mend(
        breaches, "Add what is missing to `dependencies` in pyproject.toml, or to an extra."
    )


@functools.cache
def called(path: Path) -> tuple[tuple[int, str], ...]:
    """Line and dotted name of every call in a file, such as `os.replace`."""
    return tuple(
        (node.lineno, ast.unparse(node.func))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )


ONCE = {
    "storage/files.py": {"os.replace", "os.rename", "os.fsync"},
    "storage/arrays.py": {"np.load", "np.lib.format.read_magic", "np.memmap", "np.lib.format.open_memmap"},
}
"""What only one module may do: everyone else asks it."""


@pytest.mark.parametrize("home", ONCE)
def test_what_is_delicate_is_done_in_one_place(home):
    breaches = [
        f"{at(path, line)}: {name}"
        for path in sources()
        if path != PACKAGE / home
        for line, name in called(path)
        if name in ONCE[home]
    ]
    assert not breaches, mend(breaches, f"Use what toonify/{home} offers.")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every text in a file that is no docstring."""
    told = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            told |= {id(part) for part in parts}
            yield node.lineno, "…".join(str(part.value) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def test_only_the_command_line_knows_the_names_of_options():
    breaches = [
        f"{at(path, line)}: {text}"
        for path in sources()
        if room(module_name(path)) != "cli"
        for line, text in texts(path)
        # Whole commands are another thing: they can be pasted.
        if re.search(r"(?<![\w-])(--[a-z]|-[a-z]\b)", text)
        and text != "-m"  # Python's own
        and not re.search(r"toonify [a-z-]+|pip install|ray start|^ RUN", text)
    ]
    assert not breaches, mend(
        breaches,
        "Name the request's field in backticks, as in `val_fraction`: the command line spells it as people "
        "type it, and whoever calls from Python knows it by that name.",
    )


def test_errors_name_fields_and_no_options_that_set_them():
    requests = [getattr(toonify, name) for name in toonify.__all__ if name.endswith("Request")]
    fields = {field.name for request in requests for field in dataclasses.fields(request)}
    commands = typer.main.get_command(app).commands
    stages = [commands[name] for name in ("convert", "preview", "prepare", "train", "export")]
    names = {option for stage in stages for each in stage.params for option in (each.name, f"no_{each.name}")}
    names -= {*fields, *toonify.__all__}
    assert {"faces_only", "no_painter"} <= names
    breaches = [
        f"{at(path, line)}: {text}"
        for path in sources()
        if room(module_name(path)) != "cli"
        for line, text in texts(path)
        for named in re.findall(r"`(\w*…?\w+)`", text)
        if any(re.fullmatch(named.replace("…", r"\w+"), name) for name in names)
    ]
    assert not breaches, mend(
        breaches,
        "Name the field, and its value behind it, as in `only` faces or `painter` False: the command line "
        "finds the option that sets both.",
    )


def test_small_files_are_plugins_or_entry_points():
    plugins = {entry.module for entry in distribution("toonify-gan").entry_points}
    small = [
        f"{path.relative_to(PACKAGE.parent)}: {lines} lines"
        for path in sources()
        if path.name not in ("__init__.py", "__main__.py")
        and module_name(path) not in plugins
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) < 30
    ]
    assert not small, mend(small, "Put it into the file that it always changes with.")


def test_a_command_runs_one_stage():
    for path in sorted((PACKAGE / "cli").glob("*.py")):
        stages = {room(name) for _, name in imported(path)} & STAGES
        assert len(stages) <= 1, f"{path.name} imports {sorted(stages)}: one command, one stage"


def mend(breaches: list[str], advice: str) -> str:
    return "\n".join(["", *breaches, "How to mend it: " + advice])


LIGHT = [
    module_name(path) for path in sources() if room(module_name(path)) in ("cli", "styles", "plugins", "")
]
COMMANDS = [command.callback.__name__.replace("_", "-") for command in app.registered_commands]


def loaded_by(code: str) -> set[str]:
    """Which heavy modules a fresh interpreter has loaded after running `code`."""
    probe = f"{code}\nimport sys; print('loaded:', *(set(sys.modules) & set({sorted(HEAVY)!r})))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


LOOKS = [
    ["--help"],
    ["--version"],
    ["plugins"],
    ["styles"],
    ["presets"],
    ["presets", "comic"],
    *([name, "--help"] for name in COMMANDS),
]


def test_looking_around_loads_no_framework():
    look = f"""
import sys
from toonify.cli.app import app
for arguments in {LOOKS!r}:
    app(arguments, standalone_mode=False)
    heavy = set(sys.modules) & set({sorted(HEAVY)!r})
    assert not heavy, (arguments, heavy)
"""
    assert loaded_by(look) == set()


def test_importing_the_light_rooms_loads_no_framework():
    # Not even NumPy: `toonify --help` has no tenth of a second to give away.
    light = [name for name in LIGHT if not name.startswith("toonify.styles.checks")]
    assert "toonify.cli.app" in light
    assert loaded_by(f"import {', '.join(light)}") == set()
