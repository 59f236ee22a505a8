"""Sources of training pictures."""

from __future__ import annotations

import itertools
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from toonify.plugins import DatasetSource
from toonify.testing.promises import need

ITEMS = 4  # of a source that are opened


def check_dataset(source: DatasetSource, root: str | os.PathLike[str]) -> None:
    """The same items again and again, that open as RGB, in this process and in others.

    Args:
        source: To be checked.
        root: A folder laid out as it expects, with a few pictures.
    """
    need(isinstance(source, DatasetSource), "it is a subclass of toonify.plugins.DatasetSource")
    root, source = Path(root), pickle.loads(pickle.dumps(source))  # as worker processes get it
    for domain in sorted(source.domains):
        items = list(source.items(domain, root))
        need(bool(items), f"{root} holds {domain} pictures")
        need(items == list(source.items(domain, root)), "items come in an order that does not change")
        need(len({item.identity for item in items}) == len(items), "no two items have the same identity")
        need(all(item.weight > 0 for item in items), "weights are above 0")
        for item in itertools.islice(items, ITEMS):
            image = source.open(item)
            need(image.mode == "RGB", f"pictures are of mode RGB, not {image.mode}")
            crop = np.asarray(image.resize((32, 32)))
            if domain == "paired":
                _need_array(source.pair(crop), 7, "pair()")
            wanted = source.arrays.get(domain, {})
            derived = source.derive(domain, crop) if wanted else {}
            need(derived.keys() == wanted.keys(), f"derive() gives {sorted(wanted)}, not {sorted(derived)}")
            for name, channels in wanted.items():
                _need_array(derived[name], channels, f"derive()'s {name}")


def _need_array(array: Any, channels: int, giver: str) -> None:
    wanted = (32, 32, channels)
    found = (getattr(array, "dtype", type(array)), getattr(array, "shape", ()))
    need(found == ("uint8", wanted), f"{giver} gives uint8 {wanted}, not {found[0]} {found[1]}")
