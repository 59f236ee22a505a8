"""Finding a style: by its name among those that packages bring, by its path, or as what a run has made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from toonify.decoding import Kind
from toonify.errors import ToonifyError, nothing_at, unknown
from toonify.plugins import find_plugin, find_plugins, own_name, plugin_names
from toonify.progress import Progress
from toonify.request import as_given
from toonify.storage import AnyPath, RunFolder
from toonify.styles.checkpoints import is_run, last_step, say_if_trained_on, split_step, style_of_step
from toonify.styles.parts import CARD, GENERATOR
from toonify.styles.style import Style, read_style

SUFFIX = ".toonify"
"""Of a style in one file."""


def style_given(value: Style | AnyPath) -> Style | str | Path:
    """A style as somebody's program gives it.

    Raises:
        TypeError: if it is neither a style nor a name or path of one.
        ValueError: if it is empty text.
    """
    return value if isinstance(value, Style) else as_given(value)


AnyStyle = Annotated[Style | AnyPath, Kind("a style, its name or its path", style_given)]
"""What `load_style` takes."""


def load_style(name_or_path: AnyStyle, progress: Progress | None = None) -> Style:
    """Find a style and check its card.

    Args:
        name_or_path: The name of a style that a package brings, toonify's own among them; or a style
            folder, or the one file that `export` makes of it; or a run folder, which stands for the style
            that its training made, or, while it is unfinished, for that of its last checkpoint; or
            `RUN@STEP` for that of another. A style of a checkpoint is made if need be, by a process with
            TensorFlow. Such a name always means that style: for a folder of the same name write `./comic`,
            or give a `Path`. A style that is loaded already comes back as it is.
        progress: Is told which checkpoint is taken.

    Raises:
        ToonifyError: if there is none, two packages bring it, or it is damaged, or cannot be made.
        TypeError: if it is none of these.
    """
    if isinstance(name_or_path, Style):
        return name_or_path
    try:
        as_given(name_or_path)
    except TypeError:
        kind = type(name_or_path).__name__
        raise TypeError(f"load_style() takes a style's name or path, or a Style, not {kind}") from None
    except ValueError:
        raise unknown("style", name_or_path, style_names()) from None
    if at := find_checkpoint(name_or_path, progress):
        return read_style(style_of_step(*at, progress or Progress()))
    path = _expanded(name_or_path)
    if isinstance(name_or_path, str) and _is_name(name_or_path, path):
        return read_style(find_plugin("styles", name_or_path).folder())
    if not path.exists():
        kind = "file" if _is_style_file(path) else "folder"
        hint = "Give a style's name, its folder or file, or a run's folder."
        raise nothing_at(path, f"style {kind}", hint)
    if _is_style_file(path) and not path.is_dir():
        return read_style(path)
    style = read_style(_style_folder(path))
    if is_run(path) and progress:
        say_if_trained_on(path, style.manifest, style.path, progress)
    return style


def load_each(several: Iterable[AnyStyle]) -> list[Style]:
    """Styles, as `load_style` finds them: each once, though two names mean it."""
    return [*{style.path: style for style in map(load_style, several)}.values()]


def find_checkpoint(name_or_path: AnyPath, progress: Progress | None = None) -> tuple[Path, int] | None:
    """The run, and the step of its checkpoint, that a style is to be made of.

    Args:
        name_or_path: As for `load_style`.
        progress: Is told which checkpoint is taken.

    Returns:
        `None` if there is a style already, or no run at all.

    Raises:
        ToonifyError: if the run has neither a style nor a checkpoint.
    """
    path = _expanded(name_or_path)
    if at := split_step(path):
        return at
    if isinstance(name_or_path, str) and _is_name(name_or_path, path):
        return None
    if not is_run(path) or (path / CARD).exists() or (RunFolder(path).style / CARD).exists():
        return None
    return path, last_step(path, progress or Progress())


def style_names() -> list[str]:
    """Of all styles that packages bring, toonify's own among them, what can be typed for each, sorted."""
    return list(plugin_names("styles"))


def default_style() -> str:
    """The style to draw in where nobody names one: toonify's own `comic`, whoever brings another."""
    return own_name("styles", "comic")


def _expanded(name_or_path: AnyPath) -> Path:
    """With a `~` for somebody's home replaced, where there is one."""
    return Path(os.path.expanduser(name_or_path))  # noqa: PTH111 - pathlib's fails where there is none


def _is_style_file(path: Path) -> bool:
    """Whether a path has the suffix of a style file."""
    return path.suffix.lower() == SUFFIX


def _is_name(text: str, path: Path) -> bool:
    """Whether a style is meant that a package brings; names go before files that lie there."""
    if "/" in text or "\\" in text:
        return False
    is_path = path.exists() or _is_style_file(path)
    return not is_path or text in {plugin.name for plugin in find_plugins("styles")}


def _style_folder(path: Path) -> Path:
    """The folder itself, or one inside when it is a run's."""
    if path.name in (CARD, GENERATOR):
        return path.parent
    if not path.is_dir():
        raise ToonifyError(f"{path} is not a style: a style is a folder with a {CARD}, or a {SUFFIX} file")
    if (path / CARD).exists() or not is_run(path):
        return path
    return RunFolder(path).style
