"""What the decode loops need of a model, with and without a cache: its steps, on the `ops` of a backend."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .errors import GenerationError
from .inputs import single_stack
from .options import Options


class Steps(Protocol):
    """A model that scores next tokens, and remembers what it has seen if it can."""

    def logits(self, ids: Any, count: int = 1) -> Any:
        """Return the scores of what follows each of the last `count` tokens.

        Args:
            ids: all tokens so far. *Shape:* `[rows, length]`.
            count: number of positions.

        Returns:
            *Shape:* `[rows, count, vocabulary]`.
        """

    def expand(self, times: int) -> None:
        """Let every row be `times` rows that follow each other."""

    def reorder(self, rows: Any) -> None:
        """Let row `i` go on from row `rows[i]`."""

    def crop(self, length: int) -> None:
        """Forget what was seen from position `length` on."""

    def adjust(self, logits: Any, length: int, max_length: int) -> Any:
        """Return what the model itself wants of its scores in beam search."""


class Padding:
    """What the calls of a model say of padding before the prompts.

    Args:
        model: the model.
        capacity: number of positions to come, the start included.
        mask: 1 for tokens, 0 for padding, of the first tokens; None if there is no padding. *Shape:* `[rows, start]`.
        shifted: count positions from the first token that is not padding.
    """

    def __init__(self, model: Any, capacity: int, mask: Any | None, shifted: bool):
        self.ops = ops = model.generation_ops
        self.mask = self.positions = None
        if mask is not None and not ops.as_bool(ops.all(mask)):
            self.mask = ops.concat([mask, ops.ones(mask, capacity - mask.shape[1])], 1)
            if shifted and "position_ids" in model.task.inputs:
                counted = ops.cumsum(ops.as_ids(self.mask)) - 1
                self.positions = ops.where(counted < 0, 0, counted)

    def inputs(self, start: int, end: int) -> dict[str, Any]:
        """Return the arguments of a call with the tokens from `start` to `end`, where those before are known."""
        found = {} if self.mask is None else {"attention_mask": self.mask[:, :end]}
        return found if self.positions is None else found | {"position_ids": self.positions[:, start:end]}

    def expand(self, times: int) -> None:
        """See `Steps`."""
        self.mask, self.positions = (
            None if tensor is None else self.ops.repeat(tensor, times) for tensor in (self.mask, self.positions)
        )


class StackSteps:
    """A model of one causal stack: each step computes the tokens that the cache does not know yet.

    Args:
        model: the model with its head.
        capacity: number of positions to come, the start included.
        padding: what its calls say of padding, if anything.
        use_cache: remember keys and values.
        inputs: further arguments of the model.
    """

    ids_name = "input_ids"

    def __init__(
        self, model: Any, capacity: int, padding: Padding | None, use_cache: bool, inputs: dict[str, Any] | None = None
    ):
        self.model, self.padding = model, padding
        self.ops = model.generation_ops
        self.cache = model._new_cache(capacity) if use_cache else None
        self.inputs = inputs or {}

    def logits(self, ids: Any, count: int = 1) -> Any:
        """See `Steps`."""
        start = self.cache.length if self.cache is not None else 0
        inputs = self.inputs | {self.ids_name: ids[:, start:], "cache": self.cache, "last_only": count}
        if self.padding is not None:
            inputs |= self.padding.inputs(start, ids.shape[1])
        return self.model._score(inputs)

    def expand(self, times: int) -> None:
        """See `Steps`."""
        if self.padding is not None:
            self.padding.expand(times)
        if self.cache is not None and times > 1:
            self.cache.expand(times)

    def reorder(self, rows: Any) -> None:
        """See `Steps`."""
        if self.cache is not None:
            self.cache.reorder(rows)

    def crop(self, length: int) -> None:
        """See `Steps`."""
        if self.cache is not None:
            self.cache.crop(length)

    def adjust(self, logits: Any, length: int, max_length: int) -> Any:
        """See `Steps`."""
        return self.model.adjust_logits_during_generation(logits, cur_len=length, max_length=max_length)


class PairSteps(StackSteps):
    """The decoder of a model that has its encoder's outputs already.

    Args:
        model: the model with its head.
        capacity: number of positions to come, the start included.
        encoded: the encoder's last hidden states. *Shape:* `[batch, encoder seq, hidden]`.
        mask: of the encoder. *Shape:* `[batch, encoder seq]`.
        use_cache: remember keys and values.
    """

    ids_name = "decoder_input_ids"

    def __init__(self, model: Any, capacity: int, encoded: Any, mask: Any | None, use_cache: bool):
        inputs = {"encoder_outputs": (encoded,), "attention_mask": mask, "use_cache": False}
        super().__init__(model, capacity, None, use_cache, inputs)


class DocumentedSteps:
    """Any model with `prepare_inputs_for_generation` and a call, as the documentation describes them.

    Args:
        model: the model.
        mask: 1 for tokens, 0 for padding. *Shape:* `[rows, seq]`.
        use_cache: hand keys and values on, where the model gives them.
        past: what the model starts from (the encoder's outputs).
        kwargs: further arguments of `prepare_inputs_for_generation`.
        padding: what its calls say of padding besides what that method gives, if anything.
    """

    def __init__(
        self, model: Any, mask: Any | None, use_cache: bool, past: Any, kwargs: dict[str, Any],
        padding: Padding | None = None,
    ):  # fmt: skip
        self.model, self.mask, self.use_cache, self.past, self.kwargs = model, mask, use_cache, past, kwargs
        self.ops, self.padding = model.generation_ops, padding
        self.grows = not model.config.is_encoder_decoder

    def logits(self, ids: Any, count: int = 1) -> Any:
        """See `Steps`."""
        mask = self.mask
        if mask is not None and self.grows and mask.shape[1] < ids.shape[1]:
            mask = self.ops.concat([mask, self.ops.ones(mask, ids.shape[1] - mask.shape[1])], 1)
        inputs = self.model.prepare_inputs_for_generation(
            ids, past=self.past, attention_mask=mask, use_cache=self.use_cache, **self.kwargs
        )
        if self.padding is not None:
            end = ids.shape[1]
            computed = next(iter(inputs.values())).shape[1]
            inputs |= self.padding.inputs(end - computed, end)
        outputs = self.model(**inputs)
        no_memory = getattr(self.model.config, "mem_len", None) == 0
        if self.use_cache and len(outputs) > 1 and not no_memory:
            self.past = outputs[1]
        return outputs[0][:, -count:]

    def expand(self, times: int) -> None:
        """See `Steps`."""
        if times > 1:
            self.mask = None if self.mask is None else self.ops.repeat(self.mask, times)
            self.past = _each(self.past, lambda x, axis: self.ops.repeat(x, times, axis), self.grows)
            if self.padding is not None:
                self.padding.expand(times)

    def reorder(self, rows: Any) -> None:
        """See `Steps`."""
        if self.past is not None:
            self.past = self.model._reorder_cache(self.past, rows)

    def crop(self, length: int) -> None:
        """Raise: `generate` does not guess for these models."""
        raise NotImplementedError

    def adjust(self, logits: Any, length: int, max_length: int) -> Any:
        """See `Steps`."""
        return self.model.adjust_logits_during_generation(logits, cur_len=length, max_length=max_length)


def _each(past: Any, change: Callable[[Any, int], Any], stacked: bool) -> Any:
    """Change every tensor of a documented cache along its axis of rows: the second, where they are stacked."""
    if hasattr(past, "shape"):
        return change(past, 1 if stacked else 0)
    if isinstance(past, dict):
        return {name: _each(value, change, stacked) for name, value in past.items()}
    if isinstance(past, tuple | list):
        return type(past)([_each(value, change, stacked) for value in past]) if type(past) in (tuple, list) else past
    return past


def steps_of(
    model: Any, ids: Any, mask: Any | None, explicit: bool, options: Options, kwargs: dict[str, Any]
) -> StackSteps | DocumentedSteps:
    """Return the steps of a model: the quick way where nothing but the library's own code is involved.

    Args:
        model: the model.
        ids: the prompts, or what the encoder reads. *Shape:* `[batch, seq]`.
        mask: 1 for tokens, 0 for padding; None if there is none. *Shape:* `[batch, seq]`.
        explicit: whether the caller gave the mask.
        options: the options.
        kwargs: further arguments of `prepare_inputs_for_generation`.

    Raises:
        GenerationError: an argument is unknown.
    """
    call, prepare = model.call_name, "prepare_inputs_for_generation"
    own = not kwargs and is_own(model, call) and is_own(model, prepare)
    if kwargs and is_own(model, prepare):
        known = inspect.signature(getattr(type(model), call)).parameters
        unknown = [name for name in kwargs if name not in known]
        if unknown:
            raise GenerationError(
                f"neither generate() nor {type(model).__name__} has an argument {', '.join(map(repr, unknown))}"
            )
    if model.config.is_encoder_decoder:
        encoded = model.get_encoder()(ids, attention_mask=ids * 0 + 1 if mask is None else mask)
        if own and hasattr(model, "_pair_steps") and model.may_step_inside():
            return model._pair_steps(options.max_length, encoded[0], mask, options.use_cache)
        return DocumentedSteps(model, mask, options.use_cache, (encoded, None), kwargs)
    if not is_own(model, prepare) or model.task is None or not _is_causal(model):
        return DocumentedSteps(model, mask, options.use_cache, None, kwargs)
    padding = Padding(model, options.max_length, mask, explicit)
    if own and model.may_step_inside():
        return StackSteps(model, options.max_length, padding, options.use_cache)
    takes = _takes(model, call, padding.inputs(0, 1))
    return DocumentedSteps(model, mask, options.use_cache, None, kwargs, padding if takes else None)


def _takes(model: Any, method: str, names: Iterable[str]) -> bool:
    """Tell whether a method, perhaps of a user, takes all arguments of these names."""
    known = inspect.signature(getattr(model, method)).parameters
    return any(one.kind is one.VAR_KEYWORD for one in known.values()) or all(name in known for name in names)


def is_own(model: Any, method: str) -> bool:
    """Tell whether a method is the library's, not that of a subclass of somebody else."""
    function = inspect.unwrap(getattr(type(model), method))
    return method not in vars(model) and function.__module__.startswith("formers.")


def _is_causal(model: Any) -> bool:
    stack = single_stack(model)
    return stack is not None and stack.is_causal
