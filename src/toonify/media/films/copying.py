"""What of a film is copied as it is: sound, subtitles, covers, fonts, chapters, descriptions."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError
from toonify.media.films.containers import Container
from toonify.media.films.pyav import is_cover, load_av, open_input, open_scratch
from toonify.media.films.reading import opened
from toonify.media.films.transcoding import Way, ways_to_transcode
from toonify.media.metadata import Strip
from toonify.text import counted

if TYPE_CHECKING:
    import av

_OF_THE_OLD_FILE = frozenset(
    {"major_brand", "minor_version", "compatible_brands", "encoder", "rotate", "duration", "bps", "vendor_id"}
)
"""Metadata, in lower case, that is true of that file alone."""

_SAYS = "comment"
"""Where a film says how it was made: the one description that all containers hold."""

_COUNTED = ("_statistics", "number_of_")  # by programs that write MKV
_PLACE = re.compile("location|gps|xyz|latitude|longitude|altitude", re.IGNORECASE)
_NEAR = 10_000  # packets, a minute or more

_IN_AVI = ("mp2", "mp3", "ac3", "aac", "pcm_", "adpcm_", "wma")
"""Beginnings of FFmpeg's names of sounds that AVI plays at their time, though it holds no times."""


def described(metadata: Mapping[str, str], strip: Strip) -> dict[str, str]:
    """What describes a film or a stream, without what describes its old file, and what is to be left out."""
    if strip == "metadata":
        return {key: value for key, value in metadata.items() if key.lower() == "language"}
    if strip == "location":
        metadata = {key: value for key, value in metadata.items() if not _PLACE.search(key)}
    return {
        key: value
        for key, value in metadata.items()
        if key.lower().partition("-")[0] not in _OF_THE_OLD_FILE and not key.lower().startswith(_COUNTED)
    }


def commented(metadata: Mapping[str, str], made_by: str) -> dict[str, str]:
    """What describes a film, with a line on how it was made after what its comment says otherwise."""
    comment = "\n".join(line for line in _comment(metadata).splitlines() if not _is_ours(line))
    others = {key: value for key, value in metadata.items() if key.lower() != _SAYS}
    both = "\n".join(filter(None, (comment, made_by)))
    return {**others, _SAYS: both} if both else others


def read_film_made_by(path: Path) -> str:
    """The line that `commented` added; empty where there is none, or no film that can be read."""
    try:
        with opened(path) as stream:
            lines = _comment(stream.container.metadata).splitlines()
    except ToonifyError:
        return ""
    return next(filter(_is_ours, reversed(lines)), "")


def tells_place(metadata: Mapping[str, str]) -> bool:
    """Whether a film says where it was taken."""
    return any(map(_PLACE.search, metadata))


def _comment(metadata: Mapping[str, str]) -> str:
    return next((value for key, value in metadata.items() if key.lower() == _SAYS), "")


def _is_ours(line: str) -> bool:
    return line.startswith("toonify ") and line.endswith("}")


def copy_streams(
    path: Path,
    drawn: av.VideoStream,
    output: av.container.OutputContainer,
    container: Container,
    strip: Strip,
    pausing: frozenset[int],
) -> tuple[dict[int, Any], list[str]]:
    """Prepare the output for all streams but the one that is drawn.

    Args:
        path: The film.
        drawn: Its pictures.
        output: What is written.
        container: What kind of file that is.
        strip: What is left out of what is written about a stream.
        pausing: Sounds that begin late or pause, by index, where the container has no times.

    Returns:
        The output's streams, by the index of the input's that goes there: those of sounds and subtitles with
        an encoder are to be coded anew; and what is left out, or not the same.
    """
    streams: dict[int, Any] = {}
    told: Counter[tuple[str, str]] = Counter()  # by kind, and what is said of it
    for stream in drawn.container.streams:
        if stream.index == drawn.index or _names_chapters(stream) or _tells_timecode(stream, container):
            continue
        kind = _kind(stream)
        name = stream.codec_context.codec.canonical_name if stream.codec_context else ""
        if container.muxer == "matroska" and kind in ("cover picture", "attachment"):
            _attach(path, stream, output)
        elif way := _way(path, stream, kind, container, pausing):
            add, note = way
            new = streams[stream.index] = add(output)
            if note:
                told[kind, f" ({name}) {note}"] += 1
            elif container.muxer == "avi" and name.startswith("adpcm"):
                new.codec_context.bit_rate = _bit_rate(path, stream)
            new.metadata.update(described(stream.metadata, strip))
            new.disposition = stream.disposition
        else:
            named = f" ({name})" if name and kind != "cover picture" else ""
            told[kind, f"{named} left out{_why_left_out(stream, kind, container)}"] += 1
    return streams, [counted(count, kind) + what for (kind, what), count in told.items()]


def _names_chapters(stream: Any) -> bool:
    """Whether it is the track that MP4 and MOV have for the titles of chapters, which are copied as these."""
    chapters = stream.container.chapters()
    return bool(chapters) and stream.type == "data" and stream.frames == len(chapters)


def _tells_timecode(stream: Any, container: Container) -> bool:
    """Whether it is a track of timecodes: MP4 and MOV get another by what the pictures' metadata says."""
    return stream.type == "data" and "timecode" in stream.metadata and container.muxer in ("mp4", "mov")


def _why_left_out(stream: Any, kind: str, container: Container) -> str:
    if kind.startswith(("further video stream", "data stream", "empty")):  # held by some, but not copied
        return ""
    if not stream.codec_context and kind != "attachment":
        return ": coded in a way that is not known here"
    return f": {container.name} cannot hold it"


def _kind(stream: Any) -> str:
    if stream.type == "video":
        return "cover picture" if is_cover(stream) else "further video stream"
    if stream.type == "audio" and stream.codec_context and not stream.codec_context.sample_rate:
        return "empty sound stream"  # as of films that are cut short at once
    return {"audio": "sound stream", "subtitle": "subtitle stream", "data": "data stream"}.get(
        stream.type, stream.type
    )


def _way(
    path: Path, stream: Any, kind: str, container: Container, pausing: frozenset[int]
) -> tuple[Way, str] | None:
    """The first of `_ways` that the container takes; `None` if there is none."""
    for add, note in _ways(stream, kind, container, pausing):
        copied = kind == "sound stream" and not note
        if _is_held(add, _first_packet(path, stream) if copied else None, container):
            return add, note
    return None


def _ways(stream: Any, kind: str, container: Container, pausing: frozenset[int]) -> Iterator[tuple[Way, str]]:
    """Ways to give an output what a stream has, the best first; each with a note if it is no copy."""
    if stream.codec_context is None:
        return
    if kind == "cover picture":
        if container.muxer in ("mp4", "mov"):
            yield lambda output: output.add_stream_from_template(stream), ""
    elif kind in ("sound stream", "subtitle stream"):
        why = _why_not_copied(stream, container, pausing)
        if not why:
            yield lambda output: output.add_stream_from_template(stream), ""
        for add, name in ways_to_transcode(stream, container):
            yield add, f"coded anew as {name}: {why or _cannot_be_copied(container)}"


def _why_not_copied(stream: Any, container: Container, pausing: frozenset[int]) -> str:
    """Why a sound or subtitles are not to be copied, whatever the muxer says; empty if they may be."""
    codec = stream.codec_context.codec.canonical_name
    if container.muxer == "mp4" and codec.startswith("pcm_"):  # a way of 2020, that few programs know
        return f"most players cannot play it in {container.name}"
    if container.muxer == "avi" and not codec.startswith(_IN_AVI):
        return _cannot_be_copied(container)
    if stream.index in pausing:
        return f"it begins late or pauses, which {container.name} cannot say"
    return ""


def _cannot_be_copied(container: Container) -> str:
    return f"it cannot be copied into {container.name}"


def _is_held(add: Way, packet: av.Packet | None, container: Container) -> bool:
    """Whether a file may have a stream: muxers refuse some of what they say that they hold.

    Args:
        add: Adds it.
        packet: One of it, without which some is not refused, and some is.
        container: What kind of file.
    """
    av = load_av()
    trial = open_scratch(container.muxer)
    try:
        stream = add(trial)
        trial.start_encoding()
        if packet:
            packet.stream, packet.pts, packet.dts = stream, 0, 0
            trial.mux(packet)
            trial.close()
    except (av.FFmpegError, ValueError):
        return False
    finally:
        with contextlib.suppress(av.FFmpegError):
            trial.close()
    return True


def _attach(path: Path, stream: Any, output: av.container.OutputContainer) -> None:
    """Add a file within the file, which in Matroska a cover picture is, too."""
    if stream.type == "attachment":
        output.add_attachment(stream.name or "attachment", stream.mimetype or "", stream.data)
    elif packet := _first_packet(path, stream):
        name = stream.codec_context.name
        ending, kind = ("jpg", "jpeg") if name == "mjpeg" else (name, name)
        output.add_attachment(f"cover.{ending}", f"image/{kind}", bytes(packet))


def _bit_rate(path: Path, sound: Any) -> int:
    """Bits a second of a sound of even packets: AVI times them by it, and some programs tell it wrong."""
    packet = _first_packet(path, sound)
    if packet is None or not packet.duration:
        return int(sound.codec_context.bit_rate or 0)
    return round(packet.size * 8 / (packet.duration * packet.time_base))


def _first_packet(path: Path, stream: Any) -> av.Packet | None:
    """The first of a stream, if it is near the beginning: a sound may begin after hours, or after damage."""
    with open_input(path) as again, contextlib.suppress(load_av().FFmpegError):
        for packet in islice(again.demux(), _NEAR):
            if packet.stream_index == stream.index and packet.size:
                return packet
    return None


def copy_chapters(
    source: av.container.InputContainer,
    output: av.container.OutputContainer,
    begin: Fraction,
    end: Fraction | None,
    strip: Strip,
) -> None:
    """Those of a part of the film, in seconds; they begin where it begins."""
    chapters = []
    for chapter in source.chapters():
        unit = chapter["time_base"] or Fraction(1, 1000)
        first, last = chapter["start"] * unit, chapter["end"] * unit
        last = last if end is None else min(last, end)
        if last > max(first, begin):
            start = round(max(first - begin, Fraction(0)) / unit)
            told = described(chapter["metadata"], strip)
            chapters.append(
                {**chapter, "start": start, "end": round((last - begin) / unit), "metadata": told}
            )
    output.set_chapters(chapters)
