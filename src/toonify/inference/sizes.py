"""Sessions for pictures of one size, beside the one for any: some providers plan ahead once they know it."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toonify.inference.devices import Device
from toonify.inference.sessions import start_session
from toonify.inference.verification import Probe, verify_likeness

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from toonify.styles.network import Network

    Given = Mapping[str, NDArray[float32]]

WORTH_IT = 10
"""Pictures of one size after which a session for it is started: by then they could have gained that much."""

MOST = 4
"""Of such sessions, for each takes memory: upright and lying photographs of two cameras, or a film."""


class Sessions:
    """A network's sessions on a device; safe to use from several threads.

    Args:
        network: The generator.
        threads: Cores to use for one picture.
        device: Which ONNX Runtime has.
        options: ONNX Runtime's, of every run.

    Raises:
        ToonifyError: as `start_session`.
    """

    def __init__(self, network: Network, threads: int, device: Device, options: Any) -> None:
        self._network, self._threads, self._device = network, threads, device
        self._options = options
        self._for_any = start_session(network, threads, device)
        self._for_one: dict[tuple[int, ...], Any] = {}
        self._seen: Counter[tuple[int, ...]] = Counter()
        self._begun = 0
        self._lock = threading.Lock()

    def run(self, given: Given) -> list[Any]:
        """What the network makes of its inputs.

        Raises:
            Exception: as ONNX Runtime has it.
        """
        shape = given["picture"].shape
        session = self._for_one.get(shape, self._for_any)
        drawn: list[Any] = session.run(None, given, self._options)
        if session is self._for_any and self._is_due(shape):
            self._add(given, drawn[0])
        return drawn

    def expect(self, given: Given) -> None:
        """Start a session for inputs of this size now, before the first of many comes.

        And in any order, on any number of threads, each of them is drawn by the same session.
        """
        if self._device.sized and given["picture"].shape not in self._for_one:
            self._add(given, self._for_any.run(None, given, self._options)[0])

    def _add(self, given: Given, expected: NDArray[float32]) -> None:
        with contextlib.suppress(Exception):  # of the runtime's own: it can do without
            self._for_one[given["picture"].shape] = self._started(given, expected)

    def _is_due(self, shape: tuple[int, ...]) -> bool:
        """Whether a session for this size pays from now on: so many pictures of it have come."""
        if not self._device.sized:
            return False
        with self._lock:
            self._seen[shape] += 1
            due = self._seen[shape] == WORTH_IT and self._begun < MOST
            self._begun += due
        return due

    def _started(self, given: Given, expected: NDArray[float32]) -> Any:
        """A session for pictures of this size, which draws this one as the other session does."""
        picture = given["picture"]
        inputs = {each.name: each.shape for each in self._for_any.get_inputs()}
        fixed = {
            name: side
            for name, side in zip(inputs["picture"], picture.shape, strict=True)
            if isinstance(name, str)
        }
        session = start_session(self._network, self._threads, self._device, fixed)
        verify_likeness(
            lambda _: session.run(None, given, self._options)[0],
            [Probe(picture, expected)],
            f"`device` {self._device.name} for pictures of one size",
            original="for any",
            hint="",
        )
        return session
