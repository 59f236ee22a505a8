"""A process with TensorFlow is told what to do, and heard, in any letters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from toonify.backend_import import in_tensorflow_process
from toonify.errors import ToonifyError

ECHO = """
import sys
from toonify.backend_import import failing_in_words
from toonify.errors import ToonifyError
with failing_in_words():
    if sys.argv[2:]:
        raise ToonifyError(sys.argv[1], sys.argv[2])
    print(sys.argv[1])
"""


@pytest.fixture(autouse=True)
def in_a_code_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pipes of Windows are, and a module `echo_words` to run."""
    (tmp_path / "echo_words.py").write_text(ECHO, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")


def test_it_says_what_a_code_page_has_no_letters_for():
    assert in_tensorflow_process("echo_words", "猫.onnx") == "猫.onnx\n"


def test_it_fails_in_its_own_words():
    with pytest.raises(ToonifyError) as raised:
        in_tensorflow_process("echo_words", "猫.onnx cannot be read", "Try 犬.onnx.")
    assert (raised.value.message, raised.value.hint) == ("猫.onnx cannot be read", "Try 犬.onnx.")


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal to a thread")
def test_it_has_ended_once_an_interrupt_is_told(tmp_path):
    """Or what it was writing would still be held when it is swept."""
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
    (tmp_path / "echo_words.py").write_text(code)
    begun = tmp_path / "begun"

    def interrupt() -> None:
        while not (begun.is_file() and begun.read_text()):
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        in_tensorflow_process("echo_words", str(begun))
    thread.join()
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


@pytest.mark.parametrize("stream", ["gone", "there"])
def test_it_is_silenced_though_it_was_closed_from_the_beginning(stream):
    """As under `pythonw`, and where a program was begun with `2>&-`."""
    code = (
        "import os, sys; from toonify.backend_import import no_standard_error; os.close(2)\n"
        f"if {stream == 'gone'}: sys.stderr = None\n"
        "with no_standard_error(): print('done')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "done\n")
