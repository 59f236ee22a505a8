"""What a style lets people choose: the numbers that its network takes beside the picture."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from toonify.decoding import read_value
from toonify.errors import ToonifyError, unknown, usage_error
from toonify.storage import Control, StyleManifest

PICTURE = "picture"
"""What a network calls the input that is no control."""

COLOUR = "colour"
"""What generators call the control that is 0 for grey: the one that `keeps_grey` moves."""

MOST_CONTROLS = 16
LONGEST_DESCRIPTION = 200
TAKEN = (PICTURE, "cartoon", "self")
"""Names that exports give to the picture, to what is drawn of it, and to the network itself."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def check_controls(controls: Mapping[str, Control], card: str) -> None:
    """Make sure that the controls of a card, which may come from anyone, can be typed and shown.

    Args:
        controls: By name.
        card: What to call the card in messages.

    Raises:
        ToonifyError: if there are too many, or a name or description cannot be one.
    """
    if flaw := flaw_of(controls):
        raise ToonifyError(f"{card} is damaged: {flaw}")


def flaw_of(controls: Mapping[str, Control]) -> str:
    """Why controls, by name, cannot be typed or shown; empty when they can."""
    if len(controls) > MOST_CONTROLS:
        return f"it has {len(controls)} 'controls', more than {MOST_CONTROLS}"
    for name, control in controls.items():
        if not _NAME.fullmatch(str(name)) or name in TAKEN or keyword.iskeyword(name):
            return (
                f"{name!r:.60} is no name of a control, which is up to 32 small letters, digits and "
                f"underscores, and neither a word of Python's nor one of {', '.join(TAKEN)}"
            )
        if len(control.description) > LONGEST_DESCRIPTION or not control.description.isprintable():
            return (
                f"the control '{name}' has a description of more than {LONGEST_DESCRIPTION} characters, or "
                "of control characters"
            )
    return ""


def defaults(controls: Mapping[str, Control]) -> dict[str, float]:
    """The default of each control."""
    return {name: control.default for name, control in controls.items()}


def choose(style: StyleManifest, chosen: Mapping[str, float]) -> dict[str, float]:
    """Every control of a style with its value: what is chosen, and the defaults.

    Args:
        style: Its card.
        chosen: By name; may be empty.

    Raises:
        ToonifyError: if the style has no controls, or none of such a name, or a value is out of its range.
    """
    chosen = read_value(chosen, Mapping[str, float], "`controls`")
    if chosen and not style.controls:
        raise usage_error(
            f"the style '{style.name}' has no controls: `controls` cannot choose {', '.join(chosen)}",
            "`toonify styles NAME` shows what a style lets you choose.",
        )
    for name, value in chosen.items():
        if name not in style.controls:
            raise unknown(f"control of the style '{style.name}' called", name, style.controls)
        control = style.controls[name]
        if not control.minimum <= value <= control.maximum:  # nor is what is "not a number"
            raise usage_error(
                f"the control {name} of the style '{style.name}' should be "
                f"{control.minimum:g} to {control.maximum:g}, not {value}"
            )
    return defaults(style.controls) | dict(chosen)
