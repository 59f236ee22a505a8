"""A style is made only of a generator that keeps what its card will say."""

from __future__ import annotations

import shutil

import pytest

from toonify.storage import StyleManifest


@pytest.fixture
def finished(copied):
    """A run that is through with its steps, and has yet to make its style."""
    shutil.rmtree(copied / "style")
    return copied


def test_a_generator_that_sees_further_than_its_halo_makes_no_style(run, finished, monkeypatch):
    monkeypatch.setattr("tiny_plugins.Tiny.halo", 0)  # and it has two convolutions of 3 × 3
    result = run("train", "--resume", finished)
    assert result.exit_code == 1
    told = " ".join(result.stderr.split())
    assert "the generator 'tiny' sees further than its `halo` of 0 pixels" in told
    assert "differs from the whole by" in told and "toonify train --resume" in told
    assert not (finished / "style").exists()


@pytest.mark.parametrize("halo", [2, None])
def test_its_run_makes_the_style_once_that_is_mended(run, finished, monkeypatch, halo):
    monkeypatch.setattr("tiny_plugins.Tiny.halo", halo)
    assert run("train", "--resume", finished).exit_code == 0
    assert StyleManifest.read(finished / "style").halo == halo
