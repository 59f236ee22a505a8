"""How long it takes until something happens: `import toonify`, `toonify --help`, and the first picture.

    python benchmarks/startup.py [--style comic] [--repeats 9] [--imports]

Each run is a new process; medians. On a busy machine the seconds of processor time say more than
those of the clock. `--imports` lists the modules that take longest to import instead.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

SAMPLE = Path(__file__).parents[1] / "samples" / "mountains.jpg"
TOONIFY = [sys.executable, "-m", "toonify"]
HEAVY = ("tensorflow", "keras", "onnxruntime", "numpy")


@dataclass(frozen=True)
class Cost:
    """Of one process: seconds by the clock and of processors, and the most memory in bytes."""

    seconds: float
    processor: float
    memory: int


def cost(command: list[str]) -> Cost:
    """Run a command that must succeed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {' '.join(command)}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def typical(command: list[str], repeats: int) -> Cost:
    """The median of several runs, after one that fills the file cache."""
    cost(command)
    runs = [cost(command) for _ in range(repeats)]
    return Cost(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.processor for run in runs),
        max(run.memory for run in runs),
    )


def sample(path: Path, width: int, height: int) -> Path:
    """Mountains of this size, as the name says: a JPEG, progressive if it is called so, PNG or TIFF."""
    options = {
        ".jpg": {"quality": 92, "progressive": path.stem == "progressive"},
        ".png": {"compress_level": 1},
    }
    with Image.open(SAMPLE) as image:
        large = image.resize((width, height), Image.Resampling.BICUBIC)
    large.save(path, **options.get(path.suffix, {"compression": "tiff_lzw"}))
    return path


def slowest_imports(command: str, count: int = 25) -> list[str]:
    """Lines of `python -X importtime`, the slowest modules with all they import last."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", command], capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:") and "|" in line]
    return sorted(lines[1:], key=lambda line: int(line.split("|")[1]))[-count:]


def loaded(code: str) -> list[str]:
    """Which heavy modules are loaded after running this code."""
    probe = f"import sys\n{code}\nprint(*({set(HEAVY)} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return done.stderr.split()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--style", default="comic")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--imports", action="store_true")
    arguments = parser.parse_args()
    if arguments.imports:
        print(*slowest_imports("import toonify.cli.app, toonify.converting"), sep="\n")
        return
    bare, importing = (
        typical([sys.executable, "-c", code], arguments.repeats) for code in ("", "import toonify")
    )
    print(
        f"import toonify             {importing.seconds - bare.seconds:6.2f} s  "
        f"({importing.processor - bare.processor:.2f} s of processor)"
    )
    usage = typical([*TOONIFY, "--help"], arguments.repeats)
    heavy = loaded("from toonify.cli.app import app; app(['--help'], standalone_mode=False)")
    print(f"toonify --help             {usage.seconds:6.2f} s  ({usage.processor:.2f} s of processor)")
    print(f"  heavy modules loaded     {', '.join(heavy) or 'none'}")
    with tempfile.TemporaryDirectory() as folder:
        photo = sample(Path(folder, "photo.jpg"), 1024, 1024)
        command = [*TOONIFY, "convert", str(photo), str(photo.with_name("cartoon.jpg")), "--overwrite"]
        first = typical([*command, "--style", arguments.style], arguments.repeats)
    print(f"first picture, 1024 x 1024 {first.seconds:6.2f} s  ({first.processor:.2f} s of processor)")


if __name__ == "__main__":
    main()
