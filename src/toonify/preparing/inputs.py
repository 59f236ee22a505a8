"""What there is to prepare: the files of every source, found before any of them is opened."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import usage_error
from toonify.media import left_aside
from toonify.plugins import DatasetSource, Domain, SourceItem, plugin_origin
from toonify.preparing.checked_source import CheckedSource
from toonify.preparing.request import PrepareRequest, default_source
from toonify.storage import ARRAYS, SUPERPIXELS

RESERVED = frozenset({*ARRAYS, "features", "heads"})  # names that loss terms know already


@dataclass(frozen=True)
class Input:
    """One domain's files.

    Attributes:
        source: Opens them.
        root: The folder they come from.
        items: All of them.
        arrays: What their pictures become: the channels of each array.
    """

    source: CheckedSource
    root: Path
    items: list[SourceItem]
    arrays: Mapping[str, int]


def find_inputs(request: PrepareRequest) -> dict[Domain, Input]:
    """List the files of every domain that the dataset will have.

    Raises:
        ToonifyError: if a folder is missing from the request, or holds nothing that the source knows; if
            the source breaks a promise.
    """
    asked = CheckedSource.made(request.source, request.source_options)
    asked.check_declarations(RESERVED | ({SUPERPIXELS} if request.superpixels else set()))
    filler = CheckedSource.made(default_source(), {})
    inputs: dict[Domain, Input] = {}
    roots = _roots(request, asked.source)
    photographs = "photo" if "photo" in roots else "paired"
    for domain, root in roots.items():
        source = asked if domain in asked.source.domains else filler
        arrays = _arrays(domain, source.source, superpixels=request.superpixels and domain == photographs)
        inputs[domain] = Input(source, root, source.items(domain, root), arrays)
    return inputs


def folders_beside(inputs: Mapping[Domain, Input]) -> list[Path]:
    """Where files lie that pictures are made from, such as drawings, and that a source found by itself."""
    return sorted({file.parent for each in inputs.values() for item in each.items for file in item.beside})


def plugin_versions(inputs: Mapping[Domain, Input]) -> dict[str, str]:
    """Which distribution and version brought each source, as the manifest lists it."""
    names = [each.source.name for each in inputs.values()]
    return {f"datasets/{name}": plugin_origin("datasets", name) for name in names}


def count_left_aside(inputs: Mapping[Domain, Input]) -> dict[str, int]:
    """What lies in the folders and became no item of a source, counted by kind."""
    kinds: Counter[str] = Counter()
    for root in {each.root for each in inputs.values() if each.root.is_dir()}:
        taken = {item.path for each in inputs.values() if each.root == root for item in each.items}
        kinds += left_aside(root, taken)
    return dict(sorted(kinds.items()))


def fingerprint(inputs: Mapping[Domain, Input]) -> str:
    """Changes when a file is added, removed or written to."""
    digest = hashlib.sha256()
    for domain, found in inputs.items():
        for item in found.items:
            seen = " ".join(map(_state, item.files))
            digest.update(f"{domain} {item.identity} {seen}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _state(file: Path) -> str:
    try:
        state = file.stat()
    except OSError:
        return "unreadable"
    return f"{state.st_size} {state.st_mtime_ns}"


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


def _arrays(domain: Domain, source: DatasetSource, *, superpixels: bool) -> dict[str, int]:
    built_in = {name: array.channels for name, array in ARRAYS.items() if array.domain == domain}
    asked = {SUPERPIXELS: 1} if superpixels else {}
    return {**built_in, **asked, **source.arrays.get(domain, {})}
