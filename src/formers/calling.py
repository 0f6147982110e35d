"""Binding the arguments of a documented call to their names, for models of any framework."""
from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any

FLAGS = ("output_attentions", "output_hidden_states")


def bind(
    owner: str, names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any], renamed: Mapping[str, str]
) -> dict[str, Any]:
    """Bind what a caller gave to the names of the arguments.

    Args:
        owner: name of the class that is called, for the messages.
        names: names of its arguments in the documented order.
        args: values in that order.
        kwargs: values by name.
        renamed: deprecated spellings of arguments -> their names today.

    Returns:
        Name -> value, of the arguments that were given.

    Raises:
        TypeError: there are too many values, an unknown name, or two values for one name.
    """
    if len(args) > len(names):
        raise TypeError(f"{owner} takes {len(names)} arguments, found {len(args)}: {', '.join(names)}")
    inputs = dict(zip(names, args))  # noqa: B905 (the rest are defaults)
    for name, value in kwargs.items():
        name = today(owner, name, renamed, stacklevel=6)
        if name not in names:
            raise TypeError(f"{owner} has no argument {name!r}; it takes {', '.join(names)}")
        if name in inputs:
            raise TypeError(f"{owner} got two values for {name!r}")
        inputs[name] = value
    return inputs


def today(owner: str, name: str, renamed: Mapping[str, str], stacklevel: int = 2) -> str:
    """Return the name of an argument today; warn of a deprecated spelling."""
    if name not in renamed:
        return name
    warnings.warn(
        f"{owner}: the argument {name!r} is deprecated, use {renamed[name]!r}", FutureWarning, stacklevel=stacklevel
    )
    return renamed[name]


def nothing_to_decode(start: int | None, labels: bool = False) -> str:
    """Return what to tell a caller who gave a model's encoder something to read, and its decoder nothing.

    Args:
        start: the token that the decoder's ids begin with, if the configuration says it.
        labels: the model also makes them of `labels`.
    """
    begin = "" if start is None else f" ({start})"
    return (
        "the decoder has nothing to read: input_ids are the encoder's, and neither decoder_input_ids nor "
        f"decoder_inputs_embeds are given. Pass decoder_input_ids, which begin with decoder_start_token_id{begin}"
        f"{', or labels, of which they are made' if labels else ''}; to let the model write, call generate(input_ids)"
    )


def no_token_for_labels(start: int | None, pad: int | None) -> str:
    """Return what to tell who gave labels to a model whose configuration lacks a token for the decoder's inputs."""
    return (
        "the decoder's inputs are made of labels with decoder_start_token_id and pad_token_id of the configuration, "
        f"and these are {start} and {pad}; expected two tokens. Load or make the model with both "
        "(from_pretrained(..., decoder_start_token_id=...)), or pass decoder_input_ids"
    )


def documented_signature(names: Sequence[str], open_ended: bool = False, **defaults: Any) -> Signature:
    """Return the signature of a method with the arguments `names`.

    Args:
        names: names after `self`.
        open_ended: it takes other keywords too.
        **defaults: values by default; None for the rest.
    """
    parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    for name in names:
        parameters.append(Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=defaults.get(name)))
    if open_ended:
        parameters.append(Parameter("kwargs", Parameter.VAR_KEYWORD))
    return Signature(parameters)
