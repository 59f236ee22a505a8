"""Whether a dataset fits on its disk, before hours go into one that does not."""

from __future__ import annotations

from collections.abc import Mapping

from toonify.errors import ToonifyError
from toonify.plugins import Domain
from toonify.preparing.inputs import Input
from toonify.preparing.journal import Journal
from toonify.preparing.plan import SPLITS
from toonify.preparing.request import PrepareRequest
from toonify.resources import free_space
from toonify.storage import remove


def check_room(request: PrepareRequest, inputs: Mapping[Domain, Input], journal: Journal) -> None:
    """Refuse what is certain not to fit: so many pictures of each kind as `count` says.

    Without it, or with crops of which a file gives one, there may be fewer, and nothing is refused.

    Args:
        request: Whose dataset it is.
        inputs: What its pictures become.
        journal: What there is of it already.

    Raises:
        ToonifyError: with both sizes. A run that has finished nothing is forgotten.
    """
    if journal.folder is None or request.count is None or request.crop != "random":
        return
    shards = 0
    for domain, each in inputs.items():
        streams = (journal.streams.get(f"{split}/{domain}") for split in SPLITS)
        there = sum(stream.finished for stream in streams if stream)
        shards += (request.count - there) * request.size**2 * sum(each.arrays.values())
    free = free_space(journal.folder.path)
    if shards <= free:
        return
    if not any(stream.finished for stream in journal.streams.values()):
        remove(journal.folder.journal)
    raise ToonifyError(
        f"the dataset would take {_size(shards)}, and {request.output} has room for {_size(free)}",
        "Give a smaller `count` or `size`, or another `output`.",
    )


def _size(bytes_: float) -> str:
    return f"{bytes_ / 1e9:,.1f} GB" if bytes_ >= 1e8 else f"{bytes_ / 1e6:,.1f} MB"
