"""What files are called."""

from __future__ import annotations

from toonify.storage import RunFolder
from toonify.storage.layout import step_name


def test_files_of_steps_are_found_by_the_names_that_they_are_given(tmp_path):
    run = RunFolder(tmp_path)
    run.checkpoints.mkdir()
    run.samples.mkdir()
    others = ["mine", "step-12", "step-00000012", "step-0000012 copy", "step-٣٣٣٣٣٣٣", "step-" + "9" * 20]
    for name in (step_name(10_000_000), step_name(12), step_name(0), *others):
        (run.checkpoints / f"{name}.npz").touch()
        (run.samples / f"{name}.png").touch()
    assert run.steps == [0, 12, 10_000_000]
    assert run.grids == [(step, run.samples / f"{step_name(step)}.png") for step in run.steps]
