"""`OnnxModel`: a checkpoint that ONNX Runtime computes, without PyTorch and without TensorFlow."""
from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np

from formers.architecture import At, Plain, Reads, SingleStack
from formers.calling import FLAGS, bind
from formers.checkpoint import Checkpoint, open_checkpoint
from formers.checkpoint.matching import SAFE_FILES, TORCH_FILES, Report, match, weights_file
from formers.configuration import PretrainedConfig
from formers.family import Family, PublicClass
from formers.hub import split_hub_kwargs
from formers.network.weights import Weight, head_weights
from formers.outputs import ModelOutput

from .inputs import arrange, check
from .parts import TOKENS, Stored, stack_constants, stored_base, stored_heads
from .session import Session
from .weights import Weights
from .writing import Plan, gather, write_graph

logger = logging.getLogger(__name__)

FILES = (*SAFE_FILES, "tf_model.h5", *TORCH_FILES)
"""Files of weights, those first that are mapped, and last those that need PyTorch to be read."""
LOSSES = ("labels", "next_sentence_label", "start_positions", "end_positions")


class OnnxModel:
    """A model that ONNX Runtime computes; it does not learn.

    Graphs are written when they are first needed: one for each choice of arguments and of outputs, whatever the number
    and length of the texts.

    Args:
        config: its configuration.
        family: its family.
        public: what it takes and gives.
        checkpoint: its weights.

    Raises:
        ValueError: the architecture has something that this backend does not compute.
        AttributeError: the checkpoint lacks weights.
        RuntimeError: weights have another shape than the configuration says.
    """

    def __init__(self, config: PretrainedConfig, family: Family, public: PublicClass, checkpoint: Checkpoint):
        self.config, self.public, self._model_type = config, public, family.model_type
        plan = _plan(config, family, public)
        self.weights = _load(public, family, {**plan.base, **plan.heads}, checkpoint)
        # Checkpoints of other tasks often lack a pooler; what nobody can compute is not among the outputs.
        parts = [stored for part, stored in plan.base.items() if part.startswith("pooler.")]
        pooler = [name for stored in parts for name, _ in stored.shapes()]
        pools = bool(plan.head_specs) or all(name in self.weights for name in pooler)
        if not pools:
            logger.warning("%s has no weights of the pooler: there is no pooler_output", checkpoint.path)
        self.plan = replace(plan, pools=pools)
        self._sessions: dict[Any, Session] = {}
        self._check_complete(checkpoint)

    def __getstate__(self) -> dict[str, Any]:
        # The family knows the rest, and graphs are written again where they are needed.
        return {
            "config": self.config, "model_type": self._model_type, "name": self.public.name,
            "weights": self.weights, "pools": self.plan.pools,
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.config, self.weights, self._model_type = state["config"], state["weights"], state["model_type"]
        family = _family(self._model_type, state["name"])
        self.public = next(public for public in family.public if public.name == state["name"])
        self.plan = replace(_plan(self.config, family, self.public), pools=state["pools"])
        self._sessions = {}

    @classmethod
    def from_pretrained(
        cls, name: Any, task: str = "base", config: PretrainedConfig | None = None, **kwargs: Any
    ) -> OnnxModel:
        """Load a checkpoint.

        Args:
            name: a folder, or a name on the hub.
            task: what the model is for: `base`, `sequence_classification`, or another kind of the family.
            config: its configuration; the one beside the weights by default.
            **kwargs: where to get files (`cache_dir`, `revision`, ...), and attributes of the configuration to change.

        Raises:
            OSError: there is no such model, or its files cannot be read.
            ValueError: the family or the task is unknown, or is not computed by this backend.
        """
        hub, kwargs = split_hub_kwargs(kwargs)
        if config is None:
            content, _ = PretrainedConfig.get_config_dict(name, **hub)
            family = _family(content.get("model_type"), name)
            config, kwargs = family.config.from_dict(content, return_unused_kwargs=True, **kwargs)
        else:
            family = _family(config.model_type, name)
        if kwargs:
            raise TypeError(f"OnnxModel.from_pretrained has no arguments {', '.join(kwargs)}")
        assert config is not None
        public = next((public for public in family.public if task in public.kinds), None)
        if public is None:
            raise ValueError(f"{family.model_type} has no models for {task!r}; it has {', '.join(family.classes)}")
        with open_checkpoint(weights_file(name, FILES, hub)) as checkpoint:
            return cls(config, family, public, checkpoint)

    def __call__(self, *args: Any, **kwargs: Any) -> ModelOutput:
        """Compute, with the documented arguments of the task as NumPy arrays, or what NumPy makes arrays of.

        Returns:
            The documented outputs by name, as NumPy arrays.

        Raises:
            TypeError: an argument is unknown, or has the wrong type.
            ValueError: an argument has the wrong shape, or is not supported.
            IndexError: ids are out of range.
        """
        task = self.plan.task
        given = bind(self.public.name, task.inputs, args, kwargs, task.renamed)
        flags = {
            flag: bool(getattr(self.config, flag) if given.get(flag) is None else given[flag])
            for flag in FLAGS
            if flag in task.inputs
        }
        given = {name: value for name, value in given.items() if value is not None and name not in FLAGS}
        for name in LOSSES:
            if name in given:
                raise ValueError(f"the ONNX backend computes no losses: leave {name} out, or use the PyTorch model")
        arrays, declared, sizes = arrange(given, self.plan)
        key = (tuple(declared.items()), tuple(flags.items()))
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = Session(write_graph(self.plan, declared, flags), self.weights)
        check(arrays, sizes, session.rows, session.limits)
        return gather(session.outputs, session.run(arrays), session.absent)

    def _check_complete(self, checkpoint: Checkpoint) -> None:
        """Write a graph as a trial, and raise if weights that it needs are not there."""
        ids = np.zeros((1, 2), np.int64)
        given = {"input_ids": np.expand_dims(ids, 0) if self.plan.per_choice else ids}
        graph = write_graph(self.plan, arrange(given, self.plan)[1], {})
        missing = [name for name in graph.used_weights() if name not in self.weights]
        report = Report(initialized={name: graph.weights[name] for name in missing})
        report.check_complete(self.public.name, checkpoint.path)


def check_supported(public: PublicClass, spec: Any, config: PretrainedConfig) -> None:
    """Raise if this backend does not compute an architecture, or not for a task.

    Raises:
        ValueError: naming what it is.
    """

    def refuse(what: str) -> ValueError:
        return ValueError(f"the ONNX backend cannot run {public.name} yet: {what}; use the PyTorch or Keras model")

    if not isinstance(spec, SingleStack):
        raise refuse(f"its architecture is an {type(spec).__name__}, and one stack was expected")
    stack, task = spec.stack, public.task
    if stack.memory is not None or task.cache is not None:
        raise refuse("it remembers the keys and values of earlier positions")
    if not isinstance(stack.flow, Plain):
        raise refuse(f"its states flow as {type(stack.flow).__name__}, and Plain was expected")
    for head in () if task.heads is None else task.heads(config):
        if isinstance(head.reads, At):
            raise refuse(f"a head reads the positions that the argument {head.reads.argument} names")
        if head.reads is Reads.POOLED and spec.pooler is None:
            raise refuse("a head reads the pooler's output, and there is no pooler")
    if task.decoder is not None and bool(config.is_decoder) != task.decoder:
        raise ValueError(
            f"{public.name} needs a config with is_decoder={task.decoder}, found {bool(config.is_decoder)}"
        )


def _plan(config: PretrainedConfig, family: Family, public: PublicClass) -> Plan:
    """Return what is known of a model, which pools if its architecture does.

    Raises:
        ValueError: the architecture has something that this backend does not compute.
    """
    spec, task = family.architecture(config), public.task
    check_supported(public, spec, config)
    assert isinstance(spec, SingleStack)
    stack = spec.stack
    head_specs = () if task.heads is None else task.heads(config)
    base = stored_base(spec, family.names, f"{family.prefix}." if _has_base(family, public) else "")
    weights: dict[str, Weight] = {}
    for head in head_specs:
        weights.update(head_weights(head, stack.output_size, stack.vocabulary, spec.init))
    heads = stored_heads(weights.items(), base[TOKENS])
    base_task = next(other.task for other in family.public if other.task.heads is None)
    return Plan(spec, task, base_task, head_specs, base, heads, stack_constants(stack), pools=True)


def _has_base(family: Family, public: PublicClass) -> bool:
    """Tell whether a model has its base model in it, under the family's prefix."""
    return public.task.heads is not None and bool(family.prefix)


def _load(
    public: PublicClass, family: Family, stored: Mapping[str, Stored], checkpoint: Checkpoint
) -> Weights:
    """Find the weights of a model.

    Raises:
        RuntimeError: weights have another shape.
    """
    report, names, model = Report(), family.names, public.name
    wanted = {name: shape for part in stored.values() for name, shape in part.shapes()}
    copies = {copy: name for part in stored.values() for copy, name in part.copies.items()}
    spelled = {name: name for name in (*wanted, *copies)}
    sources = match(spelled, checkpoint.names(), names, family.prefix, _has_base(family, public), report)
    for copy, name in copies.items():
        if copy in sources:
            sources.setdefault(name, sources.pop(copy))
    found = Weights()
    for name, source in sources.items():
        if checkpoint.shape(source) != wanted[name]:
            report.mismatched[name] = (checkpoint.shape(source), wanted[name])
            continue
        found.add(name, checkpoint, source)
    report.check_shapes(model, checkpoint.path, trainable=False)
    for name, shape in wanted.items():
        if name not in found and names.is_optional(name):
            found.arrays[name] = np.zeros(shape, np.float32)
    report.log(model, checkpoint.path)
    return found


def _family(model_type: str | None, name: Any) -> Family:
    # The families import the backends. Which there are is found when a model is loaded, as the families themselves are.
    known: Mapping[str, Family] = import_module("formers.families").families()
    # Pairs of an encoder and a decoder write their model_type in another way than their family has it.
    found = next((family for key, family in known.items() if model_type in (key, family.config.model_type)), None)
    if found is None:
        raise ValueError(f"{name} has the model_type {model_type!r}; expected one of {', '.join(sorted(known))}")
    return found
