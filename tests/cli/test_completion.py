"""What Tab offers, in the words of each shell, without loading a framework."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from toonify.cli.app import app
from toonify.cli.completion import VALUES

SHELLS: dict[str, Callable[[str], dict[str, str]]] = {
    "bash": lambda line: {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)},
    "zsh": lambda line: {"_TYPER_COMPLETE_ARGS": line},
    "fish": lambda line: {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


def offered(line: str, shell: str = "bash") -> list[str]:
    """What is offered after the last letter of a line."""
    environment = {"_TOONIFY_COMPLETE": f"complete_{shell}"} | SHELLS[shell](line)
    return CliRunner().invoke(app, [], env=environment).stdout.split()


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("toonify convert a b --style d", "drawn"),
        ("toonify convert a b --format ", "keep jpeg png webp"),
        ("toonify convert a b --set i", "ink=1"),
        ("toonify convert a b --style lines --set p", "paper=1"),
        ("toonify styles c", "comic"),
        ("toonify export l", "lines"),
        ("toonify export comic --to onnx,s", "onnx,saved-model onnx,style"),
        ("toonify train --preset an", "animeganv2"),
        ("toonify train --loss w", "wgan wgan-gp"),
        ("toonify train --loss wgan-gp --loss-option ", "weight=10.0"),
        ("toonify train --loss gan --loss-option ", ""),
        ("toonify train --loss nonsense --loss-option ", ""),
        ("toonify train --generator unet --generator-option paint_", "paint_gain=1.0"),
        ("toonify train --backbone v", "vgg19"),
        ("toonify train --backbone hub --backbone-option ", "scale=unit signature="),
        ("toonify train --backbone-weights ", "imagenet none"),
        ("toonify train --engine ", "tensorflow jax"),
        ("toonify train --from dr", "drawn"),
        ("toonify train --weight co", "colour= content="),
        ("toonify prepare a --source s", "selfie2anime"),
        ("toonify prepare a --source afad --source-option ", "age=none gender=none"),
        ("toonify prepare a --crop ", "random center face"),
        ("toonify presets ca", "cartoongan"),
        ("toonify plugins gen", "generators"),
        ("toonify plugins losses ls", "lsgan"),
        ("toonify plugins nonsense ", ""),
        ("toonify new-plugin mine --group te", "terms"),
    ],
)
def test_values_are_offered(line, values):
    assert offered(line) == values.split()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_answered(shell):
    answer = " ".join(offered("toonify train --loss wg", shell))
    assert "wgan-gp" in answer
    assert "lsgan" not in answer


def test_every_entry_of_the_table_is_a_parameter():
    known = {
        key
        for command in app.registered_commands
        for name in command.callback.__annotations__
        for key in (name, f"{command.callback.__name__}.{name}")
    }
    assert set(VALUES) <= known


def test_a_package_completes_like_a_built_in_plugin_without_being_imported(install):
    code = """
        raise RuntimeError("imported")
        from toonify.plugins import AdversarialLoss
        class Base(AdversarialLoss):
            def __init__(self, slack, *, margin: float = 0.25, name="a b", size=2 ** 3, on=None): ...
        class Calm(Base):
            limit = 3
    """
    install("acme", {"losses": {"calm": "acme:Calm", "absent": "acme:Nothing"}}, acme=code)
    assert offered("toonify train --loss ca") == ["calm"]
    expected = ["slack=", "margin=0.25", "name=a", "b", "size=", "on=none"]
    assert offered("toonify train --loss calm --loss-option ") == expected
    assert offered("toonify train --loss absent --loss-option ") == []


def test_a_card_that_cannot_be_read_offers_nothing(install, tmp_path):
    install("acme", {"styles": {"torn": "acme_styles.torn"}})
    folder = tmp_path / "site-packages" / "acme_styles" / "torn"
    folder.mkdir(parents=True)
    for text in ("{", "[]", '{"controls": {"a": 1}}'):
        (folder / "style.json").write_text(text)
        assert offered("toonify convert a b --style torn --set ") == []
    (folder / "style.json").write_text('{"controls": {"a": {"default": 1}}}')
    assert offered("toonify convert a b --style torn --set ") == ["a=1"]


HEAVY = ("numpy", "tensorflow", "keras", "onnxruntime", "onnx", "cv2")


def test_no_framework_is_loaded_for_a_tab():
    probe = f"""
import atexit, os, sys
atexit.register(lambda: print("loaded:", *sorted(set(sys.modules) & set({HEAVY!r}))))
os.environ |= {{"_TOONIFY_COMPLETE": "complete_bash", "COMP_CWORD": "5",
               "COMP_WORDS": "toonify train --loss wgan-gp --loss-option "}}
sys.argv = ["toonify"]
from toonify.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["weight=10.0", "loaded:"]


def test_it_is_installed_for_toonify_however_that_is_started():
    done = subprocess.run(
        [sys.executable, "-m", "toonify"],
        env=os.environ | {"_TOONIFY_COMPLETE": "source_bash"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.rstrip().endswith("complete -o default -F _toonify_completion toonify")


PROGRAMS = str(Path(sys.executable).parent)


def answer(shell: str, script: str) -> list[str]:
    """What a script prints in a shell without configuration, given where `toonify` is."""
    quiet = {"zsh": ["-df"], "fish": ["--no-config"]}
    program = [shell, *quiet.get(shell, []), "-c", script, *([shell] if shell != "fish" else []), PROGRAMS]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_itself_completes():
    script = """
        PATH="$1:$PATH"
        eval "$(_TOONIFY_COMPLETE=source_bash toonify)"
        COMP_WORDS=(toonify train --loss wg) COMP_CWORD=3
        _toonify_completion toonify
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    assert answer("bash", script) == ["wgan", "wgan-gp"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here")
def test_zsh_itself_completes_from_the_first_tab_on():
    """Where there is no terminal, what would put values on the line prints them instead."""
    script = """
        PATH="$1:$PATH" HOME=$PWD
        toonify --install-completion > said
        fpath+=~/.zfunc; autoload -Uz compinit; compinit -u -D
        _arguments() { print -r -- ${(f)1} }
        words=(toonify train --loss wg) CURRENT=4
        $_comps[toonify]
        $_comps[toonify]
    """
    assert answer("zsh", script) == ['*: :(("wgan" "wgan-gp"))'] * 2


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
def test_fish_itself_completes():
    script = """
        set -x PATH $argv[1] $PATH
        _TOONIFY_COMPLETE=source_fish toonify | source
        complete --do-complete "toonify train --loss wg"
    """
    assert answer("fish", script) == ["wgan", "wgan-gp"]
