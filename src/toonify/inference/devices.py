"""What a network may run on: one row for each device, and what brings it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from toonify.errors import ToonifyError, unknown, usage_error

AUTO = "auto"
"""Stands for the fastest device that is there and draws what the processor draws."""


@dataclass(frozen=True)
class Device:
    """A device, as ONNX Runtime knows it.

    Attributes:
        name: As people choose it.
        provider: ONNX Runtime's name of the execution provider.
        package: What brings that, as `pip install` calls it.
        precision: What networks are computed in.
        options: The provider's own; `{threads}` stands for the cores that it may use, and `{streams}` for how
            many pictures are drawn at once on them.
        automatic: Whether `auto` may take it.
        instructions: One of which the processor must have, or `auto` does not take it; empty for any.
        together: Whether several threads may draw with one session.
        sized: Whether it draws faster in a session that is for pictures of one size.
        arena: ONNX Runtime's name of the memory that it keeps between pictures.
        preload: Whether its libraries are Python packages, too, which ONNX Runtime must be told to load.
        where: The system on which alone its package has it; empty for any.
    """

    name: str
    provider: str
    package: str
    precision: str = "float32"
    options: Mapping[str, str] = field(default_factory=dict)
    automatic: bool = False
    instructions: frozenset[str] = frozenset()
    together: bool = True
    sized: bool = False
    arena: str = ""
    preload: bool = False
    where: str = ""

    def options_for(self, threads: int, streams: int) -> dict[str, str]:
        """The provider's options, for so many threads and pictures at once."""
        return {
            key: value.replace("{threads}", str(threads)).replace("{streams}", str(streams))
            for key, value in self.options.items()
        }

    def pays(self, instructions: Collection[str]) -> bool:
        """Whether it is faster on a processor with these instructions, as was measured."""
        return not self.instructions or not self.instructions.isdisjoint(instructions)

    def missing(self) -> ToonifyError:
        """The error for a missing provider."""
        if self.where:
            return usage_error(
                f"`device` {self.name} is only available with {self.package} {self.where}",
                "Leave `device` out to use what is available.",
            )
        return usage_error(
            f"`device` {self.name} needs {self.package}, which is not installed",
            "It takes ONNX Runtime's place: pip uninstall -y onnxruntime, "
            f'then pip install "{self.package}"',
        )


CPU = Device("cpu", "CPUExecutionProvider", "onnxruntime", arena="cpu:0")

CPU_INT8 = replace(CPU, precision="int8", instructions=frozenset({"avx_vnni", "avx512_vnni"}))
"""Without these, pairs of products are added in 16 bits, which may overflow, and little is gained."""

_INT8_SINCE = (1, 25)
"""Of ONNX Runtime: https://github.com/microsoft/onnxruntime/pull/27671."""


def is_exact_in_int8(version: str) -> bool:
    """Whether an ONNX Runtime multiplies 8 bits as it should on all processors: before 1.25, not by AMX."""
    major, minor, *_ = version.split(".")
    return (int(major), int(minor)) >= _INT8_SINCE


_OPENVINO = (
    '{"CPU": {"INFERENCE_PRECISION_HINT": "bf16", '
    '"INFERENCE_NUM_THREADS": "{threads}", "NUM_STREAMS": "{streams}"}}'
)
"""Half precision would be another matter: what `drawn` computes on the way is beyond its range."""

DEVICES: Mapping[str, Device] = {
    device.name: device
    for device in (
        CPU,
        Device(
            "cuda",
            "CUDAExecutionProvider",
            "onnxruntime-gpu[cuda,cudnn]",
            # Pictures come in many sizes, and an exhaustive search for each takes longer than they do.
            options={"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"},
            automatic=True,
            arena="gpu:0",
            preload=True,
        ),
        Device("directml", "DmlExecutionProvider", "onnxruntime-directml", automatic=True, together=False),
        Device("webgpu", "WebGpuExecutionProvider", "onnxruntime-webgpu", automatic=True, together=False),
        Device(
            "openvino",
            "OpenVINOExecutionProvider",
            "onnxruntime-openvino",
            precision="bfloat16",
            options={"device_type": "CPU", "load_config": _OPENVINO},
            automatic=True,
            instructions=frozenset({"amx_bf16"}),  # without, it is slower than ONNX Runtime itself
            sized=True,
        ),
        Device(
            "coreml",
            "CoreMLExecutionProvider",
            "onnxruntime",
            options={"ModelFormat": "MLProgram"},  # the older format computes in half precision
            where="on macOS",
        ),
    )
}
"""In the order in which `auto` tries them, but for the processor, which it falls back on."""

CHOICES = (AUTO, *sorted(DEVICES))


def check_device(name: str) -> None:
    """Make sure that there is a device of this name, or `auto`.

    Raises:
        ToonifyError: with the choices, if there is not.
    """
    if name not in CHOICES:
        raise unknown("`device`", name, CHOICES)


def find_device(name: str, providers: Collection[str]) -> Device:
    """The device with this name.

    Args:
        name: One of `DEVICES`.
        providers: That the ONNX Runtime at hand has.

    Raises:
        ToonifyError: if there is none of that name, or this ONNX Runtime does not have it.
    """
    check_device(name)
    device = DEVICES[name]
    if device.provider not in providers:
        raise device.missing()
    return device


def candidates(providers: Collection[str], instructions: Collection[str]) -> Iterator[Device]:
    """What `auto` may take beside the processor, the best first.

    Args:
        providers: That the ONNX Runtime at hand has.
        instructions: That the processor has, as `toonify.resources.instructions` tells them.
    """
    for device in DEVICES.values():
        there = device.provider in providers
        if there and device.automatic and device.pays(instructions):
            yield device
