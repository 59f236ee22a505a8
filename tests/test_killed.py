"""`kill -9` at any moment: nothing is lost, nothing half written, and the next run leaves nothing behind.

Processes die at one of their changes to the disk, for that is where it matters. `train`, whose steps take
longer, is killed in `training/test_train_killed.py`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from drawing import draw_discs
from tiny_style import make_style

MOMENTS = 20
NEVER = 10**6

DYING = """
import functools, os, signal, sys

changes, last = 0, int(sys.argv.pop(1))

def dying(change):
    def counted(*arguments, **options):
        global changes
        if changes == last:
            os.kill(os.getpid(), signal.SIGKILL)
        changes += 1
        return change(*arguments, **options)
    return functools.partial(counted)  # no method where a class takes it in, as pathlib's of Python 3.10 does

for name in ("mkdir", "open", "replace", "rmdir", "unlink"):
    setattr(os, name, dying(getattr(os, name)))
os.path.ismount = lambda path: "mounted" in os.path.basename(path)

from toonify.cli import main

if __name__ == "__main__":
    try:
        main()
    finally:
        print("changes:", changes)
"""

FORMATS = """
from toonify.plugins import Exporter
from toonify.exporting.base import draw_with_onnx

class Folder(Exporter):
    suffix = "-folder"

    def check(self, style, path):
        pass

    def write(self, style, path):
        path.mkdir()
        for name in ("one", "two", "three"):
            (path / f"{name}.onnx").write_bytes(style.onnx_bytes())

    def runtimes(self):
        return {"ONNX Runtime": lambda path: draw_with_onnx(path / "three.onnx")}
"""


def contents(folder: str | Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones included, and every empty folder, as `name/`."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            # How long a format took to draw is not the same twice.
            found[name] = re.sub(rb'"milliseconds": [\d.]+', b"", path.read_bytes())
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found


def shown(found: dict[str, bytes]) -> dict[str, bytes]:
    """Without what is hidden."""
    return {name: data for name, data in found.items() if not name.startswith(".") and "/." not in name}


def toonify(*arguments: str, dying_at: int = NEVER) -> int:
    """Run a command that dies at a change to the disk; how many changes it makes, if it does not."""
    Path("dying.py").write_text(DYING)
    done = subprocess.run(
        [sys.executable, "dying.py", str(dying_at), *arguments],
        env=os.environ | {"PYTHONPATH": "site", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode == -signal.SIGKILL:
        assert dying_at < NEVER
        return dying_at
    # A dataset that came into place at the last moment is not made again.
    assert done.returncode == 0 or ("exists" in done.stderr and arguments[0] == "prepare"), done.stderr
    return int(done.stdout.rpartition("changes:")[2])


Files = dict[str, bytes]


@dataclass(frozen=True)
class Command:
    """A command that is killed.

    Attributes:
        arguments: With OUTPUT for the output's name.
        whole: Told what is shown after a kill, what was there before, and what there will be.
        before: A command that fills the output before.
    """

    arguments: str
    whole: Callable[[Files, Files, Files], bool]
    before: str = ""
    output: str = "killed"

    def run(self, output: str, dying_at: int = NEVER) -> int:
        return toonify(*self.arguments.replace("OUTPUT", output).split(), dying_at=dying_at)

    def begin(self, output: str) -> Files:
        """Fill the output; what is in it then."""
        if self.before and not Path("before").exists():
            toonify(*self.before.replace("OUTPUT", "before").split())
        if self.before:
            shutil.copytree("before", output)
        return contents(output)


def file_by_file(now: Files, _: Files, then: Files) -> bool:
    """What is there is as it will be; a folder may be there before its first picture."""
    return {name: data for name, data in now.items() if not name.endswith("/")}.items() <= then.items()


def old_or_new(now: Files, before: Files, then: Files) -> bool:
    """Each of the two formats is there, the old one or the new one; a folder may be out of sight."""
    parts = [{name: data for name, data in found.items() if "/" in name} for found in (now, before, then)]
    return now["tiny.onnx"] in (before["tiny.onnx"], then["tiny.onnx"]) and parts[0] in (*parts[1:], {})


def a_dataset_or_none(now: Files, before: Files, then: Files) -> bool:
    """What has a manifest is whole, old or new; beside it may lie what is cleared away."""
    if "dataset.json" not in now:
        return True
    return now.items() >= (then if now["dataset.json"] == then["dataset.json"] else before).items()


CONVERT = "convert --style tiny --workers 2 --compare photos OUTPUT"
EXPORT = "export STYLE --to onnx,folder --overwrite -o OUTPUT"
PREPARE = "prepare photos --source comic --count 12 --size 32 --workers 1 -o OUTPUT"

COMMANDS = {
    "convert": Command(CONVERT, file_by_file),
    "export": Command(EXPORT.replace("STYLE", "tiny"), old_or_new, before=EXPORT.replace("STYLE", "older")),
    "prepare": Command(PREPARE, a_dataset_or_none),
    "prepare in place of another": Command(
        f"{PREPARE} --overwrite", a_dataset_or_none, before=f"{PREPARE} --seed 1"
    ),
    "prepare in a mount point": Command(
        f"{PREPARE} --overwrite", a_dataset_or_none, before=f"{PREPARE} --seed 1", output="mounted"
    ),
}


@pytest.fixture
def folders(tmp_path: Path) -> None:
    """Photographs in a folder and a sub-folder, a style and a format that is a folder."""
    for name in ("a.png", "b.png", "deep/c.png", "deep/d.png"):  # a comparison with a JPEG is of the copy
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_discs(name, 48, 40).save(path)
    make_style(tmp_path / "tiny")
    make_style(tmp_path / "older", licence="CC-BY-4.0")
    info = tmp_path / "site" / "acme_formats-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-formats\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[toonify.exporters]\nfolder = acme_formats:Folder\n")
    (tmp_path / "site" / "acme_formats.py").write_text(FORMATS)


def survives(command: Command, moments: Callable[[int], list[int]]) -> None:
    """A command is killed at each moment, and given again."""
    straight = f"{command.output}-never"
    before = command.begin(straight)
    changes = command.run(straight)
    expected = contents(straight)
    assert changes > 20 and shown(expected) == expected
    there = {path.name for path in Path().iterdir()}
    for number, moment in enumerate(moments(changes)):
        output = f"{command.output}{number}"
        assert command.begin(output) == before
        command.run(output, dying_at=moment)
        told = f"killed after {moment} of {changes} changes"
        assert command.whole(shown(contents(output)), before, expected), f"half written, {told}"
        command.run(output)
        assert contents(output) == expected, told
        there.add(output)
        assert {path.name for path in Path().iterdir()} == there, told


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("name", ["convert", "export"])
def test_killed_once_it_is_whole_when_it_is_given_again(name: str) -> None:
    survives(COMMANDS[name], lambda changes: [changes * 3 // 4])


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_twenty_moments_it_is_whole_when_it_is_given_again(name: str) -> None:
    survives(COMMANDS[name], lambda changes: sorted(random.sample(range(changes), MOMENTS)))
