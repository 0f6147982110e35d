"""The signatures of the documented calls, which are generated."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from tests.tokenization.golden_tokenizers import make

from formers import PreTrainedTokenizerBase

CALL = (
    "add_special_tokens=True, padding=False, truncation=False, max_length=None, stride=0, is_pretokenized=False, "
    "pad_to_multiple_of=None, return_tensors=None, return_token_type_ids=None, return_attention_mask=None, "
    "return_overflowing_tokens=False, return_special_tokens_mask=False, return_offsets_mapping=False, "
    "return_length=False, verbose=True"
)
DOCUMENTED = {
    "__call__": f"(self, text, text_pair=None, {CALL}, **kwargs)",
    "encode_plus": f"(self, text, text_pair=None, {CALL}, **kwargs)",
    "batch_encode_plus": f"(self, batch_text_or_text_pairs, {CALL}, **kwargs)",
    "encode": (
        "(self, text, text_pair=None, add_special_tokens=True, padding=False, truncation=False, max_length=None, "
        "stride=0, return_tensors=None, **kwargs)"
    ),
    "prepare_for_model": (
        f"(self, ids, pair_ids=None, {CALL.replace('is_pretokenized=False, ', '')}, prepend_batch_axis=False, **kwargs)"
    ),
}
BOTH = pytest.mark.parametrize("folder", ["BertTokenizer", "BertTokenizerFast"])


@pytest.mark.parametrize("name", DOCUMENTED)
def test_signatures_are_the_documented_ones(name: str) -> None:
    signature = inspect.signature(getattr(PreTrainedTokenizerBase, name))
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    found = str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    assert found == DOCUMENTED[name]
    assert all(
        parameter.annotation is not inspect.Parameter.empty for parameter in [*signature.parameters.values()][1:]
    )


@BOTH
def test_arguments_may_be_given_by_position(folder: str) -> None:
    tokenizer = make(folder)
    text = "the old keeper paints"
    named: dict[str, Any] = {"add_special_tokens": False, "padding": "max_length", "truncation": True, "max_length": 7}
    expected = tokenizer(text, **named)
    for method in (tokenizer, tokenizer.encode_plus):
        assert method(text, None, *named.values()) == expected
    assert tokenizer.batch_encode_plus([text], *named.values())["input_ids"] == [expected["input_ids"]]
    assert tokenizer.encode(text, None, *named.values(), 0, "np").tolist() == [expected["input_ids"]]
    assert tokenizer.prepare_for_model([5, 6], None, True, False, False, None, 0, None, "np")["input_ids"].shape == (
        1,
        4,
    )


@BOTH
def test_wrong_arguments_by_position_are_named(folder: str) -> None:
    tokenizer = make(folder)
    with pytest.raises(TypeError, match=r"encode\(\) takes at most 9 positional arguments, and 10 were given"):
        tokenizer.encode("a", None, True, False, False, None, 0, None, 1)
    with pytest.raises(TypeError, match="'add_special_tokens' by position and by keyword"):
        tokenizer.encode("a", None, True, add_special_tokens=False)
