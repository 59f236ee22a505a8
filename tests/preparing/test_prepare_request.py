"""A request for a dataset is checked when it is made, and speaks of its fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.preparing import PrepareRequest


@pytest.fixture(autouse=True)
def folders() -> None:
    Path("photos").mkdir()
    Path("cartoons").mkdir()


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("size", 5, "`size` should be 16 to 4096 pixels, not 5"),
        ("size", "large", "`size` should be a whole number, not 'large'"),
        ("crop", "centre", "there is no choice for `crop` called 'centre'. Did you mean 'center'?"),
        ("tone", "bright", "there is no choice for `tone` called 'bright'."),
        ("count", 0, "`count` should be 1 or more, not 0"),
        ("count", "few", "`count` should be a whole number or none, not 'few'"),
        ("seed", -1, "`seed` should be 0 to 4294967295, not -1"),
        ("val_fraction", 1, "`val_fraction` should be 0 or more and less than 1, not 1"),
        ("val_fraction", float("nan"), "`val_fraction` should be 0 or more and less than 1, not nan"),
        ("workers", -1, "`workers` should be 1 or more, or 0 for one per core, not -1"),
        ("reject", ["flat", "blured"], "there is no kind to `reject` 'blured'. Did you mean 'blurred'?"),
        ("reject", ["none", "blurred"], "`reject` none leaves nothing out, and cannot go with blurred"),
        ("reject", "", "there is no kind to `reject` ''."),
        ("photos", "nowhere", "there is no file or folder nowhere"),
        ("cartoons", "nowhere", "there is no file or folder nowhere"),
        ("cartoons", "photos/../photos", "photos is given as photos and as cartoons"),
    ],
)
def test_what_makes_no_sense_is_refused(field: str, value: Any, complaint: str) -> None:
    with pytest.raises(ToonifyError) as raised:
        PrepareRequest(**{"photos": "photos", "cartoons": "cartoons", field: value})
    assert (raised.value.message, raised.value.exit_code) == (complaint, USAGE)


def test_numbers_may_be_text() -> None:
    request = PrepareRequest("photos", "cartoons", size="64", count="3", val_fraction="0.1")
    assert (request.size, request.count, request.val_fraction) == (64, 3, 0.1)


@pytest.mark.parametrize(
    ("given", "kinds"), [("blurred", ("blurred",)), ("none", ()), (["none"], ()), ([], ())]
)
def test_a_kind_that_is_rejected_may_stand_for_itself(given: Any, kinds: tuple[str, ...]) -> None:
    assert PrepareRequest("photos", reject=given).reject == kinds


def test_text_is_taken_as_a_path() -> None:
    request = PrepareRequest("photos", "cartoons", "made")
    assert (request.photos, request.cartoons, request.output) == tuple(
        map(Path, ("photos", "cartoons", "made"))
    )
    assert PrepareRequest("photos").cartoons is None


def test_the_manifest_holds_what_decides_the_bytes_and_no_absolute_path(tmp_path: Path) -> None:
    request = PrepareRequest(
        tmp_path / "photos",
        tmp_path / "cartoons",
        source_options={"list": str(tmp_path / "names.txt"), "age": 20},
        reject=["near", "flat"],
        workers=3,
    )
    document = request.document()
    assert (document["photos"], document["cartoons"]) == ("photos", "cartoons")
    assert document["source_options"] == {"age": 20, "list": "names.txt"}
    assert document["reject"] == ["flat", "near"]
    assert not document.keys() & {"output", "workers", "overwrite", "dry_run"}
