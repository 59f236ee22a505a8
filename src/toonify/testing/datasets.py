"""Sources of training pictures."""

from __future__ import annotations

import itertools
import os
import pickle
import typing
from collections.abc import Collection, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from toonify.plugins import DatasetSource, Domain, SourceItem
from toonify.testing.promises import need, promised

ITEMS = 4  # of a source that are opened
CROP, WHOLE = (32, 32), (48, 32)  # width and height of what its pictures are tried at


def check_dataset(source: DatasetSource, root: str | os.PathLike[str]) -> None:
    """The same items again and again, that open as RGB, in this process and in others.

    Args:
        source: To be checked.
        root: A folder laid out as it expects, with a few pictures.
    """
    need(isinstance(source, DatasetSource), "it is a subclass of toonify.plugins.DatasetSource")
    root = Path(root)
    with promised("it survives pickling, for worker processes use it"):
        source = pickle.loads(pickle.dumps(source))
    domains: Any = source.domains
    known = typing.get_args(Domain)
    declared = isinstance(domains, Collection) and not isinstance(domains, str) and {*domains} <= {*known}
    need(declared and bool(domains), f"`domains` is a set of {', '.join(known)}, not {domains!r}")
    for domain in sorted(source.domains):
        items = list(source.items(domain, root))
        need(bool(items), f"{root} holds {domain} pictures")
        for item in items:
            need(isinstance(item, SourceItem), f"items() gives SourceItems, not {item!r}")
        need(items == list(source.items(domain, root)), "items come in an order that does not change")
        need(len({item.identity for item in items}) == len(items), "no two items have the same identity")
        above = all(_is_number(item.weight) and item.weight > 0 for item in items)
        need(above, "weights are numbers above 0")
        need(all(item.split in ("train", "val", None) for item in items), "`split` is train, val or None")
        for item in itertools.islice(items, ITEMS):
            image = source.open(item)
            need(isinstance(image, Image.Image), f"open() gives a Pillow image, not {type(image).__name__}")
            need(image.mode == "RGB", f"pictures are of mode RGB, not {image.mode}")
            crop = np.asarray(image.resize(WHOLE if source.whole else CROP))
            if domain == "paired":
                pair = source.pair_of(item, crop)
                _need_array(pair, 7, "pair_of()", source.whole)
                again = source.pair_of(item, crop)
                need(np.array_equal(pair, again), "the same crop always gives the same pair")
            wanted = source.arrays.get(domain, {})
            derived: Any = source.derive(domain, crop) if wanted else {}
            need(isinstance(derived, Mapping), f"derive() gives a dictionary, not {type(derived).__name__}")
            need(derived.keys() == wanted.keys(), f"derive() gives {sorted(wanted)}, not {sorted(derived)}")
            for name, channels in wanted.items():
                _need_array(derived[name], channels, f"derive()'s {name}", source.whole)


def _is_number(weight: object) -> bool:
    return isinstance(weight, Real)  # NumPy's, too


def _need_array(array: Any, channels: int, giver: str, whole: bool) -> None:
    """Of a crop an array of its size; of a whole picture one of its shape, at any size."""
    width, height = WHOLE if whole else CROP
    dtype: Any = getattr(array, "dtype", type(array))
    shape: tuple[int, ...] = getattr(array, "shape", ())
    fits = shape == (height, width, channels)
    if whole and len(shape) == 3 and 0 not in shape:
        rows, columns, depth = shape
        fits = depth == channels and abs(rows * width - columns * height) <= max(height, width)
    wanted = f"{(height, width, channels)}{', or of another size of that shape' if whole else ''}"
    need(dtype == "uint8" and fits, f"{giver} gives uint8 {wanted}, not {dtype} {shape}")
