"""`export --to web`: a folder that any static host serves, and what it allows itself."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image
from web_pages import Outline

import toonify
from toonify.exporting import ExportRequest, export_style
from toonify.exporting.float16 import half_weights
from toonify.exporting.web import make_site, runtime, weights
from toonify.exporting.web.exporter import Web
from toonify.exporting.web.weights import how_near, small_network
from toonify.faces import find_faces
from toonify.faces.detector import read_detector, read_licence
from toonify.styles import load_style

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("web_runtime")


@pytest.fixture(scope="module")
def page(web_runtime, styles, tmp_path_factory) -> Path:
    """The folder of a page with two styles, one of them named twice; not to be changed."""
    folder = tmp_path_factory.mktemp("page")
    request = ExportRequest(styles("lite"), folder, "web", others=[styles("cartoongan"), styles("lite")])
    (exported,) = export_style(request).exported
    return exported.path


def index(page: Path) -> dict:
    return json.loads((page / "page.json").read_text("utf-8"))


def elements(page: Path) -> list[tuple[str, dict[str, str | None]]]:
    return Outline((page / "index.html").read_text("utf-8")).tags


def test_every_style_is_in_the_chooser_once_with_its_card(page):
    styles = index(page)["styles"]
    assert [one["name"] for one in styles] == ["tiny lite", "tiny cartoongan"]
    assert styles[0]["licence"] == "CC0-1.0"
    assert styles[0]["controls"]["ink"]["maximum"] == 2 and styles[0]["controls"]["ink"]["shape"] == []
    assert styles[1]["halo"] is None
    model = onnx.load_model_from_string(gzip.decompress((page / "styles/0.onnx.gz").read_bytes()))
    assert not styles[0]["controls"].keys() & {weight.name for weight in model.graph.initializer}


def test_its_card_tells_the_licence_and_the_sources_of_each_style(page):
    card = Path(f"{page}.md").read_text("utf-8")
    assert "# tiny lite, tiny cartoongan, for browsers\n" in card
    assert "| licence of tiny lite | CC0-1.0 |\n| licence of tiny cartoongan | CC0-1.0 |\n" in card
    assert "\ntiny cartoongan:\n\n- tiny cartoongan does not say.\n" in card


def test_all_that_the_page_names_is_there_and_nothing_lies_elsewhere(page):
    named = list(index(page)["shell"])
    for tag, attributes in elements(page):
        named += [attributes[name] for name in ("src", "href") if attributes.get(name) and tag != "base"]
        named += [attributes["content"]] if attributes.get("property") == "og:image" else []
    for file in page.rglob("*.js"):
        if "runtime" not in file.parts:
            found = re.findall(r'(?:from|import)\s+"(\./[^"]+)"', file.read_text("utf-8"))
            named += [(file.parent / name).relative_to(page).as_posix() for name in found]
    assert len(named) > 20
    assert [name for name in named if not (page / name).is_file()] == []


def large_files(page: Path) -> Iterator[dict]:
    styles, backends = index(page)["styles"], index(page)["runtime"].values()
    yield from (style["network"] for style in styles)
    yield from (backend["binary"] for backend in backends)


def test_what_is_large_is_compressed_and_held_to_its_hash(page):
    assert len([*large_files(page)]) == 4
    for file in large_files(page):
        packed = (page / file["path"]).read_bytes()
        assert file["bytes"] == len(packed)
        assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == file["sha256"]


@pytest.mark.parametrize(
    "style",
    ["drawn", *(pytest.param(name, marks=pytest.mark.slow) for name in ("comic", "lines", "storybook"))],
)
def test_a_first_visit_fetches_less_than_five_megabytes(style):
    site = make_site([load_style(style)])
    page = json.loads(site["page.json"])
    fetched = {path for path in page["shell"] if "Notices" not in path}
    fetched |= {style["network"]["path"] for style in page["styles"]}
    fetched |= {page["runtime"]["wasm"]["binary"]["path"], page["faces"]["network"]["path"]}
    assert sum(len(site[path]) for path in fetched) < 5_000_000


@pytest.fixture(scope="module")
def closer(web_runtime, styles, tmp_path_factory) -> Path:
    """The folder of a page with a style that draws small faces once more, and another that does not."""
    folder = Path(shutil.copytree(styles("lite"), tmp_path_factory.mktemp("closer") / "lite"))
    card = json.loads((folder / "style.json").read_text("utf-8"))
    (folder / "style.json").write_text(json.dumps({**card, "detail": 90, "close_up": 40}))
    request = ExportRequest(styles("cartoongan"), folder.parent, "web", others=[folder])
    (exported,) = export_style(request).exported
    return exported.path


def test_the_detector_of_faces_is_there_with_its_licence_if_a_style_looks_closer(page, closer):
    assert index(page)["faces"] is None and not (page / "faces").exists()
    faces = index(closer)["faces"]
    model = gzip.decompress((closer / faces["network"]["path"]).read_bytes())
    assert hashlib.sha256(model).hexdigest() == faces["network"]["sha256"]
    assert faces["network"]["bytes"] == (closer / faces["network"]["path"]).stat().st_size < 170_000
    assert (closer / faces["licence"]).read_bytes() == read_licence()
    assert faces["licence"] in index(closer)["shell"]
    assert [style["close_up"] for style in index(closer)["styles"]] == [0, 40]


def test_the_detector_is_that_of_convert_to_a_hundredth_of_a_pixel(closer, monkeypatch):
    with Image.open(closer / "example.jpg") as image:
        photo = image.convert("RGB")
    model = gzip.decompress((closer / index(closer)["faces"]["network"]["path"]).read_bytes())
    assert model != read_detector()
    (expected,) = find_faces(photo)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    monkeypatch.setattr("toonify.faces.detector._detector", lambda: session)
    (face,) = find_faces(photo)
    boxes = [(one.left, one.top, one.width, one.height) for one in (face, expected)]
    np.testing.assert_allclose(*boxes, atol=0.01)


def test_the_page_allows_itself_no_inline_code_and_no_other_host(page):
    found = elements(page)
    (policy,) = [a["content"] for _, a in found if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
    assert "unsafe-inline" not in policy and "'unsafe-eval'" not in policy and "http" not in policy
    assert not any(name.startswith("on") or name == "style" for _, a in found for name in a)
    assert all(a.get("src") for tag, a in found if tag == "script")
    assert "<style" not in (page / "index.html").read_text("utf-8")


def test_the_licences_travel_with_the_runtime(page):
    assert "Microsoft" in (page / "runtime" / "LICENSE").read_text("utf-8")
    assert (page / "runtime" / "ThirdPartyNotices.txt").is_file()


def test_the_example_is_one_of_the_samples(page):
    assert (page / "example.jpg").read_bytes() == (ROOT / "samples" / "astronaut.jpg").read_bytes()
    with Image.open(page / "styles" / "0.jpg") as drawn, Image.open(page / "styles" / "0-face.jpg") as face:
        assert drawn.size == (512, 512) and face.size == (192, 192)


@pytest.mark.parametrize("detail", [300, 700])
def test_its_cartoon_is_what_convert_draws(style, detail):
    folder = style()
    card = json.loads((folder / "style.json").read_text("utf-8"))
    (folder / "style.json").write_text(json.dumps({**card, "detail": detail, "enlarge": 2}))
    site = make_site([load_style(folder)])
    with (
        Image.open(io.BytesIO(site["styles/0.jpg"])) as drawn,
        Image.open(io.BytesIO(site["example.jpg"])) as photo,
    ):
        cartoon, photo = np.asarray(drawn, np.float32), photo.convert("RGB")

    def distance(detail: int | None) -> float:
        expected = toonify.convert(photo, folder, detail=detail)
        return float(np.abs(cartoon - np.asarray(expected, np.float32)).mean())

    assert 2 * distance(None) < distance(0)  # a JPEG of it


def test_the_same_styles_give_the_same_bytes(styles, page):
    site = make_site([load_style(styles("lite")), load_style(styles("cartoongan"))])
    files = {path.relative_to(page).as_posix() for path in page.rglob("*") if path.is_file()}
    assert files == site.keys()
    assert all((page / path).read_bytes() == data for path, data in site.items())


def stored_in_8_bits(model: bytes) -> list[int]:
    """The numbers of each of a network's tensors of whole numbers of 8 bits."""
    initializers = onnx.load_model_from_string(model).graph.initializer
    return [math.prod(w.dims) for w in initializers if w.data_type == onnx.TensorProto.INT8]


def test_the_many_weights_deep_inside_travel_in_8_bits_and_nobody_sees_it():
    style = load_style("comic")
    model = small_network(style)
    sizes = stored_in_8_bits(model)
    assert min(sizes) > weights.MANY and sum(sizes) > 500_000
    assert 60 < how_near(style, model) < 80


def test_where_8_bits_would_show_all_weights_are_float16(styles, monkeypatch):
    monkeypatch.setattr(weights, "MANY", 100)
    style = load_style(styles("lite", width=16))
    assert stored_in_8_bits(small_network(style))
    monkeypatch.setattr(weights, "STEPS", 2)
    model = small_network(style)
    assert not stored_in_8_bits(model) and how_near(style, model) > 60


def test_a_page_whose_network_draws_something_else_is_not_written(run, styles, tmp_path, monkeypatch):
    def spoilt(model: bytes) -> bytes:
        proto = onnx.load_model_from_string(model)
        for weight in proto.graph.initializer:
            values = onnx.numpy_helper.to_array(weight)
            if values.dtype == np.float32 and values.ndim == 4:
                weight.CopyFrom(onnx.numpy_helper.from_array(values * 1.5, weight.name))
        return half_weights(proto.SerializeToString())

    monkeypatch.setattr("toonify.exporting.web.weights.half_weights", spoilt)
    given = (styles("cartoongan"), styles("lite"))
    result = run("export", *given, "--to", "web", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert (
        "error: tiny-cartoongan-web is not written: the style 'tiny lite' on it draws something"
        in result.stderr
    )
    assert "Export it in a more exact format" in result.stderr
    assert "--calibrate" not in result.stderr
    assert [*(tmp_path / "out").iterdir()] == []


def test_only_a_page_is_replaced(run, styles, page, tmp_path):
    again = ("export", styles("lite"), "--to", "web", "-o", tmp_path)
    old = Path(shutil.copytree(page, tmp_path / page.name))
    assert run(*again).exit_code == 2
    done = run(*again, "--overwrite")
    assert done.exit_code == 0 and "in ONNX Runtime" in done.stdout
    assert [one["name"] for one in index(old)["styles"]] == ["tiny lite"]
    (old / "page.json").unlink()
    result = run(*again, "--overwrite")
    assert result.exit_code == 2 and "is no page of a style: it is not replaced" in result.stderr


@pytest.mark.parametrize("theirs", ["CNAME", ".git/HEAD", "styles/mine.png", "drawing/old/worker.js"])
def test_a_page_is_not_replaced_with_something_of_theirs_in_it(run, styles, page, tmp_path, theirs):
    old = Path(shutil.copytree(page, tmp_path / page.name))
    (old / theirs).parent.mkdir(exist_ok=True)
    (old / theirs).write_text("precious")
    before = (old / "page.json").stat().st_mtime_ns
    result = run("export", styles("lite"), "--to", "web", "-o", tmp_path, "--overwrite")
    shown = str(Path(theirs).parent) if theirs[-4:] in ("HEAD", "r.js") else theirs
    assert result.exit_code == 2
    assert f"{old} holds more than a page of a style: replacing it would remove {shown}\n" in result.stderr
    assert (old / theirs).read_text() == "precious" and (old / "page.json").stat().st_mtime_ns == before


def test_the_page_of_another_version_is_replaced_with_files_that_this_one_has_not(
    run, styles, page, tmp_path
):
    old = Path(shutil.copytree(page, tmp_path / page.name))
    (old / "drawing" / "brush.js").touch()
    described = json.loads((old / "page.json").read_bytes())
    described["shell"].append("drawing/brush.js")
    (old / "page.json").write_text(json.dumps(described))
    assert run("export", styles("lite"), "--to", "web", "-o", tmp_path, "--overwrite").exit_code == 0
    assert not (old / "drawing" / "brush.js").exists()


def test_a_format_for_one_style_takes_no_two(run, styles):
    result = run("export", styles("lite"), "comic", "--to", "web,onnx")
    assert result.exit_code == 2
    assert "the format onnx holds one style, and 2 are given" in result.stderr
    assert not Path("export").exists()


@pytest.fixture
def runtime_copy(tmp_path, monkeypatch) -> Path:
    folder = Path(shutil.copytree(runtime.FOLDER, tmp_path / "runtime"))
    monkeypatch.setattr(runtime, "FOLDER", folder)
    return folder


@pytest.mark.parametrize("name", ["ort.wasm.js", "ort.webgpu.wasm.gz"])
def test_without_the_runtime_the_way_to_it_is_told(run, styles, runtime_copy, name):
    (runtime_copy / name).unlink()
    result = run("export", styles("lite"), "--to", "web")
    assert result.exit_code == 1
    assert "ONNX Runtime Web is missing" in result.stderr and "make runtime" in result.stderr
    assert not Path("export").exists()


@pytest.mark.parametrize("name", ["ort.wasm.js", "ort.wasm.wasm.gz"])
def test_a_runtime_that_was_changed_is_refused(run, styles, runtime_copy, name):
    path = runtime_copy / name
    data = path.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(data) + b"x", 1) if name.endswith(".gz") else data + b"x")
    result = run("export", styles("lite"), "--to", "web")
    assert result.exit_code == 1
    assert "is damaged or was changed" in result.stderr and path.with_suffix("").name[:8] in result.stderr


def test_a_runtime_that_was_cut_short_is_refused(run, styles, runtime_copy):
    path = runtime_copy / "ort.wasm.wasm.gz"
    path.write_bytes(path.read_bytes()[:1000])
    assert "cannot be read: it is damaged" in run("export", styles("lite"), "--to", "web").stderr


def test_it_is_a_plugin_like_any_other(run):
    assert "web" in run("plugins", "exporters").stdout
    assert Web.several and Web.close_ups and not Web.any_size
