"""Text as a page can hold it."""

from __future__ import annotations


def visible(text: str) -> str:
    """Without what cannot be seen: control characters, marks of direction, bytes that are no text."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
