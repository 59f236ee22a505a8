"""All files of the page, by their path: what comes with toonify, the styles, and `page.json`, their index."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from toonify.distributions import own_version
from toonify.errors import ToonifyError
from toonify.exporting.base import as_batch
from toonify.exporting.web import faces
from toonify.exporting.web.runtime import BACKENDS, read_runtime, read_words
from toonify.exporting.web.weights import small_network
from toonify.faces import close_ups, detector
from toonify.inference import open_runtime
from toonify.inference.padding import drawn_with_margin
from toonify.media import Enlarging, eight_bits
from toonify.storage import read_json

if TYPE_CHECKING:
    from toonify.styles import Style

PAGE = Path(__file__).parent / "page"
INDEX = "page.json"
EXAMPLE = "example.jpg"
SERVICE_WORKER = "service-worker.js"

FACE = (118, 20, 348, 250)
"""What thumbnails show of the example: left, top, right, bottom."""

THUMBNAIL = 192  # pixels a side


def make_site(styles: Sequence[Style]) -> dict[str, bytes]:
    """The page's files by path, with `/` between folders.

    Args:
        styles: In the order of the chooser; the page begins with the first.

    Raises:
        ToonifyError: if a style does not draw, or ONNX Runtime Web is missing.
    """
    shell = _shell()
    runtime, runtime_files = _runtime()
    described: list[dict[str, Any]] = []
    style_files: dict[str, bytes] = {}
    for number, style in enumerate(styles):
        description, files = _style(style, f"styles/{number}")
        described.append(description)
        style_files |= files
    looks_closer = any(style.manifest.close_up for style in styles)
    found, face_files = _faces() if looks_closer else (None, {})
    others = {**runtime_files, **style_files, **face_files}
    index = {
        "version": own_version(),
        "styles": described,
        "runtime": runtime,
        "faces": found,
        "example": EXAMPLE,
        "shell": sorted({*shell, *_small(others), INDEX} - {SERVICE_WORKER}),
    }
    return {**shell, **others, INDEX: json.dumps(index).encode()}


def own_files(page: Path) -> tuple[str, ...]:
    """Paths of the files of a written page, by its own index: another version's page has others.

    Returns:
        As `toonify.storage.strangers` takes them; nothing where no page is.
    """
    try:
        shell = read_json(page / INDEX, "no page of a style").get("shell")
    except ToonifyError:
        return ()
    if not isinstance(shell, list):
        return ()
    return (SERVICE_WORKER, "runtime/ort.*", "styles/*.gz", "faces/*.gz", *map(str, shell))


def _shell() -> dict[str, bytes]:
    """What is the same for all styles."""
    files = {
        path.relative_to(PAGE).as_posix(): path.read_bytes() for path in PAGE.rglob("*") if path.is_file()
    }
    return files | {f"runtime/{name}": words for name, words in read_words().items()}


def _small(files: Mapping[str, bytes]) -> set[str]:
    """Files that a page needs without a network too, and that have no hash in their address."""
    return {path for path in files if not path.endswith(".gz") and "webgpu" not in path}


def _runtime() -> tuple[dict[str, Any], dict[str, bytes]]:
    described: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for backend in BACKENDS:
        found = read_runtime(backend)
        script, binary = f"runtime/ort.{backend}.js", f"runtime/ort.{backend}.wasm.gz"
        files |= {script: found.script, binary: found.packed}
        described[backend] = {"script": {"path": script}, "binary": _file(binary, found.packed, found.binary)}
    return described, files


def _faces() -> tuple[dict[str, Any], dict[str, bytes]]:
    """What small faces are found with, and how they are drawn once more."""
    model = faces.small_detector()
    packed = gzip.compress(model, 9, mtime=0)
    described = {
        "network": _file(faces.NETWORK, packed, model),
        "licence": faces.LICENCE,
        **close_ups.for_programs(),
    }
    return described, {faces.NETWORK: packed, faces.LICENCE: detector.read_licence()}


def _file(path: str, packed: bytes, data: bytes) -> dict[str, Any]:
    """What the page knows of a large file: how much is to come, and the hash of what is in it."""
    return {"path": path, "bytes": len(packed), "sha256": hashlib.sha256(data).hexdigest()}


def _style(style: Style, stem: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    card, model = style.manifest, small_network(style)
    shapes = style.network().controls
    packed = gzip.compress(model, 9, mtime=0)
    example = _drawn_example(style)
    thumbnail = example.crop(FACE).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    files = {f"{stem}.onnx.gz": packed, f"{stem}.jpg": _jpeg(example), f"{stem}-face.jpg": _jpeg(thumbnail)}
    described = {
        "name": card.name,
        "description": card.description,
        "licence": card.licence,
        "sources": card.sources,
        "halo": card.halo,
        "multiple": card.multiple,
        "detail": card.detail,
        "enlarge": card.enlarge,
        "painter": card.painter,
        "close_up": card.close_up,
        "keeps_grey": card.keeps_grey,
        "controls": {
            name: {**dataclasses.asdict(control), "shape": shapes[name]}
            for name, control in card.controls.items()
        },
        "network": _file(f"{stem}.onnx.gz", packed, model),
        "example": f"{stem}.jpg",
        "thumbnail": f"{stem}-face.jpg",
    }
    return described, files


def _drawn_example(style: Style) -> Image.Image:
    """The example's cartoon, which is there before a browser has loaded what it draws with."""
    import numpy as np

    with Image.open(PAGE / EXAMPLE) as image:
        photo = image.convert("RGB")
    card = style.manifest
    side = min(card.detail or photo.width, round(photo.width * card.enlarge))  # it is square
    small = photo.resize((side, side), Image.Resampling.LANCZOS)
    cartoon = drawn_with_margin(open_runtime(style).run, as_batch(small), card.multiple)[0]
    drawing = Image.fromarray(((cartoon + 1) * 127.5).round().clip(0, 255).astype(np.uint8))
    return eight_bits(Enlarging(drawing, photo.size).rows(0, photo.height))


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=87, optimize=True)
    return file.getvalue()
