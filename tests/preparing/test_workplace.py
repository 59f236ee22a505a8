"""Where a dataset is built and how it comes into place: beside the output, or inside a mount point."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prepared import contents, draw, draw_cartoons, draw_photos, leave_out_pictures, manifest

from toonify.preparing import PrepareRequest, cropping, workplace
from toonify.preparing import prepare as prepare_dataset

REQUEST = ("photos", "cartoons", "-o", "mounted")


FEW_MOVES = [pytest.param(moved, marks=[pytest.mark.slow] * (moved not in (0, 2, 5))) for moved in range(6)]
"""Of six: two folders, three files and the manifest."""


@pytest.fixture(autouse=True)
def folders(photos: Path, cartoons: Path) -> None:
    """What `REQUEST` names."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The dataset as it is made in an ordinary folder."""
    folder = tmp_path_factory.mktemp("expected")
    request = PrepareRequest(
        draw_photos(folder), draw_cartoons(folder), folder / "dataset", size=32, workers=1
    )
    with pytest.MonkeyPatch.context() as patch:
        leave_out_pictures(patch)
        prepare_dataset(request)
    return contents(folder / "dataset")


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty mount point: nothing can be renamed to it, it cannot be renamed itself."""
    mount = tmp_path / "mounted"
    (mount / "lost+found").mkdir(parents=True)
    replace = os.replace

    def refusing(source: Path, target: Path) -> None:
        if mount in (Path(source), Path(target)):
            raise OSError(errno.EBUSY, "Device or resource busy")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refusing)
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == mount)
    return mount


@contextmanager
def dying_in_the_move(after: int) -> Iterator[None]:
    """Within, a run dies when it has moved so many things out of where it built them."""
    replace, moved = os.replace, 0

    def dying(source: Path, target: Path) -> None:
        nonlocal moved
        if Path(source).parent.name == ".unfinished" and Path(target).parent.name == "mounted":
            moved += 1
            if moved > after:
                raise RuntimeError("killed")
        replace(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", dying)
        yield


@contextmanager
def nothing_made() -> Iterator[None]:
    """Within, no picture is opened to be cropped."""

    def opened(*_: object) -> None:
        pytest.fail("a picture was made again")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cropping, "open_item", opened)
        yield


def in_place(mount: Path) -> dict[str, bytes]:
    """What lies in the mount point, where nothing but a dataset and what was there before may lie."""
    assert (mount / "lost+found").is_dir()
    return contents(mount)


class TestMountPoint:
    def test_can_be_the_output(self, prepare, expected: dict[str, bytes], mounted: Path) -> None:
        result = prepare(*REQUEST)
        assert result.exit_code == 0, result.output
        assert in_place(mounted) == expected
        assert not Path("mounted.part").exists()

    @pytest.mark.parametrize("moved", FEW_MOVES)
    def test_killed_while_things_are_moved_it_finishes_when_given_again(
        self, prepare, expected: dict[str, bytes], mounted: Path, moved: int
    ) -> None:
        with dying_in_the_move(moved):
            assert prepare(*REQUEST).exit_code == 1
        assert not (mounted / "dataset.json").exists()
        with nothing_made():
            assert prepare(*REQUEST).exit_code == 0
        assert in_place(mounted) == expected

    @pytest.mark.parametrize("moved", FEW_MOVES)
    def test_that_holds_a_dataset_holds_the_old_or_the_new_or_none(
        self, prepare, expected: dict[str, bytes], mounted: Path, moved: int
    ) -> None:
        prepare(*REQUEST, "--seed", "1")
        (mounted / "notes.txt").write_text("mine")
        assert prepare(*REQUEST).exit_code == 2
        with dying_in_the_move(moved):
            assert prepare(*REQUEST, "--overwrite").exit_code == 1
        assert not (mounted / "dataset.json").exists()
        with nothing_made():
            assert prepare(*REQUEST, "--overwrite").exit_code == 0
        assert in_place(mounted) == expected | {"notes.txt": b"mine"}

    def test_keeps_its_dataset_until_the_new_one_is_complete(self, prepare, mounted: Path) -> None:
        prepare(*REQUEST)
        before = contents(mounted)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workplace.Workplace, "install", None)
            assert prepare(*REQUEST, "--overwrite", "--seed", "1").exit_code == 1
        after = contents(mounted)
        assert before.items() <= after.items()
        assert {name.split("/")[0] for name in after.keys() - before.keys()} == {".unfinished"}

    def test_that_holds_something_else_is_left_alone(self, prepare, mounted: Path) -> None:
        draw(mounted / "beach.png")
        result = prepare(*REQUEST, "--overwrite")
        assert result.exit_code == 2
        assert "mounted exists and is not a dataset" in result.stderr
        assert in_place(mounted).keys() == {"beach.png"}


def test_a_rename_that_fails_costs_no_work(prepare, expected: dict[str, bytes]) -> None:
    """As where a mount point cannot be told from a folder."""

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workplace, "put_in_place", busy)
        result = prepare("photos", "cartoons")
    assert result.exit_code == 1
    assert "dataset.part cannot be moved to" in result.stderr
    assert "device or resource busy" in result.stderr and "same command again" in result.stderr
    with nothing_made():
        assert prepare("photos", "cartoons").exit_code == 0
    assert contents(Path("dataset")) == expected


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting is for root")
def test_a_real_mount_point(prepare) -> None:
    Path("mounted").mkdir()
    if os.system("mount -t tmpfs tmpfs mounted") != 0:
        pytest.skip("mounting is not allowed here")
    try:
        assert prepare(*REQUEST).exit_code == 0
        assert prepare(*REQUEST, "--seed", "1", "--overwrite").exit_code == 0
        assert manifest(Path("mounted"))["request"]["seed"] == 1
        assert "mounted/.unfinished" not in map(str, Path("mounted").iterdir())
    finally:
        os.system("umount mounted")
