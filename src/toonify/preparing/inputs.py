"""What there is to prepare: the files of every source, found before any of them is opened."""

from __future__ import annotations

import hashlib
import pickle
import re
import typing
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import ToonifyError, one_line, usage_error
from toonify.media import READ, left_aside, tell_left_aside
from toonify.plugins import (
    DatasetSource,
    Domain,
    PluginInUse,
    SourceItem,
    create,
    plugin_in_use,
    plugin_origin,
)
from toonify.preparing.request import PrepareRequest, default_source
from toonify.storage import ARRAYS, SUPERPIXELS
from toonify.text import visible

DOMAINS = typing.get_args(Domain)
RESERVED = frozenset({*ARRAYS, "features", "heads"})  # names that loss terms know already


@dataclass(frozen=True)
class Input:
    """One domain's files.

    Attributes:
        plugin: Name of the source.
        in_use: What errors call it.
        origin: Which distribution and version brought it.
        source: Opens them.
        root: The folder they come from.
        items: All of them.
        arrays: What their pictures become: the channels of each array.
    """

    plugin: str
    in_use: PluginInUse
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
    in_use = plugin_in_use("datasets", request.source)
    with in_use.errors():
        _check_domains(in_use, source)
        _check_arrays(in_use, source, RESERVED | ({SUPERPIXELS} if request.superpixels else set()))
    filler = default_source()
    folder: DatasetSource = create("datasets", filler, {})
    inputs: dict[Domain, Input] = {}
    roots = _roots(request, source)
    photographs = "photo" if "photo" in roots else "paired"
    for domain, root in roots.items():
        name, giver = (request.source, source) if domain in source.domains else (filler, folder)
        plugin = plugin_in_use("datasets", name)
        inputs[domain] = Input(
            plugin=name,
            in_use=plugin,
            origin=plugin_origin("datasets", name),
            source=giver,
            root=root,
            items=_list(domain, plugin, giver, root),
            arrays=_arrays(domain, giver, superpixels=request.superpixels and domain == photographs),
        )
    return inputs


def need_portable(inputs: Mapping[Domain, Input]) -> None:
    """Raise a `ToonifyError` for a source that cannot be sent to worker processes."""
    for each in inputs.values():
        try:
            pickle.dumps(each.source)
        except Exception as error:  # a source may be anyone's code
            raise each.in_use.error(
                f"{each.in_use} cannot be sent to worker processes: {one_line(error)}",
                f"Use `workers` 1. {each.in_use.remedy}".strip(),
            ) from error


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


def _list(domain: Domain, plugin: PluginInUse, source: DatasetSource, root: Path) -> list[SourceItem]:
    try:
        items = list(source.items(domain, root))
    except ToonifyError:
        raise
    except (Exception, SystemExit) as error:  # a source may be anyone's code
        raise plugin.error(
            f"{plugin} cannot read {root}: {type(error).__name__}: {one_line(error)}"
        ) from error
    if not items:
        raise _nothing(plugin, root)
    if odd := next((item for item in items if not _is_item(item)), None):
        raise plugin.error(
            f"{plugin} gave {visible(str(odd)):.200} for a file of {root}",
            "It should be a SourceItem: identity is text, path a Path, split 'train', 'val' or None.",
        )
    known: dict[str, SourceItem] = {}
    for item in items:
        if (other := known.setdefault(item.identity, item)) is not item:
            raise plugin.error(
                f"{plugin} gave the identity '{visible(item.identity):.200}' to two files of {root}: "
                f"{_within(root, other)} and {_within(root, item)}"
            )
        if not item.weight > 0:
            raise plugin.error(
                f"{plugin} gave a weight that is not above 0 to a file of {root}: {_within(root, item)}"
            )
    return items


def _nothing(plugin: PluginInUse, root: Path) -> ToonifyError:
    """The error for a folder in which a source finds no pictures: what is one is for a stranger's to say."""
    if plugin.foreign:
        return plugin.error(f"{plugin} finds no pictures in {root}")
    others = tell_left_aside(left_aside(root, ()))
    return ToonifyError(f"{root} holds no pictures{f' ({others})' if others else ''}", READ)


def _within(root: Path, item: SourceItem) -> str:
    path = item.path.relative_to(root) if item.path.is_relative_to(root) else item.path
    return f"{visible(str(path)):.200}"


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


def _check_domains(plugin: PluginInUse, source: DatasetSource) -> None:
    """Raise a `ToonifyError` for a source of other domains than there are, or of none."""
    if not source.domains or not {*source.domains} <= {*DOMAINS}:
        given = ", ".join(sorted(map(str, source.domains))) or "none"
        raise plugin.error(f"{plugin} declares the domains {given}; there are {', '.join(DOMAINS)}")


def _check_arrays(plugin: PluginInUse, source: DatasetSource, taken: Collection[str]) -> None:
    """Raise a `ToonifyError` for arrays of a source's own that cannot be."""
    times = Counter(array for arrays in source.arrays.values() for array in arrays)
    for domain, arrays in source.arrays.items():
        for array, channels in arrays.items():
            said = f"{plugin} declares the array '{array}'"
            if domain not in source.domains:
                raise plugin.error(f"{said} of {domain} pictures, which it does not give")
            if array in taken or times[array] > 1:
                raise plugin.error(f"{said}, a name that is taken")
            if not re.fullmatch("[a-z][a-z0-9_]*", array):
                raise plugin.error(f"{said}; a name is lower-case letters, digits and underscores")
            if type(channels) is not int or channels < 1:
                raise plugin.error(f"{said} of {channels} channels; it needs one at least")
