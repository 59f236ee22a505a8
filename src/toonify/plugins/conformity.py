"""Whether a class is what the contract of its group asks for; a stranger's, it is only looked at and made."""

from __future__ import annotations

import inspect

from toonify.errors import one_line
from toonify.plugins.contracts.generators import Generator
from toonify.plugins.contracts.terms import AdversarialTerm, LossTerm, Term
from toonify.plugins.description import parameters


def broken_contract(loaded: object, contract: type) -> str:
    """How what an entry point holds breaks the contract of its group, as it is imported; empty if not."""
    if not inspect.isclass(loaded):
        kind = type(loaded).__name__
        return f"is not a subclass of toonify.plugins.{contract.__name__}: it is no class, but of type {kind}"
    if not issubclass(loaded, contract):
        return f"is not a subclass of toonify.plugins.{contract.__name__}"
    try:
        parameters(loaded)
    except Exception as error:  # compiled code may have no signature, and a metaclass may do anything
        return f"has a constructor that cannot be read: {type(error).__name__}: {one_line(error)}"
    if inspect.isabstract(loaded):
        lacking = ", ".join(sorted(getattr(loaded, "__abstractmethods__", ())))
        return f"lacks what the contract {contract.__name__} asks for: {lacking}"
    if contract is Term and not issubclass(loaded, LossTerm | AdversarialTerm):
        return "is neither a LossTerm nor an AdversarialTerm of toonify.plugins"
    wanted = [name for name in inspect.get_annotations(contract) if not hasattr(loaded, name)]
    # A generator may set these in its constructor, from its options.
    if wanted and contract is not Generator:
        return f"lacks the attributes that {contract.__name__} asks for: {', '.join(wanted)}"
    return ""


def broken_default(loaded: type) -> str:
    """What is wrong with a plugin that is made with its defaults; empty when nothing is."""
    try:
        made = loaded()
    except (Exception, SystemExit) as error:  # a stranger's constructor
        return f"cannot be made with its defaults: {type(error).__name__}: {one_line(error)}"
    wanted = [name for name in inspect.get_annotations(Generator) if not hasattr(made, name)]
    if wanted and isinstance(made, Generator):
        return f"its constructor sets no {' and no '.join(wanted)}"
    return ""
