"""Presets: settings that come with toonify, and those in a file of one's own."""

from __future__ import annotations

import codecs
import dataclasses
import importlib.resources
import sys
from pathlib import Path
from typing import Any

from toonify.decoding import decode
from toonify.errors import one_line, refusal, unknown, usage_error
from toonify.plugins import own_name
from toonify.training.settings import Settings, TermSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 2**20  # of a preset; reading a pipe might never end


def preset_names() -> list[str]:
    """The presets that come with toonify."""
    files = importlib.resources.files(__package__).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load_preset(name: str) -> Settings:
    """The settings of a preset.

    Args:
        name: One of `preset_names()`, or the path of a `.toml` file of one's own.

    Raises:
        ToonifyError: if there is none of that name, or the file is not a sound preset.
    """
    if name.endswith(".toml"):
        return decode(Settings, _read_file(Path(name)), name)
    return _owned(decode(Settings, tomllib.loads(preset_text(name)), f"the preset '{name}'"))


def _owned(settings: Settings) -> Settings:
    """The settings of a preset that comes with toonify: what it names is toonify's own."""
    generator = dataclasses.replace(settings.generator, name=own_name("generators", settings.generator.name))
    backbone = settings.backbone and dataclasses.replace(
        settings.backbone, name=own_name("backbones", settings.backbone.name)
    )
    phases: dict[str, Any] = {}
    for phase, current in settings.phases.items():
        terms = {name: _owned_term(name, term) for name, term in current.terms.items()}
        phases[phase] = dataclasses.replace(current, terms=terms)
    if game := phases.get("adversarial"):
        phases["adversarial"] = dataclasses.replace(game, loss=own_name("losses", game.loss))
    return dataclasses.replace(settings, generator=generator, backbone=backbone, **phases)


def _owned_term(name: str, term: TermSettings) -> TermSettings:
    plugin = own_name("terms", term.term or name)
    return term if plugin == name else dataclasses.replace(term, term=plugin)


def preset_text(name: str) -> str:
    """The file of a preset that comes with toonify.

    Raises:
        ToonifyError: if there is none of that name.
    """
    if name not in preset_names():
        raise unknown("preset", name, preset_names())
    return importlib.resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8")


def _decoded(text: bytes) -> str:
    """TOML is UTF-8. On Windows editors put a byte order mark first, and `>` of PowerShell writes UTF-16."""
    wide = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return text.decode("utf-16" if wide else "utf-8-sig")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not (path.is_file() and path.stat().st_size <= MAX_BYTES):
            raise usage_error(f"the preset {path} is no file of at most {MAX_BYTES // 2**20} MB")
        return tomllib.loads(_decoded(path.read_bytes()))
    except OSError as error:
        raise usage_error(f"the preset {path} cannot be read: {refusal(error)}") from error
    except ValueError as error:
        raise usage_error(f"the preset {path} cannot be read: {one_line(error)}") from error
    except RecursionError as error:
        raise usage_error(f"the preset {path} cannot be read: its values are nested too deeply") from error
