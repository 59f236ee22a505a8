"""Cores and memory, a container's quotas included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from toonify import resources
from toonify.resources import USABLE, available_memory, cores, instructions, usable_memory

GB = 2**30


@pytest.fixture
def groups(tmp_path: Path, monkeypatch):
    """`groups("0::/a", {"a/cpu.max": "50000 100000"})` makes control groups and says which is ours."""
    monkeypatch.setattr(resources, "CONTROL_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(resources, "OWN_GROUPS", tmp_path / "own")

    def write(own: str, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        (tmp_path / "own").write_text(f"{own}\n")

    return write


@pytest.fixture
def _many_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)


@pytest.mark.usefixtures("_many_cores")
@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/", {}, 64),
        ("0::/", {"cpu.max": "max 100000"}, 64),
        ("0::/", {"cpu.max": "200000 100000"}, 2),
        ("0::/", {"cpu.max": "150000 100000"}, 2),
        ("0::/", {"cpu.max": "1000 100000"}, 1),
        ("0::/a/b", {"a/b/cpu.max": "max 100000", "a/cpu.max": "300000 100000"}, 3),
        ("0::/of/the/host", {"cpu.max": "400000 100000"}, 4),
        ("4:cpu,cpuacct:/a", {"cpu/a/cpu.cfs_quota_us": "250000", "cpu/a/cpu.cfs_period_us": "100000"}, 3),
        ("4:cpu,cpuacct:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 64),
        ("0::/", {"cpu.max": "nonsense"}, 64),
        ("0::/", {"cpu.max": "100000 0"}, 64),
    ],
)
def test_cores_are_those_that_a_container_may_use(groups, own, files, expected):
    groups(own, files)
    assert cores() == expected


def test_cores_are_those_that_this_process_may_run_on(monkeypatch, groups):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    groups("0::/", {"cpu.max": "800000 100000"})
    assert cores() == 3


@pytest.mark.usefixtures("groups")
def test_no_control_groups_at_all_limit_nothing():
    assert cores() >= 1
    assert available_memory() > 0


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/", {"memory.max": str(3 * GB), "memory.current": str(GB)}, 2 * GB),
        ("0::/", {"memory.max": "max", "memory.current": str(GB)}, 64 * GB),
        ("0::/a", {"memory.max": str(3 * GB), "memory.current": str(2 * GB)}, GB),
        (
            "0::/a",
            {
                "a/memory.max": str(3 * GB),
                "a/memory.current": str(2 * GB),
                "memory.max": str(2 * GB),
                "memory.current": str(2 * GB),
            },
            0,
        ),
        (
            "0::/",
            {
                "memory.max": str(3 * GB),
                "memory.current": str(2 * GB),
                "memory.stat": f"anon 5\ninactive_file {GB}\nactive_file 7",
            },
            2 * GB,
        ),
        (
            "9:memory:/a",
            {
                "memory/a/memory.limit_in_bytes": str(3 * GB),
                "memory/a/memory.usage_in_bytes": str(2 * GB),
                "memory/a/memory.stat": f"inactive_file 1\ntotal_inactive_file {GB}",
            },
            2 * GB,
        ),
        (
            "9:memory:/",
            {"memory/memory.limit_in_bytes": str(2**63 - 4096), "memory/memory.usage_in_bytes": "1"},
            64 * GB,
        ),
        ("0::/", {"memory.max": str(GB), "memory.current": str(2 * GB)}, 0),
        ("0::/", {"memory.max": "nonsense", "memory.current": "1"}, 64 * GB),
    ],
    ids=[
        "a limit",
        "no limit",
        "one around it",
        "the tightest",
        "files make room",
        "version 1",
        "version 1, no limit",
        "over",
        "nonsense",
    ],
)
def test_memory_is_what_the_machine_and_every_group_leave(groups, monkeypatch, own, files, expected):
    machine = psutil.virtual_memory()._replace(available=64 * GB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    groups(own, files)
    assert available_memory() == expected


def test_where_a_group_is_slowed_down_is_something_to_plan_with_and_no_end(groups, monkeypatch):
    machine = psutil.virtual_memory()._replace(available=64 * GB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    groups("0::/", {"memory.max": "max", "memory.high": str(2 * GB), "memory.current": str(GB)})
    assert (available_memory(), usable_memory()) == (64 * GB, int(GB * USABLE))


@pytest.mark.skipif(sys.platform != "linux", reason="it limits nothing elsewhere")
def test_work_plans_with_no_more_than_its_addresses():
    code = (
        "import resource; from toonify.resources import usable_memory; import psutil\n"
        "left = psutil.Process().memory_info().vms + 2**28\n"
        "resource.setrlimit(resource.RLIMIT_AS, (left, left)); print(usable_memory())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 2**27 < int(told) <= 2**28


def test_this_machine_has_some_of_both():
    assert cores() >= 1
    assert 0 < available_memory() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\nbugs\t\t: none\n", {"fpu", "avx2", "amx_bf16"}),
        ("processor\t: 0\nFeatures\t: fp asimd\n", {"fp", "asimd"}),  # Arm
        ("processor\t: 0\n", set()),
        (None, set()),
    ],
)
def test_sets_of_instructions(tmp_path: Path, monkeypatch, told: str | None, found: set[str]):
    monkeypatch.setattr(resources, "PROCESSORS", tmp_path / "cpuinfo")
    if told is not None:
        resources.PROCESSORS.write_text(told)
    assert instructions() == found
