"""Whether a network draws the same in another form: exported, packaged as a style, or on another device."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toonify.errors import ToonifyError
from toonify.inference.padding import SMALLEST, drawn_with_margin, round_up
from toonify.inference.tiles import spans

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Draw = Callable[[NDArray[float32]], NDArray[float32]]

TOLERANCE = 1e-3
"""Of [-1, 1]: an eighth of a step of 8-bit colour. Runtimes add up a convolution's products in orders
of their own, which costs `lite` about 1e-5; instance norm, which divides by deviations, magnifies it."""

INVISIBLE = 38.0
"""PSNR in dB from which on drawings in 8 bits are taken for the same."""

SHAPES = ((1, 96, 64), (2, 32, 80))
"""Batch, height and width of the test pictures, before they are rounded up to the style's multiple."""

ODD_SHAPE = (1, 45, 27)
"""Of the one whose sides are multiples of nothing much, and one of them shorter than networks take."""


@dataclass(frozen=True)
class Probe:
    """A batch of test pictures, and what the original draws of it, both (N, H, W, 3) in [-1, 1].

    Attributes:
        odd: Whether its sides are no multiples of the style's, so that it must be padded.
    """

    pictures: NDArray[float32]
    expected: NDArray[float32]
    odd: bool = False


def make_probes(
    original: Draw,
    multiple: int,
    photographs: Sequence[NDArray[float32]] = (),
    *,
    size: tuple[int, int] | None = None,
) -> list[Probe]:
    """Let the original draw test pictures: noise and ramps, the last of them odd; then photographs.

    Args:
        original: A function on pictures whose sides are multiples of `multiple`.
        multiple: As the style's card says.
        photographs: Further pictures, (1, H, W, 3) in [-1, 1], of any size.
        size: Width and height of the only noise to be drawn, a picture alone.

    Raises:
        ToonifyError: if the original does not draw.
    """
    chance = np.random.default_rng(0)
    probes = []
    for batch, *sides in [(1, size[1], size[0])] if size else SHAPES:
        pictures = noise_over_ramps(chance, batch, *(round_up(side, multiple) for side in sides))
        probes.append(Probe(pictures, original(pictures)))
    if not size:
        odd = noise_over_ramps(chance, *ODD_SHAPE)
        probes.append(Probe(odd, drawn_with_margin(original, odd, multiple), odd=True))
    for photo in photographs:
        fits = all(side % multiple == 0 and side >= SMALLEST for side in photo.shape[1:3])
        probes.append(Probe(photo, drawn_with_margin(original, photo, multiple), odd=not fits))
    return probes


@dataclass(frozen=True)
class Likeness:
    """How near a form of a network draws to the original, over all probes, in [-1, 1].

    Attributes:
        largest: Difference of any pixel (a step of 8-bit colour is 0.008).
        mean: Difference, without its sign.
        psnr: In dB, for the range of 2; `None` where nothing differs.
        size: Width and height of the largest probe.
        milliseconds: That drawing it takes, once the runtime is warm.
    """

    largest: float
    mean: float
    psnr: float | None
    size: tuple[int, int]
    milliseconds: float


def compare(
    draw: Draw,
    probes: Sequence[Probe],
    subject: str,
    *,
    original: str = "the style",
    hint: str = "",
    tolerance: float = TOLERANCE,
    least_psnr: float = 0,
) -> Likeness:
    """How near it draws to the original.

    Args:
        draw: What is to draw as the original does.
        probes: What the original draws.
        subject: The first words of the message.
        original: What to call the original.
        hint: What may be wrong when they differ.
        tolerance: By how much a pixel may differ, in [-1, 1].
        least_psnr: In dB, for the range of 2; how near all pixels must be on the whole.

    Raises:
        ToonifyError: if a shape differs, a pixel by more than `tolerance`, or all of them by too much.
    """
    every = _differences(draw, probes, subject, original, hint)
    largest = float(np.max(every))
    if not largest <= tolerance:  # true for what is no number
        raise ToonifyError(
            f"{subject} draws something other than {original}: the difference is {largest:.2g} of 2, "
            f"and {tolerance:g} is allowed",
            hint,
        )
    psnr = _psnr(every)
    if psnr is not None and psnr < least_psnr:
        raise ToonifyError(
            f"{subject} draws something other than {original}: the PSNR is {psnr:.1f} dB, "
            f"and {least_psnr:g} dB are asked for",
            hint,
        )
    biggest = max((probe.pictures for probe in probes), key=np.size)
    began = time.perf_counter()
    draw(biggest)
    return Likeness(
        largest,
        mean=float(np.mean(every)),
        psnr=psnr,
        size=(biggest.shape[2], biggest.shape[1]),
        milliseconds=(time.perf_counter() - began) * 1000,
    )


def _differences(
    draw: Draw, probes: Sequence[Probe], subject: str, original: str, hint: str
) -> NDArray[np.float64]:
    """The absolute difference of every number, of all probes."""
    every = []
    for probe in probes:
        made, expected = draw(probe.pictures), probe.expected
        if made.shape != expected.shape:
            raise ToonifyError(
                f"{subject} draws pictures of {made.shape} where {original} draws {expected.shape}", hint
            )
        every.append(np.abs(made - expected).ravel().astype(np.float64))
    return np.concatenate(every)


def _psnr(differences: NDArray[np.float64]) -> float | None:
    """In dB, for the range of 2; `None` where nothing differs."""
    error = float(np.mean(differences**2))
    return 10 * math.log10(2**2 / error) if error else None


def verify_likeness(draw: Draw, probes: Sequence[Probe], subject: str, *, original: str, hint: str) -> None:
    """Make sure that nobody sees a difference, where computing in another precision makes one.

    Args:
        draw, probes, subject, original, hint: As of `compare`.

    Raises:
        ToonifyError: if a shape differs, or the pictures do.
    """
    psnr = _psnr(_differences(draw, probes, subject, original, hint))
    if psnr is not None and not psnr >= INVISIBLE:  # true for what is no number
        raise ToonifyError(
            f"{subject} draws something other than {original}: they are {psnr:.0f} dB apart, "
            f"and {INVISIBLE:.0f} are needed",
            hint,
        )


def tile_difference(draw: Draw, halo: int, multiple: int) -> float:
    """The largest difference of any pixel, in [-1, 1], between a picture drawn in tiles and drawn whole.

    Args:
        draw: A function on pictures whose sides are multiples of `multiple`.
        halo: Pixels around a pixel that its result is said to depend on.
        multiple: As the style's card says.

    Raises:
        ToonifyError: if it does not draw.
    """
    short = round_up(SMALLEST, multiple)
    longest = max(2 * round_up(halo, multiple) + multiple, short)
    long = longest + 2 * multiple
    chance = np.random.default_rng(0)
    differences = [0.0]
    for axis, (height, width) in ((1, (long, short)), (2, (short, long))):
        ramp = np.linspace(-0.7, 0.7, long, dtype=np.float32)  # no part of it is like the whole
        pictures = noise_over_ramps(chance, 1, height, width) * np.float32(0.3)
        pictures += ramp[:, None, None] if axis == 1 else ramp[:, None]
        whole = draw(pictures)
        for span in spans(long, halo, multiple, longest):
            tile = draw(np.take(pictures, range(span.start, span.stop), axis))
            kept = np.take(tile, range(span.kept.start, span.kept.stop), axis)
            there = np.take(whole, range(span.keep_start, span.keep_stop), axis)
            differences.append(np.max(np.abs(kept - there)))
    return float(np.max(differences))


def noise_over_ramps(chance: np.random.Generator, batch: int, height: int, width: int) -> NDArray[float32]:
    """Noise over ramps, in [-1, 1]: large areas, and detail in every pixel."""
    ramp = np.linspace(-0.7, 0.7, height)[:, None, None] * np.linspace(-1, 1, width)[:, None]
    noise = chance.uniform(-0.3, 0.3, (batch, height, width, 3))
    return (ramp + noise).astype(np.float32)
