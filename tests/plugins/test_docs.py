"""What the documentation shows is what the files hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonify.plugins import AdversarialTerm, LossTerm, Term
from toonify.plugins.contracts import CONTRACTS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "toonify-plugin-example"
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
MODULES = ("gabor", "listed", "packed", "pastel", "smoothgan", "vividness")
SHOWN = [
    "pyproject.toml",
    "vividness.toml",
    "tests/test_contracts.py",
    "src/toonify_example/poster/style.json",
    *(f"src/toonify_example/{name}.py" for name in MODULES),
]


@pytest.mark.parametrize("name", SHOWN)
def test_the_example_is_shown_as_it_is(name):
    language = {".py": "python"}.get(Path(name).suffix, Path(name).suffix[1:])
    block = f"```{language}\n{(EXAMPLE / name).read_text(encoding='utf-8')}```"
    assert block in PAGE, f"docs/plugins.md shows another {name}: copy the file into it"


def test_all_groups_and_contracts_are_explained():
    for group, contract in CONTRACTS.items():
        assert f"`toonify.{group}` | `{contract.__name__}`" in PAGE
    for contract in {*CONTRACTS.values(), LossTerm, AdversarialTerm} - {Term}:
        for method in contract.__abstractmethods__:
            assert f"`{method}(" in PAGE
