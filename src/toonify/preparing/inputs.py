"""Which source gives what, from which folder, and the list of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import ToonifyError, one_line, usage_error
from toonify.plugins import DatasetSource, Domain, SourceItem, create
from toonify.preparing.request import PrepareRequest

FOLDER = "folder"  # the source that fills what the others lack


@dataclass(frozen=True)
class Input:
    """One domain's files.

    Attributes:
        source: Opens them.
        root: The folder they come from.
        items: All of them.
    """

    source: DatasetSource
    root: Path
    items: list[SourceItem]


def find(request: PrepareRequest) -> dict[Domain, Input]:
    """List the files of every domain that the dataset will have.

    Raises:
        ToonifyError: if a folder is missing from the request, or holds nothing that the source knows.
    """
    source: DatasetSource = create("datasets", request.source, request.source_options)
    roots = _roots(request, source)
    folder = create("datasets", FOLDER, {})
    return {
        domain: _list(domain, source if domain in source.domains else folder, root, request.source)
        for domain, root in roots.items()
    }


def _roots(request: PrepareRequest, source: DatasetSource) -> dict[Domain, Path]:
    """The domains to make, and where each is found.

    Pairs need no cartoons; a dataset of both kinds needs photos and cartoons.
    """
    roots: dict[Domain, Path] = {}
    cartoons = request.cartoons
    if cartoons is None and "cartoon" in source.domains and source.one_root:
        cartoons = request.photos
    if cartoons is None and "paired" not in source.domains:
        raise usage_error(
            f"the source '{request.source}' needs a folder of cartoons beside the photos",
            "Give both:  toonify prepare PHOTOS CARTOONS",
        )
    if cartoons or "photo" in source.domains:
        roots["photo"] = request.photos
    if cartoons:
        roots["cartoon"] = cartoons
    if "paired" in source.domains:
        roots["paired"] = request.photos
    return roots


def _list(domain: Domain, source: DatasetSource, root: Path, name: str) -> Input:
    try:
        items = list(source.items(domain, root))
    except ToonifyError:
        raise
    except Exception as error:  # a source may be anyone's code
        raise ToonifyError(
            f"the source '{name}' cannot read {root}: {type(error).__name__}: {one_line(error)}"
        ) from error
    if not items:
        raise ToonifyError(f"{root} holds no pictures", "JPEG, PNG, WebP, GIF, BMP and TIFF are read.")
    if len({item.identity for item in items}) < len(items):
        raise ToonifyError(f"the source '{name}' gave the same identity to two files of {root}")
    if not all(item.weight > 0 for item in items):
        raise ToonifyError(f"the source '{name}' gave a weight that is not above 0 to a file of {root}")
    return Input(source, root, items)


def fingerprint(inputs: Mapping[Domain, Input]) -> str:
    """Changes when a file is added, removed or written to."""
    digest = hashlib.sha256()
    for domain, found in inputs.items():
        for item in found.items:
            try:
                state = item.path.stat()
                seen = f"{state.st_size} {state.st_mtime_ns}"
            except OSError:
                seen = "unreadable"
            digest.update(f"{domain} {item.identity} {seen}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
