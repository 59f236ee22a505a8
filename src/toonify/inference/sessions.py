"""Sessions of ONNX Runtime, each on the device that was asked for, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError, one_line
from toonify.inference.devices import CPU, Device, is_exact_in_int8
from toonify.privacy import import_onnxruntime
from toonify.resources import cores
from toonify.text import counted

if TYPE_CHECKING:
    from toonify.styles.network import Network

SILENT = 4  # no messages: what goes wrong comes as an exception
_HEAVY = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
"""Operators that take the time: a device that leaves one of these to the processor is not used."""


def start_session(
    network: Network, threads: int, device: Device, fixed: Mapping[str, int] | None = None
) -> Any:
    """A network in a session, on that device and nothing else.

    ONNX Runtime by itself goes on on the processor where a provider cannot be started, or leaves to it what
    the provider does not know, and says nothing.

    Args:
        network: The generator.
        threads: Cores to use for one picture.
        device: Which ONNX Runtime has.
        fixed: Of the picture's dimensions that have a name, those that are to be the same for all pictures.

    Raises:
        ToonifyError: if ONNX Runtime refuses the network, the device cannot be started, or does not take it.
    """
    onnxruntime = import_onnxruntime()
    onnxruntime.set_default_logger_severity(SILENT)
    if device.preload:
        with contextlib.redirect_stdout(None):  # it is told there what is missing
            onnxruntime.preload_dlls()
    settings = _settings(onnxruntime, threads)
    for name, length in (fixed or {}).items():
        settings.add_free_dimension_override_by_name(name, length)
    streams = max(1, cores() // threads)  # what the cores have room for beside this picture
    provider = (device.provider, device.options_for(threads * streams, streams))
    if device.provider == CPU.provider:
        return _start(onnxruntime, network, settings, provider, f"{network.origin} cannot be run")
    settings.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = _start(onnxruntime, network, settings, provider, f"`device` {device.name} cannot be used")
    _require_placement(session, network, device)
    return session


def _settings(onnxruntime: Any, threads: int) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = SILENT
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    # A pattern is kept for every shape of picture; without, it is no slower and needs less.
    settings.enable_mem_pattern = False
    # Or bytes that are ONNX could be read as the runtime's own format, and be another network then.
    settings.add_session_config_entry("session.load_model_format", "ONNX")
    if not is_exact_in_int8(onnxruntime.__version__):
        # A network in 8 bits draws what it should, in float32: slower than other networks.
        settings.add_session_config_entry("session.disable_quant_qdq", "1")
    return settings


def _start(
    onnxruntime: Any, network: Network, settings: Any, provider: tuple[str, dict[str, str]], fails: str
) -> Any:
    try:
        # With its fallback, the session would be started anew on the processor, here or in the first run.
        return onnxruntime.InferenceSession(network.data, settings, providers=[provider], enable_fallback=0)
    except Exception as error:  # the runtime has a class of its own for each way to fail
        reason = one_line(error).rpartition(" was false. ")[2]  # after the line of code that found it
        raise ToonifyError(f"{fails}: {reason}") from error


def _require_placement(session: Any, network: Network, device: Device) -> None:
    """Raise a `ToonifyError` if any operator would not run on the device."""
    if device.provider not in session.get_providers():
        raise ToonifyError(
            f"`device` {device.name} cannot be used: its driver, or a library of it, is not there",
            f"{device.package} brings all but the driver; `device` cpu does without.",
        )
    if not hasattr(session, "get_provider_graph_assignment_info"):
        raise ToonifyError(
            f"`device` {device.name} needs an ONNX Runtime that tells what runs where",
            f"Install {device.package} of version 1.24 or later.",
        )
    elsewhere = sum(
        node.op_type in _HEAVY
        for part in session.get_provider_graph_assignment_info()
        if part.ep_name != device.provider
        for node in part.get_nodes()
    )
    if elsewhere:
        convolutions = counted(elsewhere, "convolution")
        raise ToonifyError(
            f"`device` {device.name} leaves {convolutions} of {network.origin} to the processor",
            "Choose another, or leave `device` out.",
        )
