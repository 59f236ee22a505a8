"""Everything that the command line does, `import toonify` can do."""

from __future__ import annotations

import pytest

import toonify


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
