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
        lambda given: toonify.TrainRequest(given),
        lambda given: toonify.ConvertRequest([given]),
        toonify.load_style,
    ],
)
def test_what_is_no_path_is_called_so(call):
    with pytest.raises(TypeError, match=r"os\.PathLike object, not int"):
        call(7)
