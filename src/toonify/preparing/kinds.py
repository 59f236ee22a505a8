"""The kinds of pictures that are flagged, and those that are left out unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "flat": "hardly any contrast: a blank page, a black frame",
    "blurred": "no sharp edges, even seen small",
    "tiny": "smaller than the pictures asked for, so enlarged",
    "grey": "no colours",
    "near": "nearly the same as another: saved again, resized, slightly cut or brightened",
    "both": "nearly the same picture among the photos and among the cartoons",
}
"""By name, in words."""

UNUSABLE = ("flat",)
NONE = "none"
