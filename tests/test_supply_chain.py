"""What CI runs and installs is pinned, and may do no more than it must."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import textwrap
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
def test_workflows_may_read_and_three_jobs_more():
    granted = []
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        assert "\npermissions:\n  contents: read\n" in text, f"{path.name} says not what it may do"
        granted += re.findall(r"^ +([a-z-]+: write)$", text, re.MULTILINE)
    assert sorted(granted) == ["contents: write", "contents: write", "id-token: write"]


def test_the_lock_file_holds_every_dependency_by_hash():
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = document["project"], document["dependency-groups"]
    wanted = itertools.chain(
        project["dependencies"],
        *project["optional-dependencies"].values(),
        (
            line
            for name in ("dev", "docs-site", "cluster", "ci")
            for line in groups[name]
            if isinstance(line, str)
        ),
    )
    entries = re.findall(
        r"^([^\s#][^\n]*?)==\S+(.*?)(?=^\S|\Z)", LOCK.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    locked = {canonical(name) for name, _ in entries}
    assert {canonical(line) for line in wanted} <= locked, "Run `make lock`."
    assert all("--hash=sha256:" in rest for _, rest in entries)


@checkout
def test_the_site_becomes_a_branch_of_one_commit(tmp_path):
    """What the workflow runs, against a repository on this disk in place of GitHub's."""
    steps = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")
    program = textwrap.dedent(re.search(r"run: \|\n(.*?)\n        env:", steps, re.DOTALL)[1])
    remote, site = tmp_path / "remote.git", tmp_path / "site"
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    environment = os.environ | {
        "TOKEN": "secret",
        "GITHUB_SHA": "abc",
        "GITHUB_REPOSITORY": "somebody/toonify",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{remote}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://x-access-token:secret@github.com/somebody/toonify",
    }
    for text in ("first", "second"):
        shutil.rmtree(site, ignore_errors=True)
        site.mkdir()
        (site / "index.html").write_text(text, encoding="utf-8")
        subprocess.run(["bash", "-e", "-c", program], cwd=site, env=environment, check=True)
    shown = ["git", "--git-dir", remote, "log", "--format=%s", "--name-only", "gh-pages"]
    said = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.split()
    assert said == ["The", "site", "of", "abc", ".nojekyll", "index.html"]


@checkout
def test_ci_runs_each_python_that_is_promised():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    whole, light = (pythons(ROOT / folder / "pyproject.toml") for folder in (".", "packaging"))
    assert re.findall(r'"([\d.]+)"', re.search(r"python: \[(.+)\]", workflow)[1]) == whole
    assert re.findall(r'python-version: "([\d.]+)"\n      - run: make demo\n  slow:', workflow) == light


def pythons(project: Path) -> list[str]:
    """Versions in a project's classifiers."""
    return re.findall(r"Programming Language :: Python :: (3\.\d+)", project.read_text(encoding="utf-8"))


@checkout
def test_git_changes_no_line_ends_of_what_is_hashed(tmp_path):
    """As it does by default on Windows: a style would no longer match its SHA256SUMS."""
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    (tmp_path / "style.json").write_bytes(b"{\n}\n")
    git = ["git", "-c", "core.autocrlf=true", "-C", tmp_path]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "style.json"], check=True)
    (tmp_path / "style.json").unlink()
    subprocess.run([*git, "checkout-index", "--all"], check=True)
    assert (tmp_path / "style.json").read_bytes() == b"{\n}\n"
