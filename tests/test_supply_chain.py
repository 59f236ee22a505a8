"""What CI runs and installs is pinned, and may do no more than it must."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LOCK = ROOT / "requirements" / "ci.txt"

checkout = pytest.mark.skipif(not WORKFLOWS, reason="the source archive holds no workflows")


def canonical(requirement: str) -> str:
    """The name in a requirement, as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


@checkout
def test_actions_are_pinned_by_hash():
    loose = [
        f"{path.name}: {line.strip()}"
        for path in WORKFLOWS
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line and not re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v[0-9.]+$", line)
    ]
    assert not loose, "Pin each action by the hash of its commit, with its version as a comment."


@checkout
def test_one_action_has_one_hash():
    used = {
        found
        for path in WORKFLOWS
        for found in re.findall(r"uses: (\S+)@(\w+)", path.read_text(encoding="utf-8"))
    }
    assert len(used) == len({action for action, _ in used})


@checkout
def test_workflows_may_read_and_two_jobs_more():
    granted = []
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        assert "\npermissions:\n  contents: read\n" in text, f"{path.name} says not what it may do"
        granted += re.findall(r"^ +([a-z-]+: write)$", text, re.MULTILINE)
    assert sorted(granted) == ["contents: write", "id-token: write"]


def test_the_lock_file_holds_every_dependency_by_hash():
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = document["project"], document["dependency-groups"]
    wanted = itertools.chain(
        project["dependencies"],
        *project["optional-dependencies"].values(),
        (line for name in ("dev", "cluster", "ci") for line in groups[name] if isinstance(line, str)),
    )
    entries = re.findall(
        r"^([^\s#][^\n]*?)==\S+(.*?)(?=^\S|\Z)", LOCK.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    locked = {canonical(name) for name, _ in entries}
    assert {canonical(line) for line in wanted} <= locked, "Run `make lock`."
    assert all("--hash=sha256:" in rest for _, rest in entries)
