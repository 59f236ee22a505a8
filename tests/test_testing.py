"""`toonify.testing`: the built-in plugins keep their contracts, and broken ones are found out."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import pytest
from keras import layers, ops

from toonify.datasets.comic import Comic
from toonify.datasets.folder import Folder
from toonify.losses.lsgan import LSGAN
from toonify.networks.cartoongan import CartoonGAN
from toonify.networks.lite import Lite
from toonify.networks.unet import UNet
from toonify.plugins import (
    AdversarialTerm,
    Backbone,
    Control,
    DatasetSource,
    Generator,
    LossTerm,
    SourceItem,
    create,
    find_plugins,
)
from toonify.testing import check_backbone, check_dataset, check_generator, check_loss, check_term


@pytest.mark.parametrize("name", [plugin.name for plugin in find_plugins("losses")])
def test_every_loss_keeps_its_contract(name):
    check_loss(create("losses", name, {}))


@pytest.mark.parametrize("name", [plugin.name for plugin in find_plugins("terms")])
def test_every_term_keeps_its_contract(name):
    check_term(
        create("terms", name, {}), arrays={"regions": 1}, heads={"colour": 3, "ink": 1, "regions": 256}
    )


@pytest.mark.parametrize(
    "generator",
    [Lite(width=1), Lite(width=1, lines=True), UNet(width=1, paints=2), CartoonGAN(width=1, blocks=1)],
    ids=["lite", "lines", "unet", "cartoongan"],
)
def test_every_generator_keeps_its_contract(generator):
    check_generator(generator)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg19", "resnet101"])
def test_every_backbone_keeps_its_contract(name):
    check_backbone(create("backbones", name, {}))


@pytest.mark.parametrize("source", [Folder(), Comic()], ids=lambda one: type(one).__name__)
def test_sources_keep_their_contract(source, picture_file, tmp_path):
    for number in range(2):
        picture_file(f"photos/{number}.png", seed=number)
    check_dataset(source, str(tmp_path / "photos"))


class Features(Backbone):
    """A convolution that may be trained, look at its batch, or let no gradient through."""

    default_layer = "only"
    licence = "CC0-1.0"

    def __init__(self, fault: str = "") -> None:
        self.fault = fault

    def build(self, weights, layer):
        pictures = keras.Input((None, None, 3))
        seen = layers.Conv2D(2, 3, strides=2, name=layer)(pictures)
        if self.fault == "unbuilt":
            return keras.Sequential([layers.Conv2D(2, 3)], trainable=False)
        if self.fault == "looks at its batch":
            seen = seen - ops.mean(seen, axis=0, keepdims=True)
        if self.fault == "stops gradients":
            seen = ops.stop_gradient(seen)
        if self.fault == "flat":
            seen = ops.mean(seen, axis=(1, 2))
        if self.fault == "one size":
            pictures = keras.Input((224, 224, 3))
            seen = layers.Conv2D(2, 3)(pictures)
        model = keras.Model(pictures, seen)
        model.trainable = self.fault == "not frozen"
        return model


def test_a_strangers_backbone():
    check_backbone(Features())


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("looks at its batch", "do not depend on its batch"),
        ("stops gradients", "a gradient flows back"),
        ("flat", r"features are \(N, h, w, c\)"),
        ("not frozen", "it is frozen"),
        ("unbuilt", r"build\(\) gives a model that has its weights: begin it with keras.Input"),
        ("one size", r"takes pictures of any size, \(2, 64, 64, 3\) too \(ValueError"),
    ],
)
def test_a_backbone_that_breaks_a_promise_is_found_out(fault, promise):
    with pytest.raises(AssertionError, match=promise):
        check_backbone(Features(fault))


class UpsideDown(LSGAN):
    def generator(self, fake):
        return -super().generator(fake)


class Unaveraged(LSGAN):
    def discriminator(self, real, *fakes):
        return ops.square(real)


class Blind(LSGAN):
    def discriminator(self, real, *fakes):
        return ops.mean(real) * 0


class OfNumPy(LSGAN):
    def generator(self, fake):
        return np.square(np.asarray(fake) - 1).mean()


class Rounded(LSGAN):
    def discriminator(self, real, *fakes):
        return ops.cast(super().discriminator(real, *fakes) * 100, "int32")


class Silent(LSGAN):
    def generator(self, fake):
        super().generator(fake)


class OfNumbersOfNumPy(LSGAN):
    boundary = np.float32(0.5)


def test_a_boundary_may_be_a_number_of_numpy():
    check_loss(OfNumbersOfNumPy())


class HighInWords(LSGAN):
    boundary = "high"


class Exploding(LSGAN):
    def constrain(self, critic):
        critic.variables[0].assign(critic.variables[0] / 0)


@pytest.mark.parametrize(
    ("loss", "promise"),
    [
        (UpsideDown, "the generator's falls as its logits rise"),
        (Unaveraged, r"gives one number, not an array of shape \(2, 4, 4, 1\)"),
        (Blind, "smaller when real logits are above the fakes'"),
        (Exploding, "weights after constrain"),
        (OfNumPy, "computed by keras.ops alone, for the step is compiled"),
        (Rounded, r"discriminator\(\) has a derivative by the logits"),
        (Silent, r"generator\(\) gives one number, not NoneType"),
        (HighInWords, "`boundary` is a number or None, not 'high'"),
    ],
)
def test_a_loss_that_breaks_a_promise_is_found_out(loss, promise):
    with pytest.raises(AssertionError, match=promise):
        check_loss(loss())


class Network(Generator):
    """A convolution of one pixel, or of more than its `halo` says."""

    halo: int | None = 0
    multiple = 2

    def __init__(self, reach: int = 0, scale: float = 0.3, names: str = "same") -> None:
        self.reach = reach
        self.scale = scale
        self.names = names
        self.built = 0

    def build(self):
        self.built += 1
        pictures = keras.Input((None, None, 3))
        name = "pixels" if self.names == "same" else f"pixels_{self.built}"
        convolution = layers.Conv2D(3, 2 * self.reach + 1, padding="same", name=name)(pictures)
        return keras.Model(pictures, self.scale * ops.tanh(convolution))


class Halved(Network):
    """Sides must be multiples of four, whatever it says."""

    def build(self):
        pictures = keras.Input((None, None, 3))
        small = layers.Conv2D(3, 4, strides=4, padding="same", name="small")(pictures)
        return keras.Model(pictures, ops.tanh(layers.UpSampling2D(4)(small)))


class Vector(Network):
    """A control that is a vector, as Keras takes `keras.Input((1,))`."""

    controls: ClassVar = {"glow": Control(0, 2, 1, "how much it glows")}

    def controlled(self, model):
        pictures = keras.Input((None, None, 3), name="picture")
        glow = keras.Input((1,), name="glow")
        return keras.Model({"picture": pictures, "glow": glow}, model(pictures) * glow[:, None, None])


class Glowing(Vector):
    """Its controls are applied in a model that was not begun with `keras.Input`, and has no weights more."""

    def controlled(self, model):
        class Controlled(keras.Model):
            def __init__(self):
                super().__init__()
                self.drawing = model

            def call(self, given):
                return ops.clip(self.drawing(given["picture"]) * given["glow"], -1, 1)

        return Controlled()


@pytest.mark.parametrize("generator", [Network(), Glowing()], ids=["plain", "controlled"])
def test_a_strangers_generator(generator):
    check_generator(generator)


@pytest.mark.parametrize(
    ("numbers", "promise"),
    [
        ({"multiple": 512}, "the `multiple` of Network should be 1 to 256, not 512"),
        ({"halo": 4096}, "the `halo` of Network should be 0 to 1024, or None, not 4096"),
        ({"controls": {"Glow": Control(0, 2, 1, "how much")}}, "cannot be: 'Glow' is no name of a control"),
    ],
)
def test_numbers_that_no_training_takes_are_found_out(numbers, promise):
    generator = Network()
    vars(generator).update(numbers)
    with pytest.raises(AssertionError, match=promise):
        check_generator(generator)


@pytest.mark.parametrize(
    ("network", "promise"),
    [
        (Network(reach=2), r"nothing further away than `halo` \(0\) is seen"),
        (Network(scale=9), r"pictures are in \[-1, 1\]"),
        (Network(names="new ones"), "names its variables the same way"),
        (Halved(), r"\(2, 34, 34, 3\) becomes the same shape, not \(2, 36, 36, 3\)"),
        (Vector(), r"takes \{picture, glow\}, each number of shape \(\): keras.Input\(batch_shape=\(\), …\)"),
    ],
    ids=["sees too far", "out of range", "new names", "another multiple", "a control of another shape"],
)
def test_a_generator_that_breaks_a_promise_is_found_out(network, promise):
    with pytest.raises(AssertionError, match=promise):
        check_generator(network)


class Depth(LossTerm):
    uses = frozenset({"depth"})

    def loss(self, context):
        return ops.mean(context.array("depth")) * ops.mean(context.generated)


class Forgetful(LossTerm):
    def loss(self, context):
        return ops.mean(ops.square(context.generated - context.cartoon))


class Elsewhere(LossTerm):
    def loss(self, context):
        return ops.mean(context.photo)


class Random(LossTerm):
    def loss(self, context):
        return ops.mean(context.generated) * np.random.default_rng().random()


class Root(LossTerm):
    def loss(self, context):
        return ops.sqrt(ops.mean(ops.square(context.generated * 0)))


class Bounded(LossTerm):
    """0 as long as drawings are not far too bright."""

    def loss(self, context):
        return ops.mean(ops.relu(context.generated - 2))


class InAnyOrder(LossTerm):
    """Its sums differ a little each time, as those of segments do on a GPU."""

    def __init__(self):
        self.times = 0

    def loss(self, context):
        self.times += 1
        return ops.mean(ops.square(context.generated)) * (1 + 1e-5 * self.times)


@pytest.mark.parametrize("term", [Bounded, InAnyOrder])
def test_a_strangers_term(term):
    check_term(term())


class NumpysOfPhotos(LossTerm):
    def loss(self, context):
        return ops.mean(context.generated) * float(np.mean(context.photo))


class Lettered(Forgetful):
    uses = "cartoon"


@pytest.mark.parametrize(
    ("term", "promise"),
    [
        (Forgetful, "`uses` names cartoon, which the term asks for"),
        (Elsewhere, "a derivative by what the generator draws"),
        (Random, "the same `context.noise` give the same"),
        (Root, "the derivative of loss.. by generated: finite numbers"),
        (NumpysOfPhotos, "computed by keras.ops alone, for the step is compiled"),
        (Lettered, "`uses` is a set of names, not 'cartoon'"),
    ],
)
def test_a_term_that_breaks_a_promise_is_found_out(term, promise):
    with pytest.raises(AssertionError, match=promise):
        check_term(term())


def test_terms_may_look_at_arrays_of_a_sources_own():
    check_term(Depth(), arrays={"depth": 1})
    with pytest.raises(AssertionError, match="names the array depth"):
        check_term(Depth())


class Lopsided(AdversarialTerm):
    uses = frozenset({"cartoon"})

    def real(self, context):
        return context.cartoon

    def generated(self, context):
        return context.generated[:, ::2]


class HalfCounted(Lopsided):
    fake_weights = (np.float32(0.5),)

    def fakes(self, context):
        return (context.cartoon,)

    def generated(self, context):
        return context.generated


class Centred(HalfCounted):
    """The sum of what it shows does not change with the drawing."""

    def generated(self, context):
        return context.generated - ops.mean(context.generated)


@pytest.mark.parametrize("term", [HalfCounted, Centred])
def test_a_strangers_adversary(term):
    check_term(term())


class Deaf(HalfCounted):
    def generated(self, context):
        return ops.stop_gradient(context.generated)


class NumpysOwn(HalfCounted):
    def real(self, context):
        return np.asarray(context.cartoon)


class Peeking(Lopsided):
    def generated(self, context):
        return context.generated - context.photo


class Grey(Lopsided):
    def real(self, context):
        return context.cartoon[..., :1]


class OneFake(Lopsided):
    def fakes(self, context):
        return context.cartoon


def test_an_adversary_that_breaks_a_promise_is_found_out():
    with pytest.raises(AssertionError, match=r"real\(\) gives \(N, h, w, 3\), not \(2, 32, 32, 1\)"):
        check_term(Grey())
    with pytest.raises(AssertionError, match=r"fakes\(\) gives a tuple, not "):
        check_term(OneFake())
    with pytest.raises(AssertionError, match="has the shape of real"):
        check_term(Lopsided())
    with pytest.raises(
        AssertionError, match="looks at `generated`, `features` and `noise` alone, not at `photo`"
    ):
        check_term(Peeking())
    with pytest.raises(AssertionError, match=r"generated\(\) has a derivative by what the generator"):
        check_term(Deaf())
    with pytest.raises(AssertionError, match=r"computed by keras\.ops alone, for the step is compiled"):
        check_term(NumpysOwn())


class Shifting(DatasetSource):
    """A source that may forget its order, its files' modes or its arrays."""

    domains = frozenset({"photo"})
    arrays: ClassVar = {"photo": {"depth": 1}}

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.listed = 0
        if fault == "domains":
            self.domains = "photo"

    def items(self, domain, root):
        self.listed += 1
        paths = sorted(root.glob("*.png"), reverse=self.fault == "order" and self.listed % 2 == 0)
        for path in paths:
            identity = "same" if self.fault == "identity" else path.name
            weight = "3" if self.fault == "weight" else np.float32(3)
            yield path if self.fault == "items" else SourceItem(identity, path, weight)

    def open(self, item):
        image = super().open(item)
        return image.convert("L") if self.fault == "mode" else image

    def derive(self, domain, picture):
        wide = 2 if self.fault == "channels" else 1
        name = "height" if self.fault == "name" else "depth"
        return {name: picture[..., :wide].astype(np.uint8)}


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("order", "an order that does not change"),
        ("identity", "no two items have the same identity"),
        ("mode", "mode RGB, not L"),
        ("domains", "`domains` is a set of photo, cartoon, paired, not 'photo'"),
        ("items", "gives SourceItems, not PosixPath"),
        ("weight", "weights are numbers above 0"),
        ("channels", r"gives uint8 \(32, 32, 1\), not uint8 \(32, 32, 2\)"),
        ("name", r"gives \['depth'\], not \['height'\]"),
    ],
)
def test_a_source_that_breaks_a_promise_is_found_out(fault, promise, picture_file, tmp_path: Path):
    for number in range(2):
        picture_file(f"photos/{number}.png", seed=number)
    check_dataset(Shifting(), tmp_path / "photos")
    with pytest.raises(AssertionError, match=promise):
        check_dataset(Shifting(fault), tmp_path / "photos")


class Doubled(DatasetSource):
    """Draws whole pictures at twice their size, or of another shape."""

    domains = frozenset({"paired"})
    whole = True

    def __init__(self, times: tuple[int, int] = (2, 2)) -> None:
        self.times = times

    def items(self, domain, root):
        return [SourceItem(path.name, path) for path in sorted(root.glob("*.png"))]

    def pair(self, photo):
        large = np.kron(photo, np.ones((*self.times, 1), np.uint8))
        return np.concatenate([large, large, large[..., :1]], axis=-1)


class Unportable(Shifting):
    def __init__(self) -> None:
        self.order = lambda path: path.name


def test_a_source_of_whole_pictures_may_answer_at_another_size(picture_file, tmp_path):
    picture_file("photos/0.png")
    check_dataset(Doubled(), tmp_path / "photos")
    with pytest.raises(AssertionError, match=r"\(32, 48, 7\), or of another size of that shape, not uint8"):
        check_dataset(Doubled(times=(1, 2)), tmp_path / "photos")


def test_a_source_that_cannot_be_sent_to_a_worker_is_found_out(tmp_path):
    with pytest.raises(AssertionError, match="it survives pickling"):
        check_dataset(Unportable(), tmp_path)
