"""The network, in ONNX Runtime."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import onnxruntime

from toonify.errors import ToonifyError, one_line
from toonify.styles import Style
from toonify.styles.running import SILENT, start_session

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


class Runtime:
    """A style's generator, ready to run; safe to use from several threads.

    Args:
        style: Whose generator.
        threads: Cores to use for one picture.

    Raises:
        ToonifyError: if the generator is missing, damaged or refused.
    """

    def __init__(self, style: Style, threads: int) -> None:
        self._path = style.files.generator
        model = style.onnx_bytes()
        try:
            self._session = start_session(
                model,
                intra_op_num_threads=threads,
                inter_op_num_threads=1,
                # A pattern is kept for every shape of picture; without, it is no slower and needs less.
                enable_mem_pattern=False,
            )
        except Exception as error:  # the runtime has a class of its own for each way to fail
            raise ToonifyError(f"{self._path} cannot be run: {one_line(error)}") from error
        self._options = onnxruntime.RunOptions()
        self._options.log_severity_level = SILENT
        if style.manifest.halo is None:
            # Whole pictures of many sizes would each leave their own hole in the runtime's memory.
            self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._stopped = threading.Event()

    def run(self, picture: NDArray[float32]) -> NDArray[float32]:
        """RGB in [-1, 1], (1, H, W, 3), to the same.

        Raises:
            ToonifyError: if the network fails, or gives anything else than a picture of that size.
        """
        try:
            (cartoon,) = self._session.run(None, {"picture": picture}, self._options)
        except Exception as error:
            raise ToonifyError(self._complaint(error, picture)) from error
        if cartoon.shape != picture.shape:
            raise ToonifyError(f"{self._path} gives {cartoon.shape} for a picture of {picture.shape}")
        return cast("NDArray[float32]", cartoon)

    def stop(self) -> None:
        """Makes every run end now, with an error."""
        self._stopped.set()
        self._options.terminate = True

    def _complaint(self, error: Exception, picture: Any) -> str:
        text = one_line(error)
        if self._stopped.is_set():
            return "stopped"
        if "alloc" in text.lower():
            return f"{picture.shape[2]} x {picture.shape[1]} pixels at once do not fit into the memory"
        return f"{self._path} fails: {text}"
