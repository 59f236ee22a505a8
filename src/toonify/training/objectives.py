"""What a generator minimises in each phase: terms, made from the settings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from toonify.errors import usage_error
from toonify.plugins import AdversarialTerm, Need, PluginInUse, Term, create, plugin_in_use
from toonify.training.settings import PhaseSettings, Settings

_NETWORKS = frozenset({"features", "heads"})  # what terms use that is no array of the dataset
_NAME = re.compile(r"[^\W\d][\w-]*")  # a column of tables
TAKEN = frozenset({"step", "phase", "epoch", "learning_rate", "loss", "discriminator"})


@dataclass(frozen=True)
class Objective:
    """A phase's terms, by the names that the settings give them.

    Attributes:
        terms: In the order of the settings.
        weights: By which they are multiplied.
        plugins: What the plugins are called of which terms were made that have other names.
    """

    terms: Mapping[str, Term]
    weights: Mapping[str, float]
    plugins: Mapping[str, str] = field(default_factory=dict)

    def plugin(self, name: str) -> PluginInUse:
        """What errors call a term."""
        return plugin_in_use("terms", self.plugins.get(name, name), called=name)

    @property
    def uses(self) -> frozenset[Need]:
        """What the terms need besides photographs."""
        return frozenset().union(*(term.uses for term in self.terms.values()))

    @property
    def arrays(self) -> tuple[str, ...]:
        """The dataset's arrays that a batch needs; the first has the photos, and sets an epoch's length."""
        first = "paired" if "paired" in self.uses else "photo"
        return first, *sorted(self.uses - _NETWORKS - {"photo", "paired"})

    @property
    def adversaries(self) -> dict[str, AdversarialTerm]:
        """The terms that have a discriminator."""
        return {name: term for name, term in self.terms.items() if isinstance(term, AdversarialTerm)}


def networks_used(objectives: Mapping[str, Objective]) -> frozenset[str]:
    """What the terms of all phases learn by beside the generator: `backbone`, `discriminator`, `heads`."""
    uses = frozenset().union(*(objective.uses for objective in objectives.values()))
    used = {
        "backbone": "features" in uses,
        "discriminator": any(objective.adversaries for objective in objectives.values()),
        "heads": "heads" in uses,
    }
    return frozenset(name for name, there in used.items() if there)


def make_objectives(settings: Settings) -> dict[str, Objective]:
    """The objective of each phase that there is.

    Raises:
        ToonifyError: if a term is unknown, refuses its options, or needs what the phase lacks.
    """
    objectives = {name: _objective(name, phase) for name, phase in settings.phases.items()}
    for phase, objective in objectives.items():
        for name, term in objective.terms.items():
            if "features" in term.uses and settings.backbone is None:
                raise usage_error(
                    f"the term '{name}' of the {phase} phase compares features, and there is no backbone",
                    "The preset should have a table [backbone].",
                )
            if isinstance(term, AdversarialTerm) and phase != "adversarial":
                raise usage_error(f"the term '{name}' has a discriminator, which the {phase} phase has not")
    return objectives


def _objective(phase: str, settings: PhaseSettings) -> Objective:
    terms: dict[str, Term] = {}
    for name, term in settings.terms.items():
        if name in TAKEN or not _NAME.fullmatch(name):
            raise usage_error(
                f"a term of the {phase} phase cannot be called '{name}'",
                "Name it with letters, digits, - and _, unlike the columns of metrics.csv, and the plugin by "
                '`term = "…"`.',
            )
        terms[name] = create("terms", term.term or name, term.options)
        uses: object = terms[name].uses
        several = isinstance(uses, Collection) and not isinstance(uses, str)
        if not several or not all(isinstance(need, str) for need in terms[name].uses):
            plugin = plugin_in_use("terms", term.term or name, called=name)
            raise plugin.error(f"the `uses` of {plugin} should be a frozenset of names, not {uses!r}")
    return Objective(
        terms,
        weights={name: term.weight for name, term in settings.terms.items()},
        plugins={name: term.term for name, term in settings.terms.items() if term.term},
    )


def discriminator_figures(objective: Objective) -> dict[str, str]:
    """What each adversary's discriminator loss is called: plainly, when there is but one."""
    names = list(objective.adversaries)
    return {name: "discriminator" if len(names) == 1 else f"{name}_discriminator" for name in names}


def figure_names(objectives: Mapping[str, Objective]) -> list[str]:
    """Every figure that some phase's steps give, the whole loss first."""
    names = ["loss"]
    for objective in objectives.values():
        names += [*objective.terms, *discriminator_figures(objective).values()]
    return list(dict.fromkeys(names))
