"""The plan: which phase a step belongs to, and at which rate."""

from __future__ import annotations

import dataclasses

import pytest
from tiny_dataset import add_array, write_dataset

from toonify.errors import USAGE, ToonifyError
from toonify.training import TrainRequest
from toonify.training import plan as planning
from toonify.training.dataset import Dataset
from toonify.training.objectives import make_objectives
from toonify.training.plan import Phase, Plan
from toonify.training.settings import PhaseSettings, Settings, TermSettings


def settings(**changes) -> Settings:
    return dataclasses.replace(TrainRequest(init_epochs=2, epochs=3, batch_size=3).settings(), **changes)


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    return Dataset(write_dataset(tmp_path / "dataset", "photo", "cartoon", "smoothed", count=8))


def phase(**changes) -> Phase:
    terms = {"colour": TermSettings(1.0)}
    return Phase("paired", PhaseSettings(10, 1.0, terms, **changes), ("paired",), 100, 10)


def make_plan(settings: Settings, dataset: Dataset) -> Plan:
    return planning.make_plan(settings, make_objectives(settings), dataset)


def test_phases_follow_each_other_and_an_epoch_is_the_photos_whole_batches(dataset):
    plan = make_plan(settings(), dataset)
    first, second = plan.phases
    assert (first.name, first.first, first.end) == ("initialisation", 0, 4)
    assert (second.name, second.first, second.end) == ("adversarial", 4, 10)
    assert [plan.phase(step).name for step in (0, 3, 4, 9)] == ["initialisation"] * 2 + ["adversarial"] * 2
    assert plan.steps == 10


def test_steps_per_epoch_may_be_chosen(dataset):
    assert make_plan(settings(steps_per_epoch=5), dataset).steps == 25


def test_more_steps_than_names_of_files_have_room_for_are_refused(dataset):
    with pytest.raises(ToonifyError, match="a run of 5,000,000,000 steps is too long: at most 999,999,999"):
        make_plan(settings(steps_per_epoch=10**9), dataset)


def test_a_phase_of_no_epochs_is_left_out(dataset):
    plan = make_plan(TrainRequest(init_epochs=0, epochs=1).settings(), dataset)
    assert [phase.name for phase in plan.phases] == ["adversarial"]


def test_the_paired_phase_may_be_short_or_left_out(tmp_path):
    folder = write_dataset(tmp_path / "pairs", "paired", count=8)
    add_array(folder, "paired", "regions", lambda pair: pair[..., :1])

    def phases(**epochs: int) -> dict[str, int]:
        plan = make_plan(TrainRequest(preset="drawn", **epochs).settings(), Dataset(folder))
        return {phase.name: phase.settings.epochs for phase in plan.phases}

    assert phases(epochs=1) == {"paired": 14, "adversarial": 1}
    assert phases(epochs=1, paired_epochs=2) == {"paired": 2, "adversarial": 1}
    assert phases(paired_epochs=0) == {"adversarial": 3}
    with pytest.raises(ToonifyError, match="has no paired part, so `paired_epochs` cannot be given"):
        TrainRequest(paired_epochs=1).settings()


def test_what_only_a_strangers_term_asks_for_is_told_as_its(dataset, install):
    code = """
        from toonify.plugins import LossTerm
        class Calm(LossTerm):
            uses = ["cartoons"]  # as good as a set
            def loss(self, context): ...
        class Storm(Calm): ...
    """
    install("acme", {"terms": {"calm": "acme:Calm", "storm": "acme:Storm"}}, acme=code)
    usual = settings().adversarial
    terms = usual.terms | {"calm": TermSettings(1.0)}
    mine = settings(adversarial=dataclasses.replace(usual, terms=terms))
    with pytest.raises(
        ToonifyError, match=r"no cartoons pictures, .* learns from: the term 'calm' of acme 1.0 asks"
    ):
        make_plan(mine, dataset)
    terms = terms | {"storm": TermSettings(1.0)}
    both = settings(adversarial=dataclasses.replace(usual, terms=terms))
    with pytest.raises(ToonifyError, match=r"'calm' of acme 1.0 and the term 'storm' of acme 1.0 ask for"):
        make_plan(both, dataset)


def test_the_rate_warms_up_and_stays():
    rates = [phase(warmup_steps=4).rate(100 + step) for step in (0, 1, 3, 4, 99)]
    assert rates == [0.25, 0.5, 1, 1, 1]


def test_the_rate_falls_to_nothing_along_half_a_cosine():
    falling = phase(warmup_steps=20, schedule="cosine")
    assert falling.rate(120) == 1
    assert falling.rate(160) == pytest.approx(0.5)
    assert falling.rate(199) < 0.001


def test_missing_pictures_are_named_with_what_to_do(tmp_path):
    photos = Dataset(write_dataset(tmp_path / "photos", "photo"))
    with pytest.raises(ToonifyError, match="no cartoon and no smoothed pictures, which the adversarial") as e:
        make_plan(settings(), photos)
    assert "toonify prepare PHOTOS CARTOONS" in e.value.hint
    with pytest.raises(ToonifyError, match="no paired pictures, which the paired phase") as e:
        make_plan(TrainRequest(preset="pairs").settings(), photos)
    assert "--source comic" in e.value.hint


def test_missing_superpixels_are_named_with_the_command_that_makes_them(dataset):
    with pytest.raises(ToonifyError, match="has no superpixels pictures, which the adversarial phase") as e:
        make_plan(TrainRequest(preset="whitebox", batch_size=3).settings(), dataset)
    assert "toonify prepare PHOTOS CARTOONS --superpixels" in e.value.hint


@pytest.mark.parametrize(
    ("preset", "arrays", "source"),
    [
        ("drawn", ("photo", "cartoon", "smoothed"), "portrait"),
        ("drawn", ("paired",), "portrait"),
        ("comic", ("photo", "cartoon", "smoothed"), "comic"),
    ],
)
def test_what_a_source_derives_is_named_with_that_source(tmp_path, preset, arrays, source):
    folder = Dataset(write_dataset(tmp_path / "mine", *arrays))
    with pytest.raises(ToonifyError) as caught:
        make_plan(TrainRequest(preset=preset).settings(), folder)
    assert caught.value.hint == (
        f"Make them: toonify prepare PHOTOS --source {source}. Or choose another `preset`."
    )


def test_what_is_made_of_photos_does_not_fit_pairs(tmp_path):
    folder = write_dataset(tmp_path / "both", "photo", "superpixels", "paired", count=8)
    chosen = TrainRequest(preset="pairs", batch_size=3).settings()
    depth = TermSettings(1.0, "colour", {"head": "depth", "array": "superpixels"})
    paired = dataclasses.replace(chosen.paired, terms={**chosen.paired.terms, "depth": depth})
    with pytest.raises(
        ToonifyError, match="superpixels of its photo pictures, and the paired phase draws its"
    ):
        make_plan(dataclasses.replace(chosen, paired=paired), Dataset(folder))


def test_an_array_that_no_source_gave_is_named(dataset):
    content = settings().adversarial
    terms = {"depth": TermSettings(1.0, "colour", {"head": "depth", "array": "depth"})}
    with pytest.raises(ToonifyError, match="has no depth pictures, which the adversarial phase") as caught:
        make_plan(settings(adversarial=dataclasses.replace(content, terms=terms)), dataset)
    assert caught.value.hint == "Prepare it with a source that gives depth."


def test_a_phase_takes_whatever_arrays_its_terms_use(dataset):
    add_array(dataset.folder, "photo", "depth", lambda photo: photo[..., :1])
    terms = {"depth": TermSettings(1.0, "colour", {"head": "depth", "array": "depth"})}
    changed = settings(adversarial=dataclasses.replace(settings().adversarial, terms=terms))
    assert make_plan(changed, Dataset(dataset.folder)).phases[-1].arrays == ("photo", "depth")


def test_arrays_of_a_domain_that_do_not_correspond_are_refused(dataset):
    dataset.manifest.counts["train"]["smoothed"] = 7
    with pytest.raises(ToonifyError, match="8 cartoon and 7 smoothed pictures, which should be of the same"):
        make_plan(settings(), dataset)


def test_fewer_pictures_than_a_batch_are_too_few(dataset):
    with pytest.raises(ToonifyError, match="has 8 photo pictures, fewer than a batch of 9") as caught:
        make_plan(settings(batch_size=9), dataset)
    assert "`batch_size` of 8 or less" in caught.value.hint


def test_no_epochs_at_all_are_nothing_to_train(dataset):
    with pytest.raises(ToonifyError, match="nothing to train") as caught:
        make_plan(TrainRequest(init_epochs=0, epochs=0).settings(), dataset)
    assert caught.value.exit_code == USAGE
