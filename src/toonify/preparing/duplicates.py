"""Which pictures are the same, and which nearly: on hashes alone, without comparing all pairs."""

from __future__ import annotations

from itertools import combinations

import numpy as np

MOST_BITS = 6
"""By which the 64-bit hashes of near duplicates differ at most."""

MOST_BLOCKS = 16
"""By which their 256-bit hashes do: what tells portraits apart that are lit and framed alike."""

WINDOW = 256
"""How many of those with the same key a picture is compared with, at most."""

_BITS = np.array([bin(number).count("1") for number in range(2**16)], np.uint8)


def first_of_same(content: np.ndarray) -> np.ndarray:
    """For each picture the index of the first one with the same content, mostly its own.

    Args:
        content: (n, 2), uint64.
    """
    _, first, inverse = np.unique(content, axis=0, return_index=True, return_inverse=True)
    return first[inverse.reshape(-1)]


def first_of_similar(phash: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """For each picture the index of the first one of those that it hangs together with.

    Two hang together if both hashes are close, or if a chain of such pairs leads from one to the
    other. Of the eight bytes of hashes that differ in at most six bits, two at least are equal
    (Norouzi et al., "Fast search in Hamming space with multi-index hashing", CVPR 2012, section
    3): so for each choice of two bytes, pictures are sorted by these, and only those within a run
    of equal ones are compared; in very long runs each with the next `WINDOW` alone.

    Args:
        phash: (n, 1), uint64.
        blocks: (n, 4), uint64.
    """
    first = np.arange(len(phash))
    octets = np.ascontiguousarray(phash).view(np.uint8).reshape(-1, 8)
    for chosen in combinations(range(8), 8 - MOST_BITS):
        key = np.ascontiguousarray(octets[:, chosen]).view(np.uint16)[:, 0]
        order = np.lexsort((phash[:, 0], key))
        for offset in range(1, min(WINDOW, len(order) - 1) + 1):
            left, right = order[:-offset], order[offset:]
            run = key[left] == key[right]
            if not run.any():
                break
            apart = run & (first[left] != first[right])
            left, right = left[apart], right[apart]
            near = _close(phash[left], phash[right], MOST_BITS)
            near &= _close(blocks[left], blocks[right], MOST_BLOCKS)
            first = _join(first, left[near], right[near])
    return first


def _close(left: np.ndarray, right: np.ndarray, most: int) -> np.ndarray:
    """Whether rows of uint64 differ in at most so many bits."""
    words = (left ^ right).view(np.uint16)
    return _BITS[words].sum(1, dtype=np.int64) <= most


def _join(first: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Unite the groups of the pictures `left[i]` and `right[i]`, for each i."""
    while True:
        ends = np.sort([first[left], first[right]], 0)
        low, high = ends[:, ends[0] != ends[1]]
        if not low.size:
            return first
        np.minimum.at(first, high, low)
        while (first != first[first]).any():
            first = first[first]
