"""What became of each picture is told once it is known: `tell` in Python, `--json-lines` in a shell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toonify.converting import ConvertRequest, Outcome, convert_all


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_picture_is_told_when_it_is_finished(style, picture_file):
    for number in range(4):
        picture_file(f"in/{number}.png")
    told: list[tuple[str, int]] = []

    def tell(outcome: Outcome) -> None:
        told.append((outcome.source.name, len(list(Path("out").iterdir()))))

    result = convert_all(ConvertRequest(["in"], "out", style, workers=1), tell=tell)
    assert told == [(f"{number}.png", number + 1) for number in range(4)]
    assert [outcome.source.name for outcome in result.outcomes] == [name for name, _ in told]


def test_a_line_a_picture_and_the_report_last(run, style, picture_file):
    picture_file("in/a.png")
    picture_file("in/b.png")
    Path("in/c.png").write_text("dear diary")
    run("convert", "in/a.png", "out/a.png", "--style", style)
    result = run("convert", "in", "out", "--json-lines", "--style", style)
    assert result.exit_code == 1
    *pictures, report = lines(result.stdout)
    assert sorted((each["source"], each["result"]) for each in pictures) == [
        ("in/a.png", "skipped"),
        ("in/b.png", "converted"),
        ("in/c.png", "failed"),
    ]
    assert {each["kind"] for each in pictures} == {"picture"}
    assert pictures[0]["result"] == "skipped", "what is known before anything is drawn comes first"
    assert (report["kind"], report["converted"], report["failed"]) == ("report", 1, 1)
    assert "pictures" not in report


def test_pictures_that_would_become_one_file_and_folders_have_a_line_too(run, style, picture_file):
    picture_file("in/a.png")
    picture_file("in/a.jpg")
    result = run("convert", "in", "out", "--format", "png", "--json-lines", "--style", style)
    *pictures, report = lines(result.stdout)
    assert [each["result"] for each in pictures] == ["failed", "failed"]
    assert report["failed"] == 2


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("nowhere", "out"), 2, "there is no file or folder nowhere"),
        (("a", "b", "--nonsense"), 2, "No such option"),
    ],
)
def test_an_error_is_one_line(run, arguments, exit_code, told):
    result = run("convert", *arguments, "--json-lines")
    assert result.exit_code == exit_code
    (error,) = lines(result.stdout)
    assert told in error["error"] and error["exit_code"] == exit_code


def test_a_reader_that_has_gone_ends_the_work(style, picture_file):
    for number in range(30):
        picture_file(f"in/{number:02}.png", (400, 400))
    command = [sys.executable, "-m", "toonify", "convert", "in", "out", "--json-lines", "--style", str(style)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    assert json.loads(process.stdout.readline())["result"] == "converted"
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() != 0
    assert len(list(Path("out").glob("*.png"))) < 30
    assert not list(Path("out").glob(".*"))
