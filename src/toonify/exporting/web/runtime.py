"""ONNX Runtime Web, which the page draws with: read from the package, and held to its hashes."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from toonify.errors import ToonifyError, refusal
from toonify.storage import check_sum, read_checked

FOLDER = Path(__file__).parent / "runtime"
BACKENDS = ("wasm", "webgpu")
"""WebAssembly, which every browser has, and WebGPU beside it."""

WORDS = ("LICENSE", "ThirdPartyNotices.txt")


@dataclass(frozen=True)
class WebRuntime:
    """The files of one backend.

    Attributes:
        script: The library, a JavaScript module.
        packed: The WebAssembly that it loads, compressed by gzip.
        binary: The same as it is.
    """

    script: bytes
    packed: bytes
    binary: bytes


def read_runtime(backend: str) -> WebRuntime:
    """The files of a backend, each what it was when it was chosen.

    Args:
        backend: One of `BACKENDS`.

    Raises:
        ToonifyError: if they are missing, as in a fresh checkout, or damaged.
    """
    script, packed = FOLDER / f"ort.{backend}.js", FOLDER / f"ort.{backend}.wasm.gz"
    need_runtime()
    try:
        data = packed.read_bytes()
        binary = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        why = refusal(error) if isinstance(error, OSError) else "it is damaged"
        raise ToonifyError(f"{packed} cannot be read: {why}", "Install toonify again.") from error
    check_sum(packed.with_suffix(""), binary)
    return WebRuntime(read_checked(script), data, binary)


def need_runtime() -> None:
    """Raise a `ToonifyError` if this installation holds no ONNX Runtime Web."""
    files = [FOLDER / f"ort.{backend}.{suffix}" for backend in BACKENDS for suffix in ("js", "wasm.gz")]
    if not all(file.is_file() for file in files):
        raise ToonifyError(
            "ONNX Runtime Web is missing, which the page draws with",
            "In a checkout, run `make runtime`, which needs npm. Installed packages include it.",
        )


def read_words() -> dict[str, bytes]:
    """Its licence, and those of what is in it, by name."""
    return {name: (FOLDER / name).read_bytes() for name in WORDS if (FOLDER / name).is_file()}
