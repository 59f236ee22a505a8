"""Packets of several streams, written into one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from toonify.media.films.pyav import load_av

if TYPE_CHECKING:
    import av

_MOST_SKIPPED = 25_000
"""Frames in AVI between two packets: FFmpeg takes more than 60,000 for an error, and leaves out an empty
packet that is the first."""

_MAY_STAND_STILL = ("matroska", "webm")  # in which several packets of a stream may have one time
_LATE = Fraction(3, 4)  # of a tick, by which a packet may be and still be the very next, its time rounded


class _InOrder:
    """Gives each packet of a copied stream a time after the one before it, which most containers need.

    Matroska rounds times to milliseconds, and AVI counts packets: then two may fall on one tick.
    """

    def __init__(self) -> None:
        self._last: dict[int, tuple[Fraction, Fraction]] = {}

    def set(self, packet: av.Packet) -> None:
        """Set its times, in the ticks of the new file; those that run backwards are damaged, and stay."""
        unit, time = packet.stream.time_base, packet.dts * packet.time_base
        dts = round(time / unit)
        if packet.stream.index in self._last:
            before, written = self._last[packet.stream.index]
            if time < before:
                return
            following = round(written / unit) + 1
            dts = following if time / unit < following + _LATE else dts
        shown = round((packet.pts - packet.dts) * packet.time_base / unit)
        packet.duration = round((packet.duration or 0) * packet.time_base / unit)
        packet.dts, packet.pts, packet.time_base = dts, dts + shown, unit
        self._last[packet.stream.index] = time, dts * unit


def _bridged(packets: Iterable[av.Packet]) -> Iterator[av.Packet]:
    """Packets with empty ones in long pauses of what is drawn: AVI shows the frame before for them."""
    av = load_av()
    last = 0
    for packet in packets:
        if _is_drawn(packet):
            while packet.dts - last > _MOST_SKIPPED:
                last += _MOST_SKIPPED
                empty = av.Packet(0)
                empty.stream, empty.time_base = packet.stream, packet.time_base
                empty.pts = empty.dts = last
                yield empty
            last = packet.dts
        yield packet


def _is_drawn(packet: av.Packet) -> bool:
    return packet.stream.type == "video" and packet.stream.codec_context.is_encoder


def mux(output: av.container.OutputContainer, packets: Iterable[av.Packet]) -> int:
    """Write packets; how many of what is copied are refused: their times run backwards, for the most part."""
    av = load_av()
    refused = 0
    in_order = None if output.format.name in _MAY_STAND_STILL else _InOrder()
    for packet in _bridged(packets) if output.format.name == "avi" else packets:
        drawn = _is_drawn(packet)
        if in_order and not drawn:
            in_order.set(packet)
        try:
            output.mux(packet)
        except (av.ArgumentError, av.InvalidDataError):
            if drawn:
                raise
            refused += 1
    return refused
