"""Photographs and cartoons on disk become a dataset that training reads without decoding.

`prepare(PrepareRequest(photos, cartoons))` finds the pictures, crops and resizes each to a square,
smooths the edges of the cartoons, and writes shards, a manifest and a contact sheet.
"""

from toonify.preparing.request import PrepareReport, PrepareRequest
from toonify.preparing.stage import prepare

__all__ = ["PrepareReport", "PrepareRequest", "prepare"]
