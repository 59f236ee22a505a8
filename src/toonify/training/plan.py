"""What a run will do, step by step: which phase, at which learning rate, on which arrays."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from toonify.errors import ToonifyError, usage_error
from toonify.plugins import DatasetSource, plugin_names
from toonify.storage import ARRAYS, SUPERPIXELS
from toonify.text import counted
from toonify.training.dataset import Dataset
from toonify.training.objectives import Objective
from toonify.training.settings import PhaseSettings, Settings

MOST_STEPS = 10**9 - 1
"""Of a run: so many have names of nine digits (`RunFolder.steps`)."""

GRIDS, FEWEST_APART = 30, 10  # sample grids of a run, and steps between two of them


@dataclass(frozen=True)
class Phase:
    """A stretch of steps of one kind.

    Attributes:
        name: One of `PHASES`.
        settings: Its settings.
        arrays: Of the dataset; the first sets the length of an epoch.
        first: The run's step it begins with; the run's first step is 0.
        steps_per_epoch: How many make an epoch.
    """

    name: str
    settings: PhaseSettings
    arrays: tuple[str, ...]
    first: int
    steps_per_epoch: int

    @property
    def steps(self) -> int:
        return self.settings.epochs * self.steps_per_epoch

    @property
    def end(self) -> int:
        return self.first + self.steps

    def epoch(self, step: int) -> int:
        """Of the phase, from 1."""
        return (step - self.first) // self.steps_per_epoch + 1

    def rate(self, step: int) -> float:
        """The learning rate at a step, as a share of the full one: rises, stays or falls."""
        done = step - self.first
        if done < self.settings.warmup_steps:
            return (done + 1) / self.settings.warmup_steps
        if self.settings.schedule == "constant":
            return 1.0
        share = (done - self.settings.warmup_steps) / max(1, self.steps - self.settings.warmup_steps)
        return (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class Plan:
    """The phases in order, without gaps."""

    phases: tuple[Phase, ...]

    def __str__(self) -> str:
        phases = (f"{p.name} {p.settings.epochs} × {p.steps_per_epoch:,} steps" for p in self.phases)
        return ", then ".join(phases)

    @property
    def steps(self) -> int:
        return self.phases[-1].end

    def sample_every(self, asked: int) -> int:
        """Steps between sample grids: as asked for, or a round number that gives some thirty of them."""
        if asked:
            return asked
        share = max(FEWEST_APART, self.steps / GRIDS)
        power = 10 ** math.floor(math.log10(share))
        return int(max(factor * power for factor in (1, 2, 5) if factor * power <= share))

    def phase(self, step: int) -> Phase:
        """The phase that a step belongs to."""
        return next(phase for phase in self.phases if step < phase.end)


def make_plan(settings: Settings, objectives: Mapping[str, Objective], dataset: Dataset) -> Plan:
    """The plan for a dataset.

    Raises:
        ToonifyError: if the dataset lacks pictures that a phase needs.
    """
    phases: list[Phase] = []
    for name, phase in settings.phases.items():
        if phase.epochs == 0:
            continue
        arrays = objectives[name].arrays
        pictures = _enough(name, objectives[name], dataset, settings.batch_size)
        steps = settings.steps_per_epoch or pictures // settings.batch_size
        phases.append(Phase(name, phase, arrays, phases[-1].end if phases else 0, steps))
    if not phases:
        raise usage_error("there is nothing to train: every phase has 0 epochs", "Give some `epochs`.")
    plan = Plan(tuple(phases))
    if plan.steps > MOST_STEPS:
        raise usage_error(
            f"a run of {plan.steps:,} steps is too long: at most {MOST_STEPS:,}",
            "Give fewer `epochs`, or a smaller number of `steps_per_epoch`.",
        )
    return plan


def _enough(phase: str, objective: Objective, dataset: Dataset, batch_size: int) -> int:
    """Pictures in the phase's first array, which sets the length of an epoch."""
    arrays = objective.arrays
    counts = {array: dataset.count(array) for array in arrays}
    lacking = [array for array, count in counts.items() if count == 0]
    if lacking:
        lacks = (
            f"the dataset {dataset.folder} has no {' and no '.join(lacking)} pictures, "
            f"which the {phase} phase learns from"
        )
        raise ToonifyError(lacks + _asked_for(objective, lacking), _remedy(lacking, dataset))
    for array, count in counts.items():
        if count < batch_size:
            raise ToonifyError(
                f"the dataset {dataset.folder} has {counted(count, f'{array} picture')}, "
                f"fewer than a batch of {batch_size}",
                f"Give a `batch_size` of {count} or less, or prepare more pictures.",
            )
    _need_in_step(counts, dataset)
    _need_of_drawn(phase, arrays, dataset)
    return counts[arrays[0]]


def _asked_for(objective: Objective, lacking: Collection[str]) -> str:
    """Which plugins of other packages name them in their `uses`, as a clause; empty for toonify's own."""
    terms = [name for name, term in objective.terms.items() if not set(lacking).isdisjoint(term.uses)]
    asking = [str(plugin) for plugin in map(objective.plugin, terms) if plugin.foreign]
    return f": {' and '.join(asking)} {'ask' if len(asking) > 1 else 'asks'} for them" if asking else ""


def _remedy(lacking: Sequence[str], dataset: Dataset) -> str:
    if derived := set(lacking) - ARRAYS.keys() - {SUPERPIXELS}:
        for name, source in _sources():
            if "paired" in source.domains and derived <= source.arrays.get("paired", {}).keys():
                return f"Make them: toonify prepare PHOTOS --source {name}. Or choose another `preset`."
        return f"Prepare it with a source that gives {' and '.join(sorted(derived))}."
    if "paired" in lacking:
        return "Make pairs: toonify prepare PHOTOS --source comic. Or choose another `preset`."
    if SUPERPIXELS in lacking:
        return "Make them: toonify prepare PHOTOS CARTOONS --superpixels. Or choose another `preset`."
    if dataset.count("paired"):
        return (
            "It has pairs: choose a `preset` for them, such as pairs, or prepare it from PHOTOS and CARTOONS."
        )
    return "Prepare it from both folders: toonify prepare PHOTOS CARTOONS."


def _sources() -> Iterator[tuple[str, type[DatasetSource]]]:
    for name, plugin in plugin_names("datasets").items():
        with suppress(ToonifyError):  # whoever asks for one that does not load is told
            yield name, plugin.load()


def _need_in_step(counts: Mapping[str, int], dataset: Dataset) -> None:
    """The arrays of a domain correspond, picture by picture, so there are as many of each."""
    firsts: dict[str, str] = {}
    for array, count in counts.items():
        first = firsts.setdefault(dataset.manifest.array(array).domain, array)
        if count != counts[first]:
            others = counted(count, f"{array} picture")
            raise ToonifyError(
                f"the dataset {dataset.folder} has {counts[first]} {first} and {others}, "
                "which should be of the same pictures",
                "Prepare it again.",
            )


def _need_of_drawn(phase: str, arrays: tuple[str, ...], dataset: Dataset) -> None:
    """Photos and pairs are not in step: what is derived of the one tells nothing of drawings of the other."""
    drawn = dataset.manifest.array(arrays[0]).domain
    for array in arrays:
        domain = dataset.manifest.array(array).domain
        if domain not in (drawn, "cartoon"):
            raise ToonifyError(
                f"the dataset {dataset.folder} has {array} of its {domain} pictures, and the {phase} phase "
                f"draws its {drawn} pictures",
                f"Choose another `preset`, or prepare {array} of {drawn} pictures.",
            )
