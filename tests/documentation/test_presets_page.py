"""docs/presets.md is what the presets' files say."""

from __future__ import annotations

import make_presets
import pytest
from doc_pages import DOCS, text

from toonify.training.objectives import make_objectives
from toonify.training.presets import load_preset, preset_names, preset_text

PAGE = text(DOCS / "presets.md")


def test_the_page_has_not_drifted():
    assert make_presets.page() == PAGE, "run `make docs`"


@pytest.mark.parametrize("name", preset_names())
def test_each_names_its_source_and_shows_its_file(name):
    section = PAGE.split(f"\n## {name}\n", 1)[1]
    assert make_presets.linked(load_preset(name).source) in section
    assert preset_text(name).strip() in section


def test_each_paper_is_the_source_of_a_preset():
    sources = " ".join(load_preset(name).source for name in preset_names())
    assert all(paper in sources for paper in make_presets.PAPERS)


@pytest.mark.parametrize("name", preset_names())
def test_each_is_shown_with_a_dataset_that_has_what_it_learns_from(name):
    preset = load_preset(name)
    uses = {use for objective in make_objectives(preset).values() for use in objective.uses}
    prepare = make_presets.commands(name).splitlines()[0]
    assert ("--source" in prepare) == ("paired" in uses) == (preset.paired is not None)
    assert ("--superpixels" in prepare) == ("superpixels" in uses)
