"""The networks of toonify's own styles are not checked on every start: what was found is on record."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from toonify.errors import ToonifyError
from toonify.styles import load_style
from toonify.styles.checks import read_network
from toonify.styles.known import KNOWN, Known, known_network
from toonify.styles.style import BUNDLED

OWN = sorted(card.parent.name for card in BUNDLED.glob("*/style.json"))


def found_out(name: str) -> tuple[str, Known]:
    """What belongs on record about a style's network."""
    style = load_style(name)
    data, card = style.onnx_bytes(), style.manifest
    network = read_network(data, name, multiple=card.multiple, controls=card.controls)
    assert set(network.controls.values()) <= {()}
    side = 32 * card.multiple  # where what is the same for all sizes counts for less than a byte
    peak = network.check((1, side, side, 3)).peak
    known = Known(round(peak / side**2), frozenset(network.controls), card.multiple)
    return hashlib.sha256(data).hexdigest(), known


@pytest.mark.parametrize("name", OWN)
def test_what_is_on_record_is_what_a_check_finds(name: str) -> None:
    digest, found = found_out(name)
    assert KNOWN.get(digest) == found


def test_nothing_else_is_on_record() -> None:
    assert len(KNOWN) == len(OWN)


def test_a_known_network_needs_no_onnx() -> None:
    code = "import sys, toonify; toonify.load_style('comic').network(); print('onnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_one_changed_byte_and_it_is_not_known() -> None:
    style = load_style("lines")
    data, card = style.onnx_bytes(), style.manifest
    given = {"multiple": card.multiple, "controls": card.controls}
    assert known_network(data, "it", **given)
    assert not known_network(data[:-1] + b"\0", "it", **given)


@pytest.mark.parametrize("wrong", [{"controls": ["ink"]}, {"multiple": 5}])
def test_a_card_that_does_not_fit_it_is_refused_as_ever(wrong: dict[str, object], tmp_path: Path) -> None:
    style = load_style("lines")
    given = {"multiple": style.manifest.multiple, "controls": style.manifest.controls, **wrong}
    assert not known_network(style.onnx_bytes(), "it", **given)
    with pytest.raises(ToonifyError):
        read_network(style.onnx_bytes(), "it", **given)
