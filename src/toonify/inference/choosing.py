"""A style's generator on the device that was asked for, which draws what the processor draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toonify.errors import ToonifyError
from toonify.inference.devices import AUTO, CPU, Device, candidates, check_device, find_device
from toonify.inference.runtime import OnnxRuntime, Runtime
from toonify.inference.verification import make_probes, verify_likeness
from toonify.privacy import import_onnxruntime
from toonify.resources import instructions
from toonify.styles import Style, defaults

if TYPE_CHECKING:
    from toonify.styles.checks import Network


def open_runtime(style: Style, *, threads: int = 0, device: str = CPU.name) -> Runtime:
    """A style's generator, ready to draw.

    Any other device than the processor must first draw test pictures as that does: drivers differ, and what
    one style computes on the way may be beyond the range in which a device does.

    Args:
        style: Whose generator.
        threads: Cores to use for one picture; 0 for all that this process may use.
        device: One of `toonify.inference.DEVICES`, or `auto` for the fastest that is there and draws so.

    Raises:
        ToonifyError: if there is no such device, or it cannot be used or draws something else, or the
            generator is missing, damaged or refused.
    """
    check_device(device)
    providers = import_onnxruntime().get_available_providers()
    chosen = None if device == AUTO else find_device(device, providers)
    network = style.network()
    processor = _open(style, network, threads, CPU)
    if chosen is CPU:
        return processor
    if chosen:
        return _tried(style, network, threads, chosen, processor)
    for candidate in candidates(providers, instructions()):
        try:
            return _tried(style, network, threads, candidate, processor)
        except ToonifyError:  # it is installed, and of no use here
            continue
    return processor


def _open(style: Style, network: Network, threads: int, device: Device) -> Runtime:
    card = style.manifest
    return OnnxRuntime(
        network,
        threads=threads,
        sees_everything=card.halo is None,
        controls=defaults(card.controls),
        device=device,
    )


def _tried(style: Style, network: Network, threads: int, device: Device, processor: Runtime) -> Runtime:
    runtime = _open(style, network, threads, device)
    probes = make_probes(processor.run, style.manifest.multiple)
    verify_likeness(
        runtime.run,
        [probe for probe in probes if not probe.odd],  # which would have to be padded first
        f"`device` {device.name}",
        original="the processor",
        hint="Choose another, or leave `device` out.",
    )
    return runtime
