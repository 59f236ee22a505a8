"""One call, one film: `convert_film()`."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from pathlib import Path

from toonify.converting.pipeline import convert_all
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Outcome
from toonify.errors import ToonifyError, nothing_at
from toonify.inference import AUTO
from toonify.progress import Progress
from toonify.storage import AnyPath
from toonify.styles import AnyStyle, default_style


def convert_film(
    film: AnyPath,
    output: AnyPath,
    style: AnyStyle | None = None,
    *,
    strength: float = 1.0,
    detail: int | None = None,
    controls: Mapping[str, float] | None = None,
    painter: bool = True,
    video_quality: int = 80,
    codec: str = "auto",
    start: float = 0.0,
    end: float | None = None,
    steady: bool | None = None,
    overwrite: bool = False,
    device: str = AUTO,
    progress: Progress | None = None,
) -> Outcome:
    """Turn a film into a cartoon, with its sound and everything else in it.

    Args:
        film: The file.
        output: What to write; its suffix says which kind of film.
        style: As of `Converter`.
        strength: 0 leaves the film, 1 gives the cartoon, between them is a mixture.
        detail: Frames of more than detail × detail pixels are drawn at that size; the style's own when
            left out.
        controls: Of the numbers that the style lets you choose, those that are not to be at their defaults.
        painter: Draw small faces once more, from closer by, if the style's card says so. Its painter itself
            leaves films alone.
        video_quality: 1, the smallest file, to 100.
        codec: `auto`, `h264`, `hevc`, `vp9` or `mpeg4`.
        start: Where to begin, in seconds.
        end: Where to end, in seconds; the film's own end when left out.
        steady: Less flicker between frames; where OpenCV is installed, when left out.
        overwrite: Replace `output` if it is there.
        device: As of `Converter`.
        progress: Told about each frame.

    Returns:
        What became of it: `converted`, with notes of what was lost, or `skipped`, because it is there.

    Raises:
        ToonifyError: if the request makes no sense, or the film cannot be read, or not as a whole: of one
            that is cut short, what is there has been converted then, and the message says so.
        KeyboardInterrupt: after Ctrl-C; what is finished is kept, hidden, for the next time.
    """
    request = ConvertRequest(
        [film],
        output,
        style=default_style() if style is None else style,
        strength=strength,
        detail=detail,
        controls=controls or {},
        painter=painter,
        video_quality=video_quality,
        codec=codec,
        start=start,
        end=end,
        steady=steady,
        overwrite=overwrite,
        device=device,
    )
    (source,) = request.inputs
    if isinstance(source, Path) and not os.path.isfile(source):  # noqa: PTH113 - no error for too long a name
        raise nothing_at(source, "film", "Of folders and patterns, `convert_all` takes every film.")
    result = convert_all(request, progress)
    if result.stopped:
        raise KeyboardInterrupt
    outcome = result.outcomes[0]
    if outcome.result == "failed":
        raise ToonifyError(f"{outcome.source}: {outcome.reason}")
    return outcome
