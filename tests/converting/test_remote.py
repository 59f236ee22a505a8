"""Pictures that lie elsewhere: from place to place, as they are listed, by the rules of folders."""

from __future__ import annotations

import http.server
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy as np
import pytest
from buckets import picture
from drawing import draw_picture
from impatient import Impatient
from PIL import ExifTags, Image

from toonify.converting import ConvertRequest, convert_all
from toonify.converting.made_with import MadeWith
from toonify.converting.remote import jobs, tally
from toonify.converting.remote.drawing import Recipe, carry_out, carry_out_again, open_studio
from toonify.converting.remote.jobs import RemoteJob
from toonify.media import read_made_by
from toonify.media.png import write_chunk
from toonify.places import Found, locate, open_place
from toonify.styles import load_style


@pytest.fixture
def memory() -> Iterator[Any]:
    """A store that holds nothing."""
    store = fsspec.filesystem("memory")
    yield store
    store.store.clear()
    store.pseudo_dirs[:] = [""]


def contents(store: Any, folder: str) -> dict[str, bytes]:
    return {name: store.cat_file(name) for name in store.find(folder)}


def moving(file_format: str) -> bytes:
    frames = [draw_picture((40, 32), seed) for seed in range(3)]
    file = io.BytesIO()
    frames[0].save(file, file_format, save_all=True, append_images=frames[1:], duration=80)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_folder_of_a_store_becomes_another(memory, converted):
    photos = {
        "a.jpg": picture(1),
        "deep/b.png": picture(2, file_format="PNG"),
        "c.TIF": picture(3, file_format="TIFF"),
    }
    memory.pipe({f"/bucket/photos/{name}": data for name, data in photos.items()})
    memory.pipe({"/bucket/photos/.hidden/d.jpg": picture(4), "/bucket/photos/e.psd": b""})
    told = converted("memory://bucket/photos")
    assert "1 file left aside: 1 .psd" in told
    assert "3 pictures converted" in told and "see memory://bucket/photos-cartoons" in told
    assert memory.find("/bucket/photos-cartoons") == [
        f"/bucket/photos-cartoons/{name}" for name in sorted(photos)
    ]


def test_the_cartoon_is_that_of_a_file(memory, converted, pixels):
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Somebody"
    photo = picture(1, (90, 60), exif=exif, dpi=(300, 300))
    memory.pipe_file("/bucket/a.jpg", photo)
    Path("a.jpg").write_bytes(photo)
    converted("a.jpg", "b.jpg")
    converted("memory://bucket/a.jpg", "memory://bucket/b.jpg")
    assert memory.cat_file("/bucket/b.jpg") == Path("b.jpg").read_bytes()
    assert "Somebody" in str(dict(opened(memory.cat_file("/bucket/b.jpg")).getexif()))


def test_a_list_of_one_style_is_that_style(memory, run, style):
    memory.pipe_file("/bucket/a.jpg", picture(1))
    done = run("convert", "memory://bucket/a.jpg", "b.jpg", "--style", f"{style}, ")
    assert done.exit_code == 0, done.output
    assert Path("b.jpg").exists()


def test_what_is_there_stays_and_says_what_differs(memory, converted, style):
    memory.pipe({f"/bucket/photos/{seed}.jpg": picture(seed) for seed in range(3)})
    converted("memory://bucket/photos", "memory://bucket/out")
    before = contents(memory, "/bucket/out")
    memory.pipe_file("/bucket/photos/0.jpg", picture(7, (50, 50)))
    told = converted("memory://bucket/photos", "memory://bucket/out")
    assert "0 pictures converted, 3 already there" in told
    assert "1 made differently: another photograph" in told
    assert "2 made differently: strength 1, not 0.5" in converted(
        "memory://bucket/photos", "memory://bucket/out", "--strength", 0.5
    )
    assert contents(memory, "/bucket/out") == before
    assert "3 pictures converted" in converted("memory://bucket/photos", "memory://bucket/out", "--overwrite")
    after = contents(memory, "/bucket/out")
    assert [name for name in after if after[name] != before[name]] == ["/bucket/out/0.jpg"]


def test_a_single_one_that_was_made_differently_is_an_error(memory, converted, refuses):
    memory.pipe_file("/bucket/a.jpg", picture(1))
    converted("memory://bucket/a.jpg", "memory://bucket/b.jpg")
    assert "already there" in converted("memory://bucket/a.jpg", "memory://bucket/b.jpg")
    told = refuses("memory://bucket/a.jpg", "memory://bucket/b.jpg", "--strength", 0.5)
    assert "memory://bucket/b.jpg exists already, but was made differently: strength 1, not 0.5" in told


def test_one_that_says_it_late_in_its_file_is_read_on(memory, converted, monkeypatch):
    monkeypatch.setattr("toonify.converting.remote.drawing.HEAD", 400)
    memory.pipe_file("/bucket/photos/a.webp", picture(1, (64, 64), "WEBP"))
    converted("memory://bucket/photos", "memory://bucket/out")
    assert not read_made_by(memory.cat_file("/bucket/out/a.webp")[:400])
    assert "not as you ask" not in converted("memory://bucket/photos", "memory://bucket/out")


def test_from_a_folder_to_a_store_and_back(memory, converted, picture_file):
    picture_file("photos/deep/a.png")
    assert "see memory://bucket/out" in converted("photos", "memory://bucket/out")
    converted("memory://bucket/out", "here")
    assert [path.name for path in Path("here").rglob("*") if path.is_file()] == ["a.png"]
    converted("file://" + str(Path("photos").resolve()), "there")  # a path like any other
    assert Path("there/deep/a.png").is_file()


def test_animations_move_and_what_does_not_is_written_as_png(memory, converted):
    memory.pipe({f"/bucket/in/{kind}.{kind}": moving(kind) for kind in ("gif", "png", "webp")})
    memory.pipe_file("/bucket/in/still.gif", picture(1, file_format="GIF"))
    assert "memory://bucket/in/still.gif: written as PNG" in converted(
        "memory://bucket/in", "memory://bucket/out"
    )
    found = {name.rpartition("/")[2]: opened(data) for name, data in contents(memory, "/bucket/out").items()}
    assert {
        name: image.n_frames for name, image in found.items() if image.format != "PNG" or name == "png.png"
    } == {
        "gif.gif": 3,
        "png.png": 3,
        "webp.webp": 3,
    }
    assert found["still.png"].n_frames == 1
    assert "4 already there" in converted("memory://bucket/in", "memory://bucket/out")
    converted("memory://bucket/in", "memory://bucket/first", "--first-frame")
    assert all(opened(data).n_frames == 1 for data in contents(memory, "/bucket/first").values())


def test_what_is_lost_of_an_animation_is_told(memory, converted):
    still = moving("PNG")
    chunk = io.BytesIO()
    write_chunk(chunk, b"cICP", bytes([9, 16, 0, 1]))  # PQ
    memory.pipe_file("/bucket/in/a.png", still[:33] + chunk.getvalue() + still[33:])
    told = converted("memory://bucket/in", "memory://bucket/out")
    assert "a.png: high dynamic range (PQ) tone-mapped to the usual one" in told


def test_one_bad_picture_costs_itself(memory, fails):
    memory.pipe(
        {"/bucket/in/a.jpg": picture(1), "/bucket/in/bad.jpg": b"nonsense", "/bucket/in/none.jpg": b""}
    )
    told = fails("memory://bucket/in", "memory://bucket/out")
    assert "failed: memory://bucket/in/bad.jpg: not a picture in a known format" in told
    assert "1 picture converted, 2 failed" in told


def test_a_place_that_cannot_be_looked_at_is_told_from_the_picture(memory, fails):
    memory.pipe_file("/bucket/in/a.jpg", picture(1))
    Path("out/a.jpg").mkdir(parents=True)
    place = Path("out/a.jpg")
    assert f"failed: memory://bucket/in/a.jpg: {place} cannot be looked at" in fails(
        "memory://bucket/in", "out"
    )


def test_what_is_too_large_is_not_read(memory, fails, monkeypatch):
    monkeypatch.setattr("toonify.converting.remote.jobs.LARGEST", 100)
    memory.pipe_file("/bucket/in/a.jpg", picture(1))
    assert "a.jpg: too large" in fails("memory://bucket/in", "memory://bucket/out")


def test_two_that_would_be_one_file_are_told(memory, fails):
    memory.pipe({"/bucket/in/a.jpg": picture(1), "/bucket/in/a.png": picture(2, file_format="PNG")})
    told = fails("memory://bucket/in", "memory://bucket/out", "--format", "png")
    assert "failed: memory://bucket/in/a.png: would become the same file as memory://bucket/in/a.jpg" in told
    assert "or use --format keep" in told
    assert memory.find("/bucket/out") == ["/bucket/out/a.png"]
    memory.pipe_file("/bucket/more/a.jpg", picture(3))
    told = fails("memory://bucket/in", "memory://bucket/more", "memory://bucket/both")
    assert "would become" in told and "--format keep" not in told, "that is what was asked for"


def test_a_picture_that_is_given_twice_is_converted_once(memory, converted, tmp_path):
    memory.pipe({"/bucket/in/a.jpg": picture(1), "/bucket/in/b.jpg": picture(2)})
    inputs = ["memory://bucket/in/b.jpg", "memory://bucket/in", "memory://bucket/in"]
    assert "2 pictures converted, in" in converted(*inputs, "memory://bucket/out")
    Path("a.jpg").write_bytes(picture(1))
    assert "1 picture converted, in" in converted("a.jpg", tmp_path / "a.jpg", "memory://bucket/other")


@pytest.mark.parametrize("first", ["a.gif", "a.png"])
def test_a_still_gif_and_a_png_that_would_be_one_file_are_told(memory, fails, first):
    still, png = picture(1, file_format="GIF"), picture(2, file_format="PNG")
    memory.pipe({"/bucket/in/a.gif": still, "/bucket/in/a.png": png})
    (second,) = {"a.gif", "a.png"} - {first}
    inputs = [f"memory://bucket/in/{name}" for name in (first, second)]
    told = fails(*inputs, "memory://bucket/out", "--overwrite")
    assert f"failed: {inputs[1]}: would become the same file as {inputs[0]} (" in told
    assert "1 picture converted, 1 failed" in told


def test_a_moving_gif_and_a_png_of_one_name_are_both_converted(memory, converted):
    memory.pipe({"/bucket/in/a.gif": moving("gif"), "/bucket/in/a.png": picture(2, file_format="PNG")})
    converted("memory://bucket/in", "memory://bucket/out")
    assert memory.find("/bucket/out") == ["/bucket/out/a.gif", "/bucket/out/a.png"]


def test_names_that_lead_elsewhere_are_told(memory, fails):
    memory.pipe_file("/bucket/in/../../evil.jpg", picture(1))
    assert "leads out of the folder" in fails("memory://bucket/in", "deep/out")
    assert not list(Path().rglob("evil*"))


def test_photographs_are_never_written_over(memory, fails):
    photo, inner = picture(1), picture(2)
    memory.pipe({"/b/in/in/a.jpg": photo, "/b/in/in/in/a.jpg": inner})
    told = fails("memory://b/in/in", "memory://b/in", "--overwrite")
    assert "failed: memory://b/in/in/in/a.jpg: memory://b/in/in/a.jpg is, or lies in, an input" in told
    assert memory.cat_file("/b/in/in/a.jpg") == photo


class Served(http.server.SimpleHTTPRequestHandler):
    """Gives the files of the folder `served`."""

    asked: ClassVar[list[str]] = []
    extensions_map: ClassVar[dict[str, str]] = {"": ""}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory="served")

    def log_message(self, *_: object) -> None:
        self.asked.append(self.path)


@pytest.fixture
def served() -> Iterator[str]:
    """The address of a server, with a picture in a folder `deep`."""
    (Path("served") / "deep").mkdir(parents=True)
    Path("served/deep/a b.jpg").write_bytes(picture(1))
    Served.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_picture_of_the_web_is_read(served, converted):
    converted(f"{served}/deep/a%20b.jpg?token=secret", "out")
    converted("served/deep/a b.jpg", "b.jpg")
    assert Path("out/a b.jpg").read_bytes() == Path("b.jpg").read_bytes()


def test_addresses_are_asked_for_as_they_were_typed(served, memory, converted):
    converted(f"{served}/deep/a%20b.jpg?of=https://example.org//b.jpg/", "memory://bucket/x//c.jpg")
    assert {*Served.asked} == {"/deep/a%20b.jpg?of=https://example.org//b.jpg/"}
    assert contents(memory, "/bucket").keys() == {"/bucket/x//c.jpg"}


def test_a_picture_of_the_web_goes_into_a_pipe(served, run, style):
    result = run("convert", f"{served}/deep/a%20b.jpg?token=secret", "-", "--style", style)
    assert opened(result.stdout_bytes).format == "JPEG"
    assert {*Served.asked} == {"/deep/a%20b.jpg?token=secret"}


def test_an_animation_of_a_store_goes_into_a_pipe_and_a_folder_does_not(memory, run, refuses, style):
    memory.pipe_file("/bucket/in/a.gif", moving("GIF"))
    result = run("convert", "memory://bucket/in/a.gif", "-", "--style", style)
    assert opened(result.stdout_bytes).n_frames == 3
    assert "memory://bucket/in is a folder, and standard output" in refuses("memory://bucket/in", "-")


def test_cartoons_beside_their_photographs_are_left_aside(memory, converted):
    memory.pipe_file("/bucket/in/a.jpg", picture(1))
    converted("memory://bucket/in/a.jpg")
    cartoon = memory.cat_file("/bucket/in/a.cartoon.jpg")
    memory.pipe({f"/bucket/in/a.{kind}.jpg": cartoon for kind in ("compare", "styles")})
    memory.pipe_file("/bucket/in/b.cartoon.jpg", picture(2))  # somebody else's
    told = converted("memory://bucket/in", "memory://bucket/out")
    assert "3 made by toonify" in told and "2 pictures converted" in told
    assert "1 picture converted" in converted("memory://bucket/in/a.cartoon.jpg", "again"), "it is named"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["memory://bucket/in", "memory://bucket/in/out"], "is inside, the input folder memory://bucket/in"),
        (["memory://bucket/in", "memory://bucket/in"], "is, or is inside, the input folder"),
        (["memory://bucket/nothing", "out"], "there is no file or folder memory://bucket/nothing"),
        (["memory://bucket", "memory://bucket2/a.jpg"], "names one picture, but there may be several"),
        (["memory://bucket/in/a.jpg", "memory://bucket/b.jpg", "--format", "png"], "contradicts"),
        (["memory://bucket/in/a.jpg", "memory://bucket/b.pdf"], "pictures are not written as .pdf"),
        (["memory://bucket/in", "memory://bucket/b.mp4"], "pictures are not written as .mp4"),
        (["memory://bucket"], "nothing can be written beside memory://bucket"),
        (["memory://bucket/film.mp4", "out"], "Download it first"),
        (["film.mp4", "memory://bucket/film.mp4"], "write to this machine"),
        (["memory://bucket/in", "https://example.org/out"], "cannot be written to"),
        (["https://example.org/a.jpg"], "nothing can be written beside"),
        (["memory://bucket/in", "out", "--compare"], "--compare needs files on this machine"),
        (
            ["memory://bucket/in", "out", "--end", "9"],
            "--start and --end are for films, which need files on this",
        ),
        (["ftp://host/a.jpg", "out"], "is no address that toonify understands"),
        (["gs://bucket/in", "out"], "pip install gcsfs"),
        (["memory://bucket/in", "out", "--runner", "ray"], "workers do not see it"),
        (["in", "out", "--runner", "slurm"], "there is no --runner 'slurm'"),
        (["in", "out", "--address", "here:1"], "--address names a cluster"),
    ],
)
def test_what_makes_no_sense_is_refused(memory, refuses, arguments, why, monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    memory.pipe_file("/bucket/in/a.jpg", picture(1))
    assert why in refuses(*arguments)


def test_a_place_without_pictures_is_an_error(memory, fails):
    memory.pipe_file("/bucket/in/a.txt", b"")
    assert "there are no pictures in memory://bucket/in (1 file left aside: 1 .txt)" in fails(
        "memory://bucket/in", "out"
    )


def test_without_fsspec_it_is_named_with_its_extra(refuses, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert 'pip install "toonify-gan[cloud]"' in refuses("memory://bucket/in", "out")


def test_the_report_tells_what_lies_elsewhere(memory, fails):
    memory.pipe({"/bucket/in/a.jpg": picture(1), "/bucket/in/b.jpg": b""})
    told = json.loads(fails("memory://bucket/in", "memory://bucket/out", "--json", "--report", "page.html"))
    assert {one["source"]: one["result"] for one in told["pictures"]} == {
        "memory://bucket/in/a.jpg": "converted",
        "memory://bucket/in/b.jpg": "failed",
    }
    assert "memory://bucket/in/b.jpg" in Path("page.html").read_text(encoding="utf-8")


def test_more_than_anyone_reads_are_counted(memory, fails, monkeypatch):
    monkeypatch.setattr(tally, "REMEMBERED", 2)
    memory.pipe({f"/bucket/in/{seed}.jpg": picture(seed) for seed in range(5)})
    memory.pipe({f"/bucket/in/bad{number}.jpg": b"" for number in range(4)})
    told = fails("memory://bucket/in", "memory://bucket/out")
    assert "5 pictures converted, 4 failed" in told
    assert told.count("failed: ") == 2
    told = json.loads(fails("memory://bucket/in", "memory://bucket/out", "--json"))
    assert (told["skipped"], told["failed"], len(told["pictures"])) == (5, 4, 4)


class Endless:
    """A store whose listing never ends; it notes how far it was followed."""

    def __init__(self, memory: Any) -> None:
        self.listed = 0
        memory.pipe_file("/bucket/in/a.jpg", picture(1))

    def find(self, *, recursive: bool = True) -> Iterator[Found]:
        while True:
            self.listed += 1
            yield Found("a.jpg" if self.listed == 1 else f"{self.listed}.jpg", 10)


def test_a_listing_is_followed_only_as_pictures_are_drawn(memory, style, monkeypatch):
    endless = Endless(memory)
    monkeypatch.setattr("toonify.places.store.Store.find", lambda _, **options: endless.find(**options))
    monkeypatch.setattr(jobs, "REMEMBERED", 3)
    request = ConvertRequest(["memory://bucket/in"], "memory://bucket/out", style, workers=2)
    result = convert_all(request, Impatient(40))
    assert result.stopped and result.exit_code == 130
    assert 40 <= endless.listed < 60
    assert result.count("failed") >= 39


def test_what_cannot_be_listed_further_is_told(memory, fails, monkeypatch):
    memory.pipe({"/bucket/in/a.jpg": picture(1), "/bucket/in/deep/b.jpg": picture(2)})
    whole = memory.ls

    def breaking(path: str, **options: Any) -> Any:
        if "deep" in path:
            raise PermissionError(13, "Access Denied")
        return whole(path, **options)

    monkeypatch.setattr(type(memory), "ls", lambda _, path, **options: breaking(path, **options))
    told = fails("memory://bucket/in", "memory://bucket/out")
    assert "failed: memory://bucket/in: memory://bucket/in cannot be listed: access denied" in told
    assert "1 picture converted, 1 failed" in told


class TestWorkers:
    """What is done in a worker of a cluster, in this process."""

    @pytest.fixture
    def job(self, memory) -> RemoteJob:
        photo = picture(1)
        memory.pipe_file("/bucket/in/a.jpg", photo)
        source, target = (open_place(locate(f"memory://bucket/{name}")) for name in ("in", "out"))
        return RemoteJob(source, Found("a.jpg", len(photo)), target, "a.jpg", "JPEG")

    @pytest.fixture
    def studio(self, style) -> Callable[..., Any]:
        def open_with(**options: Any) -> Any:
            request = ConvertRequest(["memory://bucket/in"], "memory://bucket/out", style, **options)
            loaded = load_style(style)
            return open_studio(Recipe(loaded.packed(), request, MadeWith.of(request, loaded, {})))

        return open_with

    def test_need_no_more_than_what_they_are_sent(self, memory, studio, job, converted, pixels):
        outcome = carry_out(studio(), job)
        assert outcome and outcome.result == "converted"
        memory.get_file("/bucket/in/a.jpg", "a.jpg")
        converted("a.jpg", "b.jpg")
        with opened(memory.cat_file("/bucket/out/a.jpg")) as image:
            assert np.array_equal(np.asarray(image), pixels("b.jpg"))

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_do_not_do_again_what_a_lost_one_had_done(self, memory, studio, job, overwrite, monkeypatch):
        studio = studio(overwrite=overwrite)
        carry_out(studio, job)
        written = []
        monkeypatch.setattr(type(memory), "pipe_file", lambda *arguments, **_: written.append(arguments))
        outcome = carry_out_again(studio, job)
        assert outcome and outcome.result == "converted"
        assert not written

    def test_do_what_a_lost_one_had_not_done(self, memory, studio, job):
        memory.pipe_file("/bucket/out/a.jpg", picture(9))  # another's
        skipped, done = carry_out_again(studio(), job), carry_out_again(studio(overwrite=True), job)
        assert skipped and skipped.result == "skipped"
        assert done and done.result == "converted"

    def test_write_over_nothing_that_came_meanwhile(self, memory, studio, job, monkeypatch):
        memory.pipe_file("/bucket/out/a.jpg", b"a moment ago")
        monkeypatch.setattr("toonify.places.store.Store.begins", lambda *_: None)
        monkeypatch.setattr("toonify.places.store.Store.read", lambda *_: picture(1))
        outcome = carry_out(studio(), job)
        assert outcome and outcome.result == "skipped"
        assert memory.cat_file("/bucket/out/a.jpg") == b"a moment ago"
