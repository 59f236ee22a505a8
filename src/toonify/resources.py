"""What this process may use of the machine: cores, memory and disks, a container's quotas included."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

CONTROL_GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
PROCESSORS = Path("/proc/cpuinfo")


def cores() -> int:
    """Cores that this process may use: those it may run on, or fewer where its time is rationed."""
    affinity = hasattr(os, "sched_getaffinity")
    here = len(os.sched_getaffinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min([here, *map(math.ceil, _processor_quotas())]))


def instructions() -> frozenset[str]:
    """Sets of instructions that the processor has, as Linux calls them (`avx2`, `amx_bf16`); else none."""
    for line in _read(PROCESSORS).splitlines():
        key, _, names = line.partition(":")
        if key.strip() in ("flags", "Features"):  # x86, Arm
            return frozenset(names.split())
    return frozenset()


HARD = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Files in which a control group has its limit, what is taken of it, and the name of what files take."""

SOFT = (("memory.high", "memory.current", "inactive_file"),)
"""The same, of what slows down but ends nothing. It is often all taken: no reason to refuse a picture."""

USABLE = 0.8
"""Share of the available memory that work may plan with when it begins: estimates are not exact."""


def usable_memory() -> int:
    """Bytes of memory that new work may plan with."""
    return int(min([available_memory(), *_memory_quotas(SOFT), *_addresses()]) * USABLE)


def available_memory() -> int:
    """Bytes of memory that this process may still use."""
    import psutil

    return min([psutil.virtual_memory().available, *_memory_quotas(HARD)])


def free_space(folder: Path) -> float:
    """Bytes that this user may still write where a folder is; infinite where a file system does not tell."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return math.inf
    return disk.free if disk.total else math.inf


def _processor_quotas() -> Iterator[float]:
    """In cores, by each control group from this process' own up (`cpu.max`, `cpu.cfs_quota_us`)."""
    for group in _groups("cpu"):
        quota, period = (*_read(group / "cpu.max").split(), "", "")[:2]
        if not quota:
            quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
        if quota.isdigit() and period.isdigit() and int(period):  # neither "max" nor -1
            yield int(quota) / int(period)


def _memory_quotas(limits: Iterable[tuple[str, str, str]]) -> Iterator[int]:
    """What each control group from this process' own up leaves by some of its limits, in bytes.

    The page cache is freed when memory is needed, so it does not count as used.
    """
    for group in _groups("memory"):
        for limit, used, files in limits:
            most, taken = _read(group / limit), _read(group / used)
            if most.isdigit() and taken.isdigit():
                yield max(int(most) - int(taken) + _counted(group / "memory.stat", files), 0)


def _addresses() -> Iterator[int]:
    """What `ulimit -v` leaves, by which schedulers of clusters limit jobs, in bytes.

    Not all that is taken is in use. So it is something to plan with, and no reason to refuse a picture.
    """
    if sys.platform == "linux":  # elsewhere it limits nothing
        import resource

        import psutil

        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most != resource.RLIM_INFINITY:
            yield max(most - psutil.Process().memory_info().vms, 0)


def _groups(controller: str) -> Iterator[Path]:
    """This process' control group for a controller, and those around it, in versions 1 and 2."""
    for line in _read(OWN_GROUPS).splitlines():
        hierarchy, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if hierarchy == "0":
            top = CONTROL_GROUPS
        elif controller in controllers.split(","):
            top = CONTROL_GROUPS / controller
        else:
            continue
        group = top / path.lstrip("/")
        # In a container the path may be the host's, of which only the root is visible here.
        yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(top))


def _counted(table: Path, name: str) -> int:
    for line in _read(table).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
