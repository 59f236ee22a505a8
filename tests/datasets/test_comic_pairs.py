"""The comic source: a photograph's drawing, made by classical means."""

from __future__ import annotations

import numpy as np
import pytest

from toonify.datasets import abstraction
from toonify.datasets.comic import Comic
from toonify.datasets.filters import to_lab, to_rgb
from toonify.errors import USAGE, ToonifyError
from toonify.plugins import create

SIDE = 64
PLAIN = Comic(tint=0, wear=0)
"""Neither tints nor wears, so that what comes out hangs on the drawing alone."""


def flat(colour: int | tuple[int, int, int]) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), colour, np.uint8)


def disc(colour: int | tuple[int, int, int], ground: int | tuple[int, int, int]) -> np.ndarray:
    photo = flat(ground)
    photo[distance_from_centre() < 16] = colour
    return photo


def distance_from_centre() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.hypot(y - SIDE / 2, x - SIDE / 2)


def line(darkness: int, ground: int = 215) -> np.ndarray:
    """A horizontal stroke, rows 30 to 32, columns 8 to 55."""
    photo = flat(ground)
    photo[30:33, 8:56] = ground - darkness
    return photo


def noisy(mean: int = 110, deviation: float = 8, channels: int = 3, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(mean, deviation, (SIDE, SIDE, channels))
    return np.broadcast_to(noise.clip(0, 255).astype(np.uint8), (SIDE, SIDE, 3))


def ink(photo: np.ndarray) -> np.ndarray:
    return PLAIN.pair(photo)[..., 6]


def colours(photo: np.ndarray) -> np.ndarray:
    return PLAIN.pair(photo)[..., 3:6].astype(int)


def inked_columns(photo: np.ndarray) -> float:
    """Which part of the stroke of `line` has ink on or beside it."""
    return float((ink(photo)[27:36, 8:56].max(0) > 127).mean())


@pytest.mark.parametrize("side", [32, 48, 64])
def test_a_pair_is_photo_colours_and_ink(side):
    pair = Comic().pair(noisy()[:side, :side])
    assert pair.shape == (side, side, 7)
    assert pair.dtype == np.uint8


def test_the_same_crop_always_gives_the_same_pair():
    photo = noisy()
    first = Comic(tint=0.5, wear=1).pair(photo)
    assert np.array_equal(first, Comic(tint=0.5, wear=1).pair(photo.copy()))


def test_the_crop_itself_is_left_alone():
    photo = noisy().copy()
    before = photo.copy()
    Comic(wear=1).pair(photo)
    assert np.array_equal(photo, before)


def test_without_wear_the_photo_is_trained_on_as_it_is():
    photo = disc((40, 40, 200), (240, 220, 200))
    assert np.array_equal(PLAIN.pair(photo)[..., :3], photo)


def test_wear_spoils_the_photo_but_never_the_drawing():
    worn = 0
    for seed in range(6):
        photo = noisy(seed=seed)
        plain, spoiled = PLAIN.pair(photo), Comic(tint=0, wear=1).pair(photo)
        assert np.array_equal(plain[..., 3:], spoiled[..., 3:])
        worn += not np.array_equal(plain[..., :3], spoiled[..., :3])
    assert worn >= 4


def test_the_share_of_worn_photos_is_as_asked():
    worn = sum(
        not np.array_equal(Comic(tint=0, wear=0.5).pair(photo)[..., :3], photo)
        for photo in (noisy(seed=seed)[:16, :16] for seed in range(60))
    )
    # 60 coin tosses, and one worn photo in eight shows no wear: 26 expected, deviation below 4.
    assert 11 < worn < 41


def test_a_grey_photo_is_tinted_warm():
    seen = Comic(tint=1, wear=0).pair(noisy(channels=1))[..., :3].astype(int)
    assert (seen[..., 0] > seen[..., 2]).all()
    assert abs(seen.mean() - 110) < 15


def test_the_drawing_of_a_tinted_photo_is_tinted_too():
    drawn = Comic(tint=1, wear=0).pair(noisy(channels=1))[..., 3:6].astype(int)
    assert (drawn[..., 0] > drawn[..., 2]).all()


def test_a_grey_photo_stays_grey_when_no_tint_is_asked_for():
    pair = PLAIN.pair(noisy(channels=1))
    assert np.ptp(pair[..., :3], -1).max() == 0
    assert np.ptp(pair[..., 3:6], -1).max() <= 1


def test_a_coloured_photo_is_never_tinted():
    photo = disc((40, 40, 200), (240, 220, 200))
    assert np.array_equal(Comic(tint=1, wear=0).pair(photo)[..., :3], photo)


def test_ink_follows_an_edge_and_nothing_else():
    mask = ink(disc(60, 215))
    away = np.abs(distance_from_centre() - 16)
    angle = np.arctan2(*(np.mgrid[:SIDE, :SIDE] - SIDE / 2))
    for sector in np.arange(-3, 3, 0.3):
        assert mask[(away < 3) & (np.abs(angle - sector) < 0.15)].max() > 127, f"a gap at {sector:.1f} rad"
    assert mask[away > 6].max() == 0


@pytest.mark.parametrize("level", [0, 30, 128, 255])
def test_a_flat_area_has_no_ink(level):
    assert ink(flat(level)).max() == 0


def test_grain_has_no_ink():
    assert (ink(noisy()) > 0).mean() < 0.001


@pytest.mark.parametrize("ground", [90, 150, 215, 250])
def test_a_faint_stroke_is_inked_at_any_brightness(ground):
    # As pale lips and brows are: a tenth of the range from white to black.
    assert inked_columns(line(26, ground)) > 0.8


def test_a_stroke_is_inked_on_its_dark_side():
    mask = ink(line(60))
    assert mask[31, 12:52].min() > 127


def test_ink_flows_over_small_gaps():
    photo = line(90)
    for column in range(14, 50, 10):
        photo[30:33, column : column + 2] = 215
    assert inked_columns(photo) == 1


def test_a_meadow_of_faint_strokes_stays_clear_of_ink_where_a_lone_one_is_drawn():
    meadow = flat(215)
    for row in range(4, 60, 5):
        meadow[row : row + 2, 4:60] = 189
    assert inked_columns(line(26)) > 0.8
    assert ink(meadow)[8:56, 8:56].max() == 0


def test_a_light_stroke_is_not_filled_with_ink():
    photo = flat(90)
    photo[30:33, 8:56] = 200
    assert ink(photo)[31, 12:52].max() == 0


def test_specks_are_dropped_and_strokes_of_the_same_darkness_kept():
    photo = line(120)
    photo[12:15, 30:33] = photo[50:53, 20:23] = 95
    mask = ink(photo)
    assert mask[:20].max() == mask[46:].max() == 0
    assert inked_columns(photo) == 1


def test_small_strokes_stay_where_one_asks_for_them():
    luminance = np.full((SIDE, SIDE), 0.9, np.float32)
    luminance[30:33, 30:34] = 0.2
    assert abstraction.features(luminance, smallest=40).max() == 0
    assert abstraction.features(luminance, smallest=3).max() > 0.5


def test_colours_are_flat():
    photo = disc((60, 60, 190), (200, 190, 120)) + noisy(0, 6)
    spread = photo[distance_from_centre() < 12].std(0).mean()
    drawn = colours(photo)
    assert spread > 3
    assert drawn[distance_from_centre() < 12].std(0).max() < 1
    assert drawn[distance_from_centre() > 20].std(0).max() < 1


def test_borders_between_colours_stay_sharp():
    photo = flat((200, 190, 120))
    photo[:, : SIDE // 2] = (60, 60, 190)
    row = colours(photo)[SIDE // 2]
    assert np.abs(row[SIDE // 2 - 2] - row[SIDE // 2 + 1]).max() > 60


def test_opposite_sides_do_not_bleed_into_each_other():
    photo = flat(40)
    photo[:, SIDE // 2 :] = 220
    drawn = abstraction.flat_areas(photo.astype(np.float32) / 255)
    assert np.ptp(drawn[:, : SIDE // 4]) < 2 / 255
    assert np.ptp(drawn[:, -SIDE // 4 :]) < 2 / 255


def test_colours_are_more_vivid_as_asked():
    photo = disc((120, 90, 90), (150, 160, 150))
    saturation = [np.ptp(Comic(0, 0, chroma).pair(photo)[32, 32, 3:6].astype(int)) for chroma in (1, 1.22, 2)]
    assert saturation[0] < saturation[1] < saturation[2]


def lightness(value):
    lab = np.zeros((SIDE, SIDE, 3), np.float32)
    lab[..., 0] = value
    return lab


def test_deep_shadow_is_lifted_while_night_and_daylight_stay():
    assert abstraction.even_out(lightness(25.0))[..., 0].min() > 28
    assert np.allclose(abstraction.even_out(lightness(0.0)), 0, atol=1e-3)
    assert np.allclose(abstraction.even_out(lightness(60.0)), lightness(60.0), atol=1e-3)


def test_light_is_judged_by_the_surroundings_alone():
    wide = np.tile(lightness(np.linspace(10, 80, SIDE)), (4, 4, 1))
    changed = wide.copy()
    changed[:, 3 * SIDE :] = 90
    evened, again = (abstraction.even_out(lab, sigma=4)[:, : 2 * SIDE] for lab in (wide, changed))
    assert np.array_equal(evened, again)


def test_colours_come_in_few_tones():
    ramp = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], 256, 0).repeat(3, 2)
    red = abstraction.few_tones(ramp.astype(np.float32) / 255, chroma=1)[128, :, 0]
    steps = np.abs(np.diff(red))
    assert (steps < 0.002).mean() > 0.4
    assert steps.max() > 0.01


def test_skin_is_as_dark_as_it_is():
    tones = to_rgb(lightness(np.linspace(40, 80, SIDE)))  # from dark to light skin
    lighter = to_lab(abstraction.few_tones(tones, chroma=1))[..., 0] - to_lab(tones)[..., 0]
    assert 0 < lighter.mean() < 4


@pytest.mark.parametrize("photo", [flat(0), flat(255), noisy(128, 90)], ids=["black", "white", "chaos"])
def test_extremes_give_finite_pictures(photo):
    with np.errstate(all="raise", under="ignore"):
        assert Comic(tint=1, wear=1).pair(photo).shape == (SIDE, SIDE, 7)


@pytest.mark.parametrize("option", ["tint", "wear"])
@pytest.mark.parametrize("share", ["-0.1", "1.5", "nan"])
def test_a_share_is_between_0_and_1(option, share):
    with pytest.raises(ToonifyError, match=f"the option {option} of the source 'comic'") as raised:
        create("datasets", "comic", {option: share})
    assert raised.value.exit_code == USAGE
