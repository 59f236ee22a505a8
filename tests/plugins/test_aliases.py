"""What plugins of the release before call things still works, with a warning that says the new name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from toonify import plugins
from toonify.plugins import AdversarialTerm, OldContextNames


@pytest.mark.parametrize(
    ("old", "new"), [("Scene", "LossContext"), ("blaming", "plugin_errors"), ("CHANCES", "NOISE_CHANNELS")]
)
def test_old_names_of_the_module(old, new):
    with pytest.warns(DeprecationWarning, match=rf"toonify\.plugins\.{old} is called {new} now"):
        assert getattr(plugins, old) is getattr(plugins, new)


def test_a_name_that_never_was_is_none():
    with pytest.raises(AttributeError, match="no attribute 'Canvas'"):
        plugins.Canvas  # noqa: B018


class Context(OldContextNames, SimpleNamespace):
    pass


@pytest.mark.parametrize(("old", "new"), [("drawn", "generated"), ("chance", "noise")])
def test_old_names_of_what_terms_look_at(old, new):
    context = Context(generated="a drawing", noise="some numbers")
    with pytest.warns(DeprecationWarning, match=rf"context\.{old} is called context\.{new} now"):
        assert getattr(context, old) == getattr(context, new)


class Adversary(AdversarialTerm):
    def real(self, context):
        return context.cartoon

    def generated(self, context):
        return context.generated


SHARES = r"AdversarialTerm\.shares is called AdversarialTerm\.fake_weights now"


def test_shares_of_a_class():
    with pytest.warns(DeprecationWarning, match=SHARES):

        class Old(Adversary):
            shares = (1.0, 0.1)

    assert Old().fake_weights == (1.0, 0.1)


def test_shares_set_by_a_constructor():
    term = Adversary()
    with pytest.warns(DeprecationWarning, match=SHARES):
        term.shares = (0.5,)
    assert term.fake_weights == (0.5,)
    with pytest.warns(DeprecationWarning, match=SHARES):
        assert term.shares == (0.5,)


def test_new_names_bring_no_warning(recwarn):
    assert Adversary().fake_weights == ()
    assert not recwarn.list
