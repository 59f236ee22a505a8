"""`toonify presets`: what there is, and a file to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from toonify.training.presets import load_preset, preset_names

PUBLISHED = {
    "animeganv2": "AnimeGAN (ISICA 2019)",
    "cartoongan": "CartoonGAN (CVPR 2018)",
    "diya": "mnmjh1215/diya-CartoonGAN",
    "light": "mnicnc404/CartoonGan-tensorflow",
    "portrait": "modified CartoonGAN",
    "whitebox": "White-box Cartoon Representations (CVPR 2020)",
}


def test_all_are_listed_with_a_sentence_and_their_source(run, monkeypatch):
    monkeypatch.setattr("toonify.cli.console.stdout.width", 300)
    done = run("presets")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["name", "description", "source"]
    listed = {line.split()[0]: line for line in lines[1:]}
    assert set(listed) == {*PUBLISHED, "comic", "drawn", "pairs"}
    for name, source in PUBLISHED.items():
        assert load_preset(name).description in listed[name] and source in listed[name]


def test_scripts_read_the_same(run):
    rows = json.loads(run("presets", "--json").stdout)["presets"]
    assert [row["name"] for row in rows] == preset_names()
    assert all(row["description"] and row["source"] for row in rows)


@pytest.mark.parametrize("name", preset_names())
def test_a_printed_file_is_a_preset_like_the_one_it_comes_from(run, name):
    Path("mine.toml").write_text(run("presets", name).stdout, encoding="utf-8")
    assert load_preset("mine.toml") == load_preset(name)
    document = json.loads(run("presets", name, "--json").stdout)
    assert document == {"name": name, "text": Path("mine.toml").read_text(encoding="utf-8")}
