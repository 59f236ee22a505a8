"""The numbers that a setting may have, written beside its type: `crop: Natural = 0`."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from toonify.errors import usage_error
from toonify.manifests import DETAILS


@dataclass(frozen=True)
class Range:
    """What a number should be.

    Attributes:
        words: In words, after "should be".
        holds: Whether a finite number is.
    """

    words: str
    holds: Callable[[float], bool]


Natural = Annotated[int, Range("0 or more", lambda n: n >= 0)]
Count = Annotated[int, Range("1 or more", lambda n: n >= 1)]
Detail = Annotated[
    int, Range(f"0, or {DETAILS.start} to {DETAILS.stop - 1}", lambda n: n == 0 or n in DETAILS)
]
Seed = Annotated[int, Range(f"0 to {2**32 - 1}", lambda n: 0 <= n < 2**32)]  # NumPy and Keras take no other
Rate = Annotated[float, Range("a number above 0", lambda x: x > 0)]
Weight = Annotated[float, Range("a number of 0 or more", lambda x: x >= 0)]
Share = Annotated[float, Range("0 or more and less than 1", lambda x: 0 <= x < 1)]


class Ranged:
    """For dataclasses whose numbers have ranges.

    Raises:
        ToonifyError: naming the key, if a number is outside its range or not finite.
    """

    def __post_init__(self) -> None:
        for name, hint in typing.get_type_hints(type(self), include_extras=True).items():
            value = getattr(self, name)
            for part in getattr(hint, "__metadata__", ()):
                # A whole number too large for a float is finite all the same.
                finite = isinstance(value, int) or math.isfinite(value)
                if isinstance(part, Range) and not (finite and part.holds(value)):
                    raise usage_error(f"{name} should be {part.words}, not {value}")
