"""Photographs and cartoons on disk become a dataset that training reads without decoding.

`prepare(PrepareRequest(photos, cartoons))` finds the pictures, crops and resizes each to a square,
smooths the edges of the cartoons, and writes shards, a manifest and a contact sheet.
"""

from toonify.preparing.pipeline import prepare
from toonify.preparing.request import PrepareRequest
from toonify.preparing.result import PrepareResult

__all__ = ["PrepareRequest", "PrepareResult", "prepare"]
