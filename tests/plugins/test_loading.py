"""A broken plugin costs only itself, and says whose it is."""

from __future__ import annotations

import pytest

from toonify.errors import ToonifyError
from toonify.plugins import find_plugin, find_plugins, load_plugin
from toonify.plugins.registry import SINGULAR

BREAKAGES = {
    "import nothing_of_that_name": "ModuleNotFoundError: No module named 'nothing_of_that_name'",
    "import sys; sys.exit('bye')": "SystemExit: bye",
    "import sys; sys.exit()": "SystemExit",
    "class Calm(": "SyntaxError",
    "raise RuntimeError": "RuntimeError",
    "raise ValueError('first\\nsecond')": "ValueError: first",
    "raise BaseException('odd')": "BaseException: odd",
    "Quiet = 1": "AttributeError",
}


@pytest.mark.parametrize("code", BREAKAGES)
def test_whatever_goes_wrong_in_it_names_its_distribution(install, code):
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, version="2.5", acme=code)
    with pytest.raises(ToonifyError) as raised:
        load_plugin("losses", "calm")
    start = "the loss 'calm' of acme-losses 2.5 does not load: "
    assert raised.value.message.startswith(start + BREAKAGES[code])
    assert "\n" not in raised.value.message
    assert "uninstall acme-losses" in raised.value.hint
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize("value", ["acme:losses:Calm", "acme-losses.calm:Calm"])
def test_an_entry_point_that_is_none_is_shown(install, value):
    install("acme-losses", {"losses": {"calm": value}})
    told = f"the loss 'calm' of acme-losses 1.0 does not load: '{value}' is no entry point, MODULE:CLASS"
    with pytest.raises(ToonifyError, match=told):
        load_plugin("losses", "calm")


def test_a_constructor_that_exits_ends_no_check(install):
    code = """
        import sys
        from toonify.plugins import Painter
        class Calm(Painter):
            def __init__(self): sys.exit(0)
            def paint(self, photo, cartoon, controls): return cartoon
    """
    install("acme", {"painters": {"calm": "acme:Calm"}}, acme=code)
    assert find_plugin("painters", "calm").check() == "cannot be made with its defaults: SystemExit: 0"


def test_the_others_still_load(install):
    install("acme-losses", {"datasets": {"calm": "acme:Calm"}}, acme="import sys; sys.exit(3)")
    verdicts = {plugin.name: plugin.check() for plugin in find_plugins("datasets")}
    assert "acme-losses" in verdicts.pop("calm")
    assert set(verdicts) >= {"comic", "folder"}
    assert not any(verdicts.values())


def test_ctrl_c_is_not_taken_for_a_broken_plugin(install):
    install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_plugin("losses", "calm")


HALF_A_LOSS = """
from toonify.plugins import AdversarialLoss
class Calm(AdversarialLoss):
    def generator(self, fake): ...
"""
NAMELESS_BACKBONE = """
from toonify.plugins import Backbone
class Calm(Backbone):
    licence = "MIT"
    def build(self, weights, layer): ...
"""
DOMAINLESS_SOURCE = """
from toonify.plugins import DatasetSource
class Calm(DatasetSource):
    def items(self, domain, root): ...
"""
UNREADABLE_LOSS = """
from toonify.plugins import AdversarialLoss
class Calm(AdversarialLoss):
    __signature__ = 5
    def __init__(self, clip=1.0): ...
    def generator(self, fake): ...
    def discriminator(self, real, *fakes): ...
"""


@pytest.mark.parametrize(
    ("group", "code", "complaint"),
    [
        (
            "losses",
            "Calm = 5",
            "is not a subclass of toonify.plugins.AdversarialLoss: it is no class, but of type int",
        ),
        (
            "losses",
            "def Calm(): ...",
            "is not a subclass of toonify.plugins.AdversarialLoss: it is no class, but of type function",
        ),
        ("datasets", "class Calm: ...", "is not a subclass of toonify.plugins.DatasetSource"),
        ("backbones", HALF_A_LOSS, "is not a subclass of toonify.plugins.Backbone"),
        ("losses", HALF_A_LOSS, "lacks what the contract AdversarialLoss asks for: discriminator"),
        (
            "losses",
            UNREADABLE_LOSS,
            "has a constructor that cannot be read: "
            "TypeError: unexpected object 5 in __signature__ attribute",
        ),
        ("backbones", NAMELESS_BACKBONE, "lacks the attributes that Backbone asks for: default_layer"),
        ("datasets", DOMAINLESS_SOURCE, "lacks the attributes that DatasetSource asks for: domains"),
    ],
)
def test_a_class_that_breaks_its_contract_is_refused(install, group, code, complaint):
    install("acme", {group: {"calm": "acme:Calm"}}, acme=code)
    with pytest.raises(ToonifyError) as raised:
        load_plugin(group, "calm")
    assert raised.value.message == f"the {SINGULAR[group]} 'calm' of acme 1.0 {complaint}"
    assert "authors of acme" in raised.value.hint


def test_a_generator_may_settle_its_halo_in_its_constructor(install):
    code = """
        from toonify.plugins import Generator
        class Wide(Generator):
            def __init__(self, halo: int = 8):
                self.halo, self.multiple = halo, 4
            def build(self): ...
    """
    install("acme", {"generators": {"wide": "acme:Wide"}}, acme=code)
    assert load_plugin("generators", "wide")(halo=3).halo == 3
