"""What generation starts from: prompts, their padding, the positions of the model."""
from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from formers.architecture import SingleStack, Stack, Task

from .errors import GenerationError
from .options import Options

logger = logging.getLogger(__name__)


def prompt(model: Any, input_ids: Any | None, options: Options) -> Any:
    """Return the prompts; one of `bos_token_id` alone if none are given. *Shape:* `[batch, seq]`.

    Raises:
        GenerationError: there is none, or it is empty or has another shape.
    """
    if input_ids is None:
        if options.bos_token_id is None:
            raise GenerationError(
                "there is nothing to start from: input_ids are not given, and bos_token_id, which would stand for "
                "them, is None in the call and in the configuration. Pass input_ids, or bos_token_id=..."
            )
        return model.generation_ops.as_id_array([[options.bos_token_id]], model)
    shape = tuple(input_ids.shape)
    if len(shape) != 2:
        raise GenerationError(f"input_ids has shape {shape}; expected [batch, seq]")
    if 0 in shape:
        raise GenerationError(
            f"the prompt is empty (input_ids has shape {shape}): give at least one token, or no "
            "input_ids to start from bos_token_id"
        )
    return input_ids


def prompt_mask(model: Any, ids: Any, attention_mask: Any | None, options: Options) -> tuple[Any | None, bool]:
    """Return the mask of the prompts, and whether the caller gave it.

    Args:
        model: the model.
        ids: the prompts. *Shape:* `[batch, seq]`.
        attention_mask: 1 for tokens, 0 for padding, from the caller. *Shape:* `[batch, seq]`.
        options: the options.

    Raises:
        GenerationError: mask and prompts have different shapes.
    """
    ops, paired = model.generation_ops, model.config.is_encoder_decoder
    if attention_mask is not None:
        mask = ops.as_id_array(attention_mask, model)
        if tuple(mask.shape) != tuple(ids.shape):
            raise GenerationError(
                f"attention_mask has shape {tuple(mask.shape)} and input_ids {tuple(ids.shape)}: they must agree"
            )
        if not paired and not ops.as_bool(ops.all(mask[:, -1])):
            logger.warning("prompts are padded on the right, where generation goes on: pad them on the left")
        return mask, True
    # In a prompt, a padding token that the model was not made with may well be text (the end of another text).
    pad = options.pad_token_id if paired else model.config.pad_token_id
    if pad is None or not ops.as_bool(ops.any(ids == pad)):
        return None, False
    return ops.where(ids == pad, 0, ids * 0 + 1), False


def decoder_start(options: Options) -> int:
    """Return the token that a decoder starts from.

    Raises:
        GenerationError: there is none.
    """
    start = options.decoder_start_token_id if options.decoder_start_token_id is not None else options.bos_token_id
    if start is None:
        raise GenerationError(
            "the decoder has no token to start from: decoder_start_token_id and bos_token_id are None, in the call and "
            "in the configuration. Pass generate(..., decoder_start_token_id=...) or set it in the configuration: the "
            f"token that the model was trained to start from, often pad_token_id ({options.pad_token_id})"
        )
    return start


def within_positions(model: Any, start: int, options: Options) -> Options:
    """Return the options, with `max_length` within the positions that a model knows.

    Args:
        model: the model.
        start: number of tokens of the prompt.
        options: the options.

    Raises:
        GenerationError: the prompt alone is too long.
    """
    known = model.known_positions()
    if known is None:
        return options
    if start > known:
        raise GenerationError(f"the prompt has {start} tokens, but the model knows {known} positions: shorten it")
    if options.max_length <= known:
        return options
    logger.warning("max_length is %s, but the model knows %s positions: it stops there", options.max_length, known)
    # What follows the last position can still be predicted, but nothing can follow that.
    return replace(options, max_length=known + 1)


def single_stack(model: Any) -> Stack | None:
    """Return the stack of a model that has one; None for encoder-decoders, and for custom models."""
    spec = getattr(model.base_model, "spec", None)
    return spec.stack if isinstance(spec, SingleStack) else None


def decoder_inputs(task: Task, ids: Any, past: Any, mask: Any | None, use_cache: bool) -> dict[str, Any]:
    """Return the documented arguments of a generation step of an encoder-decoder.

    Args:
        task: what the model takes.
        ids: the decoder's ids so far. *Shape:* `[batch, seq]`.
        past: a pair of the encoder's outputs and the decoder's earlier keys and values, or the outputs alone.
        mask: of the encoder. *Shape:* `[batch, encoder seq]`.
        use_cache: give keys and values back.
    """
    encoder_outputs, earlier = (past, None) if len(past) < 2 else past
    assert task.cache is not None
    return {
        "input_ids": None,
        "encoder_outputs": encoder_outputs,
        task.cache: earlier,
        "decoder_input_ids": ids,
        "attention_mask": mask,
        "use_cache": use_cache,
    }
