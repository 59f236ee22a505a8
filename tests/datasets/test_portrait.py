"""The portrait source: a photograph's drawing, made by someone who knows what a face is."""

from __future__ import annotations

import hashlib
import pickle
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from toonify.datasets import filters, painting, portrait
from toonify.datasets.abstraction import outlines
from toonify.datasets.painting import LABELS, face, pen
from toonify.datasets.painting.beard import find_beard
from toonify.datasets.painting.brows import paint_brow
from toonify.datasets.painting.canvas import Canvas
from toonify.datasets.painting.ears import paint_ears
from toonify.datasets.painting.face import EYES, Face
from toonify.datasets.painting.finding import find_faces
from toonify.datasets.painting.glasses import find_glasses
from toonify.datasets.painting.hair import paint_hair
from toonify.datasets.painting.locks import along_locks
from toonify.datasets.painting.mixtures import told_apart, without_islands
from toonify.datasets.painting.regions import HAIR, SKIN, Regions, expectations, without_tails
from toonify.datasets.painting.scene import paint_scene
from toonify.datasets.painting.skin import Skin, paint_skin
from toonify.datasets.portrait import Portrait
from toonify.datasets.staging import staged
from toonify.datasets.texture import texture
from toonify.errors import USAGE, ToonifyError
from toonify.plugins import create

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"
FACE = (165, 15, 325, 205)
"""Her face, with hair and neck, in the 512 pixels of the sample."""


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.asarray(Image.open(ASTRONAUT).convert("RGB").crop(FACE))


@pytest.fixture(scope="module")
def painted(astronaut) -> painting.Painting:
    return painting.paint(astronaut)


def test_the_models_are_those_that_are_told_of_with_their_licence_beside_them():
    folder = resources.files("toonify.datasets.painting") / "models"
    told = (folder / "README.md").read_text(encoding="utf-8")
    for name in ("face_mesh.onnx", "person.onnx"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in told
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")


def square(side: int, size: int = 64) -> np.ndarray:
    """A mask with a square in its middle."""
    mask = np.zeros((size, size), np.float32)
    low = (size - side) // 2
    mask[low : low + side, low : low + side] = 1
    return mask


def synthetic(size: int = 160) -> Face:
    """An upright face of the right proportions: pupils 40 pixels apart, all other landmarks on an oval."""
    u, middle = size / 4, np.array([size / 2, size * 0.45])
    points = np.tile(middle + np.array([0, 0.4 * u]), (478, 1))
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, len(face.OVAL), endpoint=False)
    points[face.OVAL] = (
        middle + np.array([0, 0.35 * u]) + u * np.stack([0.95 * np.cos(angle), 1.2 * np.sin(angle)], 1)
    )
    points[face.BETWEEN_EYES], points[face.BROW_CENTRE] = middle, middle - np.array([0, 0.15 * u])
    points[face.NOSE_BRIDGE] = middle + np.array([0, 0.3 * u])
    for sign, eye in zip((-1, 1), EYES, strict=True):
        pupil = middle + np.array([sign * 0.5 * u, 0])
        along = np.linspace(sign * 0.22, -sign * 0.22, 9) * u
        bow = 0.1 * u * np.sin(np.linspace(0, np.pi, 9))
        points[eye.upper] = pupil + np.stack([along, -bow], 1)
        points[eye.lower] = pupil + np.stack([along, bow], 1)
        points[eye.iris] = pupil
    for lip, rise in ((face.UPPER_LIP, -0.1), (face.LOWER_LIP, 0.1), (face.UPPER_MOUTH, -0.02)):
        x = np.linspace(-0.35, 0.35, 11)
        points[lip] = (
            middle + np.array([0, 0.95 * u]) + u * np.stack([x, rise * np.cos(x / 0.35 * np.pi / 2)], 1)
        )
    points[[206, 98, 97, 2, 326, 327, 426]] = middle + u * np.stack(
        [np.array([-0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.4]), np.full(7, 0.6)], 1
    )
    points[[294, 4, 64]] = middle + u * np.array([[0.2, 0.5], [0, 0.45], [-0.2, 0.5]])
    return Face(points.astype(np.float32))


def oval_of(head: Face) -> np.ndarray:
    """The mask of a face's oval, in 160 pixels."""
    return pen.Pen((160, 160)).shape(head.points[face.OVAL])


class TestFilters:
    def test_a_dilated_mask_is_wider_and_an_eroded_one_narrower_by_as_much(self):
        assert filters.dilated(square(20), 3).sum(1).max() == pytest.approx(26, abs=1)
        assert filters.eroded(square(20), 3).sum(1).max() == pytest.approx(14, abs=1)

    def test_gaps_are_filled_with_what_surrounds_them(self):
        values = np.where(square(10) > 0, 900.0, 40.0).astype(np.float32)
        assert filters.filled(values, 1 - square(10), 6)[32, 32] == pytest.approx(40, abs=1)

    def test_a_contour_lies_on_the_border_as_wide_as_asked(self):
        line = filters.contour(square(32), 4)
        assert line[32, 16] > 0.9 and line[32, 32] < 0.01 and line[32, 2] < 0.01
        assert line[32, :32].sum() == pytest.approx(4, abs=1.2)

    def test_a_contour_may_be_heavier_on_one_side(self):
        line = filters.contour(square(32), np.where(np.arange(64) < 32, 2.0, 6.0)[None].repeat(64, 0))
        assert line[32, 32:].sum() - line[32, :32].sum() > 2

    def test_small_pieces_and_small_holes_go(self):
        mask = square(20)
        mask[2:4, 2:4], mask[31:33, 31:33] = 1, 0
        assert filters.without_small(mask, 10)[2, 2] == 0
        assert filters.without_holes(mask, 10)[32, 32] == 1


class TestPen:
    def test_a_disc_covers_its_area(self):
        assert pen.Pen((64, 64)).disc(np.array([30.0, 33.0]), 10).sum() == pytest.approx(
            np.pi * 100, rel=0.02
        )

    def test_a_stroke_swells_from_its_first_width_to_its_last(self):
        stroke = pen.Pen((64, 64)).stroke(np.array([[5.0, 32], [32, 32], [58, 32]]), (1, 9))
        assert stroke[:, 8].sum() == pytest.approx(1.5, abs=0.6)
        assert stroke[:, 55].sum() == pytest.approx(8.5, abs=0.8)

    def test_what_lies_outside_is_not_drawn(self):
        assert pen.Pen((16, 16)).disc(np.array([-40.0, 8.0]), 5).sum() == 0


class TestKinds:
    def test_two_colours_are_told_apart_where_the_prior_cannot_say(self):
        picture = np.zeros((48, 48, 3), np.float32)
        picture[:, 24:] = 0.8
        priors = np.full((48, 48, 2), 0.5, np.float32)
        priors[:, :8] = (0.95, 0.05)
        priors[:, -8:] = (0.05, 0.95)
        trust = np.ones_like(priors)
        likely = told_apart(picture * 10, priors, trust, picture, 3)
        assert (likely.argmax(-1)[:, :22] == 0).all() and (likely.argmax(-1)[:, 26:] == 1).all()
        assert np.allclose(likely.sum(-1), 1, atol=1e-5)

    def test_small_islands_go_to_what_surrounds_them(self):
        labels = square(30).astype(np.uint8)
        labels[30:33, 30:33] = 2
        likely = np.eye(3, dtype=np.float32)[labels]
        assert set(np.unique(without_islands(labels, likely, 20))) == {0, 1}

    def test_a_place_in_the_face_is_expected_to_be_skin_and_one_above_it_hair(self):
        head = synthetic()
        oval = oval_of(head)
        person = filters.dilated(oval, 30)
        priors = expectations(head, oval, person, 0.0)
        bald = expectations(head, oval, person, 1.0)
        nose, crown = (85, 80), (30, 80)
        assert np.allclose(priors.sum(-1), 1, atol=1e-5)
        assert priors[nose].argmax() == 2 and priors[crown].argmax() == 3
        assert bald[crown].argmax() == 2
        assert priors[2, 2].argmax() == 0

    @pytest.mark.parametrize(("width", "stays"), [(12, True), (3, False)])
    def test_hair_reaches_the_neck_only_if_it_is_wide_all_the_way(self, width, stays):
        head = synthetic()
        oval = oval_of(head)
        labels, likely = np.zeros((160, 160), np.uint8), np.zeros((160, 160, 4), np.float32)
        labels[70:130, 122 : 122 + width] = HAIR
        labels[110:130, 122:140] = HAIR
        likely[..., HAIR], likely[..., SKIN] = 0.6, 0.4
        assert (without_tails(labels, likely, head, oval)[120, 124] == HAIR) == stays


class TestSkin:
    """A square of skin, and nothing else of a person."""

    INNER, NOTHING = square(90, 160), np.zeros((160, 160), np.float32)
    REGIONS = Regions(INNER, INNER, NOTHING, INNER, NOTHING, INNER, NOTHING)

    def test_a_face_in_side_light_has_two_tones_and_a_crisp_border(self):
        light = np.where(np.arange(160) < 80, 45.0, 70.0).astype(np.float32)
        lab = np.dstack([np.tile(light, (160, 1)), np.full((160, 160), 15.0), np.full((160, 160), 18.0)])
        skin = paint_skin(lab.astype(np.float32), self.REGIONS, 40)
        row = skin.colours[80, 40:120, 0]
        assert row[-20:].std() < 0.1 and row[:20].std() < 0.1
        assert row[-20:].mean() - row[:20].mean() > 8
        assert (np.abs(np.diff(row)) > 0.5).sum() < 10

    def test_light_that_lies_within_a_shadow_makes_no_disc(self):
        light = np.full((160, 160), 50, np.float32)
        light[:, :62] = 70
        cv2.circle(light, (100, 80), 12, 70, -1)
        lab = np.dstack([light, np.full((160, 160), 15.0), np.full((160, 160), 18.0)])
        skin = paint_skin(lab.astype(np.float32), self.REGIONS, 40)
        lightness = skin.colours[..., 0]
        assert lightness[80, 100] == pytest.approx(lightness[45, 100], abs=0.5)
        assert lightness[80, 45] > lightness[80, 100] + 8

    @pytest.mark.parametrize("lightness", [30.0, 50.0, 70.0])
    def test_skin_keeps_its_tone(self, lightness):
        lab = np.dstack([np.full((160, 160), value, np.float32) for value in (lightness, 14.0, 18.0)])
        lit = paint_skin(lab, self.REGIONS, 40).lit
        assert abs(lit[0] - lightness) < 5 and lit[1] > 0 and lit[2] > 0


def test_hair_is_painted_in_few_tones_around_its_own_colour():
    noise = np.random.default_rng(0).normal(0, 8, (96, 96))
    lab = np.dstack([30 + noise, np.full((96, 96), 8.0), np.full((96, 96), 12.0)]).astype(np.float32)
    colours, ink = paint_hair(lab, square(80, 96), 40)
    inside = colours[20:76, 20:76, 0]
    assert abs(np.median(inside) - 30) < 6
    assert inside.std() < noise.std()
    assert ink.min() >= 0 and ink.max() <= 1


def test_hair_is_painted_in_strands():
    noise = np.random.default_rng(0).normal(0, 40, (128, 128)).astype(np.float32)
    combed = 40 + cv2.GaussianBlur(noise, (0, 0), sigmaX=12, sigmaY=1.5)
    lab = np.dstack([combed, np.full((128, 128), 8.0), np.full((128, 128), 12.0)]).astype(np.float32)
    colours, _ = paint_hair(lab, square(120, 128), 40)
    tone = colours[20:-20, 20:-20, 0]
    along, across = (float(np.abs(np.diff(tone, axis=axis)).mean()) for axis in (1, 0))
    assert across > 3.5 * along


def test_white_hair_is_painted_white_and_brown_hair_is_not_bleached():
    def painted_in(lightness: float, yellow: float) -> np.ndarray:
        lab = np.dstack([np.full((96, 96), value, np.float32) for value in (lightness, 2.0, yellow)])
        return paint_hair(lab, square(80, 96), 40)[0][48, 48]

    assert painted_in(70, 7)[0] > 73 and painted_in(70, 7)[2] < 5
    assert painted_in(30, 7)[0] == pytest.approx(30, abs=1) and painted_in(30, 7)[2] > 7


class TestLocks:
    """Skin with hair above it that was found as far as row 40, and a lock that falls on to row 60."""

    @pytest.mark.parametrize(("lock", "falls"), [(4.0, True), (12.0, False)])
    def test_a_fringe_falls_over_a_forehead_and_its_gleam_is_none(self, lock, falls):
        head = synthetic()
        oval = oval_of(head)
        seen = np.tile(np.array((9.0, 4.5, 4.0, 2.0), np.float32), (160, 160, 1))
        seen[:45] = seen[45:60, 50:90] = (lock, 2.0, 2.0, 3.0)
        hair = np.zeros((160, 160), np.float32)
        hair[:45, 20:140] = 1
        nothing = np.zeros_like(hair)
        _, _, skin, moved = along_locks([nothing, nothing, 1 - hair, hair], seen, head, oval)
        assert (moved[52, 70] > 0.9) == falls and (skin[52, 70] < 0.1) == falls
        assert moved[52, 110] < 0.1


class TestMarks:
    """What is drawn on skin of one tone."""

    TONES = Skin(
        np.tile(np.float32([70, 14, 16]), (160, 160, 1)),
        np.float32([70, 14, 16]),
        np.float32([59, 19, 19]),
        np.full((160, 160), 70, np.float32),
        np.zeros((160, 160), np.float32),
        np.zeros((160, 160), np.float32),
    )

    def canvas(self) -> Canvas:
        return Canvas(self.TONES.colours.copy(), np.zeros((160, 160), np.float32), {})

    @pytest.mark.parametrize("darker", [4.0, 30.0])
    def test_a_brow_is_one_stroke_however_fair(self, darker):
        head, canvas = synthetic(), self.canvas()
        head.points[EYES[0].brow[:5]] = [[48, 56], [52, 53], [56, 52], [61, 52], [66, 54]]
        head.points[EYES[0].brow[:4:-1]] = [[48, 60], [52, 57], [56, 56], [61, 56], [66, 58]]
        lab = self.TONES.colours.copy()
        lab[52:57, 48:58, 0] -= darker
        lab[52:57, 61:67, 0] -= darker
        paint_brow(canvas, lab, head, EYES[0], self.TONES, pen.Pen((160, 160)), np.ones((160, 160)))
        brow = canvas.masks["brows"] > 0.5
        assert brow.any(0)[50:64].all() and cv2.connectedComponents(brow.astype(np.uint8))[0] == 2

    @pytest.mark.parametrize(("beside", "drawn"), [(12, True), (1, False)])
    def test_skin_beside_a_cheek_is_an_ear(self, beside, drawn):
        head, canvas = synthetic(), self.canvas()
        oval = oval_of(head)
        nothing = np.zeros_like(oval)
        side = face.SIDES[0]
        head.points[side] = [[42, y] for y in (68, 74, 80, 88, 94)]
        regions = Regions(
            nothing, filters.dilated(oval, beside), nothing, oval, nothing, nothing, head.frame((160, 160))[1]
        )
        paint_ears(canvas, head, regions, self.TONES)
        assert (canvas.ink[80, 35:50].max() > 0.3) == drawn
        assert ((canvas.colours[80, :40, 0] < 65).any()) == drawn


class TestGlasses:
    def test_a_frame_around_the_eyes_is_found_and_traced(self):
        head, light = synthetic(), np.full((160, 160), 70, np.float32)
        plain = find_glasses(light, head)
        for eye in EYES:
            centre = tuple(int(v) for v in head.points[eye.iris] + (0, 2))
            cv2.ellipse(light, centre, (17, 14), 0, 0, 360, 15, 2)
        bridge = head.points[face.BETWEEN_EYES]
        cv2.line(light, (int(bridge[0]) - 5, int(bridge[1])), (int(bridge[0]) + 5, int(bridge[1])), 15, 2)
        ink = find_glasses(light, head)
        drawn = light < 40
        assert plain.max() == 0
        assert (filters.dilated(ink, 2)[drawn] > 0.3).mean() > 0.8
        assert filters.dilated(drawn.astype(np.float32), 4)[ink > 0.5].mean() > 0.8

    def test_a_frown_and_bags_below_the_eyes_of_rough_skin_are_none(self):
        head = synthetic(256)
        light = np.random.default_rng(0).normal(70, 3.0, (256, 256)).astype(np.float32)
        for sign, eye in zip((-1, 1), EYES, strict=True):
            x, y = (int(v) for v in head.points[eye.iris])
            cv2.ellipse(light, (x, y + 3), (27, 22), 0, 20, 160, 50, 2)
            fold = int(head.points[face.BETWEEN_EYES][0]) + 5 * sign
            cv2.line(light, (fold, y - 10), (fold, y + 18), 45, 2)
        assert find_glasses(light, head).max() == 0

    def test_bags_below_the_eyes_alone_are_none(self):
        head, light = synthetic(256), np.full((256, 256), 70, np.float32)
        for eye in EYES:
            x, y = (int(v) for v in head.points[eye.iris])
            cv2.ellipse(light, (x, y + 3), (27, 22), 0, 20, 160, 50, 2)
        assert find_glasses(light, head).max() == 0

    def test_half_a_face_wears_none(self):
        head = synthetic()
        shifted = Face(head.points - (75, 0))
        light = np.random.default_rng(0).uniform(0, 99, (160, 160)).astype(np.float32)
        assert find_glasses(light, shifted).max() == 0


class TestBeard:
    """`seen` is lightness / 7, a* / 3.5, b* / 4.5 and roughness."""

    SKIN, HAIR, SHADOW = (9.0, 4.5, 4.0, 2.0), (5.0, 1.0, 1.5, 3.5), (7.2, 4.6, 3.8, 2.0)

    def beard(self, colour: tuple[float, ...], aside: slice) -> np.ndarray:
        head = synthetic()
        oval = oval_of(head)
        seen = np.tile(np.array(self.SKIN, np.float32), (160, 160, 1))
        seen[100:, aside] = colour
        return find_beard(seen, head, oval)

    def test_a_dark_chin_is_a_beard(self):
        assert self.beard(self.HAIR, slice(None))[125, 80] > 0.5

    def moustache(self, strands: float) -> np.ndarray:
        """Lighter and greyer than skin, between nose and mouth."""
        seen = np.tile(np.array(self.SKIN, np.float32), (160, 160, 1))
        seen[..., 0] += np.random.default_rng(0).normal(0, 0.1, (160, 160))
        seen[96:108, 60:101, :3] = (9.6, 2.2, 3.0)
        seen[96:108, 60:101:3, 0] += strands
        head = synthetic()
        return find_beard(seen, head, oval_of(head))

    def test_a_white_moustache_is_told_by_its_strands_and_a_close_shave_has_none(self):
        assert self.moustache(strands=2.0)[100, 80] > 0.5
        assert self.moustache(strands=0.0).max() == 0

    def test_a_shadow_is_none_and_neither_is_one_dark_side(self):
        assert self.beard(self.SHADOW, slice(None)).max() == 0
        assert self.beard(self.HAIR, slice(0, 78)).max() == 0


class TestScene:
    def test_clouds_get_no_ink_and_a_dark_edge_does(self):
        y, x = np.mgrid[:96, :96].astype(np.float32)
        cloud = 0.8 + 0.15 * np.sin(x / 7) * np.cos(y / 9)
        assert outlines(cloud.astype(np.float32)).max() == 0
        assert outlines(np.where(square(50, 96) > 0, 0.2, 0.7).astype(np.float32)).max() > 0.5

    def test_rubble_is_texture_and_a_fence_is_none(self):
        rubble = np.random.default_rng(0).uniform(0, 1, (96, 96, 1)).repeat(3, 2).astype(np.float32)
        fence = np.tile((np.arange(96) // 4 % 2).astype(np.float32)[:, None], (96, 1, 3))
        assert texture(rubble)[48, 48] > 0.9
        assert texture(fence)[48, 48] < 0.1

    def test_rubble_is_painted_calmer_than_it_is(self):
        rubble = np.random.default_rng(1).uniform(0.2, 0.7, (96, 96, 3)).astype(np.float32)
        lab, _ = paint_scene(rubble, 1.0)
        assert lab[..., 0].std() < 0.4 * filters.to_lab(rubble)[..., 0].std()


class TestAstronaut:
    def test_her_face_is_found_where_it_is(self, astronaut):
        (found,) = find_faces(astronaut)
        eyes = found.points[[eye.iris for eye in EYES]]
        # Read off the picture by hand.
        assert np.abs(eyes - [[39, 86], [83, 87]]).max() < 4
        assert found.down @ (0, 1) > 0.95

    def test_her_regions_are_where_they_should_be(self, painted):
        regions = painted.regions
        assert painted.faces == 1
        assert regions[115, 60] == LABELS["skin"]
        assert regions[30, 62] == LABELS["hair"]
        assert regions[3, 3] == LABELS["background"]
        assert {LABELS[name] for name in ("brows", "eyes", "irises", "lips", "mouth")} <= set(
            np.unique(regions)
        )
        assert LABELS["glasses"] not in regions

    def test_her_skin_is_flat_and_her_eyes_are_drawn(self, astronaut, painted):
        lightness, before = (
            filters.to_lab(rgb)[100:112, 30:48, 0] for rgb in (painted.colours, astronaut / np.float32(255))
        )
        assert np.median(np.abs(np.diff(lightness))) < 0.2 * np.median(np.abs(np.diff(before)))
        assert painted.ink[70:95, 25:100].max() > 0.8
        for values in (painted.colours, painted.ink):
            assert values.dtype == np.float32 and values.min() >= 0 and values.max() <= 1

    def test_upside_down_she_is_a_scene(self, astronaut):
        assert painting.paint(np.ascontiguousarray(astronaut[::-1])).faces == 0

    def test_cut_by_the_border_she_is_painted_all_the_same(self, astronaut):
        cut = np.ascontiguousarray(astronaut[:150, 45:])
        made = painting.paint(cut)
        assert made.colours.shape == cut.shape and made.faces == 1
        assert np.isfinite(made.colours).all() and np.isfinite(made.ink).all()

    def test_in_grey_she_stays_grey(self, astronaut):
        grey = np.repeat(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
        colours = painting.paint(grey).colours
        assert np.ptp(colours, axis=-1).max() < 0.02

    def test_in_dim_light_she_stays_dim(self, astronaut):
        dim = (astronaut * 0.55).astype(np.uint8)
        made = filters.to_lab(painting.paint(dim).colours)[105:112, 30:45, 0]
        before = filters.to_lab(dim / np.float32(255))[105:112, 30:45, 0]
        assert abs(np.median(made) - np.median(before)) < 8

    def test_half_as_large_she_is_still_painted(self, astronaut):
        small = cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        assert painting.paint(small).faces == 1


class TestStaging:
    """A person before another backdrop; the greenest one, to see what is left of the old."""

    GREEN = np.full((300, 400, 3), (20, 220, 30), np.uint8)

    def test_she_stands_at_the_lower_edge_before_the_backdrop(self, astronaut):
        made = staged(astronaut, self.GREEN, np.random.default_rng(3)).astype(int)
        green = (made[..., 1] > 150) & (made[..., 0] < 90)
        assert green[:8].mean() > 0.9
        assert 0.2 < green[-8:].mean() < 0.95
        (face_found,) = find_faces(made.astype(np.uint8))
        assert not green[tuple(face_found.points[4].astype(int)[::-1])]

    def test_chance_decides_and_nothing_else(self, astronaut):
        once, again, other = (
            staged(astronaut, self.GREEN, np.random.default_rng(seed)) for seed in (1, 1, 2)
        )
        assert (once == again).all() and (once != other).any()

    def test_who_has_no_face_has_no_outline(self):
        grey = np.full((64, 64, 3), 120, np.uint8)
        with pytest.raises(ToonifyError, match="shows no face"):
            staged(grey, self.GREEN, np.random.default_rng(0))

    def test_with_backdrops_each_portrait_is_there_twice(self, tmp_path, astronaut):
        for folder, picture in (("people", astronaut), ("places", self.GREEN)):
            (tmp_path / folder).mkdir()
            Image.fromarray(picture).save(tmp_path / folder / "one.png")
        source = pickle.loads(pickle.dumps(Portrait(backdrops=str(tmp_path / "places"))))
        plain, before = source.items("paired", tmp_path / "people")
        assert (plain.identity, before.identity) == ("one.png", "one.png@0")
        assert (np.asarray(source.open(plain)) == astronaut).all()
        assert np.asarray(source.open(before))[0, 0].tolist() == [20, 220, 30]

    def test_a_broken_backdrop_is_named(self, tmp_path, astronaut):
        for folder in ("people", "places"):
            (tmp_path / folder).mkdir()
        (tmp_path / "places" / "broken.jpg").write_text("no JPEG")
        Image.fromarray(astronaut).save(tmp_path / "people" / "one.png")
        source = Portrait(backdrops=str(tmp_path / "places"))
        _, before = source.items("paired", tmp_path / "people")
        with pytest.raises(ToonifyError, match=r"its backdrop broken\.jpg cannot be used: not a picture"):
            source.open(before)

    def test_backdrops_that_are_no_folder_are_refused(self):
        with pytest.raises(ToonifyError, match="backdrops of the source 'portrait' is no folder: nowhere"):
            Portrait(backdrops="nowhere")


class TestSource:
    @pytest.mark.parametrize("side", [16, 40])
    def test_a_picture_without_a_face_is_a_scene_enlarged_by_two(self, side):
        photo = np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8)
        source = Portrait()
        pair, regions = source.pair(photo), source.derive("paired", photo)["regions"]
        assert pair.dtype == regions.dtype == np.uint8
        assert pair.shape == (2 * side, 2 * side, 7) and regions.shape == (2 * side, 2 * side, 1)
        assert regions.max() == LABELS["background"]

    def test_the_same_picture_gives_the_same_pair_and_is_painted_once(self, monkeypatch):
        photo = np.random.default_rng(1).integers(0, 255, (24, 32, 3), np.uint8)
        paintings = []
        monkeypatch.setattr(
            portrait, "paint", lambda *given: paintings.append(given) or painting.paint(*given)
        )
        source = Portrait()
        pair = source.pair(photo)
        source.derive("paired", photo)
        assert len(paintings) == 1
        assert (pickle.loads(pickle.dumps(source)).pair(photo.copy()) == pair).all()

    def test_a_long_picture_is_opened_and_painted_no_longer_than_asked_so_crops_hold_no_fewer_pixels(
        self, tmp_path
    ):
        Image.new("RGB", (600, 60), (90, 90, 90)).save(tmp_path / "long.png")
        source = Portrait(longest=128)
        (item,) = source.items("paired", tmp_path)
        photo = np.asarray(source.open(item))
        assert photo.shape == (13, 128, 3)
        assert source.pair(photo).shape == (13, 128, 7)
        assert source.derive("paired", photo)["regions"].shape == (13, 128, 1)

    def test_it_declares_what_it_derives(self):
        assert Portrait.arrays == {"paired": {"regions": 1}}
        assert len(set(LABELS.values())) == len(LABELS)
        assert all(
            f"{number} {name}" in " ".join(Portrait.__doc__.split()) for name, number in LABELS.items()
        )

    @pytest.mark.parametrize(
        ("option", "reason"),
        [({"chroma": "9"}, "be 0.5 to 3, not '9'"), ({"longest": "64"}, "be 128 or more, not '64'")],
    )
    def test_options_out_of_range_are_refused(self, option, reason):
        with pytest.raises(ToonifyError, match=reason) as caught:
            create("datasets", "portrait", option)
        assert caught.value.exit_code == USAGE

    def test_a_file_is_no_folder_of_photographs(self):
        with pytest.raises(ToonifyError, match="is not a folder"):
            list(Portrait().items("paired", ASTRONAUT))
