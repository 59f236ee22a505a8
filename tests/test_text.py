"""Names and notes of strangers are shown, and do nothing."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path, PureWindowsPath

import pytest
from drawing import draw_picture
from hostile import JOINED, NAMES, forged, unseen
from tiny_style import make_style
from web_pages import Outline

from toonify.text import counted, for_csv, for_html, for_shell, for_terminal, spelt, visible

LOST = "\N{REPLACEMENT CHARACTER}"
strange_names = pytest.mark.skipif(sys.platform != "linux", reason="not every system has such names")


@pytest.mark.parametrize(
    "text", ["a.jpg", "Zoë 1.jpg", "صورت\u200cها.png", "👩\u200d🎨.png", "9.41\u202fAM.png", "日　本"]
)
def test_what_people_write_stays(text):
    assert visible(text) == text == for_csv(text) == for_html(text)


@pytest.mark.parametrize(
    "text", ["\n", "\r", "\t", "\x00", "\x1b[2J", "\x9b", "\u202e", "\u2028", "\ufeff", "\udcff"]
)
def test_what_cannot_be_seen_is_replaced(text):
    for shown in (visible, for_terminal, for_csv, for_html):
        assert shown(f"a{text}b").startswith(f"a{LOST}")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "-.jpg"])
def test_no_cell_is_a_formula(text):
    assert for_csv(text) == f"'{text}"


def test_one_is_not_told_as_several():
    assert [counted(number, "picture") for number in (0, 1, 2)] == ["0 pictures", "1 picture", "2 pictures"]


def test_no_text_is_markup():
    assert for_terminal("[red]a[/]") == r"\[red]a\[/]"
    assert for_html('<b title="x">') == "&lt;b title=&#34;x&#34;&gt;"


@pytest.mark.parametrize(
    "address", ["https://example.org/a.jpg", "s3://bucket/photos", "photos/a.jpg", "c:/photos", "/photos"]
)
def test_an_address_is_told_as_it_was_typed(address):
    assert spelt(Path(address)) == address


@pytest.mark.parametrize("address", ["https://example.org/a?b=1", "s3://bucket/photos", "file://C:/a b.jpg"])
def test_an_address_is_told_as_it_was_typed_on_windows(address):
    assert spelt(PureWindowsPath(address)) == address


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        (r"my photos\a.jpg", r'"my photos\a.jpg"'),
        (r"C:\a.jpg", r"C:\a.jpg"),
        ("my photos\\", '"my photos\\\\"'),
        ("a&calc.jpg", '"a&calc.jpg"'),
        ("a;calc.jpg", '"a;calc.jpg"'),
        ("$(calc)`.jpg", '"`$(calc)``.jpg"'),
        ("", '""'),
    ],
)
def test_an_argument_is_quoted_as_shells_of_windows_want_it(monkeypatch, name, typed):
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        shown = for_shell(name)
    assert shown == typed


@pytest.mark.parametrize("path", [r"C:\photos\a.jpg", r"\\server\photos\a.jpg", r"photos\a.jpg"])
def test_a_path_of_windows_is_no_address(path):
    assert spelt(PureWindowsPath(path)) == path


@pytest.mark.parametrize(
    "command",
    [
        ("prepare", "https://example.org/a.jpg", "cartoons"),
        ("train", "https://example.org/a.jpg"),
        ("export", "https://example.org/a.jpg"),
    ],
)
def test_an_address_in_place_of_a_file_is_refused_with_the_way_out(run, command):
    Path("cartoons").mkdir()
    done = run(*command)
    assert done.exit_code in (1, 2)
    assert "https://example.org/a.jpg" in done.stderr
    assert "No address is fetched here: download it first, and give the file." in done.stderr


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (("export", "comic", "-o", "s3://bucket/out"), "--output is an address, s3://bucket/out"),
        (
            ("prepare", "photos", "--source", "comic", "-o", "gs://b/out"),
            "--output is an address, gs://b/out",
        ),
        (("train", "dataset", "-o", "s3://bucket/run"), "--output is an address, s3://bucket/run"),
        (("preview", "photo.png", "-o", "s3://b/page.html"), "--output is an address, s3://b/page.html"),
        (
            ("convert", "photo.png", "out", "--report", "s3://b/page.html"),
            "--report is an address, s3://b/page.html",
        ),
    ],
)
def test_an_address_for_what_is_no_cartoon_becomes_no_folder_of_such_a_name(
    run, picture_file, tmp_path, command, given
):
    Path("photos").mkdir()
    picture_file("photo.png")
    before = sorted(Path().rglob("*"))
    done = run(*command)
    assert done.exit_code == 2
    assert f"{given}: only cartoons are written to one\n" in done.stderr
    assert sorted(Path().rglob("*")) == before


def harmless(done) -> str:
    """What a command printed, looked through."""
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert not unseen(done.output) and not forged(done.output), done.output
    return done.output


@pytest.fixture
def odd_names() -> Path:
    """Pictures and damaged files with hostile names, and a folder with one."""
    folder = Path("in")
    (folder / JOINED).mkdir(parents=True)
    for seed, name in enumerate(NAMES):
        draw_picture((40, 40), seed).save(folder / f"{name}.png", format="PNG")
        Path(folder, f"{name} broken.png").write_text("no picture")
    draw_picture((40, 40), 99).save(folder / JOINED / "a.png")
    return folder


@strange_names
def test_convert(run, odd_names, tmp_path):
    style = make_style(tmp_path / "tiny")
    text = harmless(run("convert", odd_names, "out", "--style", style))
    assert f"{len(NAMES) + 1} pictures converted, {len(NAMES)} failed" in text
    assert "[red]f[bold] broken.png" in text
    again = run("convert", odd_names, "out", "--style", style, "--json")
    harmless(again)
    told = {os.fsencode(one["source"]) for one in json.loads(again.stdout)["pictures"]}
    assert told >= {os.fsencode(odd_names / f"{name}.png") for name in NAMES}  # exact, for scripts
    harmless(run("convert", odd_names / f"{NAMES[0]}.png", JOINED, "--style", "nowhere/" + JOINED))
    harmless(run("convert", "nowhere/" + JOINED, "out"))
    harmless(run("convert", odd_names, "out", "--" + JOINED))
    harmless(run("convert", odd_names, "out", "--workers", JOINED))


@strange_names
def test_prepare(run, odd_names):
    output = Path("out", JOINED)
    done = run("prepare", odd_names, "--source", "comic", "--size", 32, "--workers", 1, "-o", output)
    harmless(done)
    survey = (output / "survey.csv").read_text(encoding="utf-8")
    assert not unseen(survey) and not forged(survey)
    rows = list(csv.reader(survey.splitlines()))
    assert len(rows) == 1 + 2 * len(NAMES) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert "'=cmd('calc')!A0.png" in {row[1] for row in rows}
    document = (output / "report.html").read_text(encoding="utf-8")
    page = Outline(document)
    assert not unseen(document) and not page.named("script")
    assert "<script>alert(1)<.png" in page.text
    harmless(run("prepare", "nowhere/" + JOINED, "cartoons"))
    harmless(run("prepare", odd_names, "--source", JOINED))


@strange_names
def test_export_and_styles(run, install, tmp_path):
    card = {"description": JOINED, "sources": [{"name": JOINED, "licence": JOINED, "url": JOINED}]}
    package = tmp_path / "site-packages" / "acme"
    make_style(package / "wild", name="wild", training={JOINED: JOINED}, **card)
    (package / "__init__.py").touch()
    install("acme-styles", {"styles": {"wild": "acme.wild"}})
    assert "wild" in harmless(run("styles"))
    assert not unseen(run("styles", "--json").stdout)
    assert "wild.onnx" in harmless(run("export", "wild", "-o", JOINED))
    harmless(run("export", "wild", "-o", JOINED))
    harmless(run("export", "wild", "--to", JOINED))
    for field in ("name", "generator", "licence"):
        folder = make_style(tmp_path / JOINED / field, **{field: JOINED})
        assert "holds control characters" in harmless(run("export", folder))


@strange_names
def test_train_and_plugins_refuse_in_words(run, tmp_path):
    (tmp_path / JOINED).mkdir()
    Path("wild.toml").write_text(f'description = """{NAMES[0]}"""\n"{NAMES[11]}" = 1\n')
    for command in (
        ("train", JOINED),
        ("train", "nowhere/" + JOINED),
        ("train", "--resume", JOINED),
        ("train", "--preset", JOINED),
        ("train", "--preset", "wild.toml"),
        ("presets", JOINED),
        ("plugins", JOINED),
        (JOINED,),
    ):
        assert harmless(run(*command)).strip()
