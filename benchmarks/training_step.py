"""A training step compiled to a graph, against the same work run eagerly, and where its time goes.

    python benchmarks/training_step.py [--generator NAME] [--backbone NAME] [--size 128] [--batch 4]

One adversarial step of the `cartoongan` preset, random weights, random pictures: the very function
that training runs. The two take turns, so that a busy moment of the machine hits both alike. The parts
are compiled each on its own, so their sum is not exactly the whole.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from toonify.manifests import DatasetManifest
from toonify.plugins import parse_options
from toonify.quiet import import_tensorflow
from toonify.training import TrainRequest
from toonify.training.batches import Batches
from toonify.training.plan import make_plan
from toonify.training.shards import Dataset

ARRAYS = ("photo", "cartoon", "smoothed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--generator", default="cartoongan", help="NAME or NAME:OPTION=VALUE,...")
    parser.add_argument("--backbone", default="resnet101")
    parser.add_argument("--loss", default="lsgan")
    parser.add_argument("--size", type=int, default=128, help="side of the pictures in pixels [128]")
    parser.add_argument("--batch", type=int, default=4, help="pictures in a step [4]")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    import_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments, write_pictures(Path(folder), arguments.size, 2 * arguments.batch))


def measure(arguments: argparse.Namespace, folder: Path) -> None:
    """Print the table."""
    from toonify.training.engines.tensorflow import TensorFlowEngine
    from toonify.training.models import build_models
    from toonify.training.steps import make_step

    generator, _, options = arguments.generator.partition(":")
    settings = TrainRequest(
        generator=generator,
        generator_options=parse_options(options.split(",") if options else [], "option"),
        backbone=arguments.backbone,
        backbone_weights="none",
        loss=arguments.loss,
        batch_size=arguments.batch,
        init_epochs=0,
    ).settings()
    engine = TensorFlowEngine()
    models = build_models(settings, engine, seed=0)
    dataset = Dataset(folder)
    batches = Batches(
        dataset,
        make_plan(settings, dataset),
        settings.data,
        crop=arguments.size,
        batch_size=arguments.batch,
        seed=0,
    )
    batch = engine.put(batches[0])
    step = make_step("adversarial", settings, models, engine)
    compiled = engine.compile(step, models.variables())

    whole = in_turns(
        {"eager": lambda: engine.reduce(step(batch)), "graph": lambda: engine.reduce(compiled(batch))},
        arguments.repeats,
    )
    print(f"{generator}, {arguments.backbone}, {arguments.size} x {arguments.size}, batch {arguments.batch}")
    print(f"{'eager':44}{whole['eager'] * 1e3:9.0f} ms")
    print(f"{'graph':44}{whole['graph'] * 1e3:9.0f} ms   {whole['eager'] / whole['graph']:.2f} times as fast")
    timed = in_turns(parts(settings, models, engine, batch, batches), arguments.repeats)
    for name, seconds in timed.items():
        print(f"  {name:42}{seconds * 1e3:9.0f} ms {seconds / whole['graph']:6.0%}")


def parts(
    settings: Any, models: Any, engine: Any, batch: Any, batches: Batches
) -> dict[str, Callable[[], Any]]:
    """What a step does, piece by piece, each compiled."""
    from keras import ops

    from toonify.training.steps import content_loss, discriminator_step, signed

    generator, backbone, critic = models.generator, models.backbone, models.discriminator
    trained = generator.trainable_variables
    train_discriminator = discriminator_step(settings, models, engine)

    def opinion(picture: Any) -> Any:
        return models.adversary.generator(critic(picture, training=True))

    def slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda batch: engine.input_gradient(function, signed(batch["photo"]))

    def learn(batch: Any) -> Any:
        photo = signed(batch["photo"])
        return engine.value_and_grad(lambda: (ops.mean(generator(photo, training=True)), None), trained)[1]

    def judge(batch: Any) -> Any:
        cartoon, smoothed, photo = (signed(batch[name]) for name in ("cartoon", "smoothed", "photo"))
        return train_discriminator(cartoon, smoothed, photo, batch["epsilon"], batch["rate"])

    work = {
        "generator, forward": lambda batch: generator(signed(batch["photo"]), training=True),
        "generator, forward and backward": learn,
        "backbone, features of the photo": lambda batch: backbone(signed(batch["photo"])),
        "backbone, drawing: forward and backward": slope(
            lambda x: content_loss(backbone(x), 0.0, relative=False)
        ),
        "discriminator's opinion, and backward": slope(opinion),
        "discriminator's own step": judge,
    }
    variables = models.variables()
    ready = {name: run(engine.compile(function, variables), batch) for name, function in work.items()}
    return {"a batch (beside the step, in a thread)": lambda: engine.put(batches[0]), **ready}


def run(function: Callable[[Any], Any], batch: Any) -> Callable[[], Any]:
    """The call, waiting for its result."""
    from tensorflow import nest

    return lambda: [value.numpy() for value in nest.flatten(function(batch))[-1:]]


def in_turns(work: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """The median seconds of each, after one call that traces it."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for function in work.values():
        function()
    for _ in range(repeats):
        for name, function in work.items():
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def write_pictures(folder: Path, size: int, count: int) -> Path:
    """A dataset of noise."""
    (folder / "train").mkdir()
    chance = np.random.default_rng(0)
    for array in ARRAYS:
        np.save(
            folder / "train" / f"{array}-00000.npy", chance.integers(0, 256, (count, size, size, 3), np.uint8)
        )
    shards = {array: [{"file": f"train/{array}-00000.npy", "count": count}] for array in ARRAYS}
    DatasetManifest(
        request={},
        size=size,
        counts={"train": dict.fromkeys(ARRAYS, count)},
        shards={"train": shards},
        content_hash=hashlib.sha256(b"noise").hexdigest(),
    ).write(folder)
    return folder


if __name__ == "__main__":
    main()
