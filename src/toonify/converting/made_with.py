"""How a cartoon was made, written into its file, and how that differs from what is asked for.

It stands in the picture or film, not in a list beside it: so it is there from the moment that the picture
is, goes where the picture goes, and two runs into one folder need not agree on a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import ClassVar

from toonify import __version__
from toonify.converting.request import ConvertRequest
from toonify.converting.steadying import is_steadied
from toonify.decoding import Decodable, Natural, decode
from toonify.errors import ToonifyError
from toonify.media import (
    ANIMATED,
    CONTAINERS,
    FILM_SUFFIXES,
    Source,
    is_animation,
    read_film_made_by,
    read_made_by,
)
from toonify.styles import Style

PROGRAM = "toonify"
UNKNOWN = "how it was made is not known"

_BESIDE = ("cartoon", "compare", "styles")
"""What stands before the endings of files that are written beside their photographs."""

_MUTE = FILM_SUFFIXES | {".gif", ".bmp"}
"""Endings of files that are known by their names alone, as most have no metadata."""

_CONTAINERS = {container.name: container for container in CONTAINERS.values()}


@dataclass(frozen=True)
class FilmMadeWith(Decodable):
    """The settings that determine a film, beside those of pictures.

    Attributes:
        quality: 1 to 100.
        codec: One of `CODECS`, or `auto`.
        start: Seconds from the beginning that are left out.
        end: Seconds after which it ends; `None` for all.
        steady: Whether it was made to flicker less; `None` where that was left to toonify.
    """

    EXTRA: ClassVar[str] = "ignore"

    quality: int
    codec: str
    start: float
    end: float | None
    steady: bool | None

    @classmethod
    def of(cls, request: ConvertRequest) -> FilmMadeWith:
        """What a request asks for."""
        end = None if request.end is None else float(request.end)
        return cls(request.video_quality, request.codec, float(request.start), end, request.steady)

    def settled(self, kind: str, strength: float) -> FilmMadeWith:
        """The same with the choices that toonify makes for a container filled in."""
        codec = _CONTAINERS[kind].chosen(self.codec)
        return replace(self, codec=codec, steady=is_steadied(strength, self.steady))

    def unlike(self, wanted: FilmMadeWith) -> Iterator[str]:
        """Each difference from what is wanted, in words."""
        if self.quality != wanted.quality:
            yield f"quality {self.quality}, not {wanted.quality}"
        if self.codec != wanted.codec:
            yield f"codec {self.codec:.60}, not {wanted.codec}"
        if (self.start, self.end) != (wanted.start, wanted.end):
            yield f"{self._part}, not {wanted._part}"
        if self.steady != wanted.steady:
            yield "steadied" if self.steady else "not steadied"

    @property
    def _part(self) -> str:
        if self.end is None:
            return f"from {self.start:g} seconds on" if self.start else "all of it"
        return f"{self.start:g} to {self.end:g} seconds"


@dataclass(frozen=True)
class MadeWith(Decodable):
    """The settings that determine a cartoon.

    Attributes:
        style: The style's name.
        generator: The style's fingerprint; of several styles each one's, with what else its card determines.
        strength: Of the conversion, and so on.
        detail: Likewise; the style's own where none was chosen.
        controls: Every control of the style with its value.
        painter: Who was to paint over what the network drew; empty for nobody.
        close_up: The width at which small faces were to be drawn once more; 0 for never.
        only: The part that was drawn alone; empty for all.
        strip: What was left out of what is written about the photograph.
        moving: Whether each frame was drawn, not the first alone; `None` where that is not known.
        painted: Whether faces could be looked at twice: not in large drawings.
        place: Whether there was a place, or what may tell of one, to be left out.
        photograph: Bytes of the photograph's file, by which another one is noticed, or one that was edited.
        film: What else a film hangs on; `None` of a picture.
        enlarge: How many times smaller pictures were enlarged at most, to be drawn.
        keeps_grey: Whether photographs without colours were drawn without them.
    """

    EXTRA: ClassVar[str] = "ignore"

    style: str
    generator: str
    strength: float
    detail: Natural
    controls: dict[str, float]
    painter: str
    close_up: Natural
    only: str
    strip: str
    moving: bool | None
    painted: bool = True
    place: bool = True
    photograph: Natural = 0
    film: FilmMadeWith | None = None
    enlarge: float = 1.0
    keeps_grey: bool = False

    @classmethod
    def of(cls, request: ConvertRequest, style: Style, controls: Mapping[str, float]) -> MadeWith:
        """What cartoons will be made with.

        Args:
            request: What is asked for.
            style: The style that it names.
            controls: All of the style's, each with its value.

        Raises:
            ToonifyError: if the style's generator is missing.
        """
        card = style.manifest
        return cls(
            card.name,
            style.fingerprint,
            float(request.strength),
            card.detail if request.detail is None else request.detail,
            dict(controls),
            card.painter if request.painter else "",
            card.close_up if request.painter else 0,
            request.only,
            request.strip,
            not request.first_frame,
            film=FilmMadeWith.of(request),
            enlarge=card.enlarge,
            keeps_grey=card.keeps_grey,
        )

    @classmethod
    def of_sheet(cls, request: ConvertRequest, styles: Iterable[Style]) -> MadeWith:
        """What contact sheets of several styles will be made with, controls at their defaults."""
        each = [cls.of(request, style, {}) for style in styles]
        return replace(
            each[0],
            style=",".join(one.style for one in each),
            generator=",".join(map(_drawn_by, each)),
            painter=",".join(one.painter for one in each),
        )

    def out_of(self, photograph: Path, file_format: str) -> MadeWith:
        """The same for one photograph or film, written in a format (Pillow's name, or the container's)."""
        if self.film and file_format in _CONTAINERS:
            film = self.film.settled(file_format, self.strength)
            return replace(self, moving=True, painter="", photograph=_size(photograph), film=film)
        moving = bool(self.moving) and file_format in ANIMATED and is_animation(photograph)
        return replace(self, moving=moving, photograph=_size(photograph), film=None)

    def told(self) -> str:
        """The text for `Picture.made_by`; empty if all metadata is to be stripped."""
        if self.strip == "metadata":
            return ""
        return f"{PROGRAM} {__version__} {json.dumps(asdict(self), separators=(',', ':'))}"

    def differences(self, cartoon: Source) -> tuple[str, ...]:
        """How an existing cartoon differs from what is asked for, each difference in words.

        Empty if it was made in the same way, or has no metadata and is not to have any.
        """
        made = _read(cartoon)
        if made is None:
            return () if self.strip == "metadata" else (UNKNOWN,)
        return tuple(self._unlike(made))

    def _unlike(self, made: MadeWith) -> Iterator[str]:
        if made.photograph != self.photograph:
            yield "another photograph, or one that has changed since"
        if made.strength != self.strength:
            yield f"strength {made.strength:g}, not {self.strength:g}"
        if made.film and self.film:
            yield from made.film.unlike(self.film)
        if made.only != self.only:
            yield f"{made.only or 'all':.60} drawn, not {self.only or 'all'}"
        if None not in (made.moving, self.moving) and made.moving != self.moving:
            yield "each frame, not the first alone" if made.moving else "the first frame alone, not each"
        if made.strip != self.strip and (made.place or self.strip == "metadata"):
            yield f"{made.strip:.60} stripped, not {self.strip}"
        if made.style != self.style:
            yield f"style {made.style:.60}, not {self.style}"
        else:
            yield from self._unlike_in_style(made)

    def _unlike_in_style(self, made: MadeWith) -> Iterator[str]:
        """Differences of settings that only mean something within one style."""
        if (made.generator, made.enlarge, made.keeps_grey) != (self.generator, self.enlarge, self.keeps_grey):
            yield f"the style {self.style} as it was then"
        if made.detail != self.detail:
            yield f"detail {made.detail}, not {self.detail}"
        if made.painter != self.painter and made.painted and not made.moving:
            yield f"painter {made.painter or 'none':.60}, not {self.painter or 'none'}"
        if made.close_up != self.close_up and made.painted and self.detail:  # at 0, nothing is closer
            yield "small faces drawn once more" if made.close_up else "small faces drawn no closer"
        for name, value in self.controls.items():
            if made.controls.get(name, value) != value:
                yield f"{name} {made.controls[name]:g}, not {value:g}"


def lies_beside(path: Path) -> bool:
    """Whether a file is a cartoon, comparison or contact sheet that lies beside its photograph or film.

    Told by its name and its metadata; where the format has none, by its name and the file it would belong to.
    """
    suffix = path.suffix.lower()
    if suffix not in _MUTE:
        return is_own(path, path)
    name, _, kind = path.stem.rpartition(".")
    if kind not in _BESIDE:
        return False
    suffixes = {path.suffix, *(FILM_SUFFIXES if suffix in FILM_SUFFIXES else ())}
    return any(path.with_name(name.removesuffix(".cartoon") + each).is_file() for each in suffixes)


def is_own(name: PurePath, picture: Source) -> bool:
    """Whether a picture is toonify's own, written beside its photograph, by its name and its metadata."""
    return name.stem.rpartition(".")[2] in _BESIDE and read_made_by(picture).startswith(f"{PROGRAM} ")


def _drawn_by(one: MadeWith) -> str:
    """A style's fingerprint, and what else of it determines drawings."""
    return f"{one.generator}+{one.enlarge:g}+{one.keeps_grey:d}+{one.detail}+{one.close_up}"


def _size(photograph: Path) -> int:
    try:
        return photograph.stat().st_size
    except OSError:  # whoever reads it says so
        return 0


def _read(cartoon: Source) -> MadeWith | None:
    """What a file says of how it was made; `None` if it says nothing readable. It may come from anyone."""
    if isinstance(cartoon, Path) and cartoon.suffix.lower() in FILM_SUFFIXES:
        told = read_film_made_by(cartoon)
    else:
        told = read_made_by(cartoon)
    program, _, rest = told.partition(" ")
    try:
        document = json.loads(rest.partition(" ")[2]) if program == PROGRAM else None
        return decode(MadeWith, document, "what a cartoon says") if isinstance(document, dict) else None
    except (ToonifyError, ValueError, RecursionError):
        return None
