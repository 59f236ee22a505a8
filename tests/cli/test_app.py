"""Errors are a line or two, and exit codes tell scripts what happened."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import toonify
from toonify.errors import ToonifyError, usage_error


@pytest.fixture
def failing(monkeypatch):
    """`failing(error)`: from now on `toonify plugins` raises this."""

    def fail(error: BaseException) -> None:
        def find_plugins(group: str | None = None) -> None:
            raise error

        monkeypatch.setattr("toonify.plugins.find_plugins", find_plugins)

    return fail


def in_a_process(*command: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = ["-c", code] if code else ["-m", "toonify", *command]
    return subprocess.run([sys.executable, *program], capture_output=True, text=True)


def test_all_commands_are_there(run):
    shown = run("--help")
    assert shown.exit_code == 0
    for command in ("convert", "prepare", "train", "export", "styles", "plugins"):
        assert f"│ {command} " in shown.stdout
        assert f"toonify {command}" in run(command, "--help").stdout, "no example"


def test_without_a_command_the_help_is_shown(run):
    shown = run()
    assert shown.exit_code == 2
    assert "Usage: toonify" in shown.output
    assert "toonify convert photo.jpg" in shown.output


def test_short_help(run):
    assert run("-h").stdout == run("--help").stdout


def test_the_version(run):
    shown = run("--version")
    assert (shown.exit_code, shown.stdout) == (0, f"toonify {toonify.__version__}\n")


@pytest.mark.parametrize("command", [("convert", ""), ("convert", "a.jpg", ""), ("prepare", "photos", "")])
def test_an_empty_name_is_not_the_folder_that_one_is_in(run, command):
    shown = run(*command)
    told = f"error: an argument is empty: what follows toonify {' '.join(command).strip()}"
    assert (shown.exit_code, shown.stderr.splitlines()[0]) == (2, told)


def test_as_a_module():
    done = in_a_process("--version")
    assert (done.returncode, done.stdout) == (0, f"toonify {toonify.__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["paint"], "No such command 'paint'"),
        (["plugins", "--colour"], "No such option: --colour"),
        (["plugins", "losses", "lsgan", "wgan"], "unexpected extra argument"),
        (["--nope"], "No such option: --nope"),
    ],
)
def test_what_cannot_be_parsed_is_a_usage_error(run, arguments, complaint):
    done = run(*arguments)
    assert done.exit_code == 2
    message, hint = done.stderr.splitlines()
    assert message.startswith("error: ") and complaint in message
    assert hint.strip().endswith("--help` shows what there is.")
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("error", "lines", "code"),
    [
        (ToonifyError("it broke"), ["error: it broke"], 1),
        (ToonifyError("it broke", "Glue it."), ["error: it broke", "       Glue it."], 1),
        (usage_error("that makes no sense"), ["error: that makes no sense"], 2),
        (ToonifyError("[bold]x[/] [a.jpg]"), ["error: [bold]x[/] [a.jpg]"], 1),
        (ToonifyError("long " * 60 + "end"), ["error: " + "long " * 60 + "end"], 1),
        (KeyboardInterrupt(), ["error: stopped"], 130),
    ],
)
def test_errors_are_a_line_or_two_on_standard_error(run, failing, error, lines, code):
    failing(error)
    done = run("plugins")
    assert done.stderr.splitlines() == lines
    assert done.stdout == ""
    assert done.exit_code == code


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("`group` 7 is none", "GROUP 7 is none"),
        ("give `check`, or `json`", "give --check, or --json"),
        ("`size` is no option here, nor is `toonify --debug …`", None),
    ],
)
def test_fields_of_a_request_are_called_as_people_type_them(run, failing, said, shown):
    failing(ToonifyError("it broke", said))
    assert run("plugins").stderr.splitlines()[1].strip() == (shown or said)


def test_a_field_and_its_value_are_the_option_that_sets_both(run, picture_file, monkeypatch):
    def refuse(*_: object) -> None:
        raise ToonifyError(
            "`only` faces is said, and `only` alone", "Leave `painter` False and `detail` 0 out."
        )

    monkeypatch.setattr("toonify.converting.convert_all", refuse)
    assert run("convert", picture_file("a.jpg")).stderr.splitlines() == [
        "error: --faces-only is said, and `only` alone",
        "       Leave --no-painter and --detail 0 out.",
    ]


def test_ctrl_c_in_the_middle_of_an_import_is_ctrl_c(run, failing):
    error = ImportError("initialization failed")
    error.__cause__ = KeyboardInterrupt()
    failing(error)
    done = run("plugins")
    assert (done.exit_code, done.stderr) == (130, "error: stopped\n")


def test_an_unforeseen_error_is_owned_up_to_in_two_lines(run, failing):
    failing(ZeroDivisionError("division by zero\nand more"))
    done = run("plugins")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "error: unexpected ZeroDivisionError: division by zero",
        "       This is a bug in toonify: `toonify --debug …` shows where.",
    ]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(28, "No space left on device"), "error: no space left on device"),
        (PermissionError(13, "Permission denied", "out/a"), "error: out/a: permission denied"),
        (
            PermissionError(13, "Permission denied", "Out of memory"),
            "error: Out of memory: permission denied",
        ),
        (OSError(12, "Cannot allocate memory"), "error: the memory of this machine is too small for this"),
        (MemoryError(), "error: the memory of this machine is too small for this"),
        (RuntimeError("std::bad_alloc"), "error: the memory of this machine is too small for this"),
        (RuntimeError("can't start new thread"), "error: the system lets this process start no more threads"),
        (
            RuntimeError("Could not determine home directory."),
            "error: nobody knows where your home folder is",
        ),
        (
            ImportError("libstdc++.so.6: too old"),
            "error: a library cannot be loaded: libstdc++.so.6: too old",
        ),
    ],
)
def test_what_the_machine_refuses_is_not_called_a_bug(run, failing, error, line):
    failing(error)
    done = run("plugins")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == line
    assert "bug in toonify" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows removes no current folder")
def test_a_folder_that_is_gone_is_not_called_a_bug(run, monkeypatch, tmp_path):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = run("convert", tmp_path, "../cartoons")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        1,
        "error: the current folder is not there any more",
    )


def test_without_a_home_completion_is_not_installed(run, monkeypatch):
    def unknown() -> None:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    done = run("--install-completion", "bash")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        1,
        "error: nobody knows where your home folder is",
    )


@pytest.mark.skipif(os.name != "posix", reason="a shell closes them")
def test_no_file_takes_the_place_of_a_stream_that_was_closed():
    """What a library prints would go into it: a picture, say."""
    code = (
        "import os, sys, toonify.plugins as plugins; from toonify.cli import main\n"
        "sys.argv = ['toonify', 'plugins']\n"
        "plugins.find_plugins = lambda group: os._exit(os.open(os.devnull, os.O_RDONLY))\n"
        "main()"
    )
    command = f"exec {shlex.join([sys.executable, '-c', code])} <&- >&- 2>&-"
    assert subprocess.run(command, shell=True).returncode > 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize("argument", ["plugins", "--help", "--version"])
def test_a_report_that_finds_no_room_is_told(argument):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "toonify", argument]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_debug_shows_where_help_fails():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "toonify", "--debug", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_letters_that_the_output_does_not_have_are_replaced():
    command = [sys.executable, "-m", "toonify", "plugins", "ß"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no plugin group '?'")


@pytest.mark.parametrize("error", [ToonifyError("it broke", "Glue it."), ZeroDivisionError("nothing")])
def test_debug_lets_errors_through(run, failing, error):
    failing(error)
    done = run("--debug", "plugins")
    assert done.exit_code == 1
    assert done.exception is error


def test_debug_shows_where_an_error_comes_from():
    done = in_a_process("--debug", "plugins", "nonsense")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "registry.py" in done.stderr
    assert "there is no plugin group 'nonsense'" in done.stderr


def test_ctrl_c_ends_with_the_code_that_shells_expect():
    done = in_a_process(
        code="import os, signal, toonify.plugins as plugins\n"
        "from toonify.cli import main\n"
        "import sys; sys.argv = ['toonify', 'plugins']\n"
        "plugins.find_plugins = lambda group: os.kill(os.getpid(), signal.SIGINT)\n"
        "main()"
    )
    assert (done.returncode, done.stderr) == (130, "error: stopped\n")


def test_a_reader_that_goes_away_is_no_bug():
    code = (
        "import os, sys; from toonify.cli import main\n"
        "read, write = os.pipe(); os.dup2(write, 1); os.close(read)\n"
        "os.close(write); sys.argv = ['toonify', 'plugins', '--json']; main()"
    )
    done = in_a_process(code=code)
    assert (done.returncode, done.stderr) == (1, "")


def test_names_are_no_patterns_on_windows_either(picture_file):
    """Where Click would expand them."""
    picture_file("a[1].png", (32, 40))
    picture_file("a1.png", (48, 48))
    code = (
        "import os, sys, types, typer.core; from toonify.cli import main\n"
        "typer.core.os = types.SimpleNamespace(**{**vars(os), 'name': 'nt'})\n"
        "sys.argv = ['toonify', 'convert', 'a[1].png', 'b.png']; main()"
    )
    assert in_a_process(code=code).returncode == 0
    with Image.open("b.png") as image:
        assert image.size == (32, 40)


# For scripts


def test_a_request_that_makes_no_sense_is_json_too(run):
    done = run("convert", "no.jpg", "--json")
    assert json.loads(done.stdout) == {
        "error": "there is no file or folder no.jpg",
        "hint": "",
        "exit_code": 2,
    }
    assert (done.exit_code, done.stderr) == (2, "error: there is no file or folder no.jpg\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ToonifyError("it broke", "Glue it."), {"error": "it broke", "hint": "Glue it.", "exit_code": 1}),
        (KeyboardInterrupt(), {"error": "stopped", "hint": "", "exit_code": 130}),
    ],
)
def test_a_command_that_fails_is_json_too(run, failing, error, told):
    failing(error)
    done = run("plugins", "--json")
    assert (json.loads(done.stdout), done.exit_code) == (told, told["exit_code"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["plugins", "--json", "--colour"], "No such option: --colour"),
        (["paint", "--json"], "No such command 'paint'"),
        (["--nope", "plugins", "--json"], "No such option: --nope"),
        (["export", "--json"], "the argument STYLE is missing"),
    ],
)
def test_what_cannot_be_parsed_is_json_too(run, arguments, complaint):
    done = run(*arguments)
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert complaint in told["error"] and told["exit_code"] == 2
    assert done.stderr.splitlines() == [f"error: {told['error']}", f"       {told['hint']}"]


def test_a_file_may_be_called_so(run):
    done = run("convert", "--", "--json", "out")
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize("arguments", [["plugins"], ["convert", "no.jpg"]])
def test_json_that_finds_no_room_is_told(arguments):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "toonify", *arguments, "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == (1 if arguments == ["plugins"] else 2)
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("argument", "shown"), [("nothing.jpg", "there is no file"), ("--help", "Usage:")])
def test_a_terminal_that_does_not_know_its_width_is_told_things_all_the_same(argument, shown):
    command = [sys.executable, "-m", "toonify", "convert", argument]
    environment = os.environ | {"COLUMNS": "0", "TERMINAL_WIDTH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert shown in done.stdout + done.stderr
