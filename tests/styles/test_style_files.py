"""A style in one file: everything that takes a style takes it, and nothing in it is believed."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_style import make_style

from toonify.errors import ToonifyError
from toonify.styles import load_style

Member = tuple[zipfile.ZipInfo, bytes]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A style folder with all that one may hold."""
    folder = make_style(tmp_path / "mine")
    (folder / "generator.npz").write_bytes(b"weights")
    (folder / "README.md").write_text("# Mine\n")
    return folder


@pytest.fixture
def file(folder, tmp_path) -> Path:
    path = tmp_path / "mine.toonify"
    path.write_bytes(load_style(folder).packed())
    return path


def refusal(path: Path) -> ToonifyError:
    """What `load_style` or the reading of the network says, in a line that names the file."""
    with pytest.raises(ToonifyError) as caught:
        load_style(path).onnx_bytes()
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.message.isprintable()
    return caught.value


def test_it_is_the_folder_in_one_file(folder, file):
    style, original = load_style(file), load_style(folder)
    assert (style.path, style.manifest) == (file, original.manifest)
    assert style.onnx_bytes() == original.onnx_bytes()
    assert (style.weights_bytes(), style.size) == (b"weights", original.size)
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["style.json", "generator.onnx", "generator.npz", "README.md"]
        assert all(archive.read(name) == (folder / name).read_bytes() for name in archive.namelist())
        for entry in archive.infolist():
            assert (entry.date_time, entry.external_attr >> 16) == (
                (1980, 1, 1, 0, 0, 0),
                stat.S_IFREG | 0o644,
            )


def test_a_generator_in_8_bits_goes_with_it(folder, tmp_path):
    (folder / "generator.int8.onnx").write_bytes(quick := b"\xff")
    path = tmp_path / "mine.toonify"
    path.write_bytes(load_style(folder).packed())
    with zipfile.ZipFile(path) as archive:
        assert archive.read("generator.int8.onnx") == quick
    with pytest.raises(ToonifyError, match=r"generator\.int8\.onnx is damaged: not an ONNX model"):
        load_style(path).int8_network()


def test_the_same_style_gives_the_same_bytes_whenever_it_is_written(folder):
    packed = load_style(folder).packed()
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))
        path.chmod(0o600)
    assert load_style(folder).packed() == packed


def test_of_a_file_the_same_file_is_made(file):
    assert load_style(file).packed() == file.read_bytes()


def test_weights_and_words_may_be_left_out(folder, tmp_path):
    (folder / "generator.npz").unlink()
    (folder / "README.md").unlink()
    path = tmp_path / "less.toonify"
    path.write_bytes(load_style(folder).packed())
    assert load_style(path).weights_bytes() is None
    assert load_style(path).onnx_bytes() == load_style(folder).onnx_bytes()


def test_what_anyone_zips_from_the_files_of_a_folder_will_do(folder, tmp_path):
    path = tmp_path / "mine.TOONIFY"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
    assert load_style(path).onnx_bytes() == load_style(folder).onnx_bytes()


def zipped_with_list(folder: Path, path: Path, words: str) -> Path:
    """As `zip -j` makes it of a folder that holds a list of hashes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
        archive.writestr("SHA256SUMS", words)
    return path


def test_a_list_of_hashes_may_be_zipped_with_them(folder, tmp_path):
    sums = [f"{hashlib.sha256(part.read_bytes()).hexdigest()}  {part.name}\n" for part in folder.iterdir()]
    path = zipped_with_list(folder, tmp_path / "mine.toonify", "".join(sums))
    assert load_style(path).packed() == load_style(folder).packed()


@pytest.mark.parametrize(
    ("words", "told"),
    [(f"{'0' * 64}  generator.onnx\n", "its SHA-256 is not that"), ("?\n", "not a list of SHA-256")],
)
def test_a_list_of_hashes_that_was_zipped_with_them_holds(folder, tmp_path, words, told):
    assert told in refusal(zipped_with_list(folder, tmp_path / "mine.toonify", words)).message


def test_convert_takes_it(run, file, folder, picture_file, tmp_path):
    photo = picture_file("a.png")
    for style, name in ((file, "file.png"), (folder, "folder.png")):
        done = run("convert", photo, name, "--style", style)
        assert done.exit_code == 0, done.output
    assert (tmp_path / "file.png").read_bytes() == (tmp_path / "folder.png").read_bytes()


def test_a_word_with_its_suffix_is_a_file(run, file, picture_file):
    photo = picture_file("a.png")
    assert run("convert", photo, "b.png", "--style", "mine.toonify").exit_code == 0
    missing = run("convert", photo, "c.png", "--style", "yours.toonify")
    assert missing.exit_code == 2
    assert "there is no style file yours.toonify" in missing.stderr


def test_the_files_around_it_stay_as_they_are(run, file, picture_file, tmp_path):
    photo = picture_file("a.png")
    before = set(tmp_path.rglob("*"))
    assert run("convert", photo, "b.png", "--style", file).exit_code == 0
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "b.png"}


def test_styles_shows_what_it_is(run, file):
    (row,) = json.loads(run("styles", file, "--json").stdout)["styles"]
    assert (row["name"], row["distribution"], row["path"]) == ("tiny", None, str(file))
    shown = run("styles", "comic", file.name)
    assert shown.exit_code == 0
    assert [line.split()[:2] for line in shown.stdout.splitlines()[1:] if not line.startswith(" ")] == [
        ["comic", "toonify-gan"],
        ["tiny", "mine.toonify"],
    ]


def test_styles_names_a_file_that_is_none(run, tmp_path):
    (tmp_path / "mine.toonify").write_bytes(b"a letter")
    shown = run("styles", "mine.toonify", "comic")
    assert shown.exit_code == 1
    assert "mine.toonify is damaged: it does not begin as a zip file does" in shown.stderr
    assert "comic" in shown.stdout


def test_a_style_that_is_written_anew_is_read_anew(file, folder):
    import toonify
    from toonify.converting.in_memory import _Loaded

    style = toonify.load_style(file)
    assert _Loaded.now(style) == _Loaded.now(toonify.load_style(file))
    before = _Loaded.now(style)
    (folder / "generator.npz").write_bytes(b"other weights")
    file.write_bytes(load_style(folder).packed())
    assert _Loaded.now(style) != before


def test_other_files_are_told_what_a_style_is(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"")
    assert refusal(tmp_path / "a.zip").message.endswith(
        "a style is a folder with a style.json, or a .toonify file"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "mine.toonify")
    assert "not a regular file" in refusal(tmp_path / "mine.toonify").message


@pytest.mark.parametrize("kept", [0, 3, 100, 5000, -1, -22])
def test_a_file_cut_short_is_refused_before_anything_is_read(file, kept):
    file.write_bytes(file.read_bytes()[:kept])
    error = refusal(file)
    assert "is damaged" in error.message
    if not 0 <= kept <= 3:
        assert "it was cut short" in error.message


def test_a_file_with_something_in_the_middle_changed_is_refused(file, folder):
    data = bytearray(file.read_bytes())
    place = data.index((folder / "generator.onnx").read_bytes())
    data[place + 500] ^= 1
    file.write_bytes(data)
    assert "Bad CRC-32 for file 'generator.onnx'" in refusal(file).message


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        (b"", b"#!/bin/sh", "something follows its end"),
        (b"", b"\0" * 100, "something follows its end"),
        (b"#!/bin/sh\n", b"", "does not begin as a zip file"),
        (b"PK\x03\x04 and more", b"", "does not keep style.json where it should be"),
    ],
)
def test_nothing_may_stand_around_it(file, before, after, complaint):
    file.write_bytes(before + file.read_bytes() + after)
    assert complaint in refusal(file).message


def members(file: Path) -> list[Member]:
    with zipfile.ZipFile(file) as archive:
        return [(entry, archive.read(entry)) for entry in archive.infolist()]


@pytest.fixture
def spoilt(file) -> Callable[[Callable[[list[Member]], None]], Path]:
    """Writes the file anew with its members changed."""

    def write(spoil: Callable[[list[Member]], None]) -> Path:
        changed = members(file)
        spoil(changed)
        with zipfile.ZipFile(file, "w") as archive:
            for entry, data in changed:
                archive.writestr(entry, data)
        return file

    return write


def another(name: str, data: bytes = b"", mode: int = 0) -> Member:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry, data


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("../style.json", "holds '../style.json', a path: its files may lie in no folder"),
        ("/etc/passwd", "holds '/etc/passwd', a path"),
        ("C:\\style.json", "holds 'C:\\style.json', a path"),
        ("mine/style.json", "holds 'mine/style.json', a path"),
        ("__MACOSX/", "holds '__MACOSX/', a path"),
        ("Readme.md", "holds 'Readme.md', which should be called README.md"),
        ("setup.py", "holds 'setup.py'"),
        ("", "holds ''"),
        ("\x1b[2J", "holds '\N{REPLACEMENT CHARACTER}[2J'"),
        ("x" * 5000, f"holds '{'x' * 60}'"),
    ],
)
def test_other_names_are_refused(spoilt, name, complaint):
    error = refusal(spoilt(lambda files: files.__setitem__(3, another(name))))
    assert complaint in error.message
    assert error.hint == f"It may hold {', '.join(MAY_HOLD)}, and nothing else."


def test_a_name_that_hides_another_behind_a_zero_is_refused(file):
    file.write_bytes(file.read_bytes().replace(b"README.md", b"README.m\0"))
    assert "holds 'README.m\N{REPLACEMENT CHARACTER}'" in refusal(file).message


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(spoilt):
    error = refusal(spoilt(lambda files: files.__setitem__(3, another("style.json", b"{}"))))
    assert "holds style.json twice" in error.message


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(spoilt, kind):
    error = refusal(spoilt(lambda files: files.__setitem__(3, another("README.md", b"/etc", kind | 0o777))))
    assert "holds README.md as a link or a device" in error.message


@pytest.mark.parametrize("number", [0, 1])
def test_a_file_without_card_or_network_is_refused(spoilt, number):
    name = ("style.json", "generator.onnx")[number]
    assert f"is no style: it has no {name}" in refusal(spoilt(lambda files: files.pop(number))).message


def test_an_empty_archive_is_refused(tmp_path):
    zipfile.ZipFile(tmp_path / "mine.toonify", "w").close()
    assert "does not begin as a zip file" in refusal(tmp_path / "mine.toonify").message


@pytest.fixture
def unopened(monkeypatch) -> None:
    """Whoever reads the table of contents fails."""

    def opened(*arguments):
        raise AssertionError("the table of contents was read")

    monkeypatch.setattr(zipfile.ZipFile, "__init__", opened)


MAY_HOLD = ("style.json", "generator.onnx", "generator.int8.onnx", "generator.npz", "README.md", "SHA256SUMS")
TOO_MANY = "its table of contents is of more than 6 files"


def table_of(file: Path, entries: int, said: int) -> None:
    """Repeats the last entry of the table of contents, and says of how many it is."""
    data = file.read_bytes()
    start, last, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02"), len(data) - 22
    table = data[start:end] + data[last:end] * (entries - 4)
    ending = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, said, said, len(table), start, 0)
    file.write_bytes(data[:start] + table + ending)


@pytest.mark.parametrize(("entries", "said"), [(7, 7), (60_000, 60_000), (60_000, 4), (60_000, 0)])
def test_a_huge_table_of_contents_is_not_read(file, entries, said, unopened):
    table_of(file, entries, said)
    assert TOO_MANY in refusal(file).message


def test_a_table_of_contents_that_is_told_elsewhere_is_not_read(file, unopened):
    data = file.read_bytes()
    end = len(data) - 22
    count, _, size, start = struct.unpack("<2H2L", data[-14:-2])
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)  # Zip64 (APPNOTE.TXT, 4.3.14 and 4.3.15)
    file.write_bytes(data[:end] + record + locator + data[end:])
    assert TOO_MANY in refusal(file).message


def patched(file: Path, name: str, **fields: int) -> Path:
    """The file with other numbers in the table of contents (APPNOTE.TXT, 4.3.12) for a member."""
    places = {"flags": ("<H", 8), "method": ("<H", 10), "size": ("<L", 24), "offset": ("<L", 42)}
    data = bytearray(file.read_bytes())
    start = data.rindex(name.encode()) - 46
    for field, value in fields.items():
        form, place = places[field]
        struct.pack_into(form, data, start + place, value)
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"flags": 1}, "holds generator.onnx encrypted"),
        ({"flags": 0x40}, "holds generator.onnx encrypted"),
        ({"method": 12}, "holds generator.onnx compressed by method 12"),
        ({"size": 600 * 2**20}, "holds generator.onnx with 600 MB, more than the 256 MB it may have"),
        ({"size": 50 * 2**20}, "holds generator.onnx with 52,428,800 bytes made of"),
        ({"size": 2**17}, "generator.onnx is not as long as the table of contents says"),
        ({"offset": 0}, "does not keep generator.onnx where it should be"),
        ({"offset": 7}, "does not keep"),
        ({"offset": 2**31}, "is damaged"),
    ],
)
def test_a_member_that_cannot_be_true_is_refused(file, fields, complaint):
    assert complaint in refusal(patched(file, "generator.onnx", **fields)).message


@pytest.mark.parametrize("size", [2**20 + 1, 40 * 2**20])
def test_a_bomb_is_refused_by_what_it_says_of_itself(folder, tmp_path, size, monkeypatch):
    path = bomb(folder, tmp_path, size)

    def unpacked(*arguments):
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpacked)
    assert f"holds generator.onnx with {size:,} bytes made of" in refusal(path).message


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further(folder, tmp_path):
    path = patched(bomb(folder, tmp_path, 40 * 2**20), "generator.onnx", size=1000)
    assert "Bad CRC-32 for file 'generator.onnx'" in refusal(path).message


def bomb(folder: Path, tmp_path: Path, size: int) -> Path:
    path = tmp_path / "bomb.toonify"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "style.json", "style.json")
        archive.writestr("generator.onnx", bytes(size))
    return path


def test_a_card_of_nonsense_is_named_within_the_file(spoilt, file):
    spoilt(lambda files: files.__setitem__(0, (files[0][0], b"{")))
    assert str(file / "style.json") in refusal(file).message


def test_a_network_that_is_none_is_named_within_the_file(spoilt, file):
    spoilt(lambda files: files.__setitem__(1, (files[1][0], b"\x08\x08" * 99)))
    assert str(file / "generator.onnx") in refusal(file).message


@pytest.mark.parametrize("name", ["style.json", "generator.onnx", "generator.npz", "README.md"])
def test_links_are_not_followed_into_what_is_shared(folder, tmp_path, name):
    (folder / name).rename(tmp_path / "secret")
    (folder / name).symlink_to(tmp_path / "secret")
    with pytest.raises(ToonifyError, match=f"{name} is a link that leaves"):
        load_style(folder).packed()


def test_no_damage_ends_in_anything_but_a_line(file):
    """Single bytes changed all over the archive's own tables: read as before, or told in a line."""
    whole = file.read_bytes()
    style = load_style(file)
    expected = style.manifest, style.onnx_bytes()
    start = whole.index(b"PK\x01\x02")
    for place in [*range(30), *range(start, len(whole))]:
        for bit in (0, 3, 7):
            data = bytearray(whole)
            data[place] ^= 1 << bit
            file.write_bytes(data)
            try:
                read = load_style(file)
                assert (read.manifest, read.onnx_bytes()) == expected
            except ToonifyError as error:
                assert "\n" not in error.message
