"""Pieces of a film, coded and whole on the disk, that are put together in the end without being coded again.

A file is the data of its packets, one after another, then a line of JSON that says how long each is and when
it is shown, then the length of that line. Not a film file: those round times, and invent some.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from toonify.media.films.pyav import load_av
from toonify.storage import Part, put_in_place, remove

if TYPE_CHECKING:
    import av

_SUFFIX = ".segment"
_LENGTH = 8  # bytes, of that of the line


@dataclass(frozen=True)
class Segment:
    """A piece of a film, on the disk.

    Attributes:
        path: Its file.
        taken: Frames of the film that it stands for, those included that it leaves out.
        packets: Of each: bytes, when it is shown, for how long, and whether it stands for itself.
    """

    path: Path
    taken: int
    packets: list[tuple[int, int, int, bool]]

    @classmethod
    def read(cls, path: Path) -> Segment:
        """Look at a file.

        Raises:
            OSError: if it cannot be read.
            ValueError: if it is none, or damaged.
        """
        with open(path, "rb") as file:
            end = file.seek(-_LENGTH, 2)
            ahead = end - int.from_bytes(file.read(), "big")
            if ahead < 0:
                raise ValueError("it does not say what it holds")
            file.seek(ahead)
            told = json.loads(file.read(end - ahead))
            packets = [
                (int(size), int(pts), int(duration), bool(key))
                for size, pts, duration, key in told["packets"]
            ]
            if sum(size for size, *_ in packets) != ahead:
                raise ValueError("its packets are not all there")
            return cls(path, int(told["taken"]), packets)

    @property
    def times(self) -> list[int]:
        """When its frames are shown, in order."""
        return sorted(pts for _, pts, *_ in self.packets)

    @property
    def delay(self) -> int:
        """By how many frames packets are ahead of their place among those shown, at most."""
        places = {pts: place for place, pts in enumerate(self.times)}
        return max((number - places[pts] for number, (_, pts, *_) in enumerate(self.packets)), default=0)

    def read_packets(self) -> Iterator[av.Packet]:
        """Each packet, in the order of decoding, without `dts`."""
        av = load_av()
        with open(self.path, "rb") as file:
            for size, pts, duration, key in self.packets:
                packet = av.Packet(file.read(size))
                packet.pts, packet.duration, packet.is_keyframe = pts, duration, key
                yield packet


def finished_segments(folder: Path) -> list[Segment]:
    """Those that are there, from the first on; what comes after one that is missing or damaged is removed."""
    found: list[Segment] = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            if path != _place(folder, len(found)):
                raise ValueError("one before it is missing")
            found.append(Segment.read(path))
        except (OSError, ValueError, KeyError, TypeError):
            remove(path)
    return found


class SegmentWriter:
    """Writes one segment; `finish` puts it in its place, and whatever ends earlier leaves nothing.

    Args:
        folder: Where to.
        number: Of those before it.

    Raises:
        OSError: if it cannot be written.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._path = _place(folder, number)
        self._part = Part(self._path)
        try:
            self._file: BinaryIO = open(self._part.path, "wb")  # noqa: SIM115
        except OSError:
            self._part.discard()
            raise
        self._packets: list[tuple[int, int, int, bool]] = []

    def write(self, packets: Iterable[av.Packet]) -> None:
        """Append packets, in the order of decoding."""
        for packet in packets:
            data = bytes(packet)
            self._file.write(data)
            self._packets.append((len(data), packet.pts, packet.duration or 0, packet.is_keyframe))

    def finish(self, taken: int) -> Segment:
        """Put it in its place, on the disk.

        Args:
            taken: As of `Segment`.
        """
        line = json.dumps({"taken": taken, "packets": self._packets}).encode()
        self._file.write(line + len(line).to_bytes(_LENGTH, "big"))
        self._file.close()
        put_in_place(self._part.path, self._path)
        return Segment(self._path, taken, self._packets)

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.discard()


def joined(segments: Iterable[Segment], step: int) -> Iterator[av.Packet]:
    """The packets of all, in the order of decoding, each with when it is to be decoded.

    Encoders give such times for their own piece alone. Those of the whole are the times at which frames are
    shown, in order, as many frames later as packets are ahead of their place at most.

    Args:
        segments: In order.
        step: The usual time from one frame to the next.
    """
    segments = [*segments]
    times = [pts for segment in segments for pts in segment.times]
    delay = max((segment.delay for segment in segments), default=0)
    ahead = [times[0] - step * (delay - number) for number in range(delay)] if times else []
    decoded = iter([*ahead, *times])
    for segment in segments:
        for packet in segment.read_packets():
            packet.dts = next(decoded)
            yield packet


def _place(folder: Path, number: int) -> Path:
    return folder / f"{number:08}{_SUFFIX}"
