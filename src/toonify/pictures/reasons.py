"""Why a file could not be read or written, in words for its reader."""

from __future__ import annotations

from toonify.errors import one_line, refusal


def reason(error: BaseException) -> str:
    """For a message that names the file already."""
    if isinstance(error, OSError) and error.strerror:
        return refusal(error)
    return f"damaged or cut short ({one_line(error)})"
