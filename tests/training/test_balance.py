"""When the discriminator and the generator are no longer a match for each other."""

from __future__ import annotations

import pytest

from toonify.training.balance import game, imbalances

WON = {"real": 0.995, "smoothed": 0.3, "generated": 0.004}
COLLAPSED = {"real": 0.52, "smoothed": 0.5, "generated": 0.49}
FAIR = {"real": 0.8, "smoothed": 0.3, "generated": 0.2}
GOOD_END = {"real": 0.5, "smoothed": 0.1, "generated": 0.5}
ALL_REAL = {"real": 1.0, "smoothed": 1.0, "generated": 1.0}
FOOLED = {"real": 0.56, "smoothed": 0.57, "generated": 0.83}


def said(*history: dict[str, float], critic: bool = False) -> list[str]:
    """The warnings of a run that was measured so."""
    return [warning for _, warning in imbalances(history, critic=critic)]


def test_a_discriminator_that_wins_outright():
    (warning,) = said(FAIR, WON, WON, WON)
    assert warning.startswith("the discriminator wins outright: it takes 100% of the real pictures, 30% of")
    assert "Lower discriminator_learning_rate" in warning


@pytest.mark.parametrize("state", [COLLAPSED, ALL_REAL, FOOLED])
def test_a_discriminator_that_tells_nothing_apart(state):
    (warning,) = said(state, state, state)
    assert warning.startswith("the discriminator has collapsed")
    assert "Raise discriminator_learning_rate" in warning


def test_a_state_is_said_once_until_it_is_left():
    assert len(said(*[WON] * 9)) == 1
    assert len(said(*[WON] * 4, FAIR, *[WON] * 4)) == 2
    assert len(said(*[WON] * 3, *[COLLAPSED] * 3)) == 2


@pytest.mark.parametrize("history", [[FAIR] * 5, [WON] * 2, [WON, FAIR, WON, WON], [WON, COLLAPSED] * 3, []])
def test_nothing_is_said_of_a_fair_game_or_a_chance(history):
    assert said(*history) == []


def test_a_generator_that_convinces_is_no_collapse():
    assert said(*[GOOD_END] * 5) == []


def test_a_critic_may_win_but_not_collapse():
    assert said(*[WON] * 5, critic=True) == []
    assert len(said(*[COLLAPSED] * 5, critic=True)) == 1


def test_a_verdict_goes_by_the_last_two():
    assert game([FAIR, WON, WON]) == game([WON]) == "won"
    assert game([WON, COLLAPSED]) == game([WON, FAIR]) == game([]) == ""
    assert game([COLLAPSED, {"kid": 0.1}, COLLAPSED]) == "collapsed"


def test_what_was_not_measured_is_passed_over():
    nothing = {"kid": 0.1, "real": float("nan"), "generated": float("nan")}
    unsmoothed = {"real": 0.5, "smoothed": float("nan"), "generated": 0.5}
    assert said(*[nothing] * 5) == []
    assert len(said(unsmoothed, nothing, unsmoothed, {"kid": 0.1}, unsmoothed)) == 1
