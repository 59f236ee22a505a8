"""Large pictures are decoded one at a time, so that a folder of them needs no more memory than one."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest
from drawing import draw_picture
from PIL import Image
from prepared import contents, draw

from toonify import resources
from toonify.media import decoding_memory
from toonify.plugins import SourceItem
from toonify.preparing import PrepareRequest, prepare, sharing
from toonify.preparing.cropping import make_crops
from toonify.preparing.image_stats import Batch, measure_batch
from toonify.preparing.plan import Job, Recipe
from toonify.preparing.sharing import TooLarge, need_room, run_shared, worker_share
from toonify.runners import InlineRunner

ROOM = decoding_memory((80, 60))
RECIPE = Recipe({}, {}, 32, "random", 0, memory=ROOM)


@pytest.fixture
def free(monkeypatch):
    """`free(1000)`: so many bytes are free."""
    return lambda amount: monkeypatch.setattr(resources, "available_memory", lambda: amount)


def test_workers_share_four_fifths_of_what_is_free(free):
    free(1000)
    assert [worker_share(workers) for workers in (1, 2, 4)] == [0, 400, 200]


def test_workers_are_as_many_as_a_container_grants(free, monkeypatch):
    free(1000)
    monkeypatch.setattr(sharing, "cores", lambda: 8)
    assert worker_share(0) == 100


def test_where_nothing_is_free_a_share_is_not_any_number(free):
    free(0)
    assert worker_share(4) == 1


def test_a_share_is_no_larger_however_much_is_free(free):
    free(10**15)
    assert worker_share(2) == sharing.LARGE


@pytest.mark.parametrize(("size", "fits"), [((80, 60), True), ((80, 61), False)])
def test_a_worker_looks_into_the_header_first(tmp_path, size, fits):
    draw_picture(size).save(tmp_path / "a.png")
    if fits:
        need_room(RECIPE, tmp_path / "a.png")
    else:
        with pytest.raises(TooLarge):
            need_room(RECIPE, tmp_path / "a.png")
    need_room(replace(RECIPE, memory=0), tmp_path / "a.png")


def test_what_is_no_picture_is_left_to_whoever_opens_it(tmp_path):
    (tmp_path / "a.png").write_text("dear diary")
    need_room(RECIPE, tmp_path / "a.png")
    need_room(RECIPE, tmp_path / "nothing.png")


@pytest.mark.parametrize("work", [measure_batch, make_crops])
def test_a_drawing_beside_its_photograph_needs_room_as_well(tmp_path, work):
    for name in ("photo", "drawing"):
        draw_picture((80, 60)).save(tmp_path / f"{name}.png")
    item = SourceItem("photo", tmp_path / "photo.png", beside=(tmp_path / "drawing.png",))
    job = Batch("paired", [item]) if work is measure_batch else Job("paired", item, range(1))
    with pytest.raises(TooLarge):
        work(replace(RECIPE, memory=2 * ROOM - 1), job)


def test_what_is_too_large_for_a_worker_is_done_in_its_turn():
    def work(recipe: Recipe, job: int) -> tuple[int, bool]:
        if recipe.memory and job % 2:
            raise TooLarge
        return job, bool(recipe.memory)

    done = [outcome.get() for _, outcome in run_shared(InlineRunner(RECIPE), RECIPE, range(4), work)]
    assert done == [(0, True), (1, False), (2, True), (3, False)]


def test_the_dataset_is_the_same_whoever_decodes(tmp_path, photos, cartoons, free):
    """With as little memory, all but one are too large for workers."""
    draw_picture((20, 20)).save(photos / "small.png")
    for name, amount in (("much", 10**12), ("little", decoding_memory((20, 20)) * 3)):
        free(amount)
        prepare(PrepareRequest(photos, cartoons, tmp_path / name, size=32, workers=2))
    assert contents(tmp_path / "much") == contents(tmp_path / "little")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="memory is counted in another way there")
def test_four_huge_pictures_of_a_few_kilobytes(tmp_path):
    """Each of 484 megapixels is 1.9 GB as RGB, and one of them at a time is in memory."""
    (tmp_path / "photos").mkdir()
    Image.new("1", (22_000, 22_000)).save(tmp_path / "photos" / "0.png")
    for number in range(1, 4):
        image = Image.new("1", (22_000, 22_000))
        image.paste(1, (0, 0, 5000 * number, 22_000))
        image.save(tmp_path / "photos" / f"{number}.png")
    assert max(path.stat().st_size for path in (tmp_path / "photos").iterdir()) < 200_000
    for number in range(2):
        draw(tmp_path / "cartoons" / f"{number}.png")
    command = [sys.executable, "-m", "toonify", "prepare", "photos", "cartoons", "-o", "dataset"]
    options = ["--workers", "4", "--size", "32"]
    process = subprocess.Popen([*command, *options], cwd=tmp_path, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, memory_of(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0
    assert most < 3.5e9


def memory_of(pid: int) -> int:
    """Bytes of a process and those that it has started."""
    total = 0
    for each in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
