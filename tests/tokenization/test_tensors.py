"""The axes of the tensors that tokenizers give: a batch of one where there is no batch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.tokenization.golden_tokenizers import make

from formers import BatchEncoding

KINDS = pytest.mark.parametrize("kind", ["pt", "tf", "np"])
BOTH = pytest.mark.parametrize("folder", ["BertTokenizer", "BertTokenizerFast"])


def shapes(encoded: Any) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in encoded.items()}


@KINDS
@BOTH
def test_one_input_is_a_batch_of_one(kind: str, folder: str) -> None:
    tokenizer = make(folder)
    prepared = tokenizer.prepare_for_model([5, 6, 7], return_tensors=kind, return_length=True)
    expected = {"input_ids": (1, 5), "token_type_ids": (1, 5), "attention_mask": (1, 5), "length": (1,)}
    assert shapes(prepared) == expected
    bare = tokenizer.prepare_for_model([5, 6, 7], add_special_tokens=False, return_tensors=kind)
    assert bare["input_ids"].shape == (1, 3)
    batched = tokenizer.prepare_for_model([5, 6, 7], return_tensors=kind, prepend_batch_axis=True, return_length=True)
    assert shapes(batched) == {**expected, "length": (1, 1)}
    padded = tokenizer.pad({"input_ids": [1, 2, 3]}, return_tensors=kind)
    assert shapes(padded) == {"input_ids": (1, 3), "attention_mask": (1, 3)}
    encoded = tokenizer("the old boat", return_tensors=kind, return_length=True)
    assert shapes(encoded) == {**expected, "length": (1, 1)}


@KINDS
def test_truncated_tokens_are_tensors_of_two_axes(kind: str) -> None:
    options = {"max_length": 4, "truncation": True, "return_overflowing_tokens": True}
    one = make("BertTokenizer")("the old wooden boat", return_tensors=kind, **options)
    assert shapes(one)["num_truncated_tokens"] == (1, 1) and shapes(one)["overflowing_tokens"] == (1, 2)
    prepared = make("BertTokenizer").prepare_for_model([5, 6, 7], return_tensors=kind, **options)
    assert shapes(prepared)["num_truncated_tokens"] == (1,) and shapes(prepared)["overflowing_tokens"] == (1, 1)


@KINDS
@BOTH
def test_a_number_for_each_input_is_one_row(kind: str, folder: str) -> None:
    encoded = make(folder)(["the boat", "the old boat"], padding=True, return_length=True, return_tensors=kind)
    assert shapes(encoded)["input_ids"] == (2, 5) and shapes(encoded)["length"] == (1, 2)


@KINDS
def test_batch_encodings_of_lists(kind: str) -> None:
    assert BatchEncoding({"input_ids": [1, 2, 3]}, tensor_type=kind)["input_ids"].shape == (1, 3)
    assert BatchEncoding({"input_ids": [[1, 2, 3]]}, tensor_type=kind)["input_ids"].shape == (1, 3)
    for values in ([1, 2, 3], [[1, 2, 3]]):
        encoded = BatchEncoding({"input_ids": values}).convert_to_tensors(kind, prepend_batch_axis=True)
        assert encoded["input_ids"].shape == (1, 3)
    kept = BatchEncoding({"input_ids": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]}, tensor_type=kind)
    assert kept["input_ids"].shape == (2, 2, 2)


def test_tensors_get_their_axes_too() -> None:
    encoded = BatchEncoding({"input_ids": torch.tensor([1, 2, 3])}, tensor_type="pt")
    assert encoded["input_ids"].tolist() == [[1, 2, 3]]
    assert BatchEncoding({"input_ids": torch.ones(1, 2, 3)}, tensor_type="pt")["input_ids"].shape == (2, 3)
