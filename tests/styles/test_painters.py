"""A painter that breaks its promises costs pictures a line that names it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawing import draw_discs
from PIL import Image
from tiny_style import make_style

import toonify

ACME = """
    import sys

    from PIL import Image

    from toonify.plugins import Painter

    class Wide(Painter):
        def paint(self, photo, cartoon, controls):
            if photo.shape[1] > photo.shape[0]:
                raise KeyError("wide")
            return cartoon

    class Leaves(Painter):
        def paint(self, photo, cartoon, controls):
            sys.exit(5)

    class Nothing(Painter):
        def paint(self, photo, cartoon, controls):
            pass

    class Picture(Painter):
        def paint(self, photo, cartoon, controls):
            return Image.fromarray(cartoon)

    class Fractions(Painter):
        def paint(self, photo, cartoon, controls):
            return cartoon / 255

    class Cut(Painter):
        def paint(self, photo, cartoon, controls):
            return cartoon[1:]

    class Choosy(Wide):
        def __init__(self):
            raise ZeroDivisionError("no brush")
"""
CLASSES = ("Wide", "Leaves", "Nothing", "Picture", "Fractions", "Cut", "Choosy")


@pytest.fixture(autouse=True)
def _acme(install) -> None:
    install("acme", {"painters": {name.lower(): f"acme:{name}" for name in CLASSES}}, acme=ACME)


@pytest.fixture
def failure(run, tmp_path):
    """`failure("wide")`: what `convert` says of a wide picture; whether it draws the tall one beside it."""

    def fail(painter: str) -> tuple[str, bool]:
        draw_discs("photo", 48, 40).save("wide.png")
        Image.fromarray(np.zeros((48, 40, 3), np.uint8)).save("tall.png")
        style = make_style(tmp_path / painter, painter=painter)
        done = run("convert", "wide.png", "tall.png", "out", "--style", style)
        assert done.exit_code == 1
        told = [line for line in done.output.splitlines() if line.startswith("failed: wide.png")]
        return told[0], Path("out/tall.png").is_file()

    return fail


def test_one_that_raises_costs_the_picture_alone(failure):
    assert failure("wide") == (
        "failed: wide.png: the painter 'wide' of acme 1.0 failed: KeyError: 'wide'. "
        "In Python, `toonify.convert` shows where. "
        "Tell the authors of acme, or draw without it: --no-painter.",
        True,
    )


@pytest.mark.parametrize(
    ("painter", "complaint"),
    [
        ("leaves", "the painter 'leaves' of acme 1.0 failed: SystemExit: 5."),
        ("nothing", "the painter 'nothing' of acme 1.0 gave NoneType, not uint8 (40, 48, 3)"),
        ("picture", "the painter 'picture' of acme 1.0 gave Image, not uint8 (40, 48, 3)"),
        ("fractions", "the painter 'fractions' of acme 1.0 gave float64 (40, 48, 3), not uint8 (40, 48, 3)"),
        ("cut", "the painter 'cut' of acme 1.0 gave uint8 (39, 48, 3), not uint8 (40, 48, 3)"),
    ],
)
def test_one_that_gives_something_else_is_named(failure, painter, complaint):
    assert complaint in failure(painter)[0]


def test_one_that_cannot_be_made_can_be_done_without(run, tmp_path):
    draw_discs("photo", 48, 40).save("a.png")
    style = make_style(tmp_path / "choosy", painter="choosy")
    done = run("convert", "a.png", "b.png", "--style", style)
    assert "the painter 'choosy' of acme 1.0 cannot be made: ZeroDivisionError: no brush" in done.stderr
    assert "where it comes from; or draw without it: --no-painter." in " ".join(done.stderr.split())
    assert run("convert", "a.png", "b.png", "--style", style, "--no-painter").exit_code == 0


def test_in_python_what_it_raised_is_the_cause(tmp_path):
    style = make_style(tmp_path / "wide", painter="wide")
    with pytest.raises(toonify.ToonifyError, match=r"the painter 'wide' of acme 1\.0 failed") as caught:
        toonify.convert(np.zeros((40, 48, 3), np.uint8), style)
    assert isinstance(caught.value.__cause__, KeyError)
