"""What there is to prepare: the files of every source, found before any of them is opened."""

from __future__ import annotations

import hashlib
import re
import typing
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import ToonifyError, one_line, usage_error
from toonify.media import READ, left_aside, tell_left_aside
from toonify.plugins import DatasetSource, Domain, SourceItem, create, plugin_errors, plugin_origin
from toonify.preparing.request import PrepareRequest
from toonify.storage import ARRAYS, SUPERPIXELS
from toonify.text import visible

DOMAINS = typing.get_args(Domain)
FOLDER = "folder"  # the source that fills what the others lack
RESERVED = frozenset({*ARRAYS, "features", "heads"})  # names that loss terms know already


@dataclass(frozen=True)
class Input:
    """One domain's files.

    Attributes:
        plugin: Name of the source.
        origin: Which distribution and version brought it.
        source: Opens them.
        root: The folder they come from.
        items: All of them.
        arrays: What their pictures become: the channels of each array.
    """

    plugin: str
    origin: str
    source: DatasetSource
    root: Path
    items: list[SourceItem]
    arrays: Mapping[str, int]


def find_inputs(request: PrepareRequest) -> dict[Domain, Input]:
    """List the files of every domain that the dataset will have.

    Raises:
        ToonifyError: if a folder is missing from the request, or holds nothing that the source knows; if
            the source breaks a promise.
    """
    source: DatasetSource = create("datasets", request.source, request.source_options)
    with plugin_errors(f"the source '{request.source}'"):
        _check_domains(request.source, source)
        _check_arrays(request.source, source, RESERVED | ({SUPERPIXELS} if request.superpixels else set()))
    folder: DatasetSource = create("datasets", FOLDER, {})
    inputs: dict[Domain, Input] = {}
    roots = _roots(request, source)
    photographs = "photo" if "photo" in roots else "paired"
    for domain, root in roots.items():
        name, giver = (request.source, source) if domain in source.domains else (FOLDER, folder)
        inputs[domain] = Input(
            plugin=name,
            origin=plugin_origin("datasets", name),
            source=giver,
            root=root,
            items=_list(domain, name, giver, root),
            arrays=_arrays(domain, giver, superpixels=request.superpixels and domain == photographs),
        )
    return inputs


def plugin_versions(inputs: Mapping[Domain, Input]) -> dict[str, str]:
    """Which distribution and version brought each source, as the manifest lists it."""
    return {f"datasets/{each.plugin}": each.origin for each in inputs.values()}


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
            try:
                state = item.path.stat()
                seen = f"{state.st_size} {state.st_mtime_ns}"
            except OSError:
                seen = "unreadable"
            digest.update(f"{domain} {item.identity} {seen}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


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


def _list(domain: Domain, name: str, source: DatasetSource, root: Path) -> list[SourceItem]:
    try:
        items = list(source.items(domain, root))
    except ToonifyError:
        raise
    except (Exception, SystemExit) as error:  # a source may be anyone's code
        raise ToonifyError(
            f"the source '{name}' cannot read {root}: {type(error).__name__}: {one_line(error)}"
        ) from error
    if not items:
        others = tell_left_aside(left_aside(root, ()))
        raise ToonifyError(f"{root} holds no pictures{f' ({others})' if others else ''}", READ)
    if odd := next((item for item in items if not _is_item(item)), None):
        raise ToonifyError(
            f"the source '{name}' gave {visible(str(odd)):.200} for a file of {root}",
            "It should be a SourceItem: identity is text, path a Path, split 'train', 'val' or None.",
        )
    if len({item.identity for item in items}) < len(items):
        raise ToonifyError(f"the source '{name}' gave the same identity to two files of {root}")
    if not all(item.weight > 0 for item in items):
        raise ToonifyError(f"the source '{name}' gave a weight that is not above 0 to a file of {root}")
    return items


def _is_item(item: object) -> bool:
    return (
        isinstance(item, SourceItem)
        and isinstance(item.identity, str)
        and item.split in ("train", "val", None)
    )


def _arrays(domain: Domain, source: DatasetSource, *, superpixels: bool) -> dict[str, int]:
    built_in = {name: array.channels for name, array in ARRAYS.items() if array.domain == domain}
    asked = {SUPERPIXELS: 1} if superpixels else {}
    return {**built_in, **asked, **source.arrays.get(domain, {})}


def _check_domains(name: str, source: DatasetSource) -> None:
    """Raise a `ToonifyError` for a source of other domains than there are, or of none."""
    if not source.domains or not {*source.domains} <= {*DOMAINS}:
        given = ", ".join(sorted(map(str, source.domains))) or "none"
        raise ToonifyError(
            f"the source '{name}' declares the domains {given}; there are {', '.join(DOMAINS)}"
        )


def _check_arrays(name: str, source: DatasetSource, taken: Collection[str]) -> None:
    """Raise a `ToonifyError` for arrays of a source's own that cannot be."""
    times = Counter(array for arrays in source.arrays.values() for array in arrays)
    for domain, arrays in source.arrays.items():
        for array, channels in arrays.items():
            said = f"the source '{name}' declares the array '{array}'"
            if domain not in source.domains:
                raise ToonifyError(f"{said} of {domain} pictures, which it does not give")
            if array in taken or times[array] > 1:
                raise ToonifyError(f"{said}, a name that is taken")
            if not re.fullmatch("[a-z][a-z0-9_]*", array):
                raise ToonifyError(f"{said}; a name is lower-case letters, digits and underscores")
            if type(channels) is not int or channels < 1:
                raise ToonifyError(f"{said} of {channels} channels; it needs one at least")
