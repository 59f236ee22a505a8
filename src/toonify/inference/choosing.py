"""A style's generator on the device that was asked for, which draws what the processor draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toonify.errors import ToonifyError
from toonify.inference.devices import (
    AUTO,
    CPU,
    CPU_INT8,
    Device,
    candidates,
    find_device,
    is_exact_in_int8,
)
from toonify.inference.runtime import Runtime
from toonify.inference.verification import make_probes, verify_likeness
from toonify.privacy import import_onnxruntime
from toonify.resources import instructions
from toonify.styles import Style, defaults

if TYPE_CHECKING:
    from toonify.styles.network import Network


def open_runtime(style: Style, *, threads: int = 0, device: str = CPU.name) -> Runtime:
    """A style's generator, ready to draw.

    Any other device than the processor must first draw test pictures as that does: drivers differ, and what
    one style computes on the way may be beyond the range in which a device does.

    With `auto` and no such device, a style's generator in 8 bits is taken where the processor multiplies
    these faster, and ONNX Runtime does it right; `cpu` is always float32.

    Args:
        style: Whose generator.
        threads: Cores to use for one picture; 0 for all that this process may use.
        device: One of `toonify.inference.DEVICES`, or `auto` for the fastest that is there and draws so.

    Raises:
        ToonifyError: if there is no such device, or it cannot be used or draws something else, or the
            generator is missing, damaged or refused.
    """
    onnxruntime = import_onnxruntime()
    providers, has = onnxruntime.get_available_providers(), instructions()
    if device == CPU.name:
        return _open(style, style.network(), threads, CPU)
    if device != AUTO:
        return _tried(style, threads, find_device(device, providers))
    for candidate in candidates(providers, has):
        try:
            return _tried(style, threads, candidate)
        except ToonifyError:  # it is installed, and of no use here
            continue
    pays = CPU_INT8.pays(has) and is_exact_in_int8(onnxruntime.__version__)
    if pays and (network := style.int8_network()):
        return _open(style, network, threads, CPU_INT8)
    return _open(style, style.network(), threads, CPU)


def need_device(device: str) -> None:
    """Make sure that a device can be opened, as far as that can be told without a style.

    Raises:
        ToonifyError: if there is no such device, or what brings it is not installed.
    """
    if device not in (AUTO, CPU.name):
        find_device(device, import_onnxruntime().get_available_providers())


def _open(style: Style, network: Network, threads: int, device: Device) -> Runtime:
    card = style.manifest
    return Runtime(
        network,
        threads=threads,
        sees_everything=card.halo is None,
        controls=defaults(card.controls),
        device=device,
    )


def _tried(style: Style, threads: int, device: Device) -> Runtime:
    network = style.network()
    processor, runtime = (_open(style, network, threads, each) for each in (CPU, device))
    probes = make_probes(processor.run, style.manifest.multiple)
    verify_likeness(
        runtime.run,
        [probe for probe in probes if not probe.odd],  # which would have to be padded first
        f"`device` {device.name}",
        original="the processor",
        hint="Choose another, or leave `device` out.",
    )
    return runtime
