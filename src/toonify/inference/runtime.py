"""Networks, ready to draw: safe to run, to interrupt, and to ask what they take."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from toonify.errors import ToonifyError, one_line
from toonify.inference.devices import CPU, Device
from toonify.inference.sessions import SILENT
from toonify.inference.sizes import Sessions
from toonify.inference.verification import noise_over_ramps
from toonify.privacy import import_onnxruntime
from toonify.resources import cores

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from toonify.styles.network import Network

SLACK = 2.0
"""ONNX Runtime took 1.5 times the values of `lite`, of `unet` and of `cartoongan` that are there at once."""


def open_onnx(path: Path, *, threads: int = 0, controls: Mapping[str, float] | None = None) -> Runtime:
    """A generator in an ONNX file, ready to draw.

    Args:
        path: The file.
        threads: Cores to use for one picture; 0 for all that this process may use.
        controls: As of `Runtime`; left out, they are those that the file has defaults of.

    Raises:
        ToonifyError: if it is none, or is refused.
    """
    from toonify.styles.checks import read_network

    network = read_network(path.read_bytes(), path, controls=controls)
    return Runtime(network, threads=threads, controls=controls)


class Runtime:
    """A generator in ONNX Runtime, on a device; safe to use from several threads.

    Args:
        network: The generator.
        threads: Cores to use for one picture; 0 for all that this process may use.
        sees_everything: Whether pictures are drawn whole, so that no two need be of one size.
        controls: Numbers that it takes beside the picture, by name, with their defaults; left out, they
            have those that the model itself gives.
        device: What to run it on, which ONNX Runtime has.

    Attributes:
        device: What it runs on, as people choose it: `cpu`, `cuda` ...
        precision: What it computes in: `float32`, `bfloat16` or `int8`.

    Raises:
        ToonifyError: if ONNX Runtime refuses it, or the device cannot be used.
    """

    def __init__(
        self,
        network: Network,
        *,
        threads: int = 0,
        sees_everything: bool = False,
        controls: Mapping[str, float] | None = None,
        device: Device = CPU,
    ) -> None:
        onnxruntime = import_onnxruntime()
        self._network = network
        self._controls = dict(controls or {})
        self.device, self.precision = device.name, device.precision
        self._turns = contextlib.nullcontext() if device.together else threading.Lock()
        self._options = onnxruntime.RunOptions()
        self._options.log_severity_level = SILENT
        if sees_everything and device.arena:
            # Whole pictures of many sizes would each leave their own hole in the runtime's memory.
            self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", device.arena)
        self._sessions = Sessions(network, threads or cores(), device, self._options)
        self._stopped = threading.Event()

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
        given = self._given(batch, controls)
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

    def expect(self, size: tuple[int, int]) -> None:
        """Prepare for many pictures of this size (width, height), drawn one by one.

        Raises:
            ToonifyError: as `run`.
        """
        picture = noise_over_ramps(np.random.default_rng(0), 1, size[1], size[0])
        given = self._given(picture)
        try:
            self._sessions.expect(given)
        except Exception as error:  # as in `run`
            raise ToonifyError(self._complaint(error, picture)) from error

    def _given(
        self, batch: NDArray[float32], controls: Mapping[str, float] | None = None
    ) -> dict[str, NDArray[float32]]:
        self._network.check(batch.shape)  # what a network takes need not grow as its pictures do
        shapes, chosen = self._network.controls, {**self._controls, **(controls or {})}
        numbers = {name: np.full(shapes[name], value, np.float32) for name, value in chosen.items()}
        return {"picture": batch, **numbers}

    def _draw(self, given: Mapping[str, NDArray[float32]]) -> list[Any]:
        """Run the network; from the main thread in another one, so that Ctrl-C need not wait for it."""

        def draw() -> list[Any]:
            with self._turns:
                return self._sessions.run(given)

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
        """Bytes that drawing a picture of this size (width, height) at once takes up, about.

        Raises:
            ToonifyError: if that is more than a generator takes.
        """
        return int(self._network.check((1, size[1], size[0], 3)).peak * SLACK)

    def stop(self) -> None:
        """Make every run end now, with an error."""
        self._stopped.set()
        self._options.terminate = True

    def _complaint(self, error: Exception, batch: NDArray[float32]) -> str:
        text = one_line(error)
        if self._stopped.is_set():
            return "stopped"
        if "alloc" in text.lower():
            return f"{batch.shape[2]} x {batch.shape[1]} pixels at once do not fit into the memory"
        return f"{self._network.origin} fails: {text}"
