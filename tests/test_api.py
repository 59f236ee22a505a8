"""Everything that the command line does, `import toonify` can do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import toonify
from toonify import plugins


def test_every_public_name_is_there():
    for name in toonify.__all__:
        assert getattr(toonify, name) is not None
    assert set(toonify.__all__) <= set(dir(toonify))


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'draw'"):
        toonify.draw  # noqa: B018


def test_from_photographs_to_cartoons_and_other_formats(picture_file):
    for number in range(3):
        picture_file(f"photos/{number}.png", seed=number)
    request = toonify.PrepareRequest("photos", output="pairs", source="comic", size=32, workers=1)
    assert toonify.prepare(request).counts["train"]["paired"] == 2
    converted = toonify.convert_all(toonify.ConvertRequest(["photos"], "out"))
    assert (converted.exit_code, len(converted.of("converted"))) == (0, 3)
    exported = toonify.export(toonify.ExportRequest("comic", output="export"))
    assert [one.path.name for one in exported.exported] == ["comic.onnx"]


@pytest.mark.parametrize(
    ("request_of", "field"),
    [
        (lambda: toonify.PrepareRequest(".", "..", size=3), "size"),
        (lambda: toonify.PrepareRequest(".", "..", val_fraction=2), "val_fraction"),
        (lambda: toonify.ConvertRequest(["photo.jpg"], "out", strength=7), "strength"),
        (lambda: toonify.ConvertRequest(["photo.jpg"], "out", workers=-1), "workers"),
        (lambda: toonify.ConvertRequest(["photo.jpg"], "out", detail=7), "detail"),
        (lambda: toonify.ConvertRequest(["photo.jpg"], "out", format="jpg"), "format"),
        (lambda: toonify.TrainRequest(dataset="dataset", seed=-1), "seed"),
        (lambda: toonify.ExportRequest("comic", formats=()), "formats"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_when_it_is_made_by_the_name_of_its_field(request_of, field):
    with pytest.raises(toonify.ToonifyError) as raised:
        request_of()
    assert f"`{field}`" in str(raised.value)
    assert "--" not in str(raised.value)
    assert raised.value.exit_code == 2


class InPlace:
    """A path as other libraries give it, which is neither text nor `pathlib`'s."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return self.path


@pytest.mark.parametrize("given", [str, Path, InPlace])
def test_every_path_may_be_text_or_any_object_that_stands_for_one(picture_file, given):
    folder, photo = given(str(picture_file("a.png").parent)), given("a.png")
    assert plugins.open_rgb(photo).size == (64, 48) and plugins.megapixels(photo) == 64 * 48 / 1e6
    assert [path.name for path in plugins.find_pictures(folder)] == ["a.png"]
    assert plugins.SourceItem("a", photo).path == Path("a.png")
    np.savez("a.npz", a=np.arange(3))
    with plugins.open_arrays(given("a.npz")) as arrays:
        assert [*arrays] == ["a"]
    assert plugins.read_checked(photo) == Path("a.png").read_bytes()
    style = given(str(toonify.load_style("comic").path))
    assert toonify.load_style(style).manifest.name == toonify.Converter(style).style.manifest.name == "comic"
    assert toonify.convert(photo, style, strength=0).size == (64, 48)
    request = toonify.ConvertRequest(photo, given("out"), style, report=given("page.html"), strength=0)
    assert toonify.convert_all(request).exit_code == 0 and Path("page.html").is_file()
    assert toonify.PreviewRequest(photo, given("b.html"), style).photos == [Path("a.png")]
    trained = toonify.TrainRequest(given("dataset"), given("run"), start_from=given("./other"))
    assert (trained.dataset, trained.output) == (Path("dataset"), Path("run"))
    assert Path(trained.start_from) == Path("other") and isinstance(trained.start_from, str | Path)


@pytest.mark.parametrize(
    "call",
    [
        plugins.open_rgb,
        plugins.megapixels,
        plugins.read_checked,
        lambda given: [*plugins.find_pictures(given)],
        lambda given: plugins.open_arrays(given).__enter__(),
        lambda given: plugins.SourceItem("a", given),
    ],
)
def test_what_is_no_path_is_called_so(call):
    with pytest.raises(TypeError, match=r"os\.PathLike object, not int"):
        call(7)


def convert(**fields):
    return toonify.ConvertRequest(**{"inputs": ["a.jpg"], **fields})


def prepare(**fields):
    return toonify.PrepareRequest(**{"photos": ".", "cartoons": "..", **fields})


def export(**fields):
    return toonify.ExportRequest(**{"style": "comic", **fields})


@pytest.mark.parametrize(
    ("request_of", "field", "value", "wanted"),
    [
        (convert, "inputs", None, "a path, or a list of paths"),
        (convert, "inputs", [7], "a path, or a list of paths"),
        (convert, "inputs", "", "a path, or a list of paths"),
        (convert, "inputs", [b"a.jpg"], "a path, or a list of paths"),
        (convert, "output", 5, "a path or none"),
        (convert, "style", None, "a style, its name or its path"),
        (convert, "strength", "much", "a number"),
        (convert, "strength", None, "a number"),
        (convert, "detail", "fine", "a whole number or none"),
        (convert, "controls", [1], "a table"),
        (convert, "painter", "perhaps", "true or false"),
        (convert, "only", None, "text"),
        (convert, "device", None, "text"),
        (convert, "format", None, "text"),
        (convert, "strip", 5, "nothing or location or metadata"),
        (convert, "first_frame", 2, "true or false"),
        (convert, "workers", "many", "a whole number"),
        (convert, "workers", 1.5, "a whole number"),
        (convert, "report", 5, "a path or none"),
        (convert, "video_quality", "good", "a whole number"),
        (convert, "start", "later", "a number"),
        (convert, "end", "late", "a number or none"),
        (convert, "address", 5, "text"),
        (convert, "steady", "perhaps", "true or false or none"),
        (prepare, "photos", None, "a path"),
        (prepare, "cartoons", 5, "a path or none"),
        (prepare, "source", 5, "text"),
        (prepare, "source_options", [1], "a table"),
        (prepare, "crop", 5, "text"),
        (prepare, "reject", 5, "text, or a list of it"),
        (prepare, "overwrite", 5, "true or false"),
        (toonify.TrainRequest, "dataset", None, "a path"),
        (toonify.TrainRequest, "output", 5, "a path or none"),
        (toonify.TrainRequest, "backbone", 5, "text or none"),
        (toonify.TrainRequest, "loss_options", [1], "a table"),
        (toonify.TrainRequest, "precision", 16, "text or none"),
        (toonify.TrainRequest, "sources", [1], "text, or a list of it"),
        (toonify.TrainRequest, "start_from", 5, "a style's name, a path or none"),
        (export, "style", 5, "a style, its name or its path"),
        (export, "output", None, "a path"),
        (export, "formats", None, "text, or a list of it"),
        (export, "others", 5, "a style, or a list of styles"),
        (export, "size", 5, "WIDTHxHEIGHT in pixels, such as 640x480"),
        (export, "size", (), "WIDTHxHEIGHT in pixels, such as 640x480"),
        (export, "calibrate", 5, "a path or none"),
        (toonify.PreviewRequest, "photos", 5, "a path, or a list of paths"),
    ],
)
def test_a_value_of_another_type_is_refused_when_the_request_is_made(request_of, field, value, wanted):
    with pytest.raises(toonify.ToonifyError) as raised:
        request_of(**{field: value})
    assert raised.value.message.startswith(f"`{field}` should be {wanted}")
    assert raised.value.message.endswith(f", not {value!r}")
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("request_of", "field", "value", "message"),
    [
        (convert, "controls", {"ink": "dark"}, "`controls` ink should be a number, not 'dark'"),
        (convert, "controls", {1: 2}, "a name in `controls` should be text, not 1"),
        (
            toonify.TrainRequest,
            "term_weights",
            {"gan": None},
            "`term_weights` gan should be a number, not None",
        ),
    ],
)
def test_so_are_those_in_a_table(request_of, field, value, message):
    with pytest.raises(toonify.ToonifyError) as raised:
        request_of(**{field: value})
    assert raised.value.message == message


def test_numbers_and_yes_and_no_may_be_text_or_numpys():
    request = convert(strength="0.5", detail="64", workers="2", start="1", end="2.5", painter="no")
    assert (request.strength, request.detail, request.workers) == (0.5, 64, 2)
    assert (request.start, request.end, request.painter) == (1.0, 2.5, False)
    request = convert(strength=np.float32(0.5), detail=np.int64(64), compare=np.True_)
    assert (request.strength, request.detail, request.compare) == (0.5, 64, True)
    assert export(step="3").step == 3


def test_none_is_a_name_where_text_is_wanted():
    request = toonify.TrainRequest(backbone_weights="none", strategy="none", output="none", name="none")
    assert (request.backbone_weights, request.strategy, request.name) == ("none", "none", "none")
    assert request.output == Path("none")


def test_one_may_stand_for_itself():
    assert prepare(reject="flat").reject == ("flat",)
    assert export(formats="onnx", others="lines").others == ("lines",)
    assert toonify.TrainRequest(sources="mine; CC0-1.0").sources == ("mine; CC0-1.0",)


def test_an_address_keeps_its_slashes():
    request = convert(output="s3://bucket/cartoons")
    assert str(request.destination) == "s3://bucket/cartoons" and request.is_remote


def test_a_style_that_is_loaded_does_wherever_its_name_does(picture_file):
    style = toonify.load_style("comic")
    assert toonify.load_style(style) is style
    style.manifest.detail = 64
    picture_file("a.png", (160, 160))
    toonify.convert_all(toonify.ConvertRequest("a.png", "b.png", style))
    assert '"detail":64' in Path("b.png").read_bytes().decode("latin-1")
    request = toonify.ExportRequest(style, "export", others=[], overwrite=True)
    assert [one.path.name for one in toonify.export(request).exported] == ["comic.onnx"]
    with pytest.raises(
        toonify.ToonifyError, match=r"`step` chooses a checkpoint of a run, and .*comic is no run"
    ):
        toonify.export(toonify.ExportRequest(style, "export", step=3))
    with pytest.raises(
        toonify.ToonifyError, match="`start_from` should be a style's name, a path or none, not "
    ):
        toonify.TrainRequest(start_from=style)
    picture_file("c.png")
    with pytest.raises(
        toonify.ToonifyError, match="`styles` should be a style's name or path, or a list of these"
    ):
        toonify.PreviewRequest("c.png", styles=style)


@pytest.mark.parametrize("given", [None, 7, b"comic", ["comic"]])
def test_what_names_no_style_is_called_so(given):
    with pytest.raises(TypeError) as raised:
        toonify.load_style(given)
    name = type(given).__name__
    assert str(raised.value) == f"load_style() takes a style's name or path, or a Style, not {name}"


def test_no_style_is_called_nothing():
    with pytest.raises(toonify.ToonifyError, match="there is no style ''"):
        toonify.load_style("")
