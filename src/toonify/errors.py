"""The one error that users see."""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable
from pathlib import Path

from toonify.text import spelt

FAILURE = 1
USAGE = 2
INTERRUPTED = 130  # what shells report for Ctrl-C

_AROUND = re.compile(r"in user code:|File \"|(\w+: )?Exception encountered when calling ")
"""How paragraphs begin that TensorFlow and Keras put before what went wrong."""
_NO_MEMORY = re.compile(r"bad_alloc|[Oo]ut of memory|encoding error [12]$")
"""How libraries say it; the last is WebP's."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class ToonifyError(Exception):
    """Something that a person can put right, told in a line or two.

    Args:
        message: What is wrong, naming the file or option.
        hint: What to do about it; empty when the message already says it.
        exit_code: `FAILURE` (1), or `USAGE` (2) when the request itself makes no sense.
    """

    def __init__(self, message: str, hint: str = "", *, exit_code: int = FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


def one_line(error: BaseException) -> str:
    """The first line of an error's text, or its type's name when it has none.

    Of one that TensorFlow or Keras raised inside a network, the line that says what went wrong.
    """
    told = [part.strip() for part in re.split(r"\n\s*\n", _COLOUR.sub("", str(error)).strip())]
    first = next((part for part in told if not _AROUND.match(part)), told[0]).split("\n", 1)[0]
    return first.removeprefix(f"{type(error).__name__}: ") or type(error).__name__


def lacks_memory(error: BaseException) -> bool:
    """Whether an error comes of too little memory, as far as its number or words tell."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM  # its words include the name of a file
    return isinstance(error, MemoryError) or bool(_NO_MEMORY.search(str(error)))


def lacks_threads(error: BaseException) -> bool:
    """Whether Python could not start a thread."""
    return isinstance(error, RuntimeError) and "start new thread" in str(error)


def refusal(error: BaseException) -> str:
    """Why the system refused, in its own words: `no space left on device`. Of another error, `one_line`.

    Of a `shutil.Error`, which lists all that could not be copied, the first of them.
    """
    if not isinstance(error, OSError):
        return one_line(error)
    quoted = re.search(r"\[(?:Errno|WinError) \d+\] ([^:'\"]+)", str(error))
    words = error.strerror or (quoted[1] if quoted else "")
    return words.lower() or one_line(error)


def usage_error(message: str, hint: str = "") -> ToonifyError:
    """A `ToonifyError` for a request that makes no sense (exit code 2)."""
    return ToonifyError(message, hint, exit_code=USAGE)


def exists_already(path: object, but: str = "") -> ToonifyError:
    """The error for an output that is there, and is not to be replaced: the same from every command.

    Args:
        path: The output: a path, or an address.
        but: What else there is to say of it.
    """
    return usage_error(f"{path} exists already{but}", "Give `overwrite` to replace it, or another `output`.")


def holds_more(folder: object, kind: str, other: str) -> ToonifyError:
    """The error for a folder that is not to be replaced, for something of somebody else's would go with it.

    Args:
        folder: That `overwrite` would replace.
        kind: What it should be, and is: "dataset".
        other: What else lies in it.
    """
    return usage_error(
        f"{folder} holds more than a {kind}: replacing it would remove {other}",
        "Move that elsewhere, or choose another `output`.",
    )


def nothing_at(path: Path, kind: str, hint: str = "") -> ToonifyError:
    """The usage error for a path at which there is nothing; an address is told as it was typed.

    Args:
        path: The path.
        kind: What should be there: "file or folder".
        hint: What to do about it, if it is no address.
    """
    shown = spelt(path)
    if "://" in shown:
        hint = "No address is fetched here: download it first, and give the file."
    return usage_error(f"there is no {kind} {shown}", hint)


def unknown(kind: str, name: object, choices: Iterable[str]) -> ToonifyError:
    """The usage error for a name that is none of the choices; offers the nearest one."""
    names = sorted(set(choices))
    message = f"there is no {kind} '{name}'.{nearest(str(name), names)}"
    return usage_error(message, f"Choices: {', '.join(names) or 'none'}.")


def nearest(name: str, choices: Iterable[str]) -> str:
    """A guess at what was meant, as a sentence after a space; empty when nothing is like it."""
    folded = {choice.casefold(): choice for choice in sorted(choices)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    return f" Did you mean '{folded[near[0]]}'?" if near else ""
