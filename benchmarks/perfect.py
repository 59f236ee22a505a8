"""How near `convert` comes to a perfect pipeline: the network's own time for the same pictures, nothing else.

    python benchmarks/perfect.py [--style comic] [--device auto] [--count 24] [--frames 100] [--rounds 7]

JPEGs of a megapixel as users get them, drawn at the style's own detail, and with every pixel drawn; a quarter
as many of 12 megapixels, as phones take them; and a film of 1280 × 720, as it is drawn and steadied, of so
many frames that its beginning weighs little. In one process, in turns, so many rounds, as many pictures at
once as `convert` works on. Shares are medians. That of processor time hangs less on what else the machine
does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from PIL import Image
from startup import SAMPLE, sample

from toonify.converting import Converter, ConvertRequest, convert_all
from toonify.converting.detail import drawing_size
from toonify.inference.padding import padded_side
from toonify.resources import cores
from toonify.runners import ThreadRunner

STILL, LARGE, FRAME = (1024, 1024), (4032, 3024), (1280, 720)
PANNED = 4  # pixels from one frame to the next


@dataclass
class Case:
    """Something to convert, and what was measured: a pair of seconds (network, everything) for each round.

    Attributes:
        name: For the table.
        source: A folder of pictures, or a film.
        size: Width and height of each picture.
        count: Of pictures, or frames.
        detail: At which they are drawn.
        steady: Whether frames are steadied.
    """

    name: str
    source: Path
    size: tuple[int, int]
    count: int
    detail: int | None = None
    steady: bool | None = None
    clock: list[tuple[float, float]] = field(default_factory=list)
    processor: list[tuple[float, float]] = field(default_factory=list)

    def race(self, converter: Converter, style: str, device: str) -> None:
        """One round."""
        multiple = converter.style.manifest.multiple
        sides = reversed(drawing_size(self.size, converter.detail))
        batch = np.zeros((1, *(padded_side(side, multiple) for side in sides), 3), np.float32)
        batch += np.random.default_rng(0).uniform(-1, 1, batch.shape[2:]).astype(np.float32)

        def network() -> None:
            with ThreadRunner(cores(), converter.runtime) as runner:
                for _, drawn in runner.run(range(self.count), lambda runtime, _: runtime.run(batch)):
                    drawn.get()

        def everything() -> None:
            target = self.source.with_name(f"drawn-{self.source.name}")
            request = ConvertRequest(
                [self.source],
                target,
                style=style,
                detail=self.detail,
                device=device,
                steady=self.steady,
                overwrite=True,
            )
            assert not convert_all(request).exit_code

        costs = [_timed(work) for work in (network, everything)]
        self.clock.append((costs[0][0], costs[1][0]))
        self.processor.append((costs[0][1], costs[1][1]))

    def told(self) -> str:
        """A row of the table."""
        processor, clock = (
            statistics.median(network / everything for network, everything in pairs)
            for pairs in (self.processor, self.clock)
        )
        rate = self.count / statistics.median(everything for _, everything in self.clock)
        return f"{self.name:36}{processor:20.0%}{clock:14.0%}{rate:12.1f}"


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def _photos(folder: Path, size: tuple[int, int], count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        sample(folder / f"{number:03}.jpg", *size)
    return folder


def pan(path: Path, frames: int) -> Path:
    """A film in which a camera moves over mountains, as H.264."""
    width, height = FRAME
    with Image.open(SAMPLE) as image:
        wide = np.asarray(image.convert("RGB").resize((width + PANNED * frames, height)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            left = PANNED * number
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, left : left + width]))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--style", default="comic")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--count", type=int, default=24, help="pictures")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    style, device = arguments.style, arguments.device
    count, frames = arguments.count, arguments.frames
    with tempfile.TemporaryDirectory() as folder:
        photos, film = _photos(Path(folder, "photos"), STILL, count), pan(Path(folder, "film.mp4"), frames)
        few = max(1, count // 4)
        cases = [
            Case("JPEGs of a megapixel, as users get it", photos, STILL, count),
            Case("the same, every pixel drawn", photos, STILL, count, detail=0),
            Case("of 12 megapixels, as users get it", _photos(Path(folder, "large"), LARGE, few), LARGE, few),
            Case("a film of 1280 x 720, as it is drawn", film, FRAME, frames, steady=False),
            Case("the same, steadied, as users get it", film, FRAME, frames, steady=True),
        ]
        converters = [Converter(style, threads=1, detail=case.detail, device=device) for case in cases]
        for number in range(arguments.rounds + 1):
            for case, converter in zip(cases, converters, strict=True):
                case.race(converter, style, device)
                if not number:  # it filled caches
                    case.clock.clear()
                    case.processor.clear()
        runtime = converters[0].runtime
        title = f"{style}, {runtime.device}, {runtime.precision}"
        print(f"{title:36}{'share of processor':>20}{'of the clock':>14}{'a second':>12}")
        for case in cases:
            print(case.told())


if __name__ == "__main__":
    main()
