"""Who goes where, and how many crops each file gives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from toonify.plugins import Domain, SourceItem
from toonify.preparing.plan import CROPS_AT_ONCE, Job, allot, quotas, shuffled
from toonify.preparing.plan import split as split_domains


def files(number: int) -> list[SourceItem]:
    return [SourceItem(f"{index}.jpg", Path(f"{index}.jpg")) for index in range(number)]


def crops(jobs: list[Job]) -> Counter[str]:
    return Counter({job.item.identity: 0 for job in jobs}) + Counter(
        job.item.identity for job in jobs for _ in job.crops
    )


def split(items: list[SourceItem], fraction: float) -> tuple[list[SourceItem], list[SourceItem]]:
    """Photos alone, each on its own."""
    return split_domains({"photo": items}, {}, fraction)["photo"]


class TestSplit:
    def test_gives_about_the_fraction(self) -> None:
        train, val = split(files(2000), 0.05)
        assert len(train) + len(val) == 2000
        assert 70 < len(val) < 130

    def test_a_file_stays_where_it_is_as_others_come(self) -> None:
        few, many = split(files(500), 0.1)[1], split(files(1000), 0.1)[1]
        assert set(few) == {item for item in many if int(item.identity.split(".")[0]) < 500}

    @pytest.mark.parametrize("number", range(2, 30))
    @pytest.mark.parametrize("fraction", [0.001, 0.05, 0.5, 0.999])
    def test_no_side_is_empty(self, number: int, fraction: float) -> None:
        train, val = split(files(number), fraction)
        assert train and val and len(train) + len(val) == number

    def test_a_single_file_and_a_fraction_of_nothing_are_all_training(self) -> None:
        assert split(files(1), 0.5) == (files(1), [])
        assert split(files(9), 0) == (files(9), [])

    @pytest.mark.parametrize("fraction", [0.001, 0.05, 0.5, 0.999])
    def test_what_belongs_together_stays_together_across_domains(self, fraction: float) -> None:
        photos, cartoons = files(12), [SourceItem(f"c{index}", Path("c")) for index in range(8)]
        alike: list[tuple[Domain, str]] = [("photo", f"{index}.jpg") for index in (2, 5, 7)]
        together = dict.fromkeys([*alike, ("cartoon", "c1"), ("cartoon", "c3")], "pair")
        sides = split_domains({"photo": photos, "cartoon": cartoons}, together, fraction)
        for one_side in range(2):
            there = {(domain, item.identity) for domain, items in sides.items() for item in items[one_side]}
            assert there >= together.keys() or there.isdisjoint(together)
        assert all(train and val for train, val in sides.values())

    def test_a_domain_that_is_all_one_is_for_training(self) -> None:
        sides = split_domains(
            {"photo": files(3)},
            dict.fromkeys([("photo", f"{index}.jpg") for index in range(3)], "one"),
            0.999,
        )
        assert sides["photo"] == (files(3), [])

    def test_what_the_source_says_decides(self) -> None:
        items = [SourceItem(f"{index}", Path("x"), split="val" if index < 3 else None) for index in range(9)]
        assert split(items, 0.5) == (items[3:], items[:3])
        assert split(items, 0) == (items[3:], [])


class TestShuffled:
    def test_is_the_same_for_the_same_seed_whatever_the_order_of_the_files(self) -> None:
        assert shuffled(files(50), 3) == shuffled(files(50)[::-1], 3)

    def test_differs_between_seeds(self) -> None:
        assert shuffled(files(50), 3) != shuffled(files(50), 4)


class TestQuotas:
    def test_without_a_count_each_file_gives_one(self) -> None:
        assert quotas(None, 0.05, spare=True) == {"train": None, "val": None}

    @pytest.mark.parametrize(
        ("count", "fraction", "expected"),
        [(100, 0.05, (95, 5)), (10, 0.05, (9, 1)), (2, 0.9, (1, 1)), (1, 0.5, (1, 0))],
    )
    def test_validation_gets_its_fraction_but_at_least_one(
        self, count: int, fraction: float, expected: tuple[int, int]
    ) -> None:
        assert tuple(quotas(count, fraction, spare=True).values()) == expected

    def test_without_files_to_spare_all_is_training(self) -> None:
        assert quotas(10, 0.5, spare=False) == {"train": 10, "val": 0}


class TestAllot:
    def test_spreads_crops_evenly_first_files_first(self) -> None:
        jobs = allot("photo", files(3), {}, (), 7, None)
        assert crops(jobs) == {"0.jpg": 3, "1.jpg": 2, "2.jpg": 2}
        assert [list(job.crops) for job in jobs] == [[0, 1, 2], [0, 1], [0, 1]]

    def test_takes_only_as_many_files_as_needed(self) -> None:
        assert crops(allot("photo", files(9), {}, (), 4, None)) == dict.fromkeys(
            ("0.jpg", "1.jpg", "2.jpg", "3.jpg"), 1
        )

    def test_replaces_rejected_files_with_untouched_ones_before_asking_more_of_the_others(self) -> None:
        jobs = allot("photo", files(4), {"0.jpg": 1, "1.jpg": 1}, {"1.jpg"}, 3, None)
        assert [(job.item.identity, list(job.crops)) for job in jobs] == [
            ("0.jpg", [1]),
            ("2.jpg", [0]),
            ("3.jpg", [0]),
        ]

    def test_gives_heavier_files_more_of_the_further_crops(self) -> None:
        items = [SourceItem("light", Path("light")), SourceItem("heavy", Path("heavy"), weight=4.0)]
        assert crops(allot("photo", items, {}, (), 2, None)) == {"light": 1, "heavy": 1}
        assert crops(allot("photo", items, {}, (), 50, None)) == {"light": 10, "heavy": 40}

    def test_never_takes_more_than_a_file_may_give(self) -> None:
        assert crops(allot("photo", files(3), {}, (), 10, 1)) == dict.fromkeys(("0.jpg", "1.jpg", "2.jpg"), 1)
        assert allot("photo", files(3), dict.fromkeys(("0.jpg", "1.jpg", "2.jpg"), 1), (), 10, 1) == []

    def test_cuts_long_rows_of_crops_into_several_jobs(self) -> None:
        jobs = allot("photo", files(1), {}, (), 2 * CROPS_AT_ONCE + 3, None)
        assert [len(job.crops) for job in jobs] == [CROPS_AT_ONCE, CROPS_AT_ONCE, 3]
        assert [index for job in jobs for index in job.crops] == list(range(2 * CROPS_AT_ONCE + 3))

    def test_ends_when_nothing_is_left(self) -> None:
        assert allot("photo", files(2), {}, {"0.jpg", "1.jpg"}, 5, None) == []
        assert allot("photo", [], {}, (), 5, None) == []
        assert allot("photo", files(2), {}, (), 0, None) == []
