"""Every built-in loss term, worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from toonify.errors import USAGE, ToonifyError
from toonify.plugins import NOISE_CHANNELS, AdversarialTerm, create, find_plugins
from toonify.training.metrics.features import kernel_inception_distance, pooled
from toonify.training.terms.colours import grey, yuv
from toonify.training.terms.content import content_distance
from toonify.training.terms.reconstruction import huber
from toonify.training.terms.skin import skin
from toonify.training.terms.structure import filled
from toonify.training.terms.style import gram
from toonify.training.terms.surface import box, guided_filter
from toonify.training.terms.texture import colour_shift

SAMPLES = Path(__file__).parents[2] / "samples"


def picture(values) -> np.ndarray:
    return np.asarray(values, "float32")


def loss(name: str, context: SimpleNamespace, **options) -> float:
    return float(create("terms", name, options).loss(context))


@pytest.mark.parametrize("name", [plugin.name for plugin in find_plugins("terms")])
def test_every_term_says_what_it_is_and_needs_no_options(name):
    term = create("terms", name, {})
    assert type(term).__doc__
    assert term.uses <= {"cartoon", "smoothed", "paired", "features", "heads", "regions", "superpixels"}


def test_relative_content_does_not_hang_on_the_backbones_scale():
    drawn, wanted = picture([[1.0, 4.0], [4.0, 4.0]]), picture([[2.0, 2.0], [8.0, 0.0]])
    assert float(content_distance(drawn, wanted, relative=False)) == pytest.approx((1.5 + 4) / 2)
    for scale in (1, 1000):
        distance = content_distance(scale * drawn, scale * wanted, relative=True)
        assert float(distance) == pytest.approx((0.75 + 1) / 2, rel=1e-5)


def test_content_compares_the_features_of_photo_and_drawing():
    context = SimpleNamespace(
        photo="photo", generated="drawn", features={"photo": picture([[2.0]]), "drawn": picture([[3.0]])}.get
    )
    assert loss("content", context) == pytest.approx(0.5, rel=1e-5)
    assert loss("content", context, relative=False) == 1


def test_colour_and_gradient_by_hand():
    # Errors 0, 0.5 / 0, 1 in one channel; the other two are right.
    error = np.zeros((1, 2, 2, 3), "float32")
    error[0, :, :, 0] = [[0, 0.5], [0, 1]]
    context = SimpleNamespace(heads={"colour": error + 0.25}, colour=np.full_like(error, 0.25))
    assert loss("colour", context) == pytest.approx(1.5 / 12)
    # Down: 0, 0.5 over 6 numbers; across: 0.5, 1 over 6.
    assert loss("gradient", context) == pytest.approx(0.5 / 6 + 1.5 / 6)


def test_ink_counts_more_where_there_is_some():
    logits = picture([0.0, 2.0]).reshape(1, 1, 2, 1)
    ink = picture([0.0, 1.0]).reshape(1, 1, 2, 1)
    context = SimpleNamespace(heads={"ink": logits}, ink=ink)
    expected = (math.log(2) + 7 * math.log(1 + math.exp(-2))) / 2
    assert loss("ink", context, emphasis=6.0) == pytest.approx(expected, rel=1e-5)


def test_cartoongans_discriminator_sees_cartoons_smoothed_ones_and_drawings():
    context = SimpleNamespace(cartoon="cartoon", smoothed="smoothed", generated="drawn")
    term = create("terms", "adversarial", {})
    assert isinstance(term, AdversarialTerm)
    assert (term.real(context), term.fakes(context), term.generated(context)) == (
        "cartoon",
        ("smoothed",),
        "drawn",
    )


def test_distributions_are_compared_as_kid_compares_them():
    chance = np.random.default_rng(0)
    cartoon, generated = (picture(chance.normal(mean, 1, (5, 9, 8, 3))) for mean in (1.0, 1.5))
    context = SimpleNamespace(cartoon=cartoon, generated=generated, features=lambda seen: seen * 2)

    def kid(of) -> float:
        return kernel_inception_distance(*(pooled(of(pictures)) for pictures in (generated, cartoon)))[0]

    def quarters(pictures: np.ndarray) -> np.ndarray:  # the ninth row is left over
        return np.concatenate(
            [pictures[:, y : y + 4, x : x + 4] for y, x in ((0, 0), (0, 4), (4, 0), (4, 4))]
        )

    assert loss("feature_distribution", context) == pytest.approx(kid(lambda whole: whole), rel=1e-3)
    assert loss("feature_distribution", context, cells=2) == pytest.approx(kid(quarters), rel=1e-3)


def test_distributions_may_be_those_of_smaller_pictures():
    rows = picture(np.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3))
    seen = []
    context = SimpleNamespace(
        cartoon=rows, generated=rows[::-1], features=lambda pictures: seen.append(pictures) or pictures
    )
    loss("feature_distribution", context, reduce=2)
    halved = rows.reshape(2, 2, 2, 2, 2, 3).mean((2, 4))
    np.testing.assert_allclose(seen, [halved[::-1], halved])


@pytest.mark.parametrize("option", ["reduce", "cells"])
def test_distributions_need_pictures_to_compare(option):
    with pytest.raises(
        ToonifyError, match=f"{option} of the term 'feature_distribution' should be 1 or more"
    ):
        create("terms", "feature_distribution", {option: 0})
    one = picture(np.zeros((1, 4, 4, 3)))
    context = SimpleNamespace(cartoon=one, generated=one, features=lambda pictures: pictures)
    with pytest.raises(ToonifyError, match="a device has but one at a time") as failure:
        loss("feature_distribution", context)
    assert failure.value.hint == "Give a `batch_size` of 2 or more for each device."
    assert failure.value.exit_code == USAGE


def test_the_adversary_of_features_sees_them_of_all_pictures_cut_alike():
    pictures = {
        name: np.random.default_rng(seed).normal(size=(2, 19, 14, 3)).astype("float32")
        for seed, name in enumerate(("cartoon", "smoothed", "generated"))
    }
    noise = np.zeros((2, 1, 1, NOISE_CHANNELS), "float32")
    noise[..., -1], noise[..., -2] = 0.99, 0.5
    context = SimpleNamespace(**pictures, noise=noise, features=lambda seen: seen * 2)
    term = create("terms", "feature_adversarial", {"shift": 3})
    assert isinstance(term, AdversarialTerm) and term.judges_features
    for seen, name in zip(
        (term.real(context), *term.fakes(context), term.generated(context)), pictures, strict=True
    ):
        np.testing.assert_array_equal(seen, 2 * pictures[name][:, 3:19, 2:13])
    small = SimpleNamespace(generated=pictures["generated"][:, :4, :9], noise=noise, features=np.asarray)
    assert term.generated(small).shape == (2, 3, 8, 3)
    with pytest.raises(ToonifyError, match="'feature_adversarial' should be 0 or more, not -1"):
        create("terms", "feature_adversarial", {"shift": -1})


def test_the_pairs_adversary_sees_their_drawings_those_smoothed_at_their_ink_and_the_generators():
    ink = np.zeros((1, 9, 9, 1), "float32")
    ink[0, 4, 4] = 1
    drawing = picture(np.where(ink > 0, -1, 1) * np.ones(3))
    context = SimpleNamespace(drawing=drawing, ink=ink, generated="drawn")
    term = create("terms", "paired_adversarial", {})
    assert (term.real(context) is drawing, term.generated(context)) == (True, "drawn")
    (smoothed,) = term.fakes(context)
    assert -1 < float(smoothed[0, 4, 4, 0]) < 1
    assert (np.asarray(smoothed)[0, :2] == drawing[0, :2]).all()  # far from ink


RED, GREEN, BLUE, BLACK, WHITE = [1, -1, -1], [-1, 1, -1], [-1, -1, 1], [-1, -1, -1], [1, 1, 1]


def pixels(*colours) -> np.ndarray:
    """A picture of one row."""
    return picture(colours).reshape(1, 1, -1, 3)


def test_yuv_has_the_factors_of_pal():
    y, u, v = (np.ravel(channel) for channel in yuv(pixels(RED, GREEN, BLUE, BLACK, WHITE)))
    np.testing.assert_allclose(y, [0.299, 0.587, 0.114, 0, 1], atol=1e-6)
    np.testing.assert_allclose(u, [-0.147, -0.289, 0.436, 0, 0], atol=1e-3)
    np.testing.assert_allclose(v, [0.615, -0.515, -0.100, 0, 0], atol=1e-3)


def test_yuv_is_that_of_tensorflow_which_animegan_uses():
    import tensorflow as tf

    colours = np.random.default_rng(0).uniform(-1, 1, (2, 3, 4, 3)).astype("float32")
    expected = tf.image.rgb_to_yuv((colours + 1) / 2)
    np.testing.assert_allclose(np.concatenate(yuv(colours), -1), expected, atol=1e-3)


def test_grey_is_the_luma_in_every_channel():
    np.testing.assert_allclose(grey(pixels(RED, WHITE)), pixels([2 * 0.299 - 1] * 3, [1, 1, 1]), atol=1e-6)


def test_a_gram_matrix_is_of_products_of_maps_over_all_places():
    # Two maps of 1 × 2: (1, 2) and (3, 4). Products 1 + 4, 3 + 8, 9 + 16, over 1 · 2 · 2 numbers.
    features = picture([[1, 3], [2, 4]]).reshape(1, 1, 2, 2)
    np.testing.assert_allclose(gram(features), [[[5 / 4, 11 / 4], [11 / 4, 25 / 4]]])


def style_scene() -> SimpleNamespace:
    """The features of a picture are the picture."""
    return SimpleNamespace(generated=pixels(WHITE, WHITE), cartoon=pixels(RED, RED), features=lambda x: x)


def test_style_is_the_distance_of_gram_matrices():
    # Over 6 numbers: white gives 2/6 everywhere; red 2/6 four times on the diagonal's blocks, else -2/6.
    assert loss("style", style_scene(), relative=False) == pytest.approx(4 / 9 * 4 / 6)
    assert loss("style", style_scene()) == pytest.approx(4 / 9 * 4 / 6 / (2 / 6), rel=1e-4)


def test_style_of_grey_cartoons_knows_nothing_of_their_colours():
    # Grey red is -0.402 in each channel: 2 · 0.402² / 6 everywhere.
    expected = 2 / 6 - 2 * 0.402**2 / 6
    assert loss("style", style_scene(), grey=True, relative=False) == pytest.approx(expected, rel=1e-4)


def test_huber_is_square_near_0_and_straight_beyond_1():
    np.testing.assert_allclose(huber(picture([0, -0.5, 1, -3])), [0, 0.125, 0.5, 2.5])


def test_reconstruction_is_absolute_in_y_and_huber_in_u_and_v():
    context = SimpleNamespace(photo=pixels(BLACK, WHITE), generated=pixels(WHITE, WHITE))
    assert loss("reconstruction", context) == pytest.approx(0.5)
    context = SimpleNamespace(photo=pixels(RED), generated=pixels(BLUE))
    expected = (0.299 - 0.114) + (0.436 + 0.147) ** 2 / 2 + (0.615 + 0.100) ** 2 / 2
    assert loss("reconstruction", context) == pytest.approx(expected, abs=1e-3)


SKINS = {"light": (241, 194, 166), "tanned": (198, 134, 101), "brown": (141, 85, 56), "dark": (74, 46, 36)}
OTHERS = {"white": (255, 255, 255), "sky": (120, 170, 220), "leaf": (70, 120, 50), "paint": (220, 20, 30)}


@pytest.mark.parametrize("colour", [*SKINS, *OTHERS])
def test_skin_of_every_tone_is_told_from_other_colours(colour):
    rgb = (SKINS | OTHERS)[colour]
    assert np.ravel(skin(pixels(picture(rgb) / 127.5 - 1))) == (colour in SKINS)


def test_skin_keeps_its_colour_and_may_get_light_and_shadow():
    face, sky = (picture(rgb) / 127.5 - 1 for rgb in (SKINS["brown"], OTHERS["sky"]))

    def off(*drawn: np.ndarray) -> float:
        return loss("skin_colour", SimpleNamespace(photo=pixels(face, sky), generated=pixels(*drawn)))

    assert off(face + 0.1, sky) == pytest.approx(0, abs=1e-6)
    assert off(face, face) == 0  # the sky may take any colour
    # Skin that takes the sky's: two pixels share what one is off by.
    differences = sum(abs(a - b) for a, b in zip(chroma(face), chroma(sky), strict=True))
    assert off(sky, sky) == pytest.approx(differences / 2)


def test_skin_may_be_kept_as_dark_as_it_is_on_the_whole():
    brown = picture(SKINS["brown"]) / 127.5 - 1

    def off(lightness: float, *drawn: np.ndarray) -> float:
        context = SimpleNamespace(photo=pixels(brown, brown), generated=pixels(*drawn))
        return loss("skin_colour", context, lightness=lightness)

    assert off(2.0, brown + 0.2, brown - 0.2) == pytest.approx(0, abs=1e-6)  # light and shadow
    assert off(2.0, brown + 0.2, brown + 0.2) == pytest.approx(2 * 0.1, abs=1e-6)  # Y is in [0, 1]
    assert off(0.0, brown + 0.2, brown + 0.2) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ToonifyError, match="lightness of the term 'skin_colour' should be 0 or more"):
        create("terms", "skin_colour", {"lightness": -1})


def chroma(colour: np.ndarray) -> tuple[float, float]:
    _, u, v = (float(np.ravel(channel)[0]) for channel in yuv(colour))
    return u, v


def test_variation_is_of_squares_down_and_across():
    drawn = picture([[0, 1], [3, 3]]).reshape(1, 2, 2, 1)
    # Down: 9, 4; across: 1, 0.
    assert loss("variation", SimpleNamespace(generated=drawn)) == pytest.approx(13 / 2 + 1 / 2)


def test_a_box_filter_averages_what_lies_in_the_picture():
    row = picture([0, 3, 6, 0]).reshape(1, 1, 4, 1)
    np.testing.assert_allclose(np.ravel(box(row, 1)), [1.5, 3, 3, 3])


def by_the_algorithm(values: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """He, Sun and Tang's algorithm 1 for one channel, window by window."""

    def means(array: np.ndarray) -> np.ndarray:
        spans = [slice(max(0, i - radius), i + radius + 1) for i in range(max(array.shape))]
        height, width = array.shape
        return np.array([[array[spans[i], spans[j]].mean() for j in range(width)] for i in range(height)])

    mean, correlation = means(values), means(values * values)
    a = (correlation - mean**2) / (correlation - mean**2 + epsilon)
    return means(a) * values + means((1 - a) * mean)


def test_the_guided_filter_is_the_published_algorithm():
    values = np.random.default_rng(0).uniform(-1, 1, (9, 7, 2)).astype("float32")
    filtered = np.asarray(guided_filter(values[None], 2, 0.2))[0]
    for channel in (0, 1):
        expected = by_the_algorithm(values[..., channel].astype(float), 2, 0.2)
        np.testing.assert_allclose(filtered[..., channel], expected, atol=1e-5)


def test_the_guided_filter_smooths_what_varies_little_and_keeps_edges():
    ripple = 0.05 * (-1.0) ** np.arange(32, dtype="float32")
    edge = np.where(np.arange(32) < 16, -1.0, 1.0) + ripple
    filtered = np.ravel(guided_filter(edge.astype("float32").reshape(1, 1, 32, 1), 3, 0.2))
    assert np.ptp(filtered[:8]) < 0.3 * np.ptp(edge[:8])
    assert filtered[16] - filtered[15] > 1.5


def test_surfaces_are_filtered_cartoons_and_drawings():
    chance = np.random.default_rng(0)
    context = SimpleNamespace(
        cartoon=chance.uniform(-1, 1, (1, 16, 16, 3)).astype("float32"),
        generated=chance.uniform(-1, 1, (1, 16, 16, 3)).astype("float32"),
    )
    term = create("terms", "surface", {"radius": 2, "epsilon": 0.1})
    np.testing.assert_allclose(term.real(context), guided_filter(context.cartoon, 2, 0.1))
    np.testing.assert_allclose(term.generated(context), guided_filter(context.generated, 2, 0.1))
    assert term.fakes(context) == ()


def test_a_colour_shift_mixes_channels_at_random_and_adds_the_luma():
    chance = picture([1, 0.5, 0, 0.9, 0.9, 0.9, 0.9, 0.9]).reshape(1, 1, 1, NOISE_CHANNELS)  # β = 1, 0, -1
    shifted = np.asarray(colour_shift(pixels(RED, WHITE), chance))
    red = 0.2 * (1 + 1) + 0.8 * (2 * 0.299 - 1)
    np.testing.assert_allclose(shifted, pixels([red] * 3, [0.8] * 3), atol=1e-6)


def test_texture_shifts_a_drawing_and_the_cartoon_beside_it_alike():
    chance = np.random.default_rng(0).random((2, 1, 1, NOISE_CHANNELS), np.float32)
    context = SimpleNamespace(cartoon=np.ones((2, 4, 4, 3), "float32"), noise=chance)
    context.generated = context.cartoon
    term = create("terms", "texture", {})
    real, generated = np.asarray(term.real(context)), np.asarray(term.generated(context))
    np.testing.assert_array_equal(real, generated)
    assert not np.allclose(real[0], real[1]), "each pair has a mix of its own"
    assert term.fakes(context) == ()


def greys(*levels: float) -> np.ndarray:
    """Pixels of one row, from levels of 255."""
    return pixels(*([level / 127.5 - 1] * 3 for level in levels))


@pytest.mark.parametrize(
    ("piece", "colour"),
    [
        ((100, 110, 120), 110),  # deviates by 8
        ((100, 100, 100, 160), (115 + 100) / 2),  # by 26
        ((0, 0, 255), 0),  # by 120: the median alone
        ((0, 90, 100, 255), 95),  # by 92; between both middles
    ],
    ids=["mean", "half of both", "median", "median of an even number"],
)
def test_a_piece_gets_its_mean_or_the_more_it_varies_its_median(piece, colour):
    row = greys(*piece)
    np.testing.assert_allclose(
        filled(row, np.zeros(row.shape[:3], int), 1.0), greys(*[colour] * len(piece)), atol=1e-3
    )


def test_a_vivid_colour_is_not_uneven():
    row = pixels(RED, RED, [0.9, -1, -1])  # deviates by 6 of 255 levels in one channel
    np.testing.assert_allclose(
        filled(row, np.zeros((1, 1, 3), int), 1.0)[0, 0, 0], [2.9 / 3, -1, -1], atol=1e-5
    )


def test_colours_are_raised_to_a_power_from_0_to_1():
    np.testing.assert_allclose(
        filled(greys(0, 102, 255), np.array([[[7, 8, 9]]]), 2.0), greys(0, 40.8, 255), atol=1e-3
    )


def test_pieces_of_one_label_in_two_pictures_are_two():
    rows = np.concatenate([greys(10, 20, 200, 210), greys(60, 70, 80, 90)])
    labels = np.array([[[0, 0, 255, 255]], [[0, 255, 255, 255]]])
    expected = np.concatenate([greys(15, 15, 205, 205), greys(60, 80, 80, 80)])
    np.testing.assert_allclose(filled(rows, labels, 1.0), expected, atol=1e-3)


def structure_scene(row: np.ndarray) -> SimpleNamespace:
    """All pixels are one piece; the features of a picture are the picture."""
    return SimpleNamespace(
        generated=row,
        array={"superpixels": np.zeros((*row.shape[:3], 1), "float32")}.get,
        features=lambda x: x,
    )


def test_structure_is_the_distance_from_the_filled_drawing():
    scene = structure_scene(greys(100, 110, 120))
    assert loss("structure", scene, power=1.0, relative=False) == pytest.approx(20 / 3 / 127.5, abs=1e-5)
    # Darker by the power: 110 becomes 255 (110 / 255)^1.2.
    darker = 255 * (110 / 255) ** 1.2
    distance = sum(abs(level - darker) for level in (100, 110, 120)) / 3 / 127.5
    assert loss("structure", scene, relative=False) == pytest.approx(distance, abs=1e-5)
    assert loss("structure", scene) == pytest.approx(distance / (1 - darker / 127.5), rel=1e-3)


def test_structure_learns_from_the_drawing_and_not_from_its_target():
    import tensorflow as tf

    term, row = (
        create("terms", "structure", {"relative": False, "power": 1.0}),
        tf.constant(greys(100, 110, 123)),
    )
    with tf.GradientTape() as tape:
        tape.watch(row)
        value = term.loss(structure_scene(row))
    # Mean 111: the first two are to become lighter, the last darker, each by its own sign alone.
    np.testing.assert_allclose(np.ravel(tape.gradient(value, row)), np.repeat([-1, -1, 1], 3) / 9, atol=1e-6)


def test_animegans_discriminator_refuses_grey_cartoons_and_smoothed_ones_less():
    context = SimpleNamespace(cartoon=pixels(RED), smoothed=pixels(BLUE), generated=pixels(GREEN))
    term = create("terms", "grey_adversarial", {})
    assert term.real(context) is context.cartoon and term.generated(context) is context.generated
    for fake, coloured in zip(term.fakes(context), (context.cartoon, context.smoothed), strict=True):
        np.testing.assert_array_equal(fake, grey(coloured))
    assert term.fake_weights == (1.0, 0.1)


@pytest.mark.parametrize(
    ("term", "options", "complaint"),
    [
        ("grey_adversarial", {"smoothed": 1.5}, "smoothed of the term 'grey_adversarial' should be 0 to 1"),
        ("structure", {"power": 0.0}, "power of the term 'structure' should be above 0, not 0"),
        ("structure", {"power": math.nan}, "power of the term 'structure' should be above 0, not nan"),
        ("surface", {"radius": 0}, "radius of the term 'surface' should be 1 or more, not 0"),
        ("surface", {"epsilon": 0.0}, "epsilon of the term 'surface' should be above 0, not 0"),
        ("surface", {"epsilon": math.nan}, "epsilon of the term 'surface' should be above 0, not nan"),
    ],
)
def test_a_term_refuses_what_makes_no_sense(term, options, complaint):
    with pytest.raises(ToonifyError, match=complaint) as caught:
        create("terms", term, options)
    assert caught.value.exit_code == USAGE


def test_calm_areas_become_flat_where_the_photo_is_calm():
    stripes = np.resize([0.1, -0.1], (1, 32, 32, 1)).repeat(3, -1).astype("float32")  # deviates by 5 in L*

    def cost(photo: np.ndarray, drawn: np.ndarray, **options: float) -> float:
        return loss("calm_areas", SimpleNamespace(photo=photo, generated=drawn), **options)

    whole = np.concatenate([stripes, stripes + 1], axis=1)  # its contrast hardly hangs on the stripes
    calm, busy = whole - np.tile(stripes, (1, 2, 1, 1)), whole + 4 * np.tile(stripes, (1, 2, 1, 1))
    rest = cost(calm, calm)
    assert rest == pytest.approx(0.1 / 1.1, rel=0.5)  # no less, for the root's sake
    assert cost(calm, whole) > 4 * rest
    assert cost(busy, whole) < 0.01
    assert cost(calm, 0.5 * whole) == pytest.approx(cost(calm, whole), rel=0.02)  # fading wins nothing
    assert cost(calm, whole, softness=50) < 0.2 * cost(calm, whole)
    assert cost(whole, whole, calm=5) == pytest.approx(cost(calm, whole) / 2, rel=0.3)  # counts half
    red, blue = (picture([red, 0, blue]) for red, blue in ((0.3, -0.787), (-0.3, 0.787)))  # of one luma
    hues = np.resize([red, blue], (1, 64, 32, 3)).astype("float32")
    assert cost(np.zeros_like(hues), hues) > 0.4
    with pytest.raises(ToonifyError, match="calm of the term 'calm_areas' should be above 0"):
        create("terms", "calm_areas", {"calm": 0})


def test_face_points_stay_where_they_are_in_the_photo():
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        astronaut = np.asarray(image.convert("RGB").resize((128, 128)), "float32")[None] / 127.5 - 1

    def cost(drawn: np.ndarray, **options: float) -> float:
        return loss("face_points", SimpleNamespace(photo=astronaut, generated=drawn), **options)

    points, moved = {"presence": 0, "features": 0}, np.roll(astronaut, 2, axis=2)
    assert cost(astronaut) == 0
    assert 0.1 < cost(moved, **points) < cost(np.roll(astronaut, 4, axis=2), **points)
    gone = 0 * astronaut
    assert cost(gone, presence=1, features=0) > 1 + cost(gone, **points)
    with pytest.raises(ToonifyError, match="presence of the term 'face_points' should be 0 or more"):
        create("terms", "face_points", {"presence": -1})


def test_face_points_by_hand():
    def seen(place: float, presence: float = 20.0) -> dict[str, np.ndarray]:
        """A face as wide as e strides, in one place, whose points are `place` strides from it."""
        heads = {
            "cls": [presence],
            "obj": [presence],
            "bbox": [5, 5, 1, 5],
            "kps": [place] * 10,
            "features": [1],
        }
        return {f"{name}_{s}": picture([[[n]]]) for name, n in heads.items() for s in (8, 16, 32)}

    def cost(drawn: dict[str, np.ndarray], presence: float) -> float:
        term = create("terms", "face_points", {"presence": presence, "features": 0})
        term._yunet = {"photo": seen(1), "drawn": drawn}.get
        return float(term.loss(SimpleNamespace(photo="photo", generated="drawn")))

    for off, huber_of_it in ((0.015, 0.125), (0.06, 1.5)):  # half of STRAYED, twice
        assert cost(seen(1 + off * math.e), 0) == pytest.approx(
            huber_of_it * 3 / 4, rel=1e-4
        )  # 3 places, and 1
    missed = 2 * math.log1p(math.e**2)  # both logits are -2
    assert cost(seen(1, presence=-2), 0.5) == pytest.approx(0.5 * missed * 3 / 4, rel=1e-4)


def test_a_crop_without_a_face_has_no_face_points():
    sky = np.full((1, 64, 64, 3), 0.5, "float32")
    context = SimpleNamespace(photo=sky, generated=-sky)
    assert loss("face_points", context, features=0) == 0
    assert loss("face_points", context) > 0  # features are compared everywhere
