"""What goes wrong while a run trains is told in words that help."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf

from toonify.errors import one_line
from toonify.storage import RunFolder
from toonify.training.failures import device_failed, diverged, no_number, nothing_to_learn
from toonify.training.objectives import make_objectives
from toonify.training.presets import load_preset
from toonify.training.request import TrainRequest

RUN = SimpleNamespace(folder="runs/mine", settings=load_preset("pairs"))


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.ResourceExhaustedError(None, None, "failed to allocate 2 GiB"),
        tf.errors.InternalError(
            None, None, "OOM when allocating tensor with shape[8,256,256,64] and type float on GPU:0"
        ),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes."),
        RuntimeError("CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_too_little_memory_is_recognised_however_it_is_said(error):
    told = device_failed(RUN, error)
    assert told.message == "the memory of the device is too small for batches of 8 pictures"
    assert told.hint == "Give a smaller `batch_size`, or the `precision` mixed_bfloat16."


def test_anything_else_says_how_to_go_on():
    told = device_failed(RUN, tf.errors.UnavailableError(None, None, "a machine is gone\nsee above"))
    assert told.message == "a step failed: a machine is gone"
    assert told.hint == "Go on with it: toonify train --resume runs/mine"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("first\nsecond"), "first"),
        (KeyError(), "KeyError"),
        (
            ValueError(
                "Exception encountered when calling Pool.call().\n\n\x1b[1mtoo small\x1b[0m\n\nArguments"
            ),
            "too small",
        ),
        (
            NameError(
                'in user code:\n\n    File "a.py", line 1, in f  *\n        y\n\n    NameError: no y\n'
            ),
            "no y",
        ),
    ],
)
def test_what_frameworks_wrap_around_an_error_is_left_out(error, told):
    assert one_line(error) == told


@pytest.fixture
def at_first(install):
    """`at_first(content=math.nan)`: what is told of losses at the first step, the others being sound."""
    names = {"losses": "Odd", "backbones": "Odd", "generators": "Odd"}
    install("acme", {group: {"odd": f"acme:{name}"} for group, name in names.items()}, version="2.3")

    def tell(request: dict[str, str], **losses: float) -> tuple[str, str]:
        settings = TrainRequest(preset="cartoongan", **request).settings()
        objective = make_objectives(settings)["adversarial"]
        sound = dict.fromkeys(("loss", "content", "adversarial", "discriminator"), 1.0)
        error = no_number(SimpleNamespace(settings=settings), objective, sound | losses)
        return error.message, error.hint

    return tell


ODD = {"loss": "odd", "backbone": "odd", "generator": "odd"}
FIRST = "the very first loss is no number, before anything is learnt: "


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        (
            {"loss": math.nan, "adversarial": math.nan},
            "adversarial is nan. Plugins of others have a part in that: the loss 'odd' of acme 2.3",
        ),
        (
            {"discriminator": math.inf},
            "discriminator is inf. Plugins of others have a part in that: the loss 'odd' of acme 2.3",
        ),
        (
            {"loss": math.nan, "content": math.nan},
            "content is nan. Plugins of others have a part in that: the backbone 'odd' of acme 2.3",
        ),
        (
            {"loss": math.nan, "content": math.nan, "adversarial": math.nan},
            "content is nan, adversarial is nan. Plugins of others have a part in that: the loss 'odd' of "
            "acme 2.3, the backbone 'odd' of acme 2.3, the generator 'odd' of acme 2.3",
        ),
    ],
)
def test_a_first_loss_that_is_no_number_is_told_with_those_who_made_it(at_first, losses, told):
    message, hint = at_first(ODD, **losses)
    assert message == FIRST + told
    assert hint == "A lower `learning_rate` cannot help: leave those plugins out, or tell their authors."


def test_weights_that_are_no_numbers_so_early_are_told_with_whose_derivatives_they_may_come_from(install):
    install("acme", {"losses": {"odd": "acme:Odd"}}, version="2.3")
    settings = TrainRequest(preset="cartoongan", loss="odd").settings()
    run = SimpleNamespace(settings=settings, files=RunFolder(Path("nowhere")))
    error = diverged(run, make_objectives(settings)["adversarial"], 1, "a weight is no longer finite")
    assert error.message.endswith("finite. Plugins of others have a part in that: the loss 'odd' of acme 2.3")
    assert "or without those plugins" in error.hint


def test_of_toonifys_own_plugins_it_says_where_else_to_look(at_first):
    message, hint = at_first({}, loss=math.inf)
    assert message == f"{FIRST}loss is inf"
    assert hint.startswith("A lower `learning_rate` cannot help: look at what it began with")


@pytest.mark.parametrize(
    ("asked", "loss", "told", "hint"),
    [
        (
            {},
            "loss",
            "the generator learns nothing in the adversarial phase: the derivatives of its loss "
            "(content, adversarial) are all 0",
            "Train with other terms, or begin with other weights.",
        ),
        (
            {"loss": "odd"},
            "discriminator",
            "the discriminator learns nothing in the adversarial phase: the derivatives of its loss "
            "(adversarial) are all 0. Plugins of others have a part in that: the loss 'odd' of acme 2.3",
            "Leave those plugins out, or tell their authors.",
        ),
    ],
)
def test_a_loss_that_teaches_nothing_is_told_with_its_terms(install, asked, loss, told, hint):
    install("acme", {"losses": {"odd": "acme:Odd"}}, version="2.3")
    settings = TrainRequest(preset="cartoongan", **asked).settings()
    objective = make_objectives(settings)["adversarial"]
    error = nothing_to_learn(SimpleNamespace(settings=settings), "adversarial", objective, loss)
    assert (error.message, error.hint) == (told, hint)
