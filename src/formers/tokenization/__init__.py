"""Text to numbers and back: the base classes of all tokenizers, on the Rust library `tokenizers`.

* `base`: what every tokenizer has; `python` and `fast`: its two kinds.
* `special_tokens`, `options`, `assembly`, `batch_encoding`: the parts they are made of.
* `engines`: vocabulary files to `tokenizers.Tokenizer` objects; `words`: the cache that makes batches quick.
* `loading`: `from_pretrained` and `save_pretrained`.
"""
