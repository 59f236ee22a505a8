"""Where a run stands, from its figures alone."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from toonify.training.presets import load_preset, preset_names
from toonify.training.settings import TermSettings
from toonify.training.verdict import Standing, judge
from toonify.training.ways import WAYS

TERMS = {"content": TermSettings(10.0), "adversarial": TermSettings(1.0)}
OWN_CONTENT = TermSettings(10.0, "toonify-gan:content")  # where another package has one of that name
LOSSES = {"content": 0.1, "adversarial": 1.0}
SAME = {  # as the photographs, so far
    "content": 0.01,
    "kid": 0.36,
    "kid_error": 0.02,
    "kid_of_photos": 0.36,
    "kid_from_photos": 0.001,
    "change": 1.0,
    "likeness": 0.99,
    "contrast": 1.0,
    "real": 0.8,
    "generated": 0.2,
}
DRAWN = SAME | {"kid": 0.18, "kid_from_photos": 0.2, "change": 23.4, "likeness": 0.8, "contrast": 1.1}
CHANGED = SAME | {"change": 23.4}


def standing(*measured: dict[str, float], **others: Any) -> Standing:
    """A run of 2,000 steps at a rate of 2e-4, measured in its newest phase, unless said otherwise."""
    usual: dict[str, Any] = {"rate": 2e-4, "reach": 0.4, "terms": TERMS, "losses": LOSSES}
    asked = {"phase": "adversarial", **usual, **others}
    return Standing(**{"measured": [(asked["phase"], figures) for figures in measured], **asked})


def weighted(**weights: float) -> dict[str, Any]:
    terms = {name: dataclasses.replace(TERMS[name], weight=weight) for name, weight in weights.items()}
    return {"terms": TERMS | terms}


@pytest.mark.parametrize(
    ("now", "state", "way"),
    [
        (standing(DRAWN), "learnt", "learnt"),
        (standing(DRAWN, stray=True), "gone astray", "no number"),
        (standing(stray=True, rate=10.0, reach=20.0), "gone astray", "no number"),
        (standing(SAME, rate=0.0, reach=0.0), "nothing yet", "learning rate too low"),
        (standing(SAME, rate=1e-9, reach=2e-6), "nothing yet", "learning rate too low"),
        (standing(SAME, reach=4e-3), "nothing yet", "too early"),
        (standing(SAME, phase="initialisation"), "nothing yet", "initialisation"),
        (standing(SAME, **weighted(adversarial=0.0)), "nothing yet", "nothing asks for cartoons"),
        (standing(SAME, terms={"content": TERMS["content"]}), "nothing yet", "nothing asks for cartoons"),
        (standing(SAME, terms={"content": OWN_CONTENT}), "nothing yet", "nothing asks for cartoons"),
        (
            standing(SAME, terms={name: TermSettings(1.0) for name in ("face_points", "calm_areas")}),
            "nothing yet",
            "nothing asks for cartoons",
        ),
        (standing(SAME, game="won"), "nothing yet", "discriminator wins"),
        (standing(SAME, game="collapsed"), "nothing yet", "discriminator gives up"),
        (standing(SAME, **weighted(content=1e4)), "nothing yet", "held too fast"),
        (standing(CHANGED), "nothing yet", "no nearer"),
        (standing(CHANGED | {"kid": 0.8}, CHANGED | {"kid": 0.7}), "nothing yet", "nearer than before"),
        (standing(CHANGED | {"kid": 0.6}, CHANGED | {"kid": 0.7}), "gone astray", "away from the cartoons"),
        (standing(DRAWN | {"contrast": 0.03}), "collapsing", "one colour"),
        (standing(DRAWN | {"likeness": -0.7}), "gone astray", "inverted"),
        (standing(DRAWN | {"likeness": 0.04}), "gone astray", "unlike the photographs"),
        (standing(DRAWN | {"likeness": 0.04}, rate=0.05), "gone astray", "learning rate too high"),
        (standing(DRAWN | {"contrast": 0.03}, rate=0.05), "collapsing", "learning rate too high"),
        (standing(CHANGED | {"kid": 0.7}), "nothing yet", "too early"),
        (standing(CHANGED | {"kid": 0.7}, rate=0.05), "gone astray", "learning rate too high"),
        (standing({"change": 20.0, "likeness": 0.9, "contrast": 1.0}), "not measured", "no figures"),
        (standing(), "not measured", "no figures"),
    ],
)
def test_the_verdict_names_the_way(now, state, way):
    verdict = judge(now)
    assert (verdict.state, verdict.way) == (state, way)
    assert str(verdict).startswith(f"{state}: ")


def test_it_is_a_sentence_of_distances_the_game_and_what_is_in_the_way():
    verdict = judge(standing(SAME | {"real": 1.0, "generated": 0.0}, game="won"))
    assert verdict.sentence == (
        "drawings differ from the photographs by 1.0 of 255 levels and are about as far from the cartoons as "
        "the photographs are (KID: 0.001 to the photographs, 0.36 to the cartoons; the photographs are at "
        "0.36); the discriminator takes 100% of the cartoons' patches for real and 0% of the drawings'; the "
        "discriminator wins outright, so the generator learns little from it"
    )
    assert verdict.advice.startswith("Lower discriminator_learning_rate in a preset")
    assert "have come 50% of the way to the cartoons" in judge(standing(DRAWN)).sentence
    assert judge(standing(DRAWN)).advice == ""


def test_samples_tell_before_anything_is_measured():
    verdict = judge(standing(look={"change": 1.0, "likeness": 1.0, "contrast": 1.0}))
    assert verdict.state == "nothing yet"
    assert verdict.sentence.startswith("drawings differ from the photographs by 1.0 of 255 levels")
    assert (
        judge(standing(SAME, look={"change": 60.0, "likeness": 0.0, "contrast": 1.0})).state == "gone astray"
    )


def test_what_chance_may_do_is_not_learnt():
    faint = {"kid": 0.30, "change": 20.0}
    assert judge(standing(SAME | faint)).state == "learnt"
    assert judge(standing(SAME | faint | {"kid_error": 0.05})).state == "nothing yet"
    alike = SAME | {"kid": 0.001, "kid_of_photos": 0.01, "change": 20.0}  # photographs look like cartoons
    verdict = judge(standing(alike))
    assert (verdict.state, verdict.way) == ("not measured", "no gap")
    assert "the photographs cannot be told from the cartoons (KID 0.01 ± 0.04)" in verdict.sentence


def test_advice_is_a_quarter_of_the_rate_that_was_chosen_whatever_the_step_had():
    for warming_up in (0.0, 1e-7):
        verdict = judge(standing(DRAWN, stray=True, rate=warming_up, chosen_rate=2e-4))
        assert verdict.advice.endswith("--learning-rate 5e-05.")


def test_pairs_that_are_photographs_are_told_by_their_targets():
    figures = {"target": 0.0, "target_of_photos": 0.0, "change": 3.0, "likeness": 1.0, "contrast": 1.0}
    verdict = judge(standing(figures, phase="paired", terms={"colour": TermSettings(2.0)}))
    assert verdict.way == "no gap"
    assert "whether their targets are drawn" in verdict.advice and "backbone" not in verdict.advice


def test_a_change_that_nobody_sees_is_not_learnt_whatever_kid_says():
    assert judge(standing(DRAWN | {"change": 1.9})).state == "nothing yet"


def test_pairs_go_by_their_targets():
    terms = {"colour": TermSettings(2.0), "ink": TermSettings(1.0)}
    figures = {"target": 0.1, "target_of_photos": 0.4, "change": 30.0, "likeness": 0.9, "contrast": 1.2}
    verdict = judge(standing(figures, phase="paired", terms=terms))
    assert verdict.state == "learnt"
    assert "have come 75% of the way to their targets" in verdict.sentence
    assert "(distance: 0.1 to their targets; the photographs are at 0.4)" in verdict.sentence


PAIRED = {"colour": TermSettings(2.0), "gradient": TermSettings(3.0), "ink": TermSettings(1.0)}
FAR = {"target_of_photos": 0.15, "change": 40.0, "likeness": 0.6, "contrast": 1.0}


def course(*targets: tuple[str, float]) -> Standing:
    """A run that learns from pairs, by phase and distance from the targets of each measurement."""
    measured = [(phase, FAR | {"target": target}) for phase, target in targets]
    return standing(phase=targets[-1][0], terms=PAIRED, measured=measured)


def test_a_phase_that_was_measured_once_goes_by_what_it_began_with():
    before = [("paired", 0.2303), ("paired", 0.2285), ("paired", 0.2237)]
    assert judge(course(*before, ("adversarial", 0.2233))).way == "nearer than before"
    strayed = judge(course(*before, ("adversarial", 0.2333)))
    assert strayed.way == "away from the cartoons"
    assert "the drawings are moving away from their targets" in strayed.sentence
    assert "cartoons" not in str(strayed)
    assert judge(course(("paired", 0.2303))).way == "too early"


@pytest.mark.parametrize("preset", preset_names())
def test_advice_weighs_only_terms_that_the_preset_has(preset):
    settings = load_preset(preset)
    known = {term for phase in settings.phases.values() for term in phase.terms}
    bad: list[dict[str, Any]] = [
        DRAWN | {"contrast": 0.03},
        DRAWN | {"likeness": -0.7},
        DRAWN | {"likeness": 0.04},
        CHANGED | {"kid": 0.8},
    ]
    for phase, its in settings.phases.items():
        idle = {name: dataclasses.replace(term, weight=0.0) for name, term in its.terms.items()}
        said = [judge(standing(CHANGED, CHANGED | one, phase=phase, terms=its.terms)) for one in bad]
        said.append(judge(standing(SAME, phase=phase, terms=idle)))
        for verdict in said:
            assert set(re.findall(r"--weight (\w+)=", verdict.advice)) <= known, verdict.way
            assert "content" in known or "content" not in verdict.advice, verdict.way


def test_a_run_that_ended_astray_is_to_go_on_more_slowly():
    assert judge(standing(DRAWN, stray=True)).advice.endswith("--learning-rate 5e-05.")
    assert judge(standing(DRAWN, stray=True, chosen_rate=10.0)).advice.endswith("--learning-rate 0.0002.")
    assert "have come 50% of the way" in judge(standing(DRAWN, stray=True)).sentence


def test_advice_of_a_weight_goes_by_the_one_that_it_has():
    strayed = standing(DRAWN | {"likeness": -0.7})
    assert judge(strayed).advice == (
        "Start again with more weight of content (toonify train … --weight content=20) or a lower "
        "learning rate."
    )
    heavy = dataclasses.replace(strayed, terms=weighted(content=40.0)["terms"])
    assert "--weight content=80" in judge(heavy).advice
    held = judge(standing(SAME, **weighted(content=1e4)))
    assert held.advice.endswith("toonify train … --weight content=1000.")
    faces = {"faces": TermSettings(30.0, "skin_colour"), "adversarial": TermSettings(1.0)}
    assert "more weight of faces" in judge(dataclasses.replace(strayed, terms=faces)).advice
    pairs = dataclasses.replace(strayed, terms=PAIRED)
    assert judge(pairs).advice == "Start again with a lower learning rate."


def test_a_generator_that_begins_with_noise_is_not_astray_while_it_is_told_what_to_keep():
    noise = SAME | {"likeness": 0.05, "contrast": 0.05, "kid": 0.9, "change": 80.0}
    assert judge(standing(noise, phase="initialisation")).way == "initialisation"
    assert judge(standing(noise, noise | {"likeness": 0.2, "contrast": 0.5})).way != "unlike the photographs"


def test_holding_is_told_in_any_unit_of_the_content_loss():
    absolute = {"content": 2600.0, "adversarial": 1.0}  # of features that are not divided by the photo's own
    fair = standing(SAME, losses=absolute, **weighted(content=3.8e-4))
    assert judge(fair).way == "no nearer"
    assert judge(dataclasses.replace(fair, terms=weighted(content=10.0)["terms"])).way == "held too fast"


def test_what_is_no_number_is_not_known():
    assert judge(standing(SAME | {"kid": float("nan"), "change": float("nan")})).state == "not measured"


def test_every_way_ends_a_sentence_and_says_what_to_try():
    for way, (state, why, advice) in WAYS.items():
        assert not why.endswith("."), way
        assert not advice or advice.endswith("."), way
        assert advice or state in ("learnt", "not measured"), way
