"""The errors for what goes wrong while a run trains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from toonify.errors import ToonifyError, one_line
from toonify.plugins import PluginInUse, plugin_in_use
from toonify.text import counted, for_shell
from toonify.training.checkpoints import Checkpoints
from toonify.training.objectives import Objective, discriminator_figures
from toonify.training.runs import Run

NO_MEMORY = ("exhausted", "out of memory", "oom when allocating")
"""How frameworks and drivers say that a device's memory is full, in small letters."""


def diverged(run: Run, objective: Objective, step: int, why: str) -> ToonifyError:
    """The error for a loss or a weight that is NaN or infinite.

    Args:
        run: What was trained.
        objective: Of its phase.
        step: At which it was seen.
        why: What was seen.
    """
    good = Checkpoints(run.files).newest_path()
    if good is None:
        foreign = _foreign(run, objective, {*objective.terms})
        other = (
            ", or without those plugins: the derivative of a root at 0, say, is infinite" if foreign else ""
        )
        return ToonifyError(
            f"training went astray at step {step}, before the first checkpoint: {why}{_told(foreign)}",
            f"Train anew with a lower `learning_rate`{other}.",
        )
    return ToonifyError(
        f"training went astray at step {step}: {why}. The last good checkpoint is {good}",
        f"Go on from it with a lower `learning_rate`: toonify train --resume {for_shell(str(run.folder))}",
    )


def no_number(run: Run, objective: Objective, losses: Mapping[str, float]) -> ToonifyError:
    """The error for losses that are NaN or infinite at the first step, of networks that have learnt nothing.

    Args:
        run: What was to be trained.
        objective: Of its first phase.
        losses: By name; some are not finite.
    """
    bad = {name: value for name, value in losses.items() if not math.isfinite(value)}
    parts = {name: value for name, value in bad.items() if name != "loss"} or bad
    why = ", ".join(f"{name} is {value}" for name, value in parts.items())
    foreign = _foreign(run, objective, {*bad})
    look = (
        "leave those plugins out, or tell their authors"
        if foreign
        else ("look at what it began with, such as `backbone_weights`, and at the `precision`")
    )
    return ToonifyError(
        f"the very first loss is no number, before anything is learnt: {why}{_told(foreign)}",
        f"A lower `learning_rate` cannot help: {look}.",
    )


def nothing_to_learn(run: Run, phase: str, objective: Objective, loss: str) -> ToonifyError:
    """The error for a loss whose derivatives by the network that it should train are all 0.

    Args:
        run: What was to be trained.
        phase: That begins with it.
        objective: Of that phase.
        loss: Its name: `loss` is the generator's.
    """
    games = discriminator_figures(objective)
    generators = loss == "loss"
    who = "generator" if generators else "discriminator"
    terms = (
        list(objective.terms) if generators else [name for name, figure in games.items() if figure == loss]
    )
    foreign = _foreign(run, objective, {*terms})
    return ToonifyError(
        f"the {who} learns nothing in the {phase} phase: the derivatives of its loss ({', '.join(terms)}) "
        f"are all 0{_told(foreign)}",
        "Leave those plugins out, or tell their authors."
        if foreign
        else "Train with other terms, or begin with other weights.",
    )


def _foreign(run: Run, objective: Objective, bad: set[str]) -> list[PluginInUse]:
    return [plugin for plugin in _concerned(run, objective, bad) if plugin.foreign]


def _told(foreign: Sequence[PluginInUse]) -> str:
    return f". Plugins of others have a part in that: {', '.join(map(str, foreign))}" if foreign else ""


def _concerned(run: Run, objective: Objective, bad: set[str]) -> list[PluginInUse]:
    """The plugins that figures come from: of the generator only where no term is sound."""
    settings, games = run.settings, discriminator_figures(objective)
    terms = [name for name in objective.terms if bad & {name, games.get(name)}]
    found = [objective.plugin(name) for name in terms]
    if settings.adversarial and not games.keys().isdisjoint(terms):
        found.append(plugin_in_use("losses", settings.adversarial.loss))
    if settings.backbone and any("features" in objective.terms[name].uses for name in terms):
        found.append(plugin_in_use("backbones", settings.backbone.name))
    if bad.issuperset(objective.terms):
        found.append(plugin_in_use("generators", settings.generator.name))
    return found


def device_failed(run: Run, error: Exception) -> ToonifyError:
    """The error for what a framework raises when a device or another machine fails."""
    words = f"{type(error).__name__}: {error}".lower()
    if any(sign in words for sign in NO_MEMORY):
        pictures = counted(run.settings.batch_size, "picture")
        return ToonifyError(
            f"the memory of the device is too small for batches of {pictures}",
            "Give a smaller `batch_size`, or the `precision` mixed_bfloat16.",
        )
    return ToonifyError(
        f"a step failed: {one_line(error)}",
        f"Go on with it: toonify train --resume {for_shell(str(run.folder))}",
    )
