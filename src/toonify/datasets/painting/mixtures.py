"""Kinds of stuff told apart by their colours and by where they are expected."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from toonify.datasets.filters import Array, guided

NEIGHBOURS = 3.0  # how much the surroundings' opinion counts, in log odds
ROUNDS = 5
MOST_POINTS = 2500  # that a mixture is fitted to, about
PARTS = 3  # of a mixture
LEAST = 0.5  # deviation of a part, in units of the features


def told_apart(features: Array, priors: Array, trust: Array, guide: Array, radius: float) -> Array:
    """How probable each kind is at each pixel.

    Each kind is a mixture of Gaussians that is fitted where the kind is expected, then where it was found
    (expectation maximisation with a spatial prior: Van Leemput et al., 1999); neighbours agree by a
    mean field (Krähenbühl and Koltun, 2011) whose averages are guided by the picture.

    Args:
        features: (H, W, F), scaled so that 1 is a small but visible difference.
        priors: (H, W, K), how probable each of the kinds is before looking; sums to 1.
        trust: (H, W, K), how much a pixel says about each kind, in [0, 1].
        guide: (H, W, 3), the picture.
        radius: How far neighbours reach, in pixels.

    Returns:
        (H, W, K), sums to 1.
    """
    height, width, kinds = priors.shape
    flat = features.reshape(height * width, -1).astype(np.float32)
    likely = priors.copy()
    logs = np.log(np.clip(priors, 1e-4, 1))
    sure = trust.max(-1, keepdims=True)
    for turn in range(ROUNDS):
        # At first only where a kind is expected for sure: what is in doubt would blur its mixture.
        weight = likely**2 if turn == 0 else likely
        fits = [_log_density(flat, (weight[..., k] * trust[..., k]).reshape(-1)) for k in range(kinds)]
        density = np.stack(fits, -1).reshape(height, width, kinds)
        density -= density.max(-1, keepdims=True)
        evidence = np.maximum(density, -9) * sure + logs
        around = np.stack([guided(guide, likely[..., k], radius, 2e-3) for k in range(kinds)], -1)
        likely = _softmax(evidence + NEIGHBOURS * around).astype(np.float32)
    return likely


def _softmax(values: Array) -> Array:
    powers = np.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _log_density(points: Array, weight: Array) -> Array:
    """The log density of a mixture fitted to weighted points, at each point, (N,)."""
    total = weight.sum()
    if total < 20:
        return np.full(len(points), -12.0)
    chosen = np.flatnonzero(weight > 0.02)[:: max(1, int((weight > 0.02).sum() // MOST_POINTS))]
    sample, share = points[chosen].astype(np.float64), weight[chosen].astype(np.float64)
    # Parts begin as slices of the first feature, so that chance has no hand in it.
    order = np.argsort(sample[:, 0], kind="stable")
    slices = np.floor(np.cumsum(share[order]) / share.sum() * PARTS * 0.9999).astype(int)
    belongs = np.zeros((len(sample), PARTS))
    belongs[order, slices] = 1
    for _ in range(4):
        mass = belongs * share[:, None]
        means, roots, scales = _moments(sample, mass)
        logs = _parts(sample, means, roots, scales)
        belongs = _softmax(logs)
    first, *others = _parts(points, means, roots, scales).T
    return functools.reduce(np.logaddexp, others, first)


def _moments(points: Array, mass: Array) -> tuple[Array, Array, Array]:
    """Means, whitening matrices and log scales of the parts of a mixture."""
    share = mass.sum(0) + 1e-6
    means = mass.T @ points / share[:, None]
    roots, scales = [], []
    for k, mean in enumerate(means):
        off = points - mean
        covariance = (off * mass[:, k, None]).T @ off / share[k] + LEAST**2 * np.eye(points.shape[1])
        lower = np.linalg.cholesky(covariance)
        roots.append(np.linalg.inv(lower))
        scales.append(np.log(share[k] / share.sum()) - np.log(np.diag(lower)).sum())
    return means, np.array(roots), np.array(scales)


def _parts(points: Array, means: Array, roots: Array, scales: Array) -> Array:
    """Log density of each part at each point, (N, parts)."""
    parts, size = means.shape
    whitening = roots.reshape(parts * size, size).T
    turned = np.einsum("nf,fg->ng", points, whitening.astype(points.dtype))  # too thin for threads
    turned -= np.einsum("pij,pj->pi", roots, means).reshape(-1).astype(points.dtype)
    turned = turned.reshape(-1, parts, size)
    distances = np.einsum("npf,npf->np", turned, turned)
    # Heavier tails than a Gaussian's: what fits no kind is no kind's proof.
    return scales.astype(points.dtype) - 3.5 * np.log1p(distances / 5)


def without_islands(labels: Array, likely: Array, smallest: float) -> Array:
    """Labels whose small islands go to what is likeliest around them.

    Args:
        labels: (H, W), uint8.
        likely: (H, W, K), how probable each label is.
        smallest: Pixels of the smallest piece that may stay.
    """
    calmer = cv2.GaussianBlur(likely, (0, 0), max(1.0, np.sqrt(smallest) / 2))
    result = labels.copy()
    for kind in range(likely.shape[-1]):
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(
            (labels == kind).astype(np.uint8), connectivity=4
        )
        small = stats[:, cv2.CC_STAT_AREA] < smallest
        small[0] = False
        island = small[pieces]
        if island.any():
            others = calmer.copy()
            others[..., kind] = -1
            result[island] = others.argmax(-1)[island]
    return result
