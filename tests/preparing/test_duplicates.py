"""Finding the same and nearly the same pictures by their hashes."""

from __future__ import annotations

import numpy as np
import pytest

from toonify.preparing import filtering
from toonify.preparing.filtering import MOST_BITS, MOST_BLOCKS, first_of_same, first_of_similar


def hashes(number: int, words: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, (number, words), np.uint64)


def flipped(rows: np.ndarray, bits: int, seed: int = 1) -> np.ndarray:
    """With so many bits of each row turned, anywhere."""
    chance = np.random.default_rng(seed)
    unpacked = np.unpackbits(rows.view(np.uint8), axis=1)
    for row in unpacked:
        row[chance.choice(len(row), bits, replace=False)] ^= 1
    return np.packbits(unpacked, axis=1).view(np.uint64)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were compared each time."""
    numbers: list[int] = []
    close = filtering._close

    def counting(left: np.ndarray, right: np.ndarray, most: int) -> np.ndarray:
        numbers.append(len(left))
        return close(left, right, most)

    monkeypatch.setattr(filtering, "_close", counting)
    return numbers


class TestSame:
    def test_each_has_the_first_of_its_kind(self) -> None:
        content = hashes(4, 2)[[0, 1, 0, 2, 1, 0]]
        assert first_of_same(content).tolist() == [0, 1, 0, 3, 1, 0]

    def test_of_nothing_is_nothing(self) -> None:
        assert first_of_same(hashes(0, 2)).tolist() == []


class TestSimilar:
    @pytest.mark.parametrize("bits", [0, 1, MOST_BITS])
    def test_finds_every_pair_up_to_the_limit(self, bits: int) -> None:
        phash, blocks = hashes(300, 1), hashes(300, 4)
        first = first_of_similar(
            np.concatenate([phash, flipped(phash, bits)]),
            np.concatenate([blocks, flipped(blocks, MOST_BLOCKS)]),
        )
        assert first.tolist() == list(range(300)) * 2

    @pytest.mark.parametrize(("bits", "block_bits"), [(MOST_BITS + 1, 0), (0, MOST_BLOCKS + 1)])
    def test_both_hashes_must_be_close(self, bits: int, block_bits: int) -> None:
        phash, blocks = hashes(300, 1), hashes(300, 4)
        first = first_of_similar(
            np.concatenate([phash, flipped(phash, bits)]),
            np.concatenate([blocks, flipped(blocks, block_bits)]),
        )
        assert first.tolist() == list(range(600))

    def test_a_chain_hangs_together(self) -> None:
        phash = [hashes(1, 1)]
        for step in range(9):
            phash.append(flipped(phash[-1], MOST_BITS, seed=step))
        other = hashes(1, 1, seed=5)
        blocks = hashes(1, 4).repeat(11, 0)
        assert first_of_similar(np.concatenate([*phash[::-1], other]), blocks).tolist() == [0] * 10 + [10]

    def test_very_many_of_a_kind_cost_no_more_than_their_number(self, compared: list[int]) -> None:
        phash, blocks = hashes(1, 1).repeat(5000, 0), hashes(1, 4).repeat(5000, 0)
        assert not first_of_similar(phash, blocks).any()
        assert 0 < sum(compared) < 2 * 5000 * 4

    def test_pictures_that_share_a_little_are_compared_with_few(
        self, compared: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(filtering, "WINDOW", 8)
        phash = hashes(3000, 1) & np.uint64(2**40 - 1)  # three bytes are the same for all
        first_of_similar(phash, hashes(3000, 4))
        assert 0 < sum(compared) < 28 * 8 * 3000 * 2

    def test_of_nothing_is_nothing(self) -> None:
        assert first_of_similar(hashes(0, 1), hashes(0, 4)).tolist() == []
