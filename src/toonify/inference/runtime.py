"""Networks, ready to draw: the one place that starts sessions of ONNX Runtime."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from toonify.errors import ToonifyError, one_line, unknown
from toonify.privacy import import_onnxruntime
from toonify.resources import cores
from toonify.styles import Style, defaults

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from toonify.styles.checks import Network

DEVICES = ("cpu",)
SLACK = 2.0
"""ONNX Runtime took 1.5 times the values of `lite`, of `unet` and of `cartoongan` that are there at once."""
SILENT = 4  # no messages: what goes wrong comes as an exception


class Runtime(Protocol):
    """A style's generator on a device; safe to use from several threads."""

    @property
    def device(self) -> str:
        """What it runs on: one of `DEVICES`."""

    @property
    def precision(self) -> str:
        """What it computes in: `float32`."""

    def run(self, batch: NDArray[float32], controls: Mapping[str, float] | None = None) -> NDArray[float32]:
        """Draw a batch of pictures.

        Args:
            batch: RGB in [-1, 1], (N, H, W, 3); both sides are multiples of the style's `multiple`.
            controls: Of the style's, by name, those that are not to be at their defaults.

        Returns:
            The cartoons, likewise.

        Raises:
            ToonifyError: if the network fails, would take more than a generator does, gives anything else
                than pictures of that size, or is stopped.
        """

    def memory(self, size: tuple[int, int]) -> int:
        """Bytes that drawing a picture of this size (width, height) at once takes up, about.

        Raises:
            ToonifyError: if that is more than a generator takes.
        """

    def stop(self) -> None:
        """Make every run end now, with an error."""


def open_runtime(style: Style, *, threads: int = 0, device: str = "cpu") -> Runtime:
    """A style's generator, ready to draw.

    Args:
        style: Whose generator.
        threads: Cores to use for one picture; 0 for all that this process may use.
        device: One of `DEVICES`.

    Raises:
        ToonifyError: if there is no such device, or the generator is missing, damaged or refused.
    """
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    card = style.manifest
    return OnnxRuntime(
        style.network(),
        threads=threads,
        sees_everything=card.halo is None,
        controls=defaults(card.controls),
    )


def open_onnx(
    path: Path, *, multiple: int = 0, threads: int = 0, controls: Mapping[str, float] | None = None
) -> Runtime:
    """A generator in an ONNX file, ready to draw.

    Args:
        path: The file.
        multiple: Sides of its pictures must be multiples of this; 0 where that is not known.
        threads: As of `open_runtime`.
        controls: As of `OnnxRuntime`; left out, they are those that the file has defaults of.

    Raises:
        ToonifyError: if it is none, or is refused.
    """
    from toonify.styles.checks import read_network

    network = read_network(path.read_bytes(), path, multiple=multiple, controls=controls)
    return OnnxRuntime(network, threads=threads, controls=controls)


class OnnxRuntime:
    """A generator in ONNX Runtime, on the processor. Implements `Runtime`.

    Args:
        network: The generator.
        threads: Cores to use for one picture; 0 for all that this process may use.
        sees_everything: Whether pictures are drawn whole, so that no two need be of one size.
        controls: Numbers that it takes beside the picture, by name, with their defaults; left out, they
            have those that the model itself gives.

    Raises:
        ToonifyError: if ONNX Runtime refuses it.
    """

    device = "cpu"
    precision = "float32"

    def __init__(
        self,
        network: Network,
        *,
        threads: int = 0,
        sees_everything: bool = False,
        controls: Mapping[str, float] | None = None,
    ) -> None:
        onnxruntime = import_onnxruntime()
        self._network = network
        self._controls = dict(controls or {})
        self._session = _start_session(network, threads or cores())
        self._options = onnxruntime.RunOptions()
        self._options.log_severity_level = SILENT
        if sees_everything:
            # Whole pictures of many sizes would each leave their own hole in the runtime's memory.
            self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._stopped = threading.Event()

    def run(self, batch: NDArray[float32], controls: Mapping[str, float] | None = None) -> NDArray[float32]:
        """As `Runtime.run`."""
        import numpy as np

        self._network.check(batch.shape)  # what a network takes need not grow as its pictures do
        given = {"picture": batch, **self._numbers({**self._controls, **(controls or {})})}
        try:
            (cartoons,) = self._draw(given)
        except Exception as error:  # the runtime has a class of its own for each way to fail
            raise ToonifyError(self._complaint(error, batch)) from error
        if cartoons.shape != batch.shape:
            raise ToonifyError(
                f"{self._network.origin} gives {cartoons.shape} for a picture of {batch.shape}"
            )
        if not (np.isfinite(np.min(cartoons)) and np.isfinite(np.max(cartoons))):
            raise ToonifyError(f"{self._network.origin} gives values that are no numbers, or infinite ones")
        return cast("NDArray[float32]", cartoons)

    def _numbers(self, controls: Mapping[str, float]) -> dict[str, NDArray[float32]]:
        import numpy as np

        shapes = self._network.controls
        return {name: np.full(shapes[name], value, np.float32) for name, value in controls.items()}

    def _draw(self, given: Mapping[str, NDArray[float32]]) -> list[Any]:
        """In the main thread, Ctrl-C need not wait until the whole picture is drawn."""

        def draw() -> list[Any]:
            return cast("list[Any]", self._session.run(None, given, self._options))

        if threading.current_thread() is not threading.main_thread():
            return draw()
        with ThreadPoolExecutor(1) as pool:
            drawing = pool.submit(draw)
            try:
                return drawing.result()
            except KeyboardInterrupt:
                self._options.terminate = True
                wait([drawing])
                self._options.terminate = self._stopped.is_set()
                raise

    def memory(self, size: tuple[int, int]) -> int:
        """As `Runtime.memory`."""
        return int(self._network.check((1, size[1], size[0], 3)).peak * SLACK)

    def stop(self) -> None:
        """As `Runtime.stop`."""
        self._stopped.set()
        self._options.terminate = True

    def _complaint(self, error: Exception, batch: NDArray[float32]) -> str:
        text = one_line(error)
        if self._stopped.is_set():
            return "stopped"
        if "alloc" in text.lower():
            return f"{batch.shape[2]} x {batch.shape[1]} pixels at once do not fit into the memory"
        return f"{self._network.origin} fails: {text}"


def _start_session(network: Network, threads: int) -> Any:
    onnxruntime = import_onnxruntime()
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = SILENT
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    # A pattern is kept for every shape of picture; without, it is no slower and needs less.
    settings.enable_mem_pattern = False
    # Or bytes that are ONNX could be read as the runtime's own format, and be another network then.
    settings.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return onnxruntime.InferenceSession(network.data, settings, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ToonifyError(f"{network.origin} cannot be run: {one_line(error)}") from error
