"""A training step against the published notebook's loop and against eager code, and where its time goes.

    python benchmarks/training_step.py [--generator NAME] [--backbone NAME] [--size 128] [--batch 2]

One adversarial step of the `cartoongan` preset, random weights, random pictures: the very function
that training runs. All take turns, so that a busy moment of the machine hits them alike. The notebook's
loop runs eagerly, and for each loss builds its feature extractor anew and loads its weights, as published.
A step's floating point operations are counted in its graph, and held against products of 2048 × 2048
matrices on the same cores. The parts are compiled each on its own, so their sum is not exactly the whole.
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

from toonify.backend_import import import_tensorflow
from toonify.plugins import parse_options
from toonify.storage import DatasetManifest
from toonify.training import TrainRequest
from toonify.training.batches import Batches
from toonify.training.dataset import Dataset
from toonify.training.objectives import make_objectives
from toonify.training.plan import make_plan

ARRAYS = ("photo", "cartoon", "smoothed")
SIDE, PRODUCTS = 2048, 10  # of the matrices


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--generator", default="cartoongan", help="NAME or NAME:OPTION=VALUE,...")
    parser.add_argument("--backbone", default="resnet101")
    parser.add_argument("--loss", default="lsgan")
    parser.add_argument("--size", type=int, default=128, help="side of the pictures in pixels [128]")
    parser.add_argument("--batch", type=int, default=2, help="pictures in a step [2]")
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
    objectives = make_objectives(settings)
    models = build_models(settings, objectives, engine, seed=0)
    dataset = Dataset(folder)
    plan = make_plan(settings, objectives, dataset)
    batches = Batches(dataset, plan, settings, crop=arguments.size, seed=0)
    batch = engine.put(batches[0])
    step = make_step("adversarial", settings, models, engine)
    compiled = engine.compile(step, models.variables())
    work = {
        "eager": lambda: engine.fetch(step(batch)),
        "graph": lambda: engine.fetch(compiled(batch)),
        "matrices": matrix_product(),
    }
    if arguments.backbone == "resnet101":
        work = {"notebook": as_the_notebook_does(models, batch, folder / "resnet101.weights.h5")} | work
    whole = in_turns(work, arguments.repeats)
    print(f"{generator}, {arguments.backbone}, {arguments.size} x {arguments.size}, batch {arguments.batch}")
    labels = {"notebook": "the published notebook's loop", "eager": "eager", "graph": "graph"}
    for name in (name for name in labels if name in whole):
        times = whole[name] / whole["graph"]
        print(f"{labels[name]:44}{whole[name] * 1e3:9.0f} ms   {times:5.2f} times the graph's")
    peak, operations = PRODUCTS * 2 * SIDE**3 / whole["matrices"], count_operations(compiled, batch)
    print(f"{'operations in a step':44}{operations / 1e9:9.0f} GFLOP")
    print(f"{'product of matrices':44}{peak / 1e9:9.0f} GFLOP/s")
    speed = operations / whole["graph"]
    print(f"{'step':44}{speed / 1e9:9.0f} GFLOP/s {speed / peak:6.0%} of that")
    timed = in_turns(parts(settings, models, engine, batch, batches), arguments.repeats)
    for name, seconds in timed.items():
        print(f"  {name:42}{seconds * 1e3:9.0f} ms {seconds / whole['graph']:6.0%}")


def matrix_product() -> Callable[[], Any]:
    """The most that these cores do."""
    import tensorflow as tf

    left, right = (tf.random.normal((SIDE, SIDE)) for _ in range(2))

    def product() -> None:
        for _ in range(PRODUCTS):
            tf.linalg.matmul(left, right).numpy()

    return product


def count_operations(compiled: Any, batch: Any) -> int:
    """Floating point operations of a step, by the shapes in its graph."""
    import tensorflow as tf

    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    graph = compiled.get_concrete_function(batch).graph
    return int(tf.compat.v1.profiler.profile(graph, cmd="scope", options=options).total_float_ops)


def as_the_notebook_does(models: Any, batch: Any, weights: Path) -> Callable[[], Any]:
    """Eager, with an extractor that is built for each loss."""
    import keras
    import tensorflow as tf
    from keras import ops

    from toonify.training.loss_context import signed

    generator, gan_loss = models.generator, models.gan_loss
    critic = models.discriminators["adversarial"].network
    optimizers = [keras.optimizers.Adam(2e-4) for _ in range(2)]
    keras.applications.ResNet101(include_top=False, weights=None).save_weights(weights)

    def extractor() -> Any:
        whole = keras.applications.ResNet101(include_top=False, weights=str(weights))
        return keras.Model(whole.input, whole.get_layer("conv4_block4_out").output)

    def step() -> float:
        photo, cartoon, smoothed = (signed(batch[name]) for name in ARRAYS)
        with tf.GradientTape(persistent=True) as tape:
            generated = generator(photo, training=True)
            features = extractor()
            content = 10 * ops.mean(
                ops.abs(features(generated, training=False) - features(photo, training=False))
            )
            loss = content + gan_loss.generator(critic(generated, training=True))
            logits = [critic(pictures, training=True) for pictures in (cartoon, smoothed, generated)]
            game = gan_loss.discriminator(*logits)
        for model, value, optimizer in zip((generator, critic), (loss, game), optimizers, strict=True):
            optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return float(loss)

    return step


def parts(
    settings: Any, models: Any, engine: Any, batch: Any, batches: Batches
) -> dict[str, Callable[[], Any]]:
    """What a step does, piece by piece, each compiled."""
    from keras import ops

    from toonify.training.loss_context import signed
    from toonify.training.steps import discriminator_step
    from toonify.training.terms.content import content_distance
    from toonify.training.terms.structure import filled

    generator, backbone = models.generator, models.backbone
    critic = models.discriminators["adversarial"].network
    trained = generator.trainable_variables
    train_discriminator = discriminator_step("adversarial", settings, models, engine)

    def generator_loss(picture: Any) -> Any:
        return models.gan_loss.generator(critic(picture, training=True))

    def slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda batch: engine.input_gradient(function, signed(batch["photo"]))

    def learn(batch: Any) -> Any:
        photo = signed(batch["photo"])
        return engine.value_and_grad(lambda: (ops.mean(generator(photo, training=True)), None), trained)[1]

    work = {
        "generator, forward": lambda batch: generator(signed(batch["photo"]), training=True),
        "generator, forward and backward": learn,
        "backbone, features of the photo": lambda batch: backbone(signed(batch["photo"])),
        "backbone, drawing: forward and backward": slope(
            lambda x: content_distance(backbone(x), 0.0, relative=False)
        ),
        "discriminator, drawing: forward and backward": slope(generator_loss),
        "structure: superpixels filled": lambda batch: filled(
            signed(batch["photo"]), batch["photo"][..., 0], power=1.2
        ),
        "discriminator's own step": lambda batch: train_discriminator(batch, signed(batch["photo"])),
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
