"""Sample grids as pictures: how they are put together, and taken apart again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GAP = 4  # white pixels to the right of each picture and below it


def join(rows: Sequence[np.ndarray]) -> np.ndarray:
    """One picture of rows of square pictures.

    Args:
        rows: Each uint8 (N, S, S, 3).

    Returns:
        uint8 (H, W, 3).
    """
    padding = ((0, 0), (0, GAP), (0, GAP), (0, 0))
    padded = [np.pad(row, padding, constant_values=255) for row in rows]
    return np.concatenate([np.concatenate(list(row), axis=1) for row in padded], axis=0)


def split_grid(grid: np.ndarray) -> np.ndarray | None:
    """The pictures of a grid that `join` made, found by the white between them.

    Args:
        grid: uint8 (H, W, 3).

    Returns:
        uint8 (rows, N, S, S, 3), with as few rows as fit, at least two; `None` if it is no grid.
    """
    height, width, _ = grid.shape
    for rows in range(2, height // (GAP + 1) + 1):
        cell = height // rows
        if height % rows or width % cell:
            continue
        cells = grid.reshape(rows, cell, width // cell, cell, 3).swapaxes(1, 2)
        side = cell - GAP
        if (cells[:, :, side:] == 255).all() and (cells[:, :, :, side:] == 255).all():
            return cells[:, :, :side, :side]
    return None
