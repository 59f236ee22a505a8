"""The variants of a style: as it is, and with each of its controls at three values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toonify.storage import Control
from toonify.styles import Style


@dataclass(frozen=True)
class Variant:
    """A style with at most one of its controls moved.

    Attributes:
        style: The style, as it was asked for.
        control: The control; empty where all are at their defaults.
        value: Of it.
    """

    style: str
    control: str = ""
    value: float = 0.0

    @property
    def controls(self) -> Mapping[str, float]:
        """What is chosen, for a `Converter`."""
        return {self.control: self.value} if self.control else {}


def of_control(name: str, style: str, control: Control) -> tuple[Variant, ...]:
    """A control from its least to its most, and between them its default, or the middle.

    Args:
        name: Of the control.
        style: The style, as it was asked for.
        control: Its range.
    """
    least, most, default = control.minimum, control.maximum, control.default
    between = default if least < default < most else (least + most) / 2
    values = dict.fromkeys((least, between, most))
    return tuple(Variant(style) if value == default else Variant(style, name, value) for value in values)


def of_style(name: str, style: Style) -> Iterator[Variant]:
    """All ways in which a style is drawn, each once, beginning with the style as it is."""
    yield Variant(name)
    for control, its in style.manifest.controls.items():
        yield from (variant for variant in of_control(control, name, its) if variant.control)
