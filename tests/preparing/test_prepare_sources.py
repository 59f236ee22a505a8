"""`toonify prepare --source`: collections of pictures that know how they are laid out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from prepared import Both, Pairs, array, draw, manifest, sizes

from toonify.plugins import Domain, SourceItem


class TestSources:
    def test_pairs_need_no_cartoons(self, prepare, offer, photos: Path) -> None:
        offer("pairs", Pairs)
        result = prepare(photos, "--source", "pairs", "--count", "30")
        assert result.exit_code == 0, result.output
        assert manifest(Path("dataset"))["counts"] == {"train": {"paired": 28}, "val": {"paired": 2}}
        pairs = array(Path("dataset"), "train", "paired")
        assert pairs.shape == (28, 32, 32, 7)
        np.testing.assert_array_equal(pairs[..., 3:6], pairs[..., :3] // 64 * 64)

    def test_options_reach_the_source(self, prepare, offer, photos: Path) -> None:
        offer("pairs", Pairs)
        prepare(photos, "--source", "pairs", "--source-option", "limit=256", "--val-fraction", "0")
        assert (array(Path("dataset"), "train", "paired")[..., 6] == 255).all()
        assert manifest(Path("dataset"))["request"]["source_options"] == {"limit": "256"}

    def test_what_a_source_lacks_comes_from_the_folders(
        self, prepare, offer, photos: Path, cartoons: Path
    ) -> None:
        offer("pairs", Pairs)
        prepare(photos, cartoons, "--source", "pairs")
        assert sizes(Path("dataset")) == {"photo": 12, "cartoon": 6, "smoothed": 6, "paired": 8}

    def test_a_source_of_both_needs_one_folder(self, prepare, offer, photos: Path) -> None:
        offer("both", Both)
        for index in range(3):
            draw(photos / f"cartoon{index}.jpg")
        result = prepare(photos, "--source", "both")
        assert result.exit_code == 0, result.output
        assert sizes(Path("dataset")) == {"photo": 8, "cartoon": 3, "smoothed": 3}

    def test_the_comic_source(self, prepare, photos: Path) -> None:
        result = prepare(photos, "--source", "comic", "--count", "14")
        assert result.exit_code == 0, result.output
        assert sizes(Path("dataset")) == {"paired": 14, "facial": 14}
        assert "toonify train dataset --preset pairs" in result.stdout

    def test_the_portrait_source(self, prepare, photos: Path) -> None:
        result = prepare(photos, "--source", "portrait", "--count", "4", "--val-fraction", "0")
        assert result.exit_code == 0, result.output
        assert sizes(Path("dataset")) == {"paired": 4, "regions": 4}
        assert "toonify train dataset --preset drawn" in result.stdout

    def test_a_source_that_gives_the_wrong_pairs_is_named(self, prepare, offer, photos: Path) -> None:
        class Wrong(Pairs):
            def pair(self, photo: np.ndarray) -> np.ndarray:
                return photo

        offer("wrong", Wrong)
        result = prepare(photos, "--source", "wrong")
        assert result.exit_code == 1
        assert (
            "the source 'wrong' of acme 1.0 gave uint8 (32, 32, 3) as a pair, not uint8 (32, 32, 7)"
            in result.stderr
        )

    def test_a_source_that_breaks_on_a_file_loses_that_file(self, prepare, offer, photos: Path) -> None:
        class Fragile(Pairs):
            def open(self, item: SourceItem) -> Image.Image:
                return {"3": None}.get(item.identity, super().open(item)).convert("RGB")

        offer("fragile", Fragile)
        assert prepare(photos, "--source", "fragile").exit_code == 0
        (rejected,) = manifest(Path("dataset"))["rejected"]
        assert (rejected["picture"], rejected["domain"]) == ("3", "paired")
        assert rejected["reason"].startswith("the source 'fragile' of acme 1.0 failed: AttributeError")

    def test_a_source_that_repeats_an_identity_is_told_both_files(self, prepare, offer, photos: Path) -> None:
        class Twins(Pairs):
            def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
                yield SourceItem("other", root / "0.png")
                yield SourceItem("same", root / "1.png")
                yield SourceItem("same", root / "sub" / "2.png")

        offer("twins", Twins)
        told = " ".join(prepare(photos, "--source", "twins").stderr.split())
        assert "the source 'twins' of acme 1.0 gave the identity 'same' to two files of" in told
        assert f"photos: 1.png and {Path('sub/2.png')}" in told

    @pytest.mark.parametrize(
        ("item", "told"),
        [
            (Path("0.png"), "gave 0.png for a file of"),
            (SourceItem(0, Path("0.png")), "gave SourceItem(identity=0, path="),
            (SourceItem("0", Path("0.png"), split="test"), "split='test', beside=()) for a file of"),
            (SourceItem("0", Path("0.png"), weight="3"), "weight='3', split=None, beside=()) for a file of"),
        ],
    )
    def test_a_source_that_gives_something_other_than_items_is_named(
        self, prepare, offer, photos: Path, item, told
    ) -> None:
        class Odd(Pairs):
            def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
                yield item

        offer("odd", Odd)
        result = prepare(photos, "--source", "odd")
        assert result.exit_code == 1
        assert told in result.stderr
        assert "It should be a SourceItem" in result.stderr

    @pytest.mark.parametrize(
        ("domains", "told"),
        [
            ({"paired", "photos"}, "declares the domains paired, photos; there are photo, cartoon, paired"),
            (set(), "declares the domains none; there are photo, cartoon, paired"),
            ("photo", "`domains` of the source 'odd' of acme 1.0 should be a set of photo, cartoon, paired"),
        ],
    )
    def test_domains_that_there_are_not_are_refused(
        self, prepare, offer, photos: Path, domains, told
    ) -> None:
        offer("odd", type("Odd", (Pairs,), {"domains": domains}))
        result = prepare(photos, "--source", "odd")
        assert result.exit_code == 1
        assert told in result.stderr

    @pytest.mark.parametrize(
        ("method", "told"),
        [
            ("items", "the source 'leaves' of acme 1.0 cannot read"),
            ("open", "can be used: the source 'leaves' of acme 1.0 failed: SystemExit: 3"),
            ("pair", "the source 'leaves' of acme 1.0 made no pair of"),
        ],
    )
    def test_a_source_that_ends_python_is_named(self, prepare, offer, photos: Path, method, told) -> None:
        offer("leaves", type("Leaves", (Pairs,), {method: lambda *arguments: sys.exit(3)}))
        result = prepare(photos, "--source", "leaves")
        assert result.exit_code == 1
        assert told in result.stderr

    def test_weights_may_be_numbers_of_numpy(self, prepare, offer, photos: Path) -> None:
        class Weighing(Pairs):
            def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
                for item in super().items(domain, root):
                    yield replace(item, weight=np.float32(2))

        offer("weighing", Weighing)
        result = prepare(photos, "--source", "weighing", "--val-fraction", "0", "--dry-run")
        assert result.exit_code == 0, result.output

    def test_a_source_that_weighs_nothing_is_refused(self, prepare, offer, photos: Path) -> None:
        class Void(Pairs):
            def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
                yield SourceItem("void", root / "0.png", weight=0)

        offer("void", Void)
        assert "weight that is not above 0" in prepare(photos, "--source", "void").stderr

    def test_a_source_that_cannot_travel_says_so(self, prepare, offer, photos: Path) -> None:
        class Local(Pairs):
            """Defined in a function: cannot be pickled."""

        offer("local", Local)
        result = prepare(photos, "--source", "local", "--workers", "2")
        assert result.exit_code == 1
        told = " ".join(result.stderr.split())
        assert "the source 'local' of acme 1.0 cannot be sent to worker processes: " in told
        assert "Use --workers 1. Tell the authors of acme, or use another source." in told

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (RuntimeError("db down"), "failed: RuntimeError: db down"),
            (np.zeros((80, 80, 3), np.uint8), "gave ndarray instead of a Pillow image"),
            (Image.new("L", (80, 80)), "gave mode L instead of RGB"),
        ],
    )
    def test_one_that_opens_no_pictures_is_blamed_for_it(
        self, prepare, offer, photos: Path, given: object, told: str
    ) -> None:
        def opened(source: Pairs, item: SourceItem) -> object:
            if isinstance(given, Exception):
                raise given
            return given

        offer("odd", type("Odd", (Pairs,), {"open": opened}))
        result = prepare(photos, "--source", "odd")
        said = " ".join(result.stderr.split())
        assert f"photos can be used: the source 'odd' of acme 1.0 {told}" in said
        assert "Tell the authors of acme, or use another source." in said

    def test_one_that_finds_nothing_is_not_said_of_the_folder(self, prepare, offer, photos: Path) -> None:
        offer("blind", type("Blind", (Pairs,), {"items": lambda *_: iter(())}))
        said = " ".join(prepare(photos, "--source", "blind").stderr.split())
        assert "the source 'blind' of acme 1.0 finds no pictures in" in said
        assert "JPEG" not in said
