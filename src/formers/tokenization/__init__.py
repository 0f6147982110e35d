"""Texts to token ids and back: the base classes of all tokenizers, on the Rust library `tokenizers`.

* `base`, `preparing`, `special_tokens`: what every tokenizer has; `python` and `fast`: its two kinds;
  `engine_tokenizer`, `sentencepiece`: the first kind at the speed of the second.
* `inputs`: one call, from its arguments and token ids to model inputs; `batch_encoding`: what it returns.
* `engines`: vocabulary files to `tokenizers.Tokenizer` objects.
* `loading`: `from_pretrained` and `save_pretrained`.

Which module may import which stands in `pyproject.toml`.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "base": ["PreTrainedTokenizerBase"],
        "batch_encoding": ["BatchEncoding"],
        "fast": ["PreTrainedTokenizerFast"],
        "loading": [
            "ADDED_TOKENS_FILE",
            "FULL_TOKENIZER_FILE",
            "SPECIAL_TOKENS_MAP_FILE",
            "TOKENIZER_CONFIG_FILE",
        ],
        "python": ["PreTrainedTokenizer"],
        "special_tokens": ["SpecialTokensMixin"],
        "types": [
            "AddedToken",
            "CharSpan",
            "EncodedInput",
            "EncodedInputPair",
            "ExplicitEnum",
            "LARGE_INTEGER",
            "PaddingStrategy",
            "PreTokenizedInput",
            "PreTokenizedInputPair",
            "TensorType",
            "TextInput",
            "TextInputPair",
            "TokenSpan",
            "TruncationStrategy",
            "VERY_LARGE_INTEGER",
        ],
    },
)
