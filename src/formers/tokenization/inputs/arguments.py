"""The arguments that every call of a tokenizer takes: their order, defaults and types, written once."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypedDict, TypeVar

from formers.tokenization.types import Padding, Tensors, Truncation

Method = TypeVar("Method", bound=Callable[..., Any])


class CallArguments(TypedDict, total=False):
    """Arguments of a tokenizer call besides the texts; `PreTrainedTokenizerBase.__call__` explains them."""

    add_special_tokens: bool
    padding: Padding
    truncation: Truncation
    max_length: int | None
    stride: int
    is_pretokenized: bool
    pad_to_multiple_of: int | None
    return_tensors: Tensors
    return_token_type_ids: bool | None
    return_attention_mask: bool | None
    return_overflowing_tokens: bool
    return_special_tokens_mask: bool
    return_offsets_mapping: bool
    return_length: bool
    verbose: bool


class CallKeywords(CallArguments, total=False):
    """`CallArguments` and the further keywords that calls understand.

    Older and later spellings, what only some methods take, and what some tokenizers take for their texts.
    """

    is_split_into_words: bool
    pad_to_max_length: bool
    truncation_strategy: str
    prepend_batch_axis: bool
    add_prefix_space: bool


# In the documented order, by position too.
DEFAULTS: dict[str, Any] = {
    "add_special_tokens": True,
    "padding": False,
    "truncation": False,
    "max_length": None,
    "stride": 0,
    "is_pretokenized": False,
    "pad_to_multiple_of": None,
    "return_tensors": None,
    "return_token_type_ids": None,
    "return_attention_mask": None,
    "return_overflowing_tokens": False,
    "return_special_tokens_mask": False,
    "return_offsets_mapping": False,
    "return_length": False,
    "verbose": True,
}

CALL = tuple(DEFAULTS)
ENCODE = ("add_special_tokens", "padding", "truncation", "max_length", "stride", "return_tensors")
PREPARE = (*(name for name in DEFAULTS if name != "is_pretokenized"), "prepend_batch_axis")


def takes_call_arguments(names: tuple[str, ...]) -> Callable[[Method], Method]:
    """Decorate a method so that it takes call arguments after its own, by keyword and by position.

    The method itself gets those that are given in its `**kwargs`. Its signature shows all of them with their defaults.

    Args:
        names: The arguments, in their order.
    """

    def decorate(method: Method) -> Method:
        *leading, rest = inspect.signature(method).parameters.values()
        kinds = CallKeywords.__annotations__

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            if len(args) > len(leading):
                further = args[len(leading) :]
                if len(further) > len(names):
                    raise TypeError(
                        f"{method.__name__}() takes at most {len(leading) + len(names)} positional arguments, "
                        f"and {len(args)} were given"
                    )
                for name, value in zip(names, further, strict=False):
                    if name in kwargs:
                        raise TypeError(f"{method.__name__}() got {name!r} by position and by keyword")
                    kwargs[name] = value
                args = args[: len(leading)]
            return method(*args, **kwargs)

        further = [
            inspect.Parameter(
                name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=DEFAULTS.get(name, False),
                annotation=kinds[name],
            )
            for name in names
        ]
        signature = inspect.signature(method)
        parameters = [*leading, *further, rest.replace(annotation=Any)]
        call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return call  # type: ignore[return-value]

    return decorate
