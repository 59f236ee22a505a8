"""Where a dataset is built and how it comes into place: beside the output, or inside a mount point."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from open_files import keep_open_files_in_place
from prepared import contents, draw, draw_cartoons, draw_photos, leave_out_pictures, manifest

from toonify.preparing import PrepareRequest, cropping, pipeline, workplace
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

    def test_killed_before_its_leftovers_were_removed_it_leaves_nothing_to_the_next(
        self, prepare, expected: dict[str, bytes], mounted: Path
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workplace, "_remove_leftovers", died)
            assert prepare(*REQUEST).exit_code == 1
        assert {path.name for path in (mounted / ".unfinished").iterdir()} >= {"progress.json"}
        result = prepare(*REQUEST)
        assert result.exit_code == 2 and "mounted exists" in result.stderr
        assert in_place(mounted) == expected
        assert not (mounted / ".unfinished").exists()

    def test_keeps_nothing_of_a_dataset_that_had_more_parts(self, prepare, mounted: Path) -> None:
        prepare(*REQUEST, "--val-fraction", "0.3")
        assert (mounted / "val").is_dir()
        assert prepare(*REQUEST, "--val-fraction", "0", "--overwrite").exit_code == 0
        assert not (mounted / "val").exists()

    def test_in_which_a_run_was_killed_goes_on_beside_files_that_came_since(
        self, prepare, expected: dict[str, bytes], mounted: Path
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workplace.Workplace, "install", died)
            assert prepare(*REQUEST).exit_code == 1
        (mounted / ".unfinished" / "dataset.json").unlink()
        (mounted / "notes.txt").write_text("mine")
        with nothing_made():
            assert prepare(*REQUEST).exit_code == 0
        assert in_place(mounted) == expected | {"notes.txt": b"mine"}


def died(*_: object) -> None:
    raise RuntimeError("killed")


@pytest.mark.parametrize("left", [".toonify-0123456789abcdef.part/progress.json", ".lock"])
def test_killed_while_it_first_wrote_its_journal_it_begins_again(prepare, left: str) -> None:
    path = Path("dataset.part", left)
    path.parent.mkdir(parents=True)
    path.write_text("{")
    assert prepare("photos", "cartoons").exit_code == 0
    assert {path.name for path in Path().iterdir()} == {"photos", "cartoons", "dataset"}
    assert not list(Path("dataset").rglob(".*"))


@pytest.mark.parametrize("step", ["remove", "save", "_clear"])
def test_killed_while_it_emptied_anothers_workplace_it_ends_with_the_same_bytes(prepare, step: str) -> None:
    """The other had more shards, whose names this one does not use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workplace.Workplace, "install", died)
        assert prepare("photos", "cartoons", "--count", "30").exit_code == 1
    owner = {"remove": workplace, "save": workplace.Journal, "_clear": workplace.Workplace}[step]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, died)
        assert prepare("photos", "cartoons", "--seed", "1").exit_code == 1
    Path("dataset.part/train/photo-00007.npy").write_text("of the other")
    assert prepare("photos", "cartoons", "--seed", "1").exit_code == 0
    assert prepare("photos", "cartoons", "--seed", "1", "-o", "expected").exit_code == 0
    assert contents(Path("dataset")) == contents(Path("expected"))


class TestTwoAtOnce:
    @pytest.mark.parametrize("where", ["an ordinary folder", "a mount point"])
    def test_the_second_is_refused_in_a_line_and_harms_nothing(
        self, prepare, expected: dict[str, bytes], request: pytest.FixtureRequest, where: str
    ) -> None:
        if where == "a mount point":
            request.getfixturevalue("mounted")
        find_inputs, results = pipeline.find_inputs, []

        def meanwhile(*arguments: object) -> object:
            if not results:
                results.append(None)
                results[0] = prepare(*REQUEST, "--seed", "1")
            return find_inputs(*arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "find_inputs", meanwhile)
            assert prepare(*REQUEST).exit_code == 0
        assert results[0].exit_code == 1
        assert results[0].stderr.splitlines() == [
            "error: mounted is in use: another process makes a dataset there",
            "       Wait for it, or choose another --output.",
        ]
        assert contents(Path("mounted")) == expected

    def test_the_second_replaces_nothing_that_came_while_it_was_at_work(
        self, prepare, expected: dict[str, bytes]
    ) -> None:
        install = workplace.Workplace.install

        def late(place: workplace.Workplace) -> None:
            Path("mounted").mkdir()
            Path("mounted/beach.txt").write_text("sunny")
            install(place)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workplace.Workplace, "install", late)
            result = prepare(*REQUEST)
        assert result.exit_code == 2 and "mounted exists and is not a dataset" in result.stderr
        assert contents(Path("mounted")) == {"beach.txt": b"sunny"}
        Path("mounted").rename("holiday")
        with nothing_made():
            assert prepare(*REQUEST).exit_code == 0
        assert contents(Path("mounted")) == expected

    def test_a_request_that_makes_no_sense_leaves_no_folder(self, prepare) -> None:
        assert prepare(*REQUEST[:2], "-o", "a/b", "--source", "nonsense").exit_code == 2
        assert not Path("a").exists()


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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_comes_into_place_where_nothing_open_can_be_renamed(prepare, expected: dict[str, bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        keep_open_files_in_place(patch)
        for more in ((), ("--overwrite",)):
            assert prepare("photos", "cartoons", *more).exit_code == 0
    assert contents(Path("dataset")) == expected
    assert sorted(path.name for path in Path().iterdir()) == ["cartoons", "dataset", "photos"]


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
