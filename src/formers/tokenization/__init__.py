"""Text to numbers and back: the base classes of all tokenizers, on the Rust library `tokenizers`.

* `base`, `preparing`, `special_tokens`: what every tokenizer has; `python` and `fast`: its two kinds;
  `engine_tokenizer`: the first kind at the speed of the second.
* `options`, `assembly`, `batch_encoding`, `tensors`: one call, from its arguments to its answer.
* `engines`: vocabulary files to `tokenizers.Tokenizer` objects; `words`: the memory that makes batches quick.
* `loading`: `from_pretrained` and `save_pretrained`.
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
