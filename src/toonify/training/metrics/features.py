"""Two sets of pictures compared by their features."""

from __future__ import annotations

import numpy as np

GROUPS = 16  # of pictures, for the standard error


def pooled(features: np.ndarray) -> np.ndarray:
    """A vector for each picture: the mean over its pixels.

    Args:
        features: (n, h, w, c).

    Returns:
        float64, (n, c).
    """
    return np.asarray(features, np.float64).mean(axis=(1, 2))


def kernel_inception_distance(made: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    """KID (Bińkowski et al., 2018, "Demystifying MMD GANs", section 4) and its standard error.

    The unbiased estimate of the squared maximum mean discrepancy (eq. 4) with the cubic kernel
    `k(x, y) = (x·y / d + 1)³`: 0 on average for two samples of one distribution, and then as often
    below 0 as above.

    Both sets are first divided by the root mean square of the wanted one's numbers. Inception's
    features, for which the kernel was chosen, are about 1; those of another backbone may be 0.01 or
    100, where the kernel's 1 would mean everything or nothing.

    The standard error is the jackknife's over `GROUPS` groups, drawn alike each time, each left out
    once (Efron and Stein, 1981): `√((g - 1) / g · Σ (left out - their mean)²)`.

    Args:
        made: Features of generated pictures, (m, d).
        wanted: Those of cartoons, (n, d).

    Raises:
        ValueError: if there are fewer than 4 of either.
    """
    if min(len(made), len(wanted)) < 4:
        raise ValueError("KID needs 4 pictures of each kind")
    scale = _scale(wanted)
    within_made, within_wanted, between = _kernels(made / scale, wanted / scale)
    groups = min(GROUPS, len(made), len(wanted))
    chance = np.random.default_rng(0)
    of_made, of_wanted = (chance.permutation(len(x)) % groups for x in (made, wanted))
    left_out = []
    for group in range(groups):
        kept, others = np.flatnonzero(of_made != group), np.flatnonzero(of_wanted != group)
        kernels = (
            within_made[np.ix_(kept, kept)],
            within_wanted[np.ix_(others, others)],
            between[np.ix_(kept, others)],
        )
        left_out.append(_squared_mmd(*kernels))
    error = np.sqrt((groups - 1) * np.var(left_out))
    return _squared_mmd(within_made, within_wanted, between), float(error)


def distance_moved(made: np.ndarray, origin: np.ndarray, wanted: np.ndarray) -> float:
    """The same between generated pictures and the photographs that they were made from.

    A picture is not compared with its own photograph, as the unbiased estimate for as many of either has
    it (Gretton et al., "A Kernel Two-Sample Test", 2012, lemma 6): 0 where nothing was changed.

    Args:
        made: Features of generated pictures, (n, d).
        origin: Those of their photographs, (n, d), in the same order.
        wanted: Those of cartoons, by whose size all are divided.
    """
    scale = _scale(wanted)
    within_made, within_origin, between = map(_off_diagonal, _kernels(made / scale, origin / scale))
    return within_made + within_origin - 2 * between


def _scale(features: np.ndarray) -> float:
    """The root mean square of features; 1 where they are all 0."""
    return float(np.sqrt(np.mean(np.square(features)))) or 1.0


def _kernels(made: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel matrices: the first set with itself, the second with itself, the first with the second."""
    pairs = ((made, made), (wanted, wanted), (made, wanted))
    return tuple((a @ b.T / a.shape[1] + 1) ** 3 for a, b in pairs)


def _squared_mmd(within_made: np.ndarray, within_wanted: np.ndarray, between: np.ndarray) -> float:
    """Mean of either kernel without its diagonal, less twice the mean between them."""
    return float(_off_diagonal(within_made) + _off_diagonal(within_wanted) - 2 * between.mean())


def _off_diagonal(kernel: np.ndarray) -> float:
    """The mean of a square without its diagonal."""
    return float((kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1)))
