"""Options of plugins: typed by a person, checked against the constructor."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.plugins import create, describe, load_plugin, parse_options, read_options

CODE = """
    from __future__ import annotations

    from pathlib import Path
    from typing import TYPE_CHECKING, Annotated, Literal, Optional

    from toonify.plugins import AdversarialLoss, Count, Range

    if TYPE_CHECKING:
        from somewhere import Number

    class Base(AdversarialLoss):
        def discriminator(self, real, *fakes): ...
        def generator(self, fake): ...

    class Many(Base):
        def __init__(self, margin: float = 1.0, *, steps: int = 3, soft: bool = False,
                     table: Path | None = None, limit: Optional[int] = 7, either: int | float = 0,
                     name: str = "", free="") -> None:
            vars(self).update({k: v for k, v in locals().items() if k != "self"})

    class Needy(Base):
        def __init__(self, clip: float, rate: float) -> None:
            if clip < 0:
                raise ValueError("clip is negative")

    class Vague(Base):
        def __init__(self, clip: Number = 0, rate: float = 1.0, kind: Literal["fast", "slow"] = "slow",
                     sizes: tuple[int, ...] = (), width: Annotated[int, {"unit": "px"}] = 1,
                     swapped: float | int = 0) -> None:
            self.clip, self.rate, self.kind, self.sizes = clip, rate, kind, sizes
            self.width, self.swapped = width, swapped

    class Perhaps(Base):
        def __init__(self, steps: Count | None = None, pace: Optional[float] = None) -> None: ...

    class Odd(Base):
        def __init__(self, place: Path = Path("a"), far: float = float("inf"), pair: tuple[int, ...] = (1, 2),
                     mix=min) -> None: ...

    class Narrow(Base):
        def __init__(self, steps: Count = 3, even: Annotated[int, Range("even", lambda n: n % 2 == 0)] = 0,
                     share: Annotated[float, Range("0 or more", lambda x: x >= 0)] = 0.5) -> None:
            self.steps, self.even, self.share = steps, even, share
"""


@pytest.fixture(autouse=True)
def _plugins(install):
    names = {
        "many": "acme:Many",
        "needy": "acme:Needy",
        "vague": "acme:Vague",
        "narrow": "acme:Narrow",
        "odd": "acme:Odd",
        "perhaps": "acme:Perhaps",
        "plain": "acme:Base",
    }
    install("acme", {"losses": names}, acme=CODE)


def refusal(name: str, **options: object) -> ToonifyError:
    with pytest.raises(ToonifyError) as raised:
        create("losses", name, options)
    assert raised.value.exit_code == USAGE
    return raised.value


@pytest.mark.parametrize(
    ("option", "typed", "value"),
    [
        ("margin", "0.01", 0.01),
        ("margin", "1e-3", 0.001),
        ("steps", "-4", -4),
        ("soft", "yes", True),
        ("soft", "False", False),
        ("table", "a/b.csv", Path("a/b.csv")),
        ("table", "none", None),
        ("limit", "5", 5),
        ("limit", "None", None),
        ("either", "2", 2),
        ("either", "2.5", 2.5),
        ("name", "none", "none"),
        ("name", "12", "12"),
        ("free", "12", "12"),
    ],
)
def test_text_is_read_as_the_annotated_type(option, typed, value):
    read = getattr(create("losses", "many", {option: typed}), option)
    assert read == value
    assert type(read) is type(value)


def test_what_python_callers_and_presets_give_is_left_as_it_is():
    given = {"margin": 2, "table": Path("x"), "soft": True, "limit": None, "free": [1]}
    made = create("losses", "many", given)
    assert {name: getattr(made, name) for name in given} == given


@pytest.mark.parametrize(
    ("option", "given", "wanted"),
    [
        ("steps", 0, "1 or more"),
        ("steps", "-1", "1 or more"),
        ("even", 3, "even"),
        ("share", "nan", "0 or more"),
        ("share", "inf", "0 or more"),
    ],
)
def test_a_value_out_of_the_range_beside_its_type_is_refused(option, given, wanted):
    message = refusal("narrow", **{option: given}).message
    assert message == f"the option {option} of the loss 'narrow' should be {wanted}, not {given!r}"


@pytest.mark.parametrize(
    ("option", "given", "wanted"),
    [
        ("steps", 2.5, "a whole number"),
        ("steps", True, "a whole number"),
        ("margin", None, "a number"),
        ("limit", [1], "a whole number or none"),
        ("soft", 1, "true or false"),
    ],
)
def test_values_of_another_type_in_presets_and_cards_are_refused(option, given, wanted):
    message = refusal("many", **{option: given}).message
    assert message == f"the option {option} of the loss 'many' should be {wanted}, not {given!r}"


def test_an_annotation_that_only_a_type_checker_can_read_says_so():
    error = refusal("vague", clip="0.5")
    assert error.message.startswith(
        "the option clip of the loss 'vague' cannot be read: its annotation 'Number' does not resolve"
    )


def test_and_spoils_no_other_option():
    made = create("losses", "vague", {"rate": "0.1", "kind": "fast"})
    assert (made.clip, made.rate, made.kind) == (0, 0.1, "fast")
    assert refusal("vague", rate="wide").message.endswith("should be a number, not 'wide'")


def test_a_range_is_told_of_an_option_that_may_be_none():
    options = describe(load_plugin("losses", "perhaps")).options
    assert [option.type for option in options] == ["int: 1 or more; or None", "Optional[float]"]


def test_a_card_holds_options_as_json_does():
    defaults = {"table": None, "limit": 7, "either": 0, "name": "", "free": ""}
    told = read_options("losses", "many", {"margin": "0.5", "table": "a/b.csv"})
    assert told == {"margin": 0.5, "steps": 3, "soft": False, **defaults, "table": "a/b.csv"}
    assert read_options("losses", "odd", {}) == {"pair": (1, 2)}
    given = {"place": "here", "far": "inf"}
    assert read_options("losses", "odd", given) == {**given, "pair": (1, 2)}


def test_choices_and_lists_are_read_too():
    assert "should be fast or slow, not 'quick'" in refusal("vague", kind="quick").message
    assert create("losses", "vague", {"sizes": [1, 2]}).sizes == (1, 2)
    assert "should be a list, each a whole number, not ['a']" in refusal("vague", sizes=["a"]).message


def test_what_else_an_annotation_says_may_be_anything():
    assert create("losses", "vague", {"width": "3"}).width == 3


def test_the_order_of_a_union_counts():
    assert type(create("losses", "many", {"either": "2"}).either) is int
    assert type(create("losses", "vague", {"swapped": "2"}).swapped) is float


def test_an_unknown_option_offers_the_nearest():
    error = refusal("many", margn="1")
    assert "loss 'many'" in error.message
    assert "Did you mean 'margin'?" in error.message
    assert "steps" in error.hint


def test_a_plugin_without_options_says_that_it_has_none():
    assert refusal("plain", clip="1").hint == "Choices: none."


def test_missing_options_are_named_all_at_once():
    assert refusal("needy").message == "the loss 'needy' needs the option clip, rate"
    assert refusal("needy").hint == "`toonify plugins losses needy` shows its options."


def test_a_constructor_may_refuse_in_its_own_words():
    message = refusal("needy", clip="-1", rate="1").message
    assert message == "the loss 'needy' of acme 1.0 cannot be made: ValueError: clip is negative"


@pytest.mark.parametrize(
    ("option", "typed", "wanted"),
    [
        ("margin", "wide", "a number"),
        ("margin", "0,5", "a number"),
        ("steps", "2.5", "a whole number"),
        ("soft", "perhaps", "true or false"),
        ("limit", "few", "a whole number or none"),
        ("either", "x", "a whole number or a number"),
    ],
)
def test_a_value_of_another_type_is_refused(option, typed, wanted):
    message = refusal("many", **{option: typed}).message
    assert message == f"the option {option} of the loss 'many' should be {wanted}, not '{typed}'"


def test_pairs_become_options():
    assert parse_options(["a=1", " b = x=y "], "--loss-option") == {"a": "1", "b": "x=y"}
    assert parse_options([], "--loss-option") == {}


@pytest.mark.parametrize("pair", ["clip", "=1", " =1", ""])
def test_a_pair_without_key_or_value_names_the_flag(pair):
    with pytest.raises(ToonifyError, match=r"--loss-option .*KEY=VALUE") as raised:
        parse_options([pair], "--loss-option")
    assert raised.value.exit_code == USAGE


def test_a_key_given_twice_is_refused():
    with pytest.raises(ToonifyError, match="--loss-option clip is given twice"):
        parse_options(["clip=1", "clip=2"], "--loss-option")
