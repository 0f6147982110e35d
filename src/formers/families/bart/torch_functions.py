"""Functions that come with BART's PyTorch modules."""
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from formers.backends.torch import ops
from formers.backends.torch.ops.products import is_plain_eager
from formers.network.encoder_decoder import rotate

from .configuration import BartConfig

BART_GENERATION_EXAMPLE = """
Summarize a text::

    from formers import BartForConditionalGeneration, BartTokenizer

    tokenizer = BartTokenizer.from_pretrained("facebook/bart-large-cnn")
    model = BartForConditionalGeneration.from_pretrained("facebook/bart-large-cnn")
    text = "The council met on Monday. After four hours it agreed to open the old harbour bridge to cyclists in May."
    batch = tokenizer([text], max_length=1024, truncation=True, return_tensors="pt")
    ids = model.generate(batch["input_ids"], num_beams=4, max_length=20)
    print(tokenizer.decode(ids[0], skip_special_tokens=True))
"""
"""How to summarize with BART: text for docstrings."""


def invert_mask(attention_mask: Tensor) -> Tensor:
    """Return True where a mask of ones and zeros has 0. *Shape:* `[batch, seq]`.

    Raises:
        ValueError: the mask has another number of axes.
    """
    if attention_mask.dim() != 2:
        raise ValueError(f"attention_mask has shape {tuple(attention_mask.shape)}; expected [batch, seq]")
    return attention_mask.eq(0)


def shift_tokens_right(input_ids: Tensor, pad_token_id: int) -> Tensor:
    """Move the last token of every row that is not padding to the front. *Shape:* `[batch, seq]`."""
    return rotate(ops, input_ids, pad_token_id)


def make_padding_mask(input_ids: Tensor, padding_idx: int = 1) -> Tensor | None:
    """Return True where there is padding, or None where there is none. *Shape:* `[batch, seq]`."""
    padding = input_ids.eq(padding_idx)
    return padding if bool(padding.any()) else None


def fill_with_neg_inf(t: Tensor) -> Tensor:
    """Return minus infinity everywhere, of the type of `t`; the least number, for whole numbers."""
    least = -torch.inf if t.is_floating_point() else torch.iinfo(t.dtype).min
    return torch.full_like(t, least)


def causal_bias(queries: int, keys: int, like: Tensor) -> Tensor:
    """Return minus infinity for keys after the query's position, and 0 elsewhere; the last query has the last key.

    Returns:
        *Shape:* `[queries, keys]`.
    """
    return fill_with_neg_inf(like.new_empty(queries, keys)).triu_(1 + keys - queries)


def _prepare_bart_decoder_inputs(
    config: BartConfig,
    input_ids: Tensor,
    decoder_input_ids: Tensor | None = None,
    decoder_padding_mask: Tensor | None = None,
    causal_mask_dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor | None, Tensor]:
    """Return what a decoder reads, and its masks.

    Args:
        config: the configuration.
        input_ids: the encoder's ids. *Shape:* `[batch, encoder seq]`.
        decoder_input_ids: the decoder's; made of the encoder's by default. *Shape:* `[batch, seq]`.
        decoder_padding_mask: 1 for tokens, 0 for padding; made of the ids by default. *Shape:* `[batch, seq]`.
        causal_mask_dtype: type of the causal mask.

    Returns:
        The decoder's ids; True for padding, or None without any; and what is added to the scores, *shape* `[seq, seq]`.
    """
    padding: int = config.pad_token_id
    if decoder_input_ids is None:
        decoder_input_ids = shift_tokens_right(input_ids, padding)
    if decoder_padding_mask is None:
        masked = make_padding_mask(decoder_input_ids, padding)
    else:
        masked = invert_mask(decoder_padding_mask)
    length = decoder_input_ids.shape[1]
    like = torch.empty(0, dtype=causal_mask_dtype, device=decoder_input_ids.device)
    return decoder_input_ids, masked, causal_bias(length, length, like)


def _make_linear_from_emb(emb: nn.Embedding) -> nn.Linear:
    """Return a linear layer without bias that shares the weight of embeddings."""
    rows, size = emb.weight.shape
    linear = nn.Linear(size, rows, bias=False, device="meta")
    linear.weight = emb.weight
    return linear


def _reorder_buffer(attn_cache: dict[str, Tensor | None], new_order: Tensor) -> dict[str, Tensor | None]:
    """Let row `i` of an attention's keys and values be row `new_order[i]`, in place."""
    for name, held in attn_cache.items():
        if held is not None:
            attn_cache[name] = held.index_select(0, new_order)
    return attn_cache


def _filter_out_falsey_values(tup: Iterable[Any]) -> tuple[Any, ...]:
    """Return the tensors, and of the other values those that are true."""
    return tuple(value for value in tup if isinstance(value, Tensor) or value)


def _check_shapes(shape_1: Any, shape2: Any) -> None:
    """Raise if two shapes differ.

    Raises:
        AssertionError: naming both.
    """
    if shape_1 != shape2:
        raise AssertionError(f"shapes differ: {shape_1} and {shape2}")


def _get_shape(t: Any) -> Any:
    """Return the shape of a tensor, None for anything else."""
    return getattr(t, "shape", None)


def LayerNorm(normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True) -> nn.LayerNorm:  # noqa: N802
    """Return a layer norm."""
    return nn.LayerNorm(normalized_shape, eps, elementwise_affine)


def key_bias(padding: Tensor | None, added: Tensor | None, shape: tuple[int, int], like: Tensor) -> Tensor | None:
    """Return what is added to attention scores for documented masks.

    Args:
        padding: True for keys that are padding. *Shape:* `[batch, key]`.
        added: a bias on the scores. *Shape:* `[query, key]`, or with axes of batch and heads before these.
        shape: batch and number of keys.
        like: a tensor of the type of the scores.

    Returns:
        *Shape:* `[batch or 1, heads or 1, query or 1, key]`, or None.

    Raises:
        ValueError: a mask has another shape.
        TypeError: `padding` does not hold truth values.
    """
    bias = None
    if padding is not None:
        if padding.dtype not in (torch.bool, torch.uint8):
            raise TypeError(
                f"the padding mask has type {padding.dtype}; expected torch.bool, True for padding: "
                "see invert_mask for masks of ones and zeros"
            )
        if tuple(padding.shape) != shape:
            raise ValueError(f"the padding mask has shape {tuple(padding.shape)}; expected {list(shape)}: [batch, key]")
        bias = ops.infinite_bias(padding.eq(0)[:, None, None, :], like)
    if added is not None:
        if added.dim() not in (2, 4) or added.shape[-1] != shape[1]:
            raise ValueError(f"the mask of the scores has shape {tuple(added.shape)}; expected [query, {shape[1]}]")
        added = added if added.dim() == 4 else added[None, None]
        bias = added if bias is None else bias + added
    return bias


def documented_masks(
    bias: Tensor | None, causal: bool, queries: int, keys: int, like: Tensor
) -> tuple[Tensor | None, Tensor | None]:
    """Return the documented masks for what happens to the scores of an attention; see `key_bias`.

    Args:
        bias: added to them. *Shape:* `[batch or 1, 1, query or 1, key]`.
        causal: besides, queries attend to keys up to their own position only.
        queries, keys: their numbers.
        like: a tensor of the type of the scores.
    """
    later = causal_bias(queries, keys, like) if causal else None
    if bias is None:
        return None, later
    padding = bias[:, 0, -1] == -torch.inf  # what the last query does not see
    if bias.shape[2] == 1:
        return padding, later
    if not is_plain_eager(bias):  # there are no values to look at
        return None, bias if later is None else bias + later
    later = causal_bias(queries, keys, like)
    if torch.equal((later + key_bias(padding, None, tuple(padding.shape), like)).expand_as(bias), bias):  # type: ignore[operator, arg-type]
        return (padding if bool(padding.any()) else None), later
    return None, bias  # a mask of the caller's own for every query


def held(state: Mapping[str, Any] | None, key: str) -> Mapping[str, Any] | None:
    """Return what a documented dict has of an attention's earlier keys and values; None if nothing."""
    return None if state is None else state.get(key)
