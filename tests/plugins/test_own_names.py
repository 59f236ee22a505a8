"""What toonify itself names is its own, whatever else is installed; what a person types is not guessed at."""

from __future__ import annotations

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.exporting import ExportRequest
from toonify.plugins import create, find_plugin, own_name, plain_name, plugin_in_use, plugin_names
from toonify.preparing import PrepareRequest
from toonify.training import TrainRequest
from toonify.training.presets import load_preset, preset_names
from toonify.training.settings import AdversarialSettings, TermSettings

GROUPS = ("backbones", "losses", "datasets", "generators", "terms", "exporters", "painters")


@pytest.fixture
def claimed(install) -> None:
    """A package that offers every name that toonify has, but for styles; nothing of it can be imported."""
    install("acme", {group: dict.fromkeys(plugin_names(group), "acme:Nothing") for group in GROUPS})


def parts(settings) -> list[tuple[str, str]]:
    found = [("generators", settings.generator.name)]
    if settings.backbone:
        found.append(("backbones", settings.backbone.name))
    if settings.adversarial:
        found.append(("losses", settings.adversarial.loss))
    for phase in settings.phases.values():
        found += [("terms", term.term or name) for name, term in phase.terms.items()]
    return found


@pytest.mark.parametrize("preset", preset_names())
def test_a_bundled_preset_means_what_it_did(preset, install):
    before = parts(load_preset(preset))
    assert not any(":" in name for _, name in before)
    install("acme", {group: dict.fromkeys(plugin_names(group), "acme:Nothing") for group in GROUPS})
    after = parts(load_preset(preset))
    assert [(group, plain_name(name)) for group, name in after] == before
    assert {find_plugin(group, name).distribution for group, name in after} == {"toonify-gan"}


def test_what_is_typed_over_a_preset_is_not_guessed_at(claimed):
    settings = TrainRequest(generator="lite", loss="acme:gan").settings()
    assert (settings.generator.name, settings.adversarial.loss) == ("lite", "acme:gan")
    with pytest.raises(ToonifyError, match="the generator 'lite' is offered by acme"):
        find_plugin("generators", settings.generator.name)
    same = TrainRequest(generator="toonify-gan:cartoongan").settings()
    assert same.generator == load_preset("cartoongan").generator


def test_defaults_are_toonifys_own(claimed, tmp_path):
    assert PrepareRequest(tmp_path).source == "toonify-gan:folder"
    assert ExportRequest("comic").formats == ("toonify-gan:onnx",)
    assert AdversarialSettings(1, 1.0, {"content": TermSettings(1.0)}).loss == "toonify-gan:gan"


def test_without_another_claim_they_are_plain(tmp_path):
    assert PrepareRequest(tmp_path).source == "folder"
    assert ExportRequest("comic").formats == ("onnx",)
    assert AdversarialSettings(1, 1.0, {"content": TermSettings(1.0)}).loss == "gan"


def test_a_format_can_be_told_by_its_distribution(claimed):
    assert ExportRequest("comic", formats="toonify-gan:onnx").formats == ("toonify-gan:onnx",)
    with pytest.raises(ToonifyError, match=r"format 'onnx' is offered by acme 1\.0 and by toonify"):
        ExportRequest("comic", formats="onnx")


def test_a_dataset_is_made_by_toonifys_own_source(claimed, run, picture_file):
    for index in range(3):
        picture_file(f"photos/{index}.png", seed=index)
        picture_file(f"cartoons/{index}.png", seed=10 + index)
    given = ("photos", "cartoons", "--size", "32", "--workers", "1", "--dry-run")
    done = run("prepare", *given)
    assert done.exit_code == 0, done.stderr
    typed = run("prepare", *given, "--source", "folder")
    assert typed.exit_code == USAGE
    assert "the source 'folder' is offered by acme 1.0 and by toonify-gan" in typed.stderr


def test_only_a_name_of_several_says_whose_it_is(install):
    install("acme", {"losses": {"gan": "acme:Gan", "calm": "acme:Calm"}})
    names = [*plugin_names("losses")]
    assert names == ["calm", "acme:gan", "toonify-gan:gan", "hinge", "lsgan", "wgan", "wgan-gp"]
    assert all(find_plugin("losses", name) for name in names)
    assert (own_name("losses", "gan"), own_name("losses", "wgan")) == ("toonify-gan:gan", "wgan")


def test_errors_name_the_package_of_a_stranger(install):
    install("acme", {"losses": {"gan": "acme:Gan", "calm": "acme:Calm"}}, version="2.3")
    calm = plugin_in_use("losses", "calm")
    assert str(calm) == "the loss 'calm' of acme 2.3" and calm.foreign
    assert calm.error("bad").hint == "Tell the authors of acme, or use another loss."
    assert calm.error("bad", "Average.").hint == "Average."
    assert str(plugin_in_use("losses", "acme:gan", called="mine")) == "the loss 'mine' of acme 2.3"
    for name in ("wgan", "toonify-gan:gan", "gan", "nothing"):
        assert str(plugin_in_use("losses", name)) == f"the loss '{name}'"
        assert not plugin_in_use("losses", name).foreign
    with pytest.raises(ToonifyError) as caught, calm.errors():
        raise KeyError("palette")
    assert caught.value.message == "the loss 'calm' of acme 2.3 failed: KeyError: 'palette'"
    assert caught.value.hint == (
        "`toonify --debug …` shows where. Tell the authors of acme, or use another loss."
    )


def test_a_style_is_nothing_to_be_made():
    with pytest.raises(ToonifyError, match="the style 'comic' is a folder") as caught:
        create("styles", "comic", {})
    assert "toonify.load_style('comic')" in caught.value.hint
