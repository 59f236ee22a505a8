"""`toonify serve`: the page of `export --to web`, on this machine alone."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.exporting.web import PageServer

PAGE = b"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self'\">"
SITE = {
    "index.html": PAGE,
    "drawing/worker.js": b"//",
    "styles/0.onnx.gz": b"\x1f\x8b",
    "runtime/LICENSE": b"MIT",
}

Ask = Callable[..., http.client.HTTPResponse]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """`ask("/", host="localhost:80")`: what a page of four files answers."""
    with PageServer(SITE, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"

        def answer(path: str, method: str = "GET", host: str | None = None) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
            connection.request(method, path, headers={"Host": host or f"127.0.0.1:{server.server_port}"})
            return connection.getresponse()

        yield answer
        server.shutdown()


def test_the_page_comes_with_its_policy_and_the_headers_for_threads(ask):
    for path in ("/", "/drawing/worker.js"):
        answer = ask(path)
        assert answer.status == 200
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        policy = answer.headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; script-src 'self'; frame-ancestors 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/drawing/worker.js?x=1", "text/javascript; charset=utf-8"),
        ("/styles/0.onnx.gz", "application/octet-stream"),
        ("/runtime/LICENSE", "text/plain; charset=utf-8"),
    ],
)
def test_files_are_called_what_they_are(ask, path, kind):
    answer = ask(path)
    assert answer.headers["Content-Type"] == kind
    assert "Content-Encoding" not in answer.headers  # the page itself unpacks
    assert int(answer.headers["Content-Length"]) == len(answer.read())


def test_only_what_has_its_hash_in_the_address_is_kept_for_good(ask):
    assert "immutable" in ask("/styles/0.onnx.gz?v=0123").headers["Cache-Control"]
    assert ask("/").headers["Cache-Control"] == "no-cache"


def test_head_has_no_body(ask):
    answer = ask("/", "HEAD")
    assert answer.status == 200 and answer.read() == b""


@pytest.mark.parametrize(
    "path", ["/nothing", "/../pyproject.toml", "/%2e%2e/etc/passwd", "//etc/passwd", "http://[::1"]
)
def test_nothing_else_of_the_machine_is_served(ask, path):
    assert ask(path).status == 404


def test_a_name_elsewhere_that_leads_here_gets_nothing(ask):
    assert ask("/", host="localhost:1234").status == 200
    assert ask("/", host="localhost").status == 200  # browsers leave port 80 out
    assert ask("/", host="evil.example:1234").status == 421
    assert ask("/", host="evil.example").status == 421


def refusal(port: int) -> ToonifyError:
    with pytest.raises(ToonifyError) as caught:
        PageServer(SITE, port)
    return caught.value


def test_a_port_that_is_taken_is_told():
    with PageServer(SITE, 0) as other:
        error = refusal(other.server_port)
    assert error.message == f"port {other.server_port} is taken"
    assert error.hint == "Give another `port`, or 0 for any that is free."


def test_a_port_that_is_none_makes_no_sense():
    error = refusal(70000)
    assert (error.message, error.exit_code) == ("`port` should be 0 to 65535, not 70000", USAGE)


def test_an_unknown_style_is_told_before_anything_is_served(run):
    result = run("serve", "comix", "--no-open")
    assert result.exit_code != 0 and "comix" in result.stderr


@pytest.mark.parametrize(
    ("named", "offered"),
    [([], ["comic", "drawn", "lines", "storybook"]), (["lines", "comic", "lines"], ["lines", "comic"])],
    ids=["all that packages bring", "one named twice"],
)
def test_each_style_is_offered_once(run, monkeypatch, named, offered):
    given = []
    monkeypatch.setattr("toonify.exporting.web.server.make_site", lambda styles: given.extend(styles) or SITE)
    monkeypatch.setattr(PageServer, "serve_forever", lambda _: None)
    done = run("serve", *named, "--port", "0", "--no-open")
    assert f"({', '.join(offered)}; Ctrl-C ends it)" in done.stdout
    assert [style.manifest.name for style in given] == offered


def test_a_browser_that_is_waited_for_gets_the_page(run, monkeypatch):
    """`webbrowser.open` waits five seconds for one that it starts, for one in a terminal until it ends."""
    server = PageServer(SITE, 0)
    pages = []

    def browse(address: str) -> None:
        with urllib.request.urlopen(address, timeout=3) as answer:
            pages.append(answer.read())
        server.shutdown()

    monkeypatch.setattr("toonify.exporting.web.open_page", lambda styles, port: server)
    monkeypatch.setattr("webbrowser.open", browse)
    done = run("serve", "lines")
    assert (done.exit_code, pages) == (0, [PAGE])


@pytest.mark.usefixtures("web_runtime")
def test_it_serves_until_somebody_stops_it():
    command = [sys.executable, "-u", "-m", "toonify", "serve", "lines", "--no-open", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        told = process.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/  \(lines; Ctrl-C ends it\)", told)
        assert found, told + process.stderr.read()
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]))
        connection.request("GET", "/page.json")
        page = json.loads(connection.getresponse().read())
        assert [style["name"] for style in page["styles"]] == ["lines"]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_a_browser_that_leaves_while_the_page_loads_is_no_error(capsys):
    with PageServer(SITE | {"large.bin": bytes(2**24)}, 0) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        where = "127.0.0.1", server.server_port
        with socket.create_connection(where) as leaving:
            leaving.sendall(f"GET /large.bin HTTP/1.1\r\nHost: 127.0.0.1:{where[1]}\r\n\r\n".encode())
            assert leaving.recv(1)
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # at once
        connection = http.client.HTTPConnection(*where)
        connection.request("GET", "/")
        assert connection.getresponse().read() == PAGE
        server.shutdown()
    assert capsys.readouterr().err == ""
