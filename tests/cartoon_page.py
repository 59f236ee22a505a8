"""The page of `export --to web` in a browser: what a person does with it, and what comes of it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from chromium import Chromium
from PIL import Image

READY = "document.documentElement.dataset.ready === 'yes'"
TOLD = "new Promise((told) => navigator.serviceWorker.addEventListener('message', () => told(true)))"


def text(page: Chromium, name: str) -> str:
    return page.run(f"document.getElementById('{name}').innerText")


def click(page: Chromium, name: str) -> None:
    page.run(f"document.getElementById('{name}').click()")


def draw(page: Chromium, photo: Path) -> None:
    """Open a picture and wait for its cartoon."""
    with Image.open(photo) as image:
        size = f"{image.width} × {image.height} pixels, drawn"
    page.run("document.getElementById('status').textContent = ''")
    page.give_file("#file", photo)
    page.until(f"document.getElementById('status').textContent.startsWith('{size}')")


def draw_and_keep(page: Chromium, address: str, photo: Path) -> None:
    """Open the page, draw a picture, and wait until the page is kept for later."""
    page.open(address)
    page.until(READY)
    page.run(f"window.kept = {TOLD}, 0")
    draw(page, photo)
    assert page.run("window.kept")


def downloaded(page: Chromium, folder: Path, suffix: str = ".png") -> Image.Image:
    folder.mkdir(exist_ok=True)
    page.downloads_to(folder)
    before = len(page.events)
    click(page, "download")
    page.wait_for(
        lambda: any(e["params"].get("state") == "completed" for e in page.events[before:]), "the download"
    )
    (file,) = folder.iterdir()
    assert file.suffix == suffix
    return Image.open(file)


def shown(page: Chromium) -> np.ndarray:
    """The cartoon on the page, (H, W, 3)."""
    address = page.run("document.getElementById('cartoon').toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))) as image:
        return np.asarray(image.convert("RGB"))


def likeness(one: Image.Image, other: Image.Image) -> float:
    """PSNR in dB of what can be seen."""
    a, b = (np.asarray(image.convert("RGBA"), np.float64) for image in (one, other))
    assert a.shape == b.shape
    assert np.array_equal(a[..., 3], b[..., 3])
    difference = (a[..., :3] - b[..., :3]) * (a[..., 3:] / 255)
    return float(10 * np.log10(255**2 / max(np.mean(difference**2), 1e-9)))
