"""Arrays that may come from anyone."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.storage.arrays import HEADER_BYTES, MOST_ARRAYS, Damaged, Unreadable, map_array, open_arrays


def npz(path: Path, method: int = zipfile.ZIP_STORED, **entries: bytes) -> Path:
    """An archive with these very bytes in it."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(f"{name}.npy", data)
    return path


def header(shape: str, descr: str = "'<f4'", length: int | None = None) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) if length is None else length) + text


def stored(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.array(7),
        np.array("text"),
        np.zeros((0, 3), np.uint8),
        np.array([True, False]),
    ],
    ids=["rows", "columns", "one number", "text", "nothing", "truths"],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saves_is_read(tmp_path, array, save):
    save(tmp_path / "a.npz", array=array)
    with open_arrays(tmp_path / "a.npz") as arrays:
        assert arrays["array"].shape == array.shape
        assert arrays["array"].size == array.nbytes
        read = arrays["array"].read()
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype


HOSTILE = {
    "no archive": lambda path: path.write_bytes(b"nonsense"),
    "nothing": lambda path: path.write_bytes(b""),
    "no array": lambda path: npz(path, a=b"nonsense"),
    "pickled": lambda path: npz(path, a=stored(np.array([{}], object))),
    "negative": lambda path: npz(path, a=header("(-1,)")),
    "no shape": lambda path: npz(path, a=header("'wide'")),
    "code": lambda path: npz(path, a=header("(__import__('os').getpid(),)")),
    "endless header": lambda path: npz(path, a=b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31)),
    "endless header, packed": lambda path: npz(
        path, zipfile.ZIP_DEFLATED, a=b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b" " * 2**24
    ),
    "header of brackets": lambda path: npz(path, a=header("(" * 60_000)),
    "other compression": lambda path: npz(path, zipfile.ZIP_LZMA, a=stored(np.zeros(3))),
    "too many": lambda path: npz(path, **{f"a{number}": b"" for number in range(MOST_ARRAYS + 1)}),
    "version 9": lambda path: npz(path, a=b"\x93NUMPY\x09\x00"),
    "cut header": lambda path: npz(path, a=header("(3,)", length=900)),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_array_is_refused_before_it_is_unpacked(tmp_path, make):
    make(tmp_path / "a.npz")
    with pytest.raises(Damaged, match=r"a\.npz is damaged: "), open_arrays(tmp_path / "a.npz"):
        pytest.fail("opened all the same")


@pytest.mark.parametrize("data", [b"\0" * 8, b"\0" * 16], ids=["too short", "too long"])
def test_an_array_that_is_not_as_long_as_it_says_is_damaged(tmp_path, data):
    npz(tmp_path / "a.npz", a=header("(3,)") + data)
    with (
        pytest.raises(Damaged, match="not as long as its header says"),
        open_arrays(tmp_path / "a.npz") as arrays,
    ):
        arrays["a"].read()


def test_a_bomb_is_not_unpacked_further_than_its_shape_says(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", header("(2,)") + b"\0" * 2**24)
    asked = []
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda file, n=-1: asked.append(n) or read(file, n))
    with pytest.raises(Damaged), open_arrays(tmp_path / "a.npz") as arrays:
        arrays["a"].read()
    assert 0 < max(asked) <= HEADER_BYTES


@pytest.mark.parametrize("large", [False, True])
def test_a_table_of_contents_is_not_read_that_is_too_long(tmp_path, large, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3 if large else 1000)  # beyond it, its end is Zip64's
    path = npz(tmp_path / "a.npz", **{str(number): stored(np.zeros(1)) for number in range(9)})
    with open_arrays(path) as arrays:
        assert len(arrays) == 9
    monkeypatch.setattr("toonify.storage.arrays._Sparing.most", 400)
    with pytest.raises(Damaged, match="its table of contents has 459 bytes"), open_arrays(path):
        pass


def test_a_file_that_is_not_there_is_unreadable_but_not_damaged(tmp_path):
    with (
        pytest.raises(Unreadable, match="cannot be read: no such file or directory") as raised,
        open_arrays(tmp_path / "a.npz"),
    ):
        pytest.fail("opened all the same")
    assert not isinstance(raised.value, Damaged)


def test_what_the_reader_itself_finds_wrong_keeps_its_words(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    with pytest.raises(ToonifyError, match="another network") as raised, open_arrays(tmp_path / "a.npz"):
        raise ToonifyError("another network")
    assert not isinstance(raised.value, Unreadable)


def test_a_mapped_array_is_a_view_on_its_file(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    np.save(tmp_path / "a.npy", array)
    mapped = map_array(tmp_path / "a.npy")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, array)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        header("(1000,)"),
        stored(np.array([{}], object)),
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b" " * 2**20,
        header("(" * 60_000),
    ],
    ids=["nothing", "no array", "cut short", "pickled", "endless header", "header of brackets"],
)
def test_a_file_that_holds_no_array_is_damaged(tmp_path, data):
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(Damaged):
        map_array(tmp_path / "a.npy")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.npy")
    with pytest.raises(Damaged, match="is not a regular file"):
        map_array(tmp_path / "a.npy")
