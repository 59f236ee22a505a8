"""Places: what lies there is listed, read within bounds, and written whole, over nothing unless told."""

from __future__ import annotations

import errno
import http.server
import os
import pickle
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest
from buckets import s3_server

from toonify.errors import USAGE, ToonifyError
from toonify.places import Address, Found, Place, is_within, locate, open_parent, open_place, store, web


@pytest.fixture(params=["folder", "store", pytest.param("s3", marks=pytest.mark.slow)])
def place(request, tmp_path, monkeypatch) -> Iterator[Place]:
    """An empty place of each kind that is written to."""
    if request.param == "folder":
        yield open_place(tmp_path / "place")
        return
    if request.param == "s3":
        request.getfixturevalue("cluster_libraries")
        with s3_server(monkeypatch):
            yield open_place(locate("s3://bucket/place"))
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        return
    yield open_place(locate("memory://bucket/place"))
    fsspec.filesystem("memory").store.clear()
    fsspec.filesystem("memory").pseudo_dirs[:] = [""]


class TestEveryPlace:
    def test_gives_back_what_was_written(self, place):
        assert place.kind() == "nothing"
        assert place.write("deep/er/a.bin", b"0123456789")
        within = [open_place(place.at(name)) for name in ("deep", "deep/er/a.bin")]
        kinds = [there.kind() for there in (place, *within)]
        assert kinds == ["folder", "folder", "file"]
        assert place.read(Found("deep/er/a.bin", 10), 10) == b"0123456789"

    def test_gives_the_first_bytes_and_tells_that_there_is_nothing(self, place):
        place.write("a", b"0123456789")
        place.write("empty", b"")
        assert place.begins("a", 4) == b"0123"
        assert place.begins("a", 400) == b"0123456789"
        assert place.begins("empty", 4) == b""
        assert place.begins("nothing", 4) is None

    def test_writes_over_nothing_unless_told(self, place):
        assert place.write("a", b"old")
        assert not place.write("a", b"new")
        assert place.begins("a", 9) == b"old"
        assert place.write("a", b"new", replace=True)
        assert place.begins("a", 9) == b"new"

    def test_lists_what_is_not_hidden(self, place):
        if place.where == locate("s3://bucket/place"):
            fsspec.filesystem("s3").pipe_file("bucket/place/folder/", b"")
        for name in ("b.jpg", "a.jpg", "deep/c.jpg", ".hidden", "deep/.d", ".folder/e.jpg"):
            place.write(name, name.encode())
        assert [*place.find()] == [Found("a.jpg", 5), Found("b.jpg", 5), Found("deep/c.jpg", 10)]
        assert [found.name for found in place.find(recursive=False)] == ["a.jpg", "b.jpg"]

    def test_never_reads_more_than_it_may(self, place):
        place.write("a", b"0123456789")
        for told in (10, -1, 3):  # whatever a listing says
            with pytest.raises(ToonifyError, match="too large"):
                place.read(Found("a", told), 9)

    def test_says_that_a_file_is_gone(self, place):
        with pytest.raises(ToonifyError, match=r"no such file|not there any more"):
            place.read(Found("a", 3), 10)

    def test_lists_more_than_fit_on_a_page(self, place):
        many = 1_200 if isinstance(place.where, Address) else 3
        for number in range(many):
            place.write(f"{number:05}.jpg", b"")
        assert [found.name for found in place.find()] == [f"{number:05}.jpg" for number in range(many)]

    def test_that_is_gone_cannot_be_listed(self, place):
        if place.where == locate("s3://bucket/place"):
            assert [*place.find()] == []  # where a folder is but the beginning of names
            return
        with pytest.raises(ToonifyError, match="cannot be listed"):
            list(place.find())

    def test_travels(self, place):
        place.write("a", b"1")
        assert pickle.loads(pickle.dumps(place)).begins("a", 1) == b"1"


class TestFolders:
    @pytest.mark.parametrize(
        "name", ["../a.jpg", "a/../../b.jpg", "/etc/a.jpg", "a//b.jpg", "a\0.jpg", "./a.jpg"]
    )
    def test_are_not_left_by_names_of_strangers(self, tmp_path, name):
        with pytest.raises(ToonifyError, match="leads out of the folder"):
            open_place(tmp_path / "place").write(name, b"")
        assert not [*tmp_path.iterdir()]

    def test_have_nothing_half_written(self, tmp_path, monkeypatch):
        place = open_place(tmp_path / "place")
        place.write("a", b"old")
        monkeypatch.setattr(
            Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
        )
        with pytest.raises(ToonifyError, match="cannot be written: no space left"):
            place.write("a", b"new", replace=True)
        assert {path.name: path.read_bytes() for path in (tmp_path / "place").iterdir()} == {"a": b"old"}

    def test_are_no_files_that_are_there(self, tmp_path):
        (tmp_path / "a.jpg").mkdir()
        with pytest.raises(ToonifyError, match="cannot be written"):
            open_place(tmp_path).write("a.jpg", b"")

    def test_are_the_same_for_whoever_was_started_elsewhere(self, tmp_path, monkeypatch):
        place = open_place(Path("place"))
        place.write("a", b"1")
        sent = pickle.dumps(place)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert pickle.loads(sent).begins("a", 1) == b"1"

    def test_that_cannot_be_listed_do_not_hide_those_after_them(self, tmp_path, monkeypatch):
        place, scan = open_place(tmp_path / "place"), os.scandir
        for name in ("a.jpg", "b/b.jpg", "c/c.jpg", "d/d.jpg"):
            place.write(name, b"1")

        def refuse(path: Any) -> Any:
            if Path(path).name in ("b", "c"):
                raise PermissionError(errno.EACCES, "Permission denied", path)
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
        found: list[str] = []
        with pytest.raises(ToonifyError, match=r"b cannot be listed: permission denied \(and 1 more\)"):
            found.extend(one.name for one in place.find())
        assert found == ["a.jpg", "d/d.jpg"]

    @pytest.mark.parametrize(
        "name",
        [
            "a:1.jpg",
            "C:a.jpg",
            "a\\b.jpg",
            "what?.jpg",
            "a.jpg.",
            "b /a.jpg",
            "NUL.jpg",
            "com1/a.jpg",
            "NUL .jpg",
            "com¹.jpg",
            "CONIN$",
        ],
    )
    def test_take_no_names_that_mean_something_else_on_windows(self, tmp_path, monkeypatch, name):
        with monkeypatch.context() as patch:
            patch.setattr(os, "name", "nt")
            with pytest.raises(ToonifyError, match="cannot be one of a file here"):
                open_place(tmp_path).at(name)

    @pytest.mark.parametrize("name", ["a.b.jpg", ".a/b.jpg", "null.jpg", "con 1/é→.jpg"])
    def test_take_all_others_on_windows(self, tmp_path, monkeypatch, name):
        with monkeypatch.context() as patch:
            patch.setattr(os, "name", "nt")
            at = open_place(tmp_path).at(name)
        assert at == tmp_path / name

    def test_are_swept(self, tmp_path):
        part = tmp_path / ".toonify-00.part"
        part.mkdir()
        (part / ".lock").touch()
        open_place(tmp_path).write("a", b"1")
        assert [path.name for path in tmp_path.iterdir()] == ["a"]

    @pytest.mark.skipif(os.name == "nt", reason="no pipes in folders there")
    def test_are_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "a.jpg")
        with pytest.raises(ToonifyError, match="not a regular file"):
            open_place(tmp_path).read(Found("a.jpg"), 10)


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_told(cluster_libraries, monkeypatch):
    with s3_server(monkeypatch):
        with pytest.raises(ToonifyError, match="written: The specified bucket does not"):
            open_place(locate("s3://none/place")).write("a", b"")
        with pytest.raises(ToonifyError, match=r"there is no bucket s3://none$"):
            open_place(locate("s3://none/place")).kind()
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def test_a_bucket_without_conditions_says_what_to_do(monkeypatch):
    def put(*_: object, mode: str, **__: object) -> None:
        if mode == "create":  # as s3fs tells of it
            raise OSError(errno.ENOSYS, "A header you provided implies functionality that is not implemented")

    monkeypatch.setattr(store, "file_system", lambda _: SimpleNamespace(pipe_file=put))
    place = open_place(locate("s3://bucket/place"))
    with pytest.raises(ToonifyError, match="not implemented") as raised:
        place.write("a", b"")
    assert "`overwrite`" in raised.value.hint
    assert place.write("a", b"", replace=True)


class Server(http.server.BaseHTTPRequestHandler):
    """Ten bytes, whatever part of them is asked for, of `/slow.jpg` one after another; `/403.jpg` is refused,
    and `/cut.jpg` broken off, `/slow.jpg` after a while.
    """

    def do_GET(self) -> None:
        found = self.path.startswith(("/a%20b.jpg", "/cut.jpg", "/slow.jpg"))
        status = 200 if found else int(self.path[1:4])
        self.send_response(status, "as it is said \33[31m here")
        slow = self.path.startswith("/slow")
        if slow or self.path.startswith("/cut"):
            self.send_header("Content-Length", "12")
        self.end_headers()
        for digit in range(10 * found):
            self.wfile.write(b"%d" % digit)
            time.sleep(0.1 * slow)
        time.sleep(2 * slow)

    def do_HEAD(self) -> None:
        self.send_error(405)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class TestTheWeb:
    @pytest.fixture
    def server(self) -> Iterator[str]:
        pytest.importorskip("aiohttp")
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    def test_gives_a_file_within_bounds(self, server):
        place, name = open_parent(locate(f"{server}/a%20b.jpg?signature=s"))
        assert name == "a b.jpg"
        assert place.read(Found(name), 10) == b"0123456789"
        assert place.begins(name, 3) == b"012"
        with pytest.raises(ToonifyError, match="too large"):
            place.read(Found(name), 9)

    @pytest.mark.parametrize(
        ("file", "why"),
        [
            ("404.jpg", "not there"),
            ("403.jpg", "the server answers 403, forbidden"),
            ("503.jpg", "the server answers 503, service unavailable"),
            ("777.jpg", "cannot be read: the server's answer is broken off or makes no sense"),
            ("cut.jpg", "cannot be read: the server's answer is broken off or makes no sense"),
        ],
    )
    def test_may_not_give_it(self, server, file, why):
        place, name = open_parent(locate(f"{server}/{file}?signature=secret".replace("//", "//me:secret@")))
        with pytest.raises(ToonifyError) as raised:
            place.read(Found(name), 99)
        assert raised.value.message.startswith(why)
        assert len(raised.value.message) < 120
        assert "secret" not in raised.value.message

    @pytest.fixture
    def impatient(self, monkeypatch):
        monkeypatch.setattr(web, "SILENCE", 0.7)
        class_ = pytest.importorskip("fsspec.implementations.http").HTTPFileSystem
        class_.clear_instance_cache()
        yield
        class_.clear_instance_cache()

    def test_may_be_slow_but_not_silent(self, server, impatient):
        place, name = open_parent(locate(f"{server}/slow.jpg"))
        assert place.begins(name, 10) == b"0123456789"  # in a second
        with pytest.raises(ToonifyError, match="the server takes too long"):
            place.read(Found(name), 99)

    def test_may_not_answer(self):
        pytest.importorskip("aiohttp")
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        place, name = open_parent(locate(f"http://127.0.0.1:{port}/a.jpg"))
        with pytest.raises(ToonifyError, match=r"^cannot be reached: \w+"):
            place.read(Found(name), 10)

    def test_may_speak_no_tls(self, server):
        place, name = open_parent(locate(f"{server.replace('http:', 'https:')}/a%20b.jpg"))
        with pytest.raises(ToonifyError, match=r"^cannot be reached: no secure connection \(\w[\w ]+\)$"):
            place.read(Found(name), 10)

    def test_is_not_written_to(self):
        with pytest.raises(ToonifyError, match="cannot be written to"):
            open_place(locate("https://example.org/a.jpg")).write("", b"")


class TestAddresses:
    @pytest.mark.parametrize(
        ("typed", "path"),
        [
            ("photos/a.jpg", "photos/a.jpg"),
            ("file:///photos/a.jpg", "/photos/a.jpg"),
            ("file:/photos", "/photos"),
            ("file://localhost/photos/a.jpg", "/photos/a.jpg"),
            ("file:///my%20photos/100%25/%C3%A9.jpg", "/my photos/100%/é.jpg"),
            ("file:///100%/a.jpg", "/100%/a.jpg"),
            ("C:/photos", "C:/photos"),
            ("a:b", "a:b"),
            ("s3:/bucket", "s3:/bucket"),
        ],
    )
    def test_may_be_paths(self, typed, path):
        assert locate(typed) == Path(path)

    @pytest.mark.parametrize(
        "typed",
        [
            "s3://bucket/a//b.jpg",
            "gs://bucket/a",
            "memory://a/b",
            "s3://b@2/anna@2x.jpg",
            "https://h/a.jpg",
            "https://h/photos/anna@2x.jpg",
            "http://[::1]:8000/of/https://h/a.jpg",
        ],
    )
    def test_are_shown_as_they_were_typed(self, typed):
        assert str(locate(typed)) == typed

    def test_are_known_though_they_went_through_a_path(self):
        assert locate(Path("s3://bucket/photos")) == Address("s3", "bucket/photos")

    def test_of_files_that_are_there_are_paths(self):
        Path("s3:").mkdir()
        Path("s3:/photos").mkdir()
        assert locate(Path("s3:/photos")) == Path("s3:/photos")

    def test_of_files_that_are_there_are_not_decoded(self, tmp_path):
        (tmp_path / "a%20b.jpg").touch()
        assert locate(f"file://{tmp_path}/a%20b.jpg") == tmp_path / "a%20b.jpg"

    def test_keep_secrets_to_themselves(self):
        address = locate("https://me@work:password@example.org/a@2x.jpg?X-Amz-Signature=secret")
        assert str(address) == "https://example.org/a@2x.jpg"
        assert address.url == "https://me@work:password@example.org/a@2x.jpg?X-Amz-Signature=secret"

    @pytest.mark.parametrize(
        "typed",
        [
            "ftp://host/a.jpg",
            "simplecache::s3://a/b",
            "s3://a::zip://b",
            "http://[::1/a.jpg",
            "s3://",
            "http://",
            Path("s3://"),
            Path("file:///"),
        ],
    )
    def test_that_are_not_understood_are_refused(self, typed):
        if typed == "simplecache::s3://a/b":
            assert locate(typed) == Path(typed)  # and there is no such file
            return
        with pytest.raises(ToonifyError) as raised:
            locate(typed)
        assert raised.value.exit_code == USAGE

    def test_are_taken_apart_as_paths_are(self):
        address = locate("s3://bucket/photos/a.b.jpg")
        assert (address.name, address.stem, address.suffix) == ("a.b.jpg", "a.b", ".jpg")
        assert str(address.parent / "c") == "s3://bucket/photos/c"
        assert locate("s3://bucket").name == ""
        assert locate("https://h/photos/a.jpg/").name == "a.jpg"

    @pytest.mark.parametrize(
        ("inner", "outer", "within"),
        [
            ("s3://b/photos/x", "s3://b/photos", True),
            ("s3://b/photos", "s3a://b/photos", True),
            ("s3://b/photos-cartoons", "s3://b/photos", False),
            ("gs://b/photos", "s3://b/photos", False),
            ("photos/x", "s3://b/photos", False),
            ("photos/x", "photos", True),
        ],
    )
    def test_lie_within_each_other(self, inner, outer, within):
        assert is_within(locate(inner), locate(outer)) is within
