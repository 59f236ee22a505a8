"""YuNet as Keras operations sees what the detector sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toonify.faces import find_faces
from toonify.faces.detector import _detector
from toonify.training.terms.yunet import STRIDES, YuNet

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def portrait():
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        return image.convert("RGB").resize((160, 128))


def test_its_numbers_are_those_of_the_file_that_the_detector_runs(portrait):
    pixels = np.asarray(portrait, "float32")[None]
    detector = _detector()
    names = [output.name for output in detector.get_outputs()]
    wanted = dict(
        zip(names, detector.run(names, {"input": pixels[..., ::-1].transpose(0, 3, 1, 2)}), strict=True)
    )
    seen = YuNet()(pixels / 127.5 - 1)
    for name, numbers in wanted.items():
        found = np.asarray(seen[name]).reshape(numbers.shape)
        if name.startswith(("cls", "obj")):
            found = 1 / (1 + np.exp(-found))
        np.testing.assert_allclose(found, numbers, atol=2e-4, err_msg=name)


def test_pictures_of_any_size_are_padded_with_black(portrait):
    part = portrait.crop((0, 0, 150, 121))
    whole = Image.new("RGB", portrait.size)
    whole.paste(part)
    seen, wanted = (YuNet()(np.asarray(image, "float32")[None] / 127.5 - 1) for image in (part, whole))
    for stride in STRIDES:
        shape = 1, 128 // stride, 160 // stride, 64
        assert np.asarray(seen[f"features_{stride}"]).shape == shape
        np.testing.assert_allclose(seen[f"kps_{stride}"], wanted[f"kps_{stride}"], atol=1e-3)
    assert find_faces(part)
