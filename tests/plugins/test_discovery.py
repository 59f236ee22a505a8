"""Finding plugins: every distribution's, by name, without importing any."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from importlib.metadata import EntryPoint

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.plugins import find_plugins, load_plugin, plugin_origin

CALM = """
    from toonify.plugins import AdversarialLoss

    class Calm(AdversarialLoss):
        def discriminator(self, real, *fakes):
            return 0.0

        def generator(self, fake):
            return 0.0
"""


def test_metadata_are_read_once_until_something_is_installed(install, monkeypatch):
    read, asked = importlib.metadata.entry_points, []

    def counted(*, group: str):
        asked.append(group)
        return read(group=group)

    monkeypatch.setattr(importlib.metadata, "entry_points", counted)
    before = find_plugins("losses")
    assert find_plugins("losses") == before and asked == ["toonify.losses"]
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme=CALM)
    assert {plugin.name for plugin in find_plugins("losses")} - {plugin.name for plugin in before} == {"calm"}
    assert asked == ["toonify.losses"] * 2


def refusal(group: str, name: str) -> ToonifyError:
    with pytest.raises(ToonifyError) as raised:
        load_plugin(group, name)
    return raised.value


def names(group: str | None = None) -> list[str]:
    return [plugin.name for plugin in find_plugins(group)]


def test_the_built_in_plugins_come_in_by_the_same_door():
    assert {"folder", "comic"} <= set(names("datasets"))
    assert {"gan", "lsgan", "wgan"} <= set(names("losses"))
    assert {"vgg19", "resnet101"} <= set(names("backbones"))
    assert {"cartoongan", "lite"} <= set(names("generators"))
    assert {plugin.distribution for plugin in find_plugins()} == {"toonify-gan"}


def test_another_distribution_adds_to_them(install):
    install("Acme_Losses", {"losses": {"calm": "acme:Calm"}}, version="2.5", acme=CALM)
    (plugin,) = [plugin for plugin in find_plugins("losses") if plugin.name == "calm"]
    assert (plugin.group, plugin.distribution, plugin.version) == ("losses", "acme-losses", "2.5")
    assert plugin.load().__name__ == "Calm"
    assert plugin.check() == ""


def test_finding_imports_nothing(install):
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme="raise SystemExit('imported')")
    assert "calm" in names()
    assert "acme" not in sys.modules


def test_plugins_come_in_the_order_of_group_and_name(entry_points):
    for group, name in (("losses", "b"), ("losses", "a"), ("backbones", "z")):
        entry_points.append(EntryPoint(name, "x:X", f"toonify.{group}"))
    assert [(plugin.group, plugin.name) for plugin in find_plugins()] == [
        ("backbones", "z"),
        ("losses", "a"),
        ("losses", "b"),
    ]


def test_groups_do_not_mix(entry_points):
    entry_points.append(EntryPoint("folder", "x:X", "toonify.losses"))
    assert names("datasets") == []
    assert names("losses") == ["folder"]


def test_an_entry_point_without_a_distribution_is_still_named(entry_points):
    entry_points.append(EntryPoint("stray", "json:loads", "toonify.losses"))
    assert "'stray' of an unknown distribution" in refusal("losses", "stray").message


@pytest.mark.parametrize("metadata", [None, b"", b"Name: acme-losses", b"\xff\xfe"])
def test_a_distribution_that_is_half_removed_ends_nothing(install, tmp_path, metadata):
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme=CALM)
    (file,) = tmp_path.rglob("METADATA")
    file.unlink()
    if metadata is not None:
        file.write_bytes(metadata)
    importlib.invalidate_caches()
    (found,) = (plugin for plugin in find_plugins("losses") if plugin.name == "calm")
    assert found.origin.strip() in ("an unknown distribution", "acme-losses")


def test_an_unknown_group_lists_the_groups():
    with pytest.raises(ToonifyError, match="Did you mean 'losses'") as raised:
        find_plugins("loses")
    assert "backbones, datasets, exporters, generators, losses, painters, styles, terms" in raised.value.hint


def test_metadata_that_a_frozen_program_lacks(entry_points):
    error = refusal("losses", "lsgan")
    assert error.message == "there is no loss 'lsgan': the metadata of toonify's own package are missing"
    assert "a frozen program" in error.hint


def test_an_unknown_name_offers_the_nearest_and_lists_the_choices():
    error = refusal("losses", "lsgam")
    assert error.message == "there is no loss 'lsgam'. Did you mean 'lsgan'?"
    assert "gan, hinge, lsgan, wgan, wgan-gp" in error.hint
    assert error.exit_code == USAGE


def test_a_name_like_no_other_only_lists_the_choices():
    assert refusal("backbones", "qqq").message == "there is no backbone 'qqq'."


def test_a_contested_name_names_both_claimants(install):
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, version="2.5", acme=CALM)
    install("zen-losses", {"losses": {"calm": "zen:Calm"}}, version="0.1", zen=CALM)
    error = refusal("losses", "calm")
    assert error.message == "the loss 'calm' is offered by acme-losses 2.5 and by zen-losses 0.1"
    assert error.hint.startswith("Say which: acme-losses:calm or zen-losses:calm. ")
    assert "TOONIFY_DISABLE_PLUGINS" in error.hint
    assert error.exit_code == USAGE
    assert names("losses").count("calm") == 2


def test_nobody_silently_replaces_a_built_in(install):
    install("acme-losses", {"losses": {"lsgan": "acme:Calm"}}, acme=CALM)
    message = refusal("losses", "lsgan").message
    assert "acme-losses" in message
    assert "toonify-gan" in message


def test_with_its_distribution_a_contested_name_is_one_plugin(install):
    install("acme-losses", {"losses": {"lsgan": "acme:Calm"}}, acme=CALM)
    assert load_plugin("losses", "acme-losses:lsgan").__name__ == "Calm"
    assert load_plugin("losses", "Acme_Losses:lsgan").__name__ == "Calm"
    assert load_plugin("losses", "toonify-gan:lsgan").__name__ == "LSGAN"
    assert plugin_origin("losses", "acme-losses:lsgan") == "acme-losses 1.0"
    assert plugin_origin("losses", "nobody:lsgan") == "not installed"
    assert "there is no loss 'nobody:lsgan'" in refusal("losses", "nobody:lsgan").message


def test_a_distribution_found_twice_on_the_path_does_not_contest_itself(install, entry_points):
    # An editable install and a copy on PYTHONPATH give each entry point twice.
    entry_points += [EntryPoint("calm", "acme:Calm", "toonify.losses")] * 2
    install("acme-losses", {}, acme=CALM)
    assert load_plugin("losses", "calm").__name__ == "Calm"


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_strangers_can_be_switched_off(install, monkeypatch, value):
    install("acme-losses", {"losses": {"calm": "acme:Calm", "lsgan": "acme:Calm"}}, acme=CALM)
    monkeypatch.setenv("TOONIFY_DISABLE_PLUGINS", value)
    assert {plugin.distribution for plugin in find_plugins()} == {"toonify-gan"}
    assert "there is no loss 'calm'" in refusal("losses", "calm").message
    assert names("losses").count("lsgan") == 1


@pytest.mark.parametrize("value", ["", "0"])
def test_switched_off_means_a_truth(install, monkeypatch, value):
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme=CALM)
    monkeypatch.setenv("TOONIFY_DISABLE_PLUGINS", value)
    assert "calm" in names("losses")
