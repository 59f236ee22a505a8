"""The page of `export --to web`: what a reader downloads, and how long the first cartoon takes.

    python benchmarks/web.py [--style comic] [--repeats 5]

Headless Chromium, a new profile for each run, the page served as `toonify serve` does. Bytes are as sent;
what a static host compresses beside the `.gz` files (text) comes out smaller still. "One thread" is what a
static host without the headers for threads gives on a first visit. Medians.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from toonify.exporting.web import PageServer, make_site, server
from toonify.styles import load_style

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from chromium import Chromium, find_chromium, running  # noqa: E402

READY = "document.documentElement.dataset.ready === 'yes'"
DRAWN = "document.getElementById('status').textContent.includes('drawn in')"


@dataclass(frozen=True)
class Visit:
    """A first visit: bytes fetched until the cartoon was there; seconds until ready, and of two cartoons."""

    fetched: int
    ready: float
    first: float
    second: float


@contextmanager
def serving(site: dict[str, bytes]) -> Iterator[str]:
    with PageServer(site, 0) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        yield page.address
        page.shutdown()


def visit(program: str, address: str, photo: Path) -> Visit:
    """Open the page for the first time, wait until it is ready, and draw a photograph twice."""
    with tempfile.TemporaryDirectory() as profile, running(program, Path(profile)) as browser:
        began = time.perf_counter()
        browser.open(address)
        browser.until(READY)
        ready = time.perf_counter() - began
        first = drawing(browser, photo)
        fetched = sum(
            event["params"]["encodedDataLength"]
            for event in browser.events
            if event["method"] == "Network.loadingFinished"
        )
        browser.run("document.getElementById('status').textContent = ''")
        return Visit(int(fetched), ready, first, drawing(browser, photo))


def drawing(browser: Chromium, photo: Path) -> float:
    """Seconds from the choice of a file until its cartoon is shown."""
    began = time.perf_counter()
    browser.give_file("#file", photo)
    browser.until(DRAWN)
    return time.perf_counter() - began


def report(name: str, visits: list[Visit]) -> None:
    def middle(field: str) -> float:
        return statistics.median(getattr(one, field) for one in visits)

    print(
        f"{name:12} {middle('fetched') / 1e6:8.2f} MB {middle('ready'):8.2f} s "
        f"{middle('first'):10.2f} s {middle('second'):10.2f} s"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--style", default="comic")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    program = find_chromium()
    if not program:
        raise SystemExit("no Chromium is on the path")
    site = make_site([load_style(arguments.style)])
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder, "photo.jpg")
        with Image.open(ROOT / "samples" / "mountains.jpg") as image:
            image.resize((1024, 1024), Image.Resampling.BICUBIC).save(photo, quality=92)
        print(f"{arguments.style}, 1024 x 1024   fetched      ready  first cartoon    the next")
        for name, headers in (("threads", server.HEADERS), ("one thread", {})):
            server.HEADERS = headers
            with serving(site) as address:
                report(name, [visit(program, address, photo) for _ in range(arguments.repeats)])


if __name__ == "__main__":
    main()
