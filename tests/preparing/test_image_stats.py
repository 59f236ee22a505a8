"""What one look at a picture tells, on made pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from toonify.media import glance
from toonify.plugins import DatasetSource, Domain, PluginInUse, SourceItem
from toonify.preparing.checked_source import CheckedSource
from toonify.preparing.filtering import BLURRED, FLAT, GREY, MARKED, first_of_similar
from toonify.preparing.image_stats import SIDE, Batch, ImageStats, measure, measure_batch, small
from toonify.preparing.plan import Recipe
from toonify.preparing.scan import STATS

SHARP = draw_picture((320, 240), seed=3)


def look(image: Image.Image) -> ImageStats:
    return measure(small(image), image.size, b"")


def rows(*images: Image.Image) -> np.ndarray:
    return np.array([tuple(look(image)) for image in images], STATS)


class Plain(DatasetSource):
    """Reads files as they are."""

    domains = frozenset({"photo"})

    def items(self, domain: Domain, root: Path) -> list[SourceItem]:
        return []


class Frames(Plain):
    """Several pictures in one file."""

    def open(self, item: SourceItem) -> Image.Image:
        return Image.new("RGB", (40, 30), item.identity)


MINE = PluginInUse("the source 'mine' of acme 1.0", "Tell the authors of acme.")


def seen(source: DatasetSource, *items: SourceItem) -> list[ImageStats | str]:
    checked = CheckedSource("mine", source, MINE)
    recipe = Recipe({"photo": checked}, {"photo": {"photo": 3}}, 32, "random", 0)
    return measure_batch(recipe, Batch("photo", items))


class TestFigures:
    def test_a_flat_picture_has_no_contrast(self) -> None:
        white = look(Image.new("RGB", (300, 300), "white"))
        assert white.contrast == 0 and white.brightness == 255
        almost = Image.effect_noise((300, 300), 6).convert("RGB")
        assert look(almost).contrast < FLAT < look(SHARP).contrast

    @pytest.mark.parametrize("pencil", [120, 180])
    def test_a_few_thin_strokes_on_a_page_are_not_flat(self, pencil: int) -> None:
        page = Image.effect_noise((620, 877), 5).point(lambda level: level + 120).convert("RGB")
        assert look(page).marks < MARKED
        drawn = ImageDraw.Draw(page)
        for x in (120, 200, 280, 360):
            drawn.line((x, 200, x + 30, 400), fill=(pencil,) * 3, width=2)
        seen = look(page)
        assert seen.contrast < FLAT and seen.marks >= MARKED and seen.sharpness >= BLURRED

    def test_the_shadow_along_a_scanned_page_is_no_stroke(self) -> None:
        page = Image.new("L", (620, 877), 240)
        page.paste(190, (0, 0, 5, 877))
        seen = look(page.convert("RGB"))
        assert seen.contrast < FLAT and seen.sharpness < BLURRED

    def test_two_colours_of_one_brightness_are_not_flat(self) -> None:
        halves = Image.new("RGB", (200, 100), (200, 0, 0))
        halves.paste((0, 102, 0), (100, 0, 200, 100))
        assert look(halves).contrast > FLAT

    def test_blur_takes_sharpness_away_step_by_step(self) -> None:
        steps = [look(SHARP.filter(ImageFilter.GaussianBlur(radius))).sharpness for radius in (0, 2, 4, 8)]
        assert steps == sorted(steps, reverse=True)
        assert steps[0] > 0.5 > BLURRED > steps[-1]

    def test_sharpness_does_not_hang_on_contrast(self) -> None:
        faint = ImageEnhance.Contrast(SHARP).enhance(0.4)
        assert look(faint).sharpness == pytest.approx(look(SHARP).sharpness, abs=0.08)

    def test_grey_and_evenly_tinted_pictures_have_no_colour(self) -> None:
        grey = ImageOps.grayscale(SHARP)
        assert look(grey.convert("RGB")).colour == 0
        assert look(Image.new("RGB", (64, 64), (180, 140, 90))).colour == 0
        assert look(SHARP).colour > GREY

    def test_colour_by_hand(self) -> None:
        """Half red, half black: red - green and yellow - blue deviate by 50 and by 25."""
        halves = Image.new("RGB", (64, 64), (100, 0, 0))
        halves.paste((0, 0, 0), (0, 0, 32, 64))
        assert look(halves).colour == pytest.approx(np.hypot(50, 25), abs=1e-3)


class TestHashes:
    @pytest.mark.parametrize(
        "change",
        [
            lambda image: image.resize((160, 120)),
            lambda image: ImageEnhance.Brightness(image).enhance(1.1),
            lambda image: image.crop((3, 2, 317, 238)),
            lambda image: ImageOps.grayscale(image).convert("RGB"),
        ],
        ids=["resized", "brightened", "slightly cut", "without colour"],
    )
    def test_hardly_change(self, change) -> None:
        looks = rows(SHARP, change(SHARP))
        assert first_of_similar(looks["phash"], looks["blocks"]).tolist() == [0, 0]

    def test_tell_other_pictures_apart(self) -> None:
        looks = rows(*(draw_picture((320, 240), seed=seed) for seed in range(40)))
        assert first_of_similar(looks["phash"], looks["blocks"]).tolist() == list(range(40))

    def test_are_those_of_the_mirror_image_too(self) -> None:
        one, other = rows(SHARP, ImageOps.mirror(SHARP))
        for name in ("phash", "blocks"):
            assert one[name].tolist() == other[f"mirrored_{name}"].tolist() != other[name].tolist()


class TestFiles:
    def test_are_looked_at_upright_with_their_whole_size(self, tmp_path: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        draw_picture((900, 700), seed=1).save(tmp_path / "side.jpg", exif=exif, quality=95)
        (found,) = seen(Plain(), SourceItem("side", tmp_path / "side.jpg"))
        assert (found.width, found.height) == (700, 900)
        upright = look(draw_picture((900, 700), seed=1).rotate(-90, expand=True))
        assert found.brightness == pytest.approx(upright.brightness, abs=1)

    def test_are_decoded_small(self, tmp_path: Path) -> None:
        draw_picture((1600, 1200)).save(tmp_path / "large.jpg")
        image, whole = glance(tmp_path / "large.jpg", SIDE)
        assert whole == (1600, 1200)
        assert SIDE <= min(image.size) < 2 * SIDE

    def test_of_the_same_bytes_have_the_same_content(self, picture_file) -> None:
        one, again, other = (picture_file(f"{name}.png", seed=name != "c") for name in "abc")
        looks = seen(Plain(), *(SourceItem(path.name, path) for path in (one, again, other)))
        assert looks[0].content == looks[1].content != looks[2].content

    def test_that_hold_several_pictures_are_told_apart(self, tmp_path: Path) -> None:
        film = tmp_path / "film"
        first, second, again = seen(
            Frames(), *(SourceItem(name, film) for name in ("red", "blue", "#ff0000"))
        )
        assert first.content == again.content != second.content

    def test_that_cannot_be_used_give_the_reason(self, tmp_path: Path, picture_file) -> None:
        (tmp_path / "text.jpg").write_text("no picture")
        dot = picture_file("dot.png", (8, 8))
        found = seen(Plain(), *(SourceItem("", path) for path in (tmp_path / "text.jpg", dot)))
        assert found == ["not a picture in a known format", "too small: the short side is under 16 pixels"]
