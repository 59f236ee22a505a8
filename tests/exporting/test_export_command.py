"""`toonify export` as people type it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from toonify.exporting import Exported, base, report
from toonify.inference.verification import Likeness
from toonify.storage import names


def test_onnx_into_the_folder_export_is_what_it_does_by_itself(run, style, tmp_path):
    result = run("export", style())
    assert result.exit_code == 0, result.output
    assert (tmp_path / "export" / "tiny-lite.onnx").is_file()
    assert "export/tiny-lite.onnx" in result.stdout and "to within 0 in ONNX Runtime" in result.stdout


def test_it_says_at_which_size_to_draw_and_which_formats_draw_small_faces_once_only(run, style, tmp_path):
    folder = style()
    card = json.loads((folder / "style.json").read_text("utf-8"))
    told = "small faces are drawn once more, from closer by, "
    assert told not in run("export", folder, "-o", tmp_path / "none").stdout
    (folder / "style.json").write_text(json.dumps({**card, "detail": 90, "close_up": 40}))

    def said(formats: str, *more: str) -> str:
        result = run("export", folder, "-o", tmp_path / formats, "--to", formats, *more)
        assert result.exit_code == 0, result.output
        return result.stdout

    summary = said("onnx")
    assert f"{told}in toonify alone\n" in summary and "larger than 90 × 90 at that size" in summary
    as_toonify_does = said("style")
    assert told not in as_toonify_does and "at that size" not in as_toonify_does
    assert f"{told}but not in onnx\n" in said("style,onnx")
    report = json.loads(said("onnx,style", "--json"))
    assert (report["detail"], report["close_up"]) == (90, 40)
    assert [one["close_ups"] for one in report["exported"]] == [False, True]


PACKED = """
    import zlib
    import onnxruntime
    from toonify.plugins import Exporter

    class Packed(Exporter):
        suffix = ".zz"

        def write(self, style, path):
            path.write_bytes(zlib.compress(style.onnx_bytes()))

        def runtimes(self):
            return {"Zip": unpacked}

    def unpacked(path):
        session = onnxruntime.InferenceSession(zlib.decompress(path.read_bytes()))
        return lambda pictures: session.run(None, {"picture": pictures})[0]
"""


def test_a_strangers_format_beside_ours_with_a_comma(run, style, tmp_path, install):
    install("acme-formats", {"exporters": {"theirs": "acme_formats:Packed"}}, acme_formats=PACKED)
    result = run("export", style(), "-o", tmp_path / "out", "--to", "theirs, onnx", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["style"] == "tiny lite"
    assert [one["format"] for one in report["exported"]] == ["theirs", "onnx"]
    assert [one["differences"] for one in report["exported"]] == [{"Zip": 0.0}, {"ONNX Runtime": 0.0}]
    assert all(one["bytes"] > 1000 for one in report["exported"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "export.json",
        "tiny-lite.onnx",
        "tiny-lite.onnx.md",
        "tiny-lite.zz",
        "tiny-lite.zz.md",
    ]


@pytest.mark.parametrize("suffix", [".onnx", ".ONNX"])
def test_two_formats_that_would_become_one_file_are_refused(
    run, style, tmp_path, install, monkeypatch, suffix
):
    code = PACKED.replace(".zz", suffix)
    install("acme-formats", {"exporters": {"theirs": "acme_formats:Packed"}}, acme_formats=code)
    make = names._make  # a file system that makes no difference between A and a
    monkeypatch.setattr(names, "_make", lambda folder, name: make(folder, Path(str(name).lower())))
    result = run("export", style(), "-o", tmp_path / "out", "--to", "theirs,onnx")
    assert result.exit_code == 2
    assert f"the formats theirs and onnx would both become {tmp_path}/out/tiny-lite{suffix}" in result.stderr
    assert not (tmp_path / "out").exists()


def test_of_two_exports_at_once_the_second_replaces_nothing(run, style, tmp_path, monkeypatch):
    folder = style()
    compare, first = base.compare, tmp_path / "export" / "tiny-lite.onnx"

    def meanwhile(*arguments: object, **options: object) -> Likeness:
        first.write_bytes(b"of the first")
        return compare(*arguments, **options)

    monkeypatch.setattr(base, "compare", meanwhile)
    result = run("export", folder)
    assert result.exit_code == 2 and "tiny-lite.onnx exists already" in result.stderr
    assert [(path.name, path.read_bytes()) for path in first.parent.iterdir()] == [
        ("tiny-lite.onnx", b"of the first")
    ]
    assert run("export", folder, "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        (
            "zlib.compress(",
            "zlib.squeeze(",
            "'theirs' of acme-formats 1.0 failed: AttributeError",
        ),
        ("return lambda pictures: ", "return lambda pictures: -", "in Zip it draws something other"),
        ('".zz"', '".zz"; any_size = True', "'theirs' of acme-formats 1.0 failed: "),
        (
            '{"Zip": unpacked}',
            "{}",
            "'theirs' of acme-formats 1.0 names no runtime to be verified in",
        ),
        (
            '{"Zip": unpacked}',
            "1 / 0",
            "'theirs' of acme-formats 1.0 failed: ZeroDivisionError",
        ),
        (
            "path.write_bytes(",
            "zlib.adler32(",
            "'theirs' of acme-formats 1.0 has written nothing",
        ),
        ("path.write_bytes(", "exit(", "'theirs' of acme-formats 1.0 failed: SystemExit"),
        ('suffix = ".zz"', "", "lacks the attributes that Exporter asks for: suffix"),
    ],
    ids=[
        "fails",
        "draws something else",
        "takes not the sizes it says",
        "is not verified",
        "has no runtimes",
        "writes nothing",
        "ends Python",
        "is no format",
    ],
)
def test_a_strangers_format_that_is_wrong_costs_only_itself(
    run, style, tmp_path, install, right, wrong, complaint
):
    assert right in PACKED
    code = PACKED.replace(right, wrong)
    install("acme-formats", {"exporters": {"theirs": "acme_formats:Packed"}}, acme_formats=code)
    result = run("export", style(), "--to", "theirs")
    assert result.exit_code == 1
    assert complaint in result.stderr
    assert "Tell the authors of acme-formats, or " in result.stderr
    assert not list((tmp_path / "export").glob("*"))


def test_what_was_written_before_a_format_failed_is_told(run, style, tmp_path, install):
    code = PACKED.replace("return lambda pictures: ", "return lambda pictures: -")
    install("acme-formats", {"exporters": {"theirs": "acme_formats:Packed"}}, acme_formats=code)
    result = run("export", style(), "-o", tmp_path / "out", "--to", "onnx,theirs")
    assert result.exit_code == 1
    assert f"Written before it failed: {tmp_path}/out/tiny-lite.onnx\n" in result.output
    assert (
        "Written before"
        not in run("export", tmp_path / "styles" / "lite", "-o", tmp_path / "none", "--to", "theirs").output
    )


@pytest.mark.slow
def test_tensorflow_s_formats_work_whatever_keras_runs_on(styles):
    command = [sys.executable, "-m", "toonify", "export", styles("lite"), "--to", "saved-model", "--json"]
    done = subprocess.run(command, env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (exported,) = json.loads(done.stdout)["exported"]
    assert exported["differences"].keys() == {"TensorFlow", "TensorFlow Hub"}
    assert max(exported["differences"].values()) < 1e-4
    assert Path(exported["path"], "saved_model.pb").is_file()


@pytest.mark.parametrize(
    ("style", "message"),
    [
        ("nosuchstyle", "there is no style 'nosuchstyle'"),
        ("./nowhere", "there is no style folder nowhere"),
    ],
)
def test_a_style_that_does_not_exist(run, style, message):
    result = run("export", style)
    assert result.exit_code == 2 and message in result.stderr


@pytest.mark.slow
def test_formats_of_chatty_libraries_are_written_in_silence_and_as_the_same_bytes_each_time(styles, tmp_path):
    formats = "saved-model,keras,coreml" if find_spec("coremltools") else "saved-model,keras"
    for place in ("once", "again"):
        command = [sys.executable, "-m", "toonify", "export", styles("lite"), "--to", formats]
        done = subprocess.run([*command, "-o", tmp_path / place], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        (tmp_path / place / "export.json").unlink()  # which says how long drawing took
    once, again = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "once", tmp_path / "again")
    )
    assert once.keys() == again.keys() and [name for name in once if once[name] != again[name]] == []


def test_a_report_told_and_beside_the_files_says_how_near_how_large_and_how_fast(run, style, tmp_path):
    folder = style()
    told = [run("export", folder, "--to", format_).stdout for format_ in ("onnx", "onnx-float16")]
    assert "ONNX Runtime: equal; 256 × 192 in" in told[0] and "PSNR" in told[1]
    exports = json.loads((tmp_path / "export" / "export.json").read_text("utf-8"))["exports"]
    assert [*exports] == ["tiny-lite.onnx", "tiny-lite-float16.onnx"]
    exact, rounded = exports.values()
    assert exact["bytes"] == (tmp_path / "export" / "tiny-lite.onnx").stat().st_size
    same, near = exact["likeness"]["ONNX Runtime"], rounded["likeness"]["ONNX Runtime"]
    assert same["largest"] == same["mean"] == 0 and same["psnr"] is None
    assert 0 < near["mean"] < near["largest"] < 1 / 64 and near["psnr"] > 45
    assert same["size"] == [256, 192] and same["milliseconds"] > 0


def test_exports_at_the_same_moment_are_both_in_the_report(tmp_path, monkeypatch):
    both_have_read, read = threading.Barrier(2), report._exports

    def read_late(folder: Path) -> dict[str, object]:
        found = read(folder)
        with contextlib.suppress(threading.BrokenBarrierError):  # the other waits for its turn
            both_have_read.wait(0.2)
        return found

    monkeypatch.setattr(report, "_exports", read_late)
    with ThreadPoolExecutor(2) as pool:
        for format_ in ("onnx", "keras"):
            exported = Exported(format_, tmp_path / f"tiny.{format_}", 7, {})
            pool.submit(report.note_export, tmp_path, "tiny", exported)
    exports = json.loads((tmp_path / "export.json").read_text("utf-8"))["exports"]
    assert exports.keys() == {"tiny.onnx", "tiny.keras"}
    assert [path.name for path in tmp_path.iterdir()] == ["export.json"]


def test_another_file_of_the_reports_name_stays(run, style, tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "export.json").write_text('{"mine": 1}')
    result = run("export", style(), "--overwrite")
    assert result.exit_code == 2
    assert "export.json is no report of exports: it is not replaced" in result.stderr
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["export.json"]
