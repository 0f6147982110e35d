"""Filling a Keras model from a checkpoint of any format."""
from typing import Any

import numpy as np

from formers.checkpoint import Checkpoint, open_checkpoint
from formers.checkpoint.matching import SAFE_FILES, TF_FILES, TORCH_FILES, Report, match, weights_file
from formers.configuration import PretrainedConfig
from formers.hub import split_hub_kwargs
from formers.network.deferred import deferred

from .weights import named_weights


def from_pretrained(cls: Any, name: Any, *model_args: Any, **kwargs: Any) -> Any:
    """See `TFPreTrainedModel.from_pretrained`."""
    config = kwargs.pop("config", None)
    from_pt = kwargs.pop("from_pt", False)
    want_info = kwargs.pop("output_loading_info", False)
    ignore_mismatched = kwargs.pop("ignore_mismatched_sizes", False)
    hub, kwargs = split_hub_kwargs(kwargs)
    if not isinstance(config, PretrainedConfig):
        if cls.config_class is None:
            raise TypeError(f"{cls.__name__} has no family: load through the class of a family, or an Auto class")
        config, kwargs = cls.config_class.from_pretrained(
            config if config is not None else name, return_unused_kwargs=True, **hub, **kwargs
        )
    others = (*TORCH_FILES, *TF_FILES) if from_pt else (*TF_FILES, *TORCH_FILES)
    with open_checkpoint(weights_file(name, (*SAFE_FILES, *others), hub)) as checkpoint:
        with deferred():
            model = cls(config, *model_args, **kwargs)
            build(model)
        report = load(model, checkpoint, ignore_mismatched, empty=True)
    report.log(cls.__name__, checkpoint.path)
    return (model, report.info()) if want_info else model


def build(model: Any, inputs: Any = None) -> None:
    """Let a user's class make the weights that its layers make when first called."""
    if model.task is None or inputs is not None:
        model(model.dummy_inputs if inputs is None else inputs, training=False)


def load_file(model: Any, path: Any, ignore_mismatched: bool = False, partial: bool = False) -> None:
    """Fill a model from a file of weights.

    Args:
        model: the model.
        path: the file.
        ignore_mismatched: pass over tensors of another shape instead of raising.
        partial: pass over weights that the file lacks instead of raising.

    Raises:
        AttributeError: it lacks some.
        RuntimeError: shapes differ.
    """
    with open_checkpoint(path) as checkpoint:
        report = load(model, checkpoint, ignore_mismatched)
        if not (partial or ignore_mismatched):
            report.check_complete(type(model).__name__, checkpoint.path)


def load(model: Any, checkpoint: Checkpoint, ignore_mismatched: bool = False, empty: bool = False) -> Report:
    """Fill a model, or a main layer, from a checkpoint.

    Args:
        model: the model.
        checkpoint: an open checkpoint.
        ignore_mismatched: pass over tensors of another shape instead of raising.
        empty: the model's weights have no values yet; those without a tensor in the file are initialised.

    Raises:
        RuntimeError: shapes differ.
    """
    report = Report()
    weights, family = named_weights(model), model.family
    carries_base = not (model.is_base or model.is_main)
    same = {name: name for name in weights}
    sources = match(same, checkpoint.names(), family.names, family.prefix, carries_base, report)
    filled: set[int] = set()
    for name, source in sources.items():
        weight = weights[name]
        if checkpoint.shape(source) != weight.shape:
            report.mismatched[name] = (checkpoint.shape(source), weight.shape)
        elif id(weight.variable) not in filled:  # else a tied copy
            filled.add(id(weight.variable))
            weight.assign(checkpoint.tensor(source, "numpy", passing=True))
    if not ignore_mismatched:
        report.check_shapes(type(model).__name__, checkpoint.path)
    unfilled = {name: weight for name, weight in weights.items() if id(weight.variable) not in filled}
    optional = {name for name in unfilled if family.names.is_optional(name)}
    report.initialized = {name: weight.shape for name, weight in unfilled.items() if name not in optional}
    report.missing = [name for name in report.missing if not family.names.is_optional(name)]
    for name, weight in unfilled.items() if empty else ():
        if name in optional:
            weight.variable.assign(np.zeros(weight.variable.shape))
        else:
            weight.initialize()
    return report
