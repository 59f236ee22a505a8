"""The contracts: what each kind of plugin promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from toonify.errors import ToonifyError
from toonify.media import open_rgb
from toonify.plugins.terms import Term
from toonify.storage import Control

if TYPE_CHECKING:
    import keras
    import numpy as np
    from PIL import Image

    from toonify.styles import Style

Domain = Literal["photo", "cartoon", "paired"]

Draw = Callable[[Any], Any]
"""Draws pictures, NumPy arrays (N, H, W, 3), float32 RGB in [-1, 1]; gives the same."""


class Backbone(ABC):
    """A network whose features tell whether two pictures show the same things.

    Attributes:
        default_layer: The layer whose output is used when the user names none.
        licence: Under what terms its published weights may be used.
    """

    default_layer: ClassVar[str]
    licence: ClassVar[str]

    @abstractmethod
    def build(self, weights: str, layer: str) -> keras.Model:
        """A frozen model from RGB in [-1, 1], (N, H, W, 3), to features (N, h, w, c).

        Its own preprocessing is part of the graph.

        Args:
            weights: `imagenet`, the path of a file, or `none` for random weights.
            layer: The layer whose output to give.

        Raises:
            ToonifyError: if there is no such layer, or the weights cannot be had or do not fit.
        """


class AdversarialLoss(ABC):
    """Both sides of the game between generator and discriminator, on raw patch logits.

    Logits are float32, (N, h, w, 1); every method gives a scalar to be minimised.

    Attributes:
        boundary: The logit above which the discriminator takes a patch for real, by which its hits are
            counted while training; `None` for a critic, whose scores mean something only beside each
            other.
    """

    boundary: float | None = 0.0

    @abstractmethod
    def discriminator(self, real: Any, *fakes: Any) -> Any:
        """The discriminator's loss on real cartoons and each kind of fake."""

    @abstractmethod
    def generator(self, fake: Any) -> Any:
        """The generator's loss on the discriminator's opinion of its pictures."""

    def penalty(self, critic: keras.Model, real: Any, fake: Any, *, gradient: Any, epsilon: Any) -> Any:
        """A term added to the discriminator's loss; by default nothing.

        Args:
            critic: The discriminator.
            real: Cartoons, (N, H, W, 3) in [-1, 1].
            fake: Generated pictures of the same shape.
            gradient: `gradient(function, x)` is the derivative of the sum of `function(x)` by `x`.
            epsilon: Uniform random numbers in [0, 1), (N, 1, 1, 1).
        """
        return 0.0

    def constrain(self, critic: keras.Model) -> None:
        """Called after each of the discriminator's updates; by default changes nothing."""
        return


@dataclass(frozen=True)
class SourceItem:
    """A picture that a source offers.

    Attributes:
        identity: A name that stays the same when the source is read again, such as the path
            relative to the source's folder, with forward slashes.
        path: The file that holds it.
        weight: When more pictures are asked for than there are files, how many further crops of it
            are taken compared with others.
        split: `train` or `val` where the collection itself says which; by default chance decides.
    """

    identity: str
    path: Path
    weight: float = 1.0
    split: Literal["train", "val"] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))


class DatasetSource(ABC):
    """Where training pictures come from. Must survive pickling: worker processes use it.

    Attributes:
        domains: What it gives. What it lacks, the `folder` source fills from the command line.
        one_root: Whether PHOTOS alone may hold its photos and its cartoons.
        arrays: Further arrays that it derives from the pictures of a domain (depth, segments, a second
            artist's hand), by name, with their channels: `{"photo": {"depth": 1}}`.
        whole: Whether `pair` and `derive` are given whole pictures, of which crops are then cut, instead of
            crops: for sources that must see a head to draw a cheek. They may answer at any size of the
            same shape. Derived arrays are cut without mixing numbers, for they may be labels.
    """

    domains: ClassVar[frozenset[Domain]]
    one_root: ClassVar[bool] = True
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {}
    whole: ClassVar[bool] = False

    @abstractmethod
    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """The pictures of a domain below `root`, in an order that does not change.

        For `photo` and `paired`, `root` is the PHOTOS argument; for `cartoon`, CARTOONS.

        Raises:
            ToonifyError: if `root` is not laid out as this source expects.
        """

    def open(self, item: SourceItem) -> Image.Image:
        """The picture, upright, mode RGB, in sRGB.

        Raises:
            ToonifyError: if it cannot be used; the message is the reason, without the file's name.
        """
        return open_rgb(item.path)

    def pair(self, photo: np.ndarray) -> np.ndarray:
        """What the generator's heads should make of a photo (`paired` sources only).

        Args:
            photo: RGB, (S, S, 3), uint8: a crop, or for `whole` sources a picture, (H, W, 3).

        Returns:
            (S, S, 7), uint8: the photo as it should be trained on, its flat colours, its ink
            mask (255 = ink).
        """
        raise ToonifyError(f"{type(self).__name__} makes no pairs")

    def derive(self, domain: Domain, picture: np.ndarray) -> Mapping[str, np.ndarray]:
        """The arrays that `arrays` names for a domain, of a picture.

        Args:
            domain: Of the picture.
            picture: RGB, (S, S, 3), uint8: a crop, or for `whole` sources all of it, (H, W, 3).

        Returns:
            By name, uint8, (S, S, channels), the same pixels as the picture's.
        """
        raise ToonifyError(f"{type(self).__name__} derives no arrays")


class Generator(ABC):
    """An architecture that turns photographs into cartoons.

    Attributes:
        halo: How many pixels around a tile its result depends on; `None` when the whole picture
            matters (normalisation over the picture).
        multiple: Sides must be multiples of this many pixels; `convert` pads and crops.
        controls: Numbers that whoever converts may choose, by name: letters, digits and underscores.
    """

    halo: int | None
    multiple: int
    controls: Mapping[str, Control] = {}

    @abstractmethod
    def build(self) -> keras.Model:
        """A new model from RGB in [-1, 1], (N, H, W, 3), to RGB in [-1, 1] of the same shape."""

    def heads(self, model: keras.Model) -> keras.Model | None:
        """A model that shares `model`'s weights and gives the parts that training may supervise.

        Returns:
            A model whose output is a dictionary of heads by name, (N, H, W, C) each; terms name the head
            that they look at. Those of the built-in terms are `colour`, RGB in [-1, 1], and `ink`,
            logits of one channel. `None` when the architecture has no heads.
        """
        return None

    def controlled(self, model: keras.Model) -> keras.Model:
        """A model that shares `model`'s weights and takes the numbers of `controls` beside the picture.

        Returns:
            A model from `{"picture": (N, H, W, 3), **numbers}`, each number a float32 of shape (), to what
            `model` gives; with every control at its default, exactly that. `model` itself when the
            architecture has no controls.
        """
        return model


class Exporter(ABC):
    """A format that styles are exported in.

    What it writes is kept only if it draws, in every runtime that it names, what the style itself draws, or
    its `original`.

    Attributes:
        suffix: What follows the style's name in that of the file or folder, such as `.onnx`.
        any_size: Whether what it writes takes pictures of any size, adding a mirrored margin as `convert`
            does, and cutting it off again; otherwise sides are multiples of the style's.
        needs_tensorflow: Whether it builds the generator in Keras on TensorFlow. Where Keras runs on
            something else, all of it is done in another process.
        several: Whether what it writes can hold several styles.
        tolerance: How far it may draw from the style, in [-1, 1], if it stores the network less exactly;
            `None` for no further than runtimes are apart.
        least_psnr: In dB, how near it must draw to the style on the whole; 0 where `tolerance` says enough.
        takes_pictures: Whether it is given pictures as arrays, as a network is; a page is not.
        close_ups: Whether small faces are drawn once more wherever it is used, as `convert` does.
        takes_controls: Whether whoever uses it may choose the style's controls; otherwise they are fixed.
        painted: Whether a style's painter belongs to what it writes, so that its absence is told.
        size: Width and height of the only pictures that what it writes takes; `None` for many sizes.
        largest_side: Pixels of the longest side that it takes; 0 where there is no bound.

    Options of its constructor called `size` (of that type) and `calibrate` (`Path | None`, a folder of
    pictures) are given what whoever exports asks for by these names.
    """

    suffix: ClassVar[str]
    any_size: ClassVar[bool] = False
    needs_tensorflow: ClassVar[bool] = False
    several: ClassVar[bool] = False
    tolerance: ClassVar[float | None] = None
    least_psnr: ClassVar[float] = 0.0
    takes_pictures: ClassVar[bool] = True
    close_ups: ClassVar[bool] = False
    takes_controls: ClassVar[bool] = False
    painted: ClassVar[bool] = True
    largest_side: ClassVar[int] = 0
    size: tuple[int, int] | None = None

    def check(self, style: Style, path: Path) -> None:
        """Called before anything is written; by default refuses to replace a folder.

        Args:
            style: What will be exported.
            path: What will be replaced, if it is there.

        Raises:
            ToonifyError: if the style cannot be exported, or what is at `path` should stay.
        """
        if path.is_dir():
            raise ToonifyError(
                f"{path} is a folder: it is not replaced by a file", "Choose another `output`."
            )

    @abstractmethod
    def write(self, style: Style, path: Path) -> None:
        """Write a style.

        Args:
            style: `style.onnx_bytes()` is its network, `style.weights_bytes()` its weights, which
                `open_arrays(style.files.weights, weights)` reads, `style.manifest` its card.
            path: Of the file or folder to make. It has the final name, and is moved to its place once it is
                verified.
        """

    def write_several(self, styles: Sequence[Style], path: Path) -> None:
        """Write several styles into one file or folder, which `runtimes` open at the first of them.

        Called where `several` is true, instead of `write`.

        Args:
            styles: One at least; all but the first must be verified here.
            path: As of `write`.
        """
        raise NotImplementedError

    def original(self, style: Style) -> Draw | None:
        """Draws what the export should, where that is not what the style itself draws; by default `None`.

        Args:
            style: What is exported.

        Returns:
            A function on pictures whose sides are multiples of the style's.
        """
        return None

    @abstractmethod
    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        """By name, what opens a written path in a runtime that people will use, and draws with it."""


class Painter(ABC):
    """Paints over what a style's network drew, while pictures are converted: faces, say.

    A style names one on its card (`painter`). It needs no framework of its own, and must be safe to use
    from several threads.
    """

    @abstractmethod
    def paint(
        self,
        photo: np.ndarray[Any, Any],
        cartoon: np.ndarray[Any, Any],
        controls: Mapping[str, float],
    ) -> np.ndarray[Any, Any]:
        """The cartoon, painted over; where there is nothing to paint, the cartoon as it is.

        Args:
            photo: sRGB, upright, uint8, (H, W, 3), at the size at which it was drawn.
            cartoon: What the network made of it, of the same type and shape; not to be changed.
            controls: The values of all of the style's controls.

        Returns:
            Of the cartoon's type and shape.
        """


CONTRACTS: Mapping[str, type] = {
    "backbones": Backbone,
    "losses": AdversarialLoss,
    "datasets": DatasetSource,
    "generators": Generator,
    "terms": Term,
    "exporters": Exporter,
    "painters": Painter,
}
