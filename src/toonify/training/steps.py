"""The step of a phase: a batch in, variables changed, figures out.

Ordinary Keras code for any backend; `Engine` does the rest. No term is known here by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from keras import ops

from toonify.plugins import AdversarialTerm, LossTerm, PluginInUse, plugin_in_use
from toonify.training.engines.base import Batch, Engine, Figures, Step
from toonify.training.loss_context import BatchContext
from toonify.training.models import Discriminator, Models
from toonify.training.objectives import discriminator_figures
from toonify.training.settings import Settings

FLAT = "flat: "  # before a loss's name: the figure that is 1 if nothing can be learnt from it


def make_step(phase: str, settings: Settings, models: Models, engine: Engine) -> Step:
    """The step of a phase; not compiled.

    Generator, then discriminators, on the same drawings (CartoonGAN, section 3.2).
    """
    train_generator = generator_step(phase, settings, models, engine)
    names = discriminator_figures(models.objectives[phase])
    train_discriminator = {name: discriminator_step(name, settings, models, engine) for name in names}

    def step(batch: Batch) -> Figures:
        figures, generated = train_generator(batch)
        for name, figure in names.items():
            loss, flat = train_discriminator[name](batch, ops.stop_gradient(generated[name]))
            figures |= {figure: loss, FLAT + figure: flat}
        return figures

    return step


def generator_step(
    phase: str, settings: Settings, models: Models, engine: Engine
) -> Callable[[Batch], tuple[Figures, dict[str, Any]]]:
    """The generator's half: figures, and what each discriminator will see of the drawings."""
    objective, rate = models.objectives[phase], settings.phases[phase].learning_rate
    plugins = {name: objective.plugin(name) for name in objective.terms}
    gan_loss = _loss_plugin(settings)

    def adversarial_loss(name: str, seen: Any) -> Any:
        logits = _logits(models.discriminators[name], seen, "generated()", plugins[name])
        with gan_loss.errors():
            return one_number(models.gan_loss.generator(logits), "generator()", gan_loss)

    def loss(context: BatchContext) -> tuple[Any, tuple[Figures, dict[str, Any]]]:
        figures: Figures = {}
        generated: dict[str, Any] = {}
        for name, term in objective.terms.items():
            with plugins[name].errors():
                if isinstance(term, AdversarialTerm):
                    generated[name] = term.generated(context)
                    figures[name] = adversarial_loss(name, generated[name])
                else:
                    assert isinstance(term, LossTerm)
                    figures[name] = one_number(term.loss(context), "loss()", plugins[name])
        total = sum(objective.weights[name] * value for name, value in figures.items())
        return total, ({"loss": total, **figures}, generated)

    def step(batch: Batch) -> tuple[Figures, dict[str, Any]]:
        (figures, generated), flat = descend(
            engine,
            lambda: loss(BatchContext(batch, models)),
            models.generator.trainable_variables,
            models.generator_optimizer,
            rate * batch["rate"],
        )
        models.update_average(batch["decay"])
        return {**figures, FLAT + "loss": flat}, generated

    return step


def discriminator_step(
    name: str, settings: Settings, models: Models, engine: Engine
) -> Callable[[Batch, Any], tuple[Any, Any]]:
    """A discriminator's half: from a batch and what it sees of the drawings to its loss, and to whether it
    is flat, as `descend` tells.
    """
    gan_loss, discriminator = models.gan_loss, models.discriminators[name]
    objective = models.objectives["adversarial"]
    term = objective.adversaries[name]
    term_plugin, loss_plugin = objective.plugin(name), _loss_plugin(settings)
    assert settings.adversarial
    rate = settings.adversarial.discriminator_learning_rate
    critic, optimizer = discriminator.network, discriminator.optimizer

    def judged(*logits: Any) -> Any:
        return one_number(gan_loss.discriminator(*logits), "discriminator()", loss_plugin)

    def step(batch: Batch, generated: Any) -> Any:
        def loss() -> tuple[Any, Any]:
            context = BatchContext(batch, models)
            with term_plugin.errors():
                real, fakes = term.real(context), _several(term.fakes(context), term_plugin)
                fake_weights = _fake_weights(term, len(fakes), term_plugin)
                logits = [
                    _logits(discriminator, real, "real()", term_plugin),
                    *(_logits(discriminator, fake, "fakes()", term_plugin) for fake in fakes),
                    discriminator.forward(generated),
                ]
            with loss_plugin.errors():
                game = weighted_loss(judged, logits, fake_weights)
                penalty = gan_loss.penalty(
                    critic, real, generated, gradient=engine.input_gradient, epsilon=batch["epsilon"]
                )
            total = game + one_number(penalty, "penalty()", loss_plugin)
            return total, total

        done = descend(engine, loss, critic.trainable_variables, optimizer, rate * batch["rate"])
        with loss_plugin.errors():
            gan_loss.constrain(critic)
        return done

    return step


def _logits(discriminator: Discriminator, seen: Any, giver: str, term: PluginInUse) -> Any:
    """What a discriminator makes of what a term shows it.

    Raises:
        ToonifyError: if it cannot look at that.
    """
    channels = discriminator.network.input_shape[-1]
    shape = getattr(seen, "shape", None)
    if shape is None or len(shape) != 4 or shape[-1] != channels:
        given = type(seen).__name__ if shape is None else f"an array of shape {tuple(shape)}"
        raise term.error(f"{giver} of {term} gives {given}, not (N, H, W, {channels})")
    return discriminator.forward(seen)


def _several(fakes: Any, plugin: PluginInUse) -> Sequence[Any]:
    """What fakes() of a term gives; a tensor would be taken apart, picture by picture."""
    if not isinstance(fakes, tuple | list):
        raise plugin.error(f"fakes() of {plugin} gives {type(fakes).__name__}, not a tuple")
    return fakes


def _fake_weights(term: AdversarialTerm, fakes: int, plugin: PluginInUse) -> Sequence[float]:
    """How much each of a term's fakes counts."""
    weights = term.fake_weights or (1.0,) * fakes
    numbers = isinstance(weights, tuple | list) and all(isinstance(one, Real) for one in weights)
    if not numbers or len(weights) != fakes or not all(0 <= weight <= 1 for weight in weights):
        raise plugin.error(f"the fake_weights of {plugin} should be {fakes} of 0 to 1, not {weights}")
    return [float(weight) for weight in weights]  # NumPy's would make losses of their own precision


def weighted_loss(loss: Callable[..., Any], logits: Sequence[Any], fake_weights: Sequence[float]) -> Any:
    """The discriminator's loss in a game in which some fakes count less.

    A mean of games with fewer and fewer of them: with weights 1 and 0.1, nine tenths of the game without
    the second fake and a tenth of that with it. Losses that add up kinds of fakes then have each with
    its weight.

    Args:
        loss: From logits of real pictures and of each kind of fakes to a number.
        logits: Of the real pictures, of the other fakes, and of the drawings.
        fake_weights: Of the other fakes, 0 to 1.
    """
    real, *others, generated = logits
    total, below = 0.0, 0.0
    for weight in sorted({*fake_weights, 1.0} - {0.0}):
        kept = [fake for fake, its in zip(others, fake_weights, strict=True) if its >= weight]
        total, below = total + (weight - below) * loss(real, *kept, generated), weight
    return total


def _loss_plugin(settings: Settings) -> PluginInUse:
    """What errors call the adversarial loss, which only phases with an adversary ask."""
    return plugin_in_use("losses", settings.adversarial.loss if settings.adversarial else "")


def descend(engine: Engine, loss: Any, trained: Any, optimizer: Any, rate: Any) -> tuple[Any, Any]:
    """One update of the trained variables.

    The value is scaled for the sake of small derivatives in float16 (Micikevicius et al., 2018,
    section 3.2); an optimizer that scales divides them again, and skips those that are not finite.

    Returns:
        The auxiliary output of `loss`; and 1 if all derivatives are 0, so that nothing is learnt, else 0.
    """

    def scaled() -> tuple[Any, Any]:
        value, aux = loss()
        return optimizer.scale_loss(value), aux

    aux, gradients = engine.value_and_grad(scaled, trained)
    there = [gradient for gradient in gradients if gradient is not None]
    if there:  # only TensorFlow knows where there cannot be any
        optimizer.learning_rate = rate
        engine.apply(optimizer, gradients, trained)
    return aux, _flat(there)


def _flat(gradients: Sequence[Any]) -> Any:
    steep = [ops.any(ops.not_equal(gradient, 0)) for gradient in gradients]  # so is what is not finite
    return 1 - ops.cast(ops.any(ops.stack(steep)), "float32") if steep else ops.ones(())


def one_number(value: Any, giver: str, plugin: PluginInUse) -> Any:
    """A plugin's loss as a scalar tensor.

    Args:
        value: What was given.
        giver: The method that gave it.
        plugin: Whose method.

    Raises:
        ToonifyError: if it is an array, or nothing that could be one.
    """
    try:
        value = ops.cast(ops.convert_to_tensor(value), "float32")
    except Exception as error:  # whatever the backend makes of a stranger's answer
        raise plugin.error(f"{giver} of {plugin} gives {type(value).__name__}, not one number") from error
    if len(value.shape):
        raise plugin.error(
            f"{giver} of {plugin} gives an array of shape {tuple(value.shape)}, not one number",
            "Whoever wrote it should average over pictures and patches, as keras.ops.mean does.",
        )
    return value
