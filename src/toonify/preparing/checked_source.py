"""A source, which may be anyone's code: what it declares and answers is checked."""

from __future__ import annotations

import pickle
import re
import typing
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from toonify.errors import ToonifyError, one_line
from toonify.media import READ, glance, left_aside, tell_left_aside
from toonify.plugins import DatasetSource, Domain, PluginInUse, SourceItem, create, plugin_in_use
from toonify.storage import ARRAYS
from toonify.text import visible

DOMAINS = typing.get_args(Domain)

T = TypeVar("T")


@dataclass(frozen=True)
class CheckedSource:
    """A source whose answers are checked: each broken promise is a `ToonifyError` that names the plugin.

    Attributes:
        name: Of the plugin.
        source: The plugin itself.
        plugin: What errors call it.
    """

    name: str
    source: DatasetSource
    plugin: PluginInUse

    @classmethod
    def made(cls, name: str, options: Mapping[str, Any]) -> CheckedSource:
        """The plugin of a name, made with its options.

        Raises:
            ToonifyError: if there is none, or the options are not its.
        """
        return cls(name, create("datasets", name, options), plugin_in_use("datasets", name))

    def check_declarations(self, taken: Collection[str]) -> None:
        """Make sure that what it declares can be.

        Args:
            taken: Names that its arrays may not have.
        """
        with self.plugin.errors():
            self._check_domains()
            self._check_arrays(taken)

    def check_portable(self) -> None:
        """Make sure that it can be sent to worker processes."""
        try:
            pickle.dumps(self.source)
        except Exception as error:  # whatever its own code raises
            raise self.plugin.error(
                f"{self.plugin} cannot be sent to worker processes: {one_line(error)}",
                f"Use `workers` 1. {self.plugin.remedy}".strip(),
            ) from error

    def items(self, domain: Domain, root: Path) -> list[SourceItem]:
        """The pictures of a domain below `root`, one at least, each with an identity of its own."""
        try:
            items = list(self.source.items(domain, root))
        except ToonifyError:
            raise
        except (Exception, SystemExit) as error:
            raise self._failure(f"cannot read {root}", error) from error
        if not items:
            raise self._nothing(root)
        if odd := next((item for item in items if not _is_item(item)), None):
            raise self.plugin.error(
                f"{self.plugin} gave {visible(str(odd)):.200} for a file of {root}",
                "It should be a SourceItem: identity is text, path a Path, weight a number, split 'train', "
                "'val' or None.",
            )
        known: dict[str, SourceItem] = {}
        for item in items:
            if (other := known.setdefault(item.identity, item)) is not item:
                raise self.plugin.error(
                    f"{self.plugin} gave the identity '{visible(item.identity):.200}' to two files of "
                    f"{root}: {_within(root, other)} and {_within(root, item)}"
                )
            if not item.weight > 0:
                raise self.plugin.error(
                    f"{self.plugin} gave a weight that is not above 0 to a file of {root}: "
                    f"{_within(root, item)}"
                )
        return items

    @property
    def reads_files(self) -> bool:
        """Whether a picture is what its file holds: several may come from one file otherwise."""
        return type(self.source).open is DatasetSource.open

    def open(self, item: SourceItem) -> Image.Image:
        """The picture, RGB. Where it opens files in its own way, its errors are its own, not the file's."""
        if self.reads_files:
            return self.source.open(item)
        with self.plugin.errors():
            image: object = self.source.open(item)
        if not isinstance(image, Image.Image):
            raise self.plugin.error(f"{self.plugin} gave {type(image).__name__} instead of a Pillow image")
        if image.mode != "RGB":
            raise self.plugin.error(f"{self.plugin} gave mode {image.mode} instead of RGB")
        return image

    def glimpse(self, item: SourceItem, side: int) -> tuple[Image.Image, tuple[int, int]]:
        """The picture with at least `side` pixels on its short side if it has them, and its whole size.

        A source that opens files in its own way is asked for the whole picture.
        """
        if self.reads_files:
            return glance(item.path, side)
        image = self.open(item)
        return image, image.size

    def pair(self, item: SourceItem, photo: np.ndarray) -> np.ndarray:
        """The pair of a photograph: uint8, (h, w, 7).

        Args:
            item: Whose photograph it is.
            photo: RGB, uint8, (H, W, 3): a crop, or all of it for a `whole` source, which may answer at
                another size.
        """
        pair = self._answer(f"made no pair of {item.identity}", lambda: self.source.pair_of(item, photo))
        self._need(pair, "a pair", ARRAYS["paired"].channels, photo)
        return pair

    def derive(self, domain: Domain, item: SourceItem, picture: np.ndarray) -> dict[str, np.ndarray]:
        """The arrays that it declares for a domain: by name, uint8, (h, w, channels); otherwise as `pair`."""
        declared = self.source.arrays[domain]
        # A copy, for what the source draws into it must not reach the dataset.
        arrays = self._answer(
            f"derived nothing of {item.identity}", lambda: dict(self.source.derive(domain, picture.copy()))
        )
        if arrays.keys() != declared.keys():
            raise self.plugin.error(
                f"{self.plugin} derived {_listed(arrays)} of {item.identity}, not {_listed(declared)}"
            )
        for name, channels in declared.items():
            self._need(arrays[name], f"the array '{name}'", channels, picture)
        return arrays

    def _check_domains(self) -> None:
        declared: object = self.source.domains
        if not isinstance(declared, Collection) or isinstance(declared, str):
            raise self.plugin.error(
                f"the `domains` of {self.plugin} should be a set of {', '.join(DOMAINS)}, not {declared!r}"
            )
        if not declared or not {*declared} <= {*DOMAINS}:
            given = ", ".join(sorted(map(str, declared))) or "none"
            raise self.plugin.error(
                f"{self.plugin} declares the domains {given}; there are {', '.join(DOMAINS)}"
            )

    def _check_arrays(self, taken: Collection[str]) -> None:
        declared = self.source.arrays
        times = Counter(array for arrays in declared.values() for array in arrays)
        for domain, arrays in declared.items():
            for array, channels in arrays.items():
                said = f"{self.plugin} declares the array '{array}'"
                if domain not in self.source.domains:
                    raise self.plugin.error(f"{said} of {domain} pictures, which it does not give")
                if array in taken or times[array] > 1:
                    raise self.plugin.error(f"{said}, a name that is taken")
                if not re.fullmatch("[a-z][a-z0-9_]*", array):
                    raise self.plugin.error(f"{said}; a name is lower-case letters, digits and underscores")
                if type(channels) is not int or channels < 1:
                    raise self.plugin.error(f"{said} of {channels} channels; it needs one at least")

    def _nothing(self, root: Path) -> ToonifyError:
        """The error for a folder in which it finds no pictures: what is one is for a stranger's to say."""
        if self.plugin.foreign:
            return self.plugin.error(f"{self.plugin} finds no pictures in {root}")
        others = tell_left_aside(left_aside(root, ()))
        return ToonifyError(f"{root} holds no pictures{f' ({others})' if others else ''}", READ)

    def _answer(self, failed: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (Exception, SystemExit) as error:
            raise self._failure(failed, error) from error

    def _failure(self, failed: str, error: BaseException) -> ToonifyError:
        return self.plugin.error(f"{self.plugin} {failed}: {type(error).__name__}: {one_line(error)}")

    def _need(self, array: object, name: str, channels: int, picture: np.ndarray) -> None:
        shape = (*picture.shape[:2], channels)
        if not (isinstance(array, np.ndarray) and array.dtype == np.uint8 and self._fits(array.shape, shape)):
            found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise self.plugin.error(f"{self.plugin} gave {found} as {name}, not uint8 {shape}")

    def _fits(self, given: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
        """Whether an array has its shape; that of a `whole` source may be larger or smaller than wanted."""
        if not self.source.whole:
            return given == wanted
        height, width, channels = wanted
        if len(given) != 3 or 0 in given or given[2] != channels:
            return False
        return abs(given[0] * width - given[1] * height) <= max(height, width)


def _is_item(item: object) -> bool:
    return (
        isinstance(item, SourceItem)
        and isinstance(item.identity, str)
        and isinstance(typing.cast(object, item.weight), Real)
        and item.split in ("train", "val", None)
    )


def _within(root: Path, item: SourceItem) -> str:
    path = item.path.relative_to(root) if item.path.is_relative_to(root) else item.path
    return f"{visible(str(path)):.200}"


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(map(str, names))) or "no arrays"
