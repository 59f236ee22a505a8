"""The two distributions that toonify comes in, and which of them, or which extra, brings a library.

`toonify-gan` is the whole; `toonify-gan-light` leaves out what converting does not need (`packaging/`). Both
hold the same files, so only one of them should be installed.
"""

from __future__ import annotations

from collections.abc import Mapping

from toonify.errors import ToonifyError, usage_error

WHOLE = "toonify-gan"
LIGHT = "toonify-gan-light"
OWN = (WHOLE, LIGHT)

LEFT_OUT: Mapping[str, str] = {
    "cv2": "OpenCV",
    "h5py": "h5py",
    "keras": "Keras",
    "matplotlib": "Matplotlib",
    "tensorflow": "TensorFlow",
    "tensorflow_hub": "TensorFlow Hub",
    "tf2onnx": "tf2onnx",
}
"""What the whole brings and the light set does not: modules, and what people call them."""

EXTRAS: Mapping[str, tuple[str, str]] = {
    "ai_edge_litert": ("LiteRT", "litert"),
    "ai_edge_quantizer": ("AI Edge Quantizer", "litert"),
    "aiohttp": ("aiohttp", "cloud"),
    "av": ("PyAV", "video"),
    "coremltools": ("coremltools", "coreml"),
    "fsspec": ("fsspec", "cloud"),
    "jax": ("JAX", "jax"),
    "pillow_heif": ("pillow-heif", "heif"),
    "ray": ("Ray", "ray"),
    "tensorboardX": ("tensorboardX", "tensorboard"),
}
"""What only an extra brings: modules, what people call them, and the extra."""

LIGHT_EXTRAS = frozenset({"cloud", "heif", "painting", "ray", "video"})

BROUGHT_BACK: Mapping[str, str] = {"cv2": "painting", "matplotlib": "painting"}
"""Of what the light set leaves out, what an extra of its own brings."""


def installed() -> dict[str, str]:
    """Versions of those of the two that are installed; empty in a source tree that never was."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in OWN:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def own_version() -> str:
    """Of the one that is installed; unknown in a source tree that never was."""
    return next(iter(installed().values()), "0+unknown")


def both_installed() -> str:
    """What to do when both are, in a line; empty when they are not."""
    if len(installed()) < len(OWN):
        return ""
    return (
        f"{WHOLE} and {LIGHT} are both installed, and share their files: pip uninstall {LIGHT}, "
        f"then pip install --force-reinstall --no-deps {WHOLE}"
    )


def missing(error: ModuleNotFoundError, what: str = "this") -> ToonifyError | None:
    """What to tell of an import that failed; `None` for a module that is nobody's choice.

    Args:
        error: Of the import.
        what: Needed it.
    """
    top = (error.name or "").partition(".")[0]
    return needs(what, top) if top in LEFT_OUT or top in EXTRAS else None


def needs(what: str, module: str) -> ToonifyError:
    """The usage error for a library of `LEFT_OUT` or `EXTRAS` that is not installed, with what brings it.

    Args:
        what: Needs it, such as "reading films".
        module: The library's.
    """
    name, extra = EXTRAS.get(module) or (LEFT_OUT[module], "")
    wanted = f'"{WHOLE}[{extra}]"' if extra else WHOLE
    if [*installed()] == [LIGHT]:
        extra = BROUGHT_BACK.get(module, extra)
        if extra not in LIGHT_EXTRAS:
            return usage_error(
                f"{what} needs {name}, which {LIGHT} leaves out",
                f"Install the whole in its place: pip uninstall {LIGHT}, then pip install {wanted}",
            )
        wanted = f'"{LIGHT}[{extra}]"'
    return usage_error(f"{what} needs {name}, which is not installed", f"Install it: pip install {wanted}")
