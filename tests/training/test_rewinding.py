"""A run that goes on from a checkpoint gives up what it wrote after that, and nothing else."""

from __future__ import annotations

from pathlib import Path

from toonify.storage import RunFolder
from toonify.training.rewinding import rewind

METRICS = "step,phase,loss\n1,paired,0.5\n2,paired,nan\n"


def test_rows_and_grids_after_the_checkpoint_go(tmp_path):
    files = RunFolder(tmp_path)
    files.metrics.write_text(METRICS + "3,paired,inf\n4,pai")
    files.samples.mkdir()
    for step in (0, 2, 3, 10_000_000):
        (files.samples / f"step-{step:07d}.png").touch()
    (files.samples / "mine.png").touch()
    rewind(files, 2)
    assert files.metrics.read_text() == METRICS
    assert not files.measures.exists()
    kept = ["mine.png", "step-0000000.png", "step-0000002.png"]
    assert sorted(path.name for path in files.samples.iterdir()) == kept


def test_where_nothing_came_after_it_nothing_is_written(tmp_path):
    files = RunFolder(tmp_path)
    files.metrics.write_text(METRICS)
    before = files.metrics.stat()
    rewind(files, 2)
    assert files.metrics.stat().st_ino == before.st_ino  # not even by the same
    Path(files.metrics).unlink()
    files.metrics.mkdir()
    rewind(files, 0)
